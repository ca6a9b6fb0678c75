/** The ids that we give to messages and subjects (XEP-0359), told from those of others by their form. */

/** What marks an id as a number of the sequence of the room that gave it. */
const SEQUENCE_ID = /^~([1-9a-z][0-9a-z]{0,9})$/;

/** The id of a number, from 1, in a room's sequence of messages that entered the set there. */
export function sequenceId(number: number): string {
  return `~${number.toString(36)}`;
}

/** What marks an id as that of a subject, which its stamp tells apart. */
const SUBJECT_ID = /^=([0-9a-z]{1,9})$/;

/** The latest stamp that a subject may have, in milliseconds since the epoch: year 9000. */
export const MAX_SUBJECT_STAMP = 221_845_392_000_000;

/** The id of a subject that was set at that time, in milliseconds since the epoch. */
export function subjectId(stamp: number): string {
  return `=${stamp.toString(36)}`;
}

/** The stamp of a subject's origin; undefined where the id is of another kind. */
export function subjectStamp(origin: { readonly id: string }): number | undefined {
  const digits = SUBJECT_ID.exec(origin.id)?.[1];
  const stamp = digits === undefined ? Number.NaN : Number.parseInt(digits, 36);
  return stamp <= MAX_SUBJECT_STAMP ? stamp : undefined;
}

/** The number of an origin in its room's sequence; undefined where the id is of another kind, as a peer's may be. */
export function sequenceNumber(origin: { readonly id: string }): number | undefined {
  const digits = SEQUENCE_ID.exec(origin.id)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 36);
}

/**
 * The id attribute of a message that crossed without one, made of where it entered the set: the same at every node. It
 * is also how one message refers to another between nodes and in the archive, whatever either is called elsewhere:
 * `~34r9c1@elsinore@rooms.denmark.lit`.
 */
export function messageId({ by, id }: { readonly by: string; readonly id: string }): string {
  return `${id}@${by}`;
}

/** The origin of the message that such an id stands for; undefined where it is of another kind. */
export function originOfId(messageId: string): { readonly by: string; readonly id: string } | undefined {
  const at = messageId.indexOf('@');
  const origin = { by: messageId.slice(at + 1), id: messageId.slice(0, Math.max(at, 0)) };
  return origin.by === '' || sequenceNumber(origin) === undefined ? undefined : origin;
}
