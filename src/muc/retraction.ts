import { messageId, originOfId } from '../lib/message-id.ts';
import { attribute } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import { serialise } from '../xml/serialise.ts';
import type { RoomMessage } from './message.ts';
import type { Kept } from './records.ts';
import { ownerOf } from './referable.ts';
import type { Room } from './room.ts';
import { isModerated, isTombstone, retractOf, tombstone } from './tombstone.ts';
import type { Turn } from './turn.ts';

/*
 * A message is retracted, by its author (XEP-0424) or by a moderator (XEP-0425): a tombstone takes its place in the archive, and so in
 * the history, and in whatever other nodes have not had yet. A retraction that has overtaken its message is remembered until that
 * comes.
 */

/** The most retractions of a room that wait for their message; of more, the oldest is forgotten. */
export const MAX_AWAITED_RETRACTIONS = 64;

/** A retraction whose message hasn't come. */
interface Awaited {
  /** The message, in the form that is the same everywhere. */
  readonly id: string;
  /** Whose message it has to be, by `ownerOf`; undefined: anyone's. */
  readonly owner?: string;
  /** The tombstone of a message without an id. */
  readonly stanza: string;
}

/** The retractions of a room that have overtaken their message. The store keeps them as one note. */
export class AwaitedRetractions {
  #awaited: readonly Awaited[] = [];

  get size(): number {
    return this.#awaited.length;
  }

  restore(room: string, kept: Pick<Kept, 'note'>): void {
    this.#awaited = JSON.parse(kept.note(noteOf(room)) ?? '[]') as readonly Awaited[];
  }

  find(id: string): Awaited | undefined {
    return this.#awaited.find((one) => one.id === id);
  }

  set(room: string, turn: Turn, awaited: readonly Awaited[]): void {
    const before = this.#awaited;
    turn.journal.record(() => {
      this.#awaited = before;
    });
    this.#awaited = awaited.slice(-MAX_AWAITED_RETRACTIONS);
    turn.write({ kind: 'note', key: noteOf(room), value: JSON.stringify(this.#awaited) });
  }

  all(): readonly Awaited[] {
    return this.#awaited;
  }
}

function noteOf(room: string): string {
  return `retractions ${room}`;
}

/** A message has been kept: if it retracts another one, of that there is but a tombstone from now on. */
export function retract(room: Room, turn: Turn, message: RoomMessage): void {
  const payload = retractOf(message.content);
  const id = payload && attribute(payload, 'id');
  const origin = id === undefined ? undefined : originOfId(id);
  if (payload === undefined || id === undefined || origin === undefined) return;
  const owner = isModerated(payload) ? undefined : ownerOf(message.author, message.source);
  const found = room.referable.of(origin);
  if (found === undefined) {
    const stanza = serialise(tombstone('', message));
    const others = room.retractions.all().filter((one) => one.id !== id);
    return room.retractions.set(room.jid, turn, [...others, { id, stanza, ...(owner === undefined ? {} : { owner }) }]);
  }
  if (found.isRetracted || (owner !== undefined && found.owner !== owner)) return;
  bury(room, turn, found.seq, found.id, message);
}

/** Puts the tombstone in the place of a message that has that id attribute. */
export function bury(room: Room, turn: Turn, seq: number, id: string, retraction: RoomMessage): void {
  turn.write({ kind: 'replace', room: room.jid, seq, stanza: serialise(tombstone(id, retraction)) });
  room.referable.bury(seq, turn.journal);
}

/** A message that comes behind its retraction comes as a tombstone. */
export function whatIsLeft(room: Room, turn: Turn, message: RoomMessage): RoomMessage {
  const { origin, author, source, content } = message;
  const id = origin && messageId(origin);
  const awaited = id === undefined ? undefined : room.retractions.find(id);
  if (awaited === undefined) return message;
  room.retractions.set(
    room.jid,
    turn,
    room.retractions.all().filter((one) => one !== awaited),
  );
  if ((awaited.owner !== undefined && awaited.owner !== ownerOf(author, source)) || isTombstone(content))
    return message;
  const left = parseElement(awaited.stanza);
  const own = attribute(content, 'id');
  if (own !== undefined) left.attrs['id'] = own;
  return { ...message, content: left };
}
