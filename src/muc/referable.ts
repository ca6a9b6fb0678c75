import { bareOf } from '../lib/jid.ts';
import type { Journal } from '../lib/journal.ts';
import { messageId, sequenceNumber } from '../lib/message-id.ts';
import { attribute } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import type { Source } from './events.ts';
import type { Origin, ReferableRecord } from './records.ts';

/** The newest messages of a room that others can refer to. */
export const MAX_REFERABLE = 512;
/** How much of a stanza is looked at for its id, in characters: a start tag that is longer has none. */
export const STANZA_START = 400;
/** The longest name of a room, and the longest id that a plain node gives, that is remembered, in characters. */
const MAX_ID = 256;
/** The most older messages that are remembered because something was said of them. */
export const MAX_RECALLED = 64;

/** A message as others refer to it. */
export interface Referable {
  /** Position in the archive. */
  readonly seq: number;
  /** Where it entered the set: what it is called between nodes. */
  readonly origin: Origin;
  /** What a plain node called it that it came from. */
  readonly foreign: Origin | undefined;
  /** The author's nick at the time. */
  readonly nick: string;
  /** Whose it is, by `ownerOf`. */
  readonly owner: string;
  /** The id attribute that it has here; empty where it has none. */
  readonly id: string;
  /** Whether there is but a tombstone of it. */
  readonly isRetracted: boolean;
}

/** The start of a tombstone. */
const RETRACTED = /^<message[^>]*><retracted xmlns="urn:xmpp:message-retract:1"/;

/**
 * The messages of a room that others can refer to, the oldest first. One that isn't among them any more can't be referred
 * to. Looked through from the newest, and only for a message that refers to one.
 */
export class ReferableMessages {
  #messages: Referable[] = [];
  /** Older ones that were looked up, the one looked up last at the end. */
  #recalled: Referable[] = [];

  get size(): number {
    return this.#messages.length;
  }

  /** Takes over what the store has kept, oldest first. */
  restore(records: readonly ReferableRecord[]): void {
    this.#messages = records.flatMap((record) => referableOf(record) ?? []).slice(-MAX_REFERABLE);
  }

  /** A message has been kept; from now on others can refer to it. */
  add(record: ReferableRecord, journal: Journal): void {
    const added = referableOf(record);
    if (added === undefined) return;
    const before = this.#messages;
    this.#set(journal, [...before.slice(before.length >= MAX_REFERABLE ? 1 : 0), added], this.#recalled);
  }

  /** Older messages have been looked up, and can be referred to for now. */
  recall(records: readonly ReferableRecord[], journal: Journal): void {
    const found = records.flatMap((record) => referableOf(record) ?? []);
    const others = this.#recalled.filter(({ seq }) => found.every((one) => one.seq !== seq));
    this.#set(journal, this.#messages, [...others, ...found].slice(-MAX_RECALLED));
  }

  /** There is but a tombstone of a message from now on. */
  bury(seq: number, journal: Journal): void {
    const bury = (one: Referable): Referable => (one.seq === seq ? { ...one, isRetracted: true } : one);
    this.#set(journal, this.#messages.map(bury), this.#recalled.map(bury));
  }

  /** The message at that position of the archive. */
  at(seq: number | undefined): Referable | undefined {
    return this.#find((message) => message.seq === seq);
  }

  of({ by, id }: Origin): Referable | undefined {
    return this.#find(({ origin }) => origin.id === id && origin.by === by);
  }

  /** The latest message of someone that has that id attribute here; without `owner`, of anyone. */
  withId(id: string, owner?: string): Referable | undefined {
    if (id === '') return undefined;
    return this.#messages.findLast((message) => message.id === id && (owner ?? message.owner) === message.owner);
  }

  /** The message that a plain node calls so. */
  ofForeign({ by, id }: Origin): Referable | undefined {
    return this.#messages.findLast(({ foreign }) => foreign?.id === id && foreign.by === by);
  }

  #find(isMeant: (message: Referable) => boolean): Referable | undefined {
    return this.#messages.findLast(isMeant) ?? this.#recalled.findLast(isMeant);
  }

  #set(journal: Journal, messages: Referable[], recalled: Referable[]): void {
    const [messagesBefore, recalledBefore] = [this.#messages, this.#recalled];
    journal.record(() => {
      this.#messages = messagesBefore;
      this.#recalled = recalledBefore;
    });
    this.#messages = messages;
    this.#recalled = recalled;
  }
}

/**
 * Who may correct and retract a message: the user behind it, whatever client they use (XEP-0308 §4, XEP-0424 §5). Of a
 * plain node that names its occupants by their occupant JIDs, each of these.
 */
export function ownerOf(author: string, source: Source): string {
  const bare = bareOf(author);
  return bare === source ? author : bare;
}

/** A message as others refer to it; undefined where it can't be referred to. */
export function referableOf({
  seq,
  origin,
  foreign,
  nick,
  author,
  via,
  stanza,
}: ReferableRecord): Referable | undefined {
  if (origin === undefined || sequenceNumber(origin) === undefined || origin.by.length > MAX_ID) return undefined;
  const id = idOf(stanza);
  const rebuilt = messageId(origin);
  return {
    seq,
    origin,
    foreign: foreign !== undefined && foreign.id.length + foreign.by.length <= MAX_ID ? foreign : undefined,
    nick,
    owner: ownerOf(author, via),
    id: id === rebuilt ? rebuilt : id,
    isRetracted: RETRACTED.test(stanza),
  };
}

/** The id attribute of a stanza that is kept as text, of which there is no need to read more than its start. */
function idOf(stanza: string): string {
  // In canonical form no attribute has this character.
  const end = stanza.indexOf('>');
  if (end === -1 || end >= STANZA_START) return '';
  const start = stanza.slice(0, end).replace(/\/$/, '');
  const value = / id=(["'])([^"'&]*)\1/.exec(start)?.[2];
  if (value === undefined) return start.includes(' id=') ? (attribute(parseElement(`${start}/>`), 'id') ?? '') : '';
  // A part of a text keeps all of it in memory; a part of this one keeps only this.
  return ` ${value}`.slice(1);
}
