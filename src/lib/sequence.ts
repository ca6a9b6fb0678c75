/* The ids that a room gives to messages which enter the FMUC set there: the numbers of a sequence. */

/** What marks an id as a number of the sequence of the room that gave it. */
const SEQUENCE_ID = /^~([1-9a-z][0-9a-z]{0,9})$/;

/** The id of a number, from 1, in a room's sequence of messages that entered the set there. */
export function sequenceId(number: number): string {
  return `~${number.toString(36)}`;
}

/** The number of an origin in its room's sequence; undefined where the id is of another kind, as a peer's may be. */
export function sequenceNumber(origin: { readonly id: string }): number | undefined {
  const digits = SEQUENCE_ID.exec(origin.id)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 36);
}
