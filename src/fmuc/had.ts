import { Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import { bodyOf, type RoomMessage } from '../muc/message.ts';
import type { ForeignMessage, Origin, OriginRecord } from '../muc/records.ts';
import { MAX_ORIGINS, MAX_PARTS, type Numbers } from '../stanza/sync.ts';
import { parseElement } from '../xml/parse.ts';

/** How many messages without a number are remembered. */
export const MAX_FOREIGN = 4096;
/** How much of a body tells messages without an id apart, in characters. */
const BODY_PREFIX = 256;

/** What tells that a message has been here. */
export type Identity = 'number' | 'id' | 'words';

/**
 * The messages that a room has had, by identity. Here loops and resent stanzas die. Those with a number in their
 * origin's sequence are known for good; others, of peers that have no such numbers, the latest of them: by the id that
 * they came with, or by author, stamp and body.
 */
export class HadMessages {
  readonly #room: string;
  readonly #numbers: JournaledMap<string, Ranges>;
  readonly #gaps: JournaledMap<string, Ranges>;
  readonly #foreign = new Set<string>();
  /** Numbers up to this one that the room itself gave are gone, and nobody is to send them back. */
  #ownGone = 0;
  /** Numbers that the room itself gave and that a restored store knows nothing of. */
  #returns = Ranges.empty;

  constructor(room: string, journal: Journal) {
    this.#room = room;
    this.#numbers = new JournaledMap(journal);
    this.#gaps = new JournaledMap(journal);
  }

  /**
   * Takes over what the store kept. Of our own messages those before the oldest that is known are gone, all up to
   * `lastOwn` where none is known; but those in `returns` may come back.
   */
  restore(
    origins: readonly OriginRecord[],
    foreign: readonly ForeignMessage[],
    lastOwn: number,
    returns = Ranges.empty,
  ): void {
    for (const { by, had, gaps } of origins) {
      if (!had.isEmpty) this.#numbers.set(by, had);
      if (!gaps.isEmpty) this.#gaps.set(by, gaps);
    }
    const oldest = this.#numbers.get(this.#room)?.first;
    this.#returns = returns;
    this.#ownGone = Math.min(oldest === undefined ? lastOwn : oldest - 1, (returns.first ?? Infinity) - 1);
    for (const message of foreign) this.#remember(keyOfForeign(message));
  }

  /** What is known to exist elsewhere and was left behind on its way here. */
  get gaps(): Numbers {
    return new Map(this.#gaps);
  }

  get foreignSize(): number {
    return this.#foreign.size;
  }

  /** By what a message is known; undefined where it is new, and from now on no longer is. */
  take(message: RoomMessage, journal: Journal): Identity | undefined {
    const { origin } = message;
    const number = origin && sequenceNumber(origin);
    const isKnown = origin !== undefined && number !== undefined && this.has(origin.by, number);
    const key = keyOf(message);
    if (key !== undefined && this.#foreign.has(key)) {
      if (origin !== undefined && number !== undefined) this.add(origin.by, number);
      return message.foreign === undefined ? 'words' : 'id';
    }
    if (isKnown) return 'number';
    if (origin !== undefined && number !== undefined) this.add(origin.by, number);
    if (key !== undefined) {
      journal.record(() => this.#foreign.delete(key));
      this.#remember(key);
    }
    return undefined;
  }

  has(by: string, number: number): boolean {
    return this.#numbers.get(by)?.has(number) === true || (by === this.#room && number <= this.#ownGone);
  }

  /** Whether a message of the room's own with that origin is one that was lost here, and is to come back. */
  mayReturn(origin: Origin): boolean {
    const number = sequenceNumber(origin);
    return origin.by === this.#room && number !== undefined && this.#returns.has(number);
  }

  /** Notes a number as had. That of an origin beyond the most that are told apart is not. */
  add(by: string, number: number): void {
    const known = this.#numbers.get(by);
    if (known === undefined && this.#numbers.size >= MAX_ORIGINS) return;
    this.#numbers.set(by, (known ?? Ranges.empty).with(number).atMost(MAX_PARTS));
  }

  /** Notes what was left behind; answers what of it is news, by origin. */
  leaveOut(numbers: Numbers): Map<string, Ranges> {
    const news = new Map<string, Ranges>();
    for (const [by, ranges] of numbers) {
      const known = this.#gaps.get(by) ?? Ranges.empty;
      const missing = ranges.minus(this.#numbers.get(by) ?? Ranges.empty).minus(known);
      if (missing.isEmpty || (!this.#gaps.has(by) && this.#gaps.size >= MAX_ORIGINS)) continue;
      this.#gaps.set(by, known.union(missing).atMost(MAX_PARTS));
      news.set(by, missing);
    }
    return news;
  }

  /** The gaps of an origin are smaller by those numbers; answers what is left, undefined where nothing changed. */
  closeGap(by: string, closed: Ranges): Ranges | undefined {
    const gap = this.#gaps.get(by);
    const left = gap?.minus(closed);
    if (gap === undefined || left === undefined || left.count === gap.count) return undefined;
    if (left.isEmpty) this.#gaps.delete(by);
    else this.#gaps.set(by, left);
    return left;
  }

  /** What nobody is to send: what was had, what we do without, and what of ours is gone. */
  have(): Map<string, Ranges> {
    const have = this.#known();
    if (this.#ownGone > 0) have.set(this.#room, (have.get(this.#room) ?? Ranges.empty).with(1, this.#ownGone));
    return have;
  }

  /** What is known to exist and they have not, by what they say that they have. */
  missingAt(theirs: Numbers): Map<string, Ranges> {
    const missing = new Map<string, Ranges>();
    for (const [by, ranges] of this.#known()) {
      const left = ranges.minus(theirs.get(by) ?? Ranges.empty);
      if (!left.isEmpty) missing.set(by, left);
    }
    return missing;
  }

  /** What was had, and what is known to exist. */
  #known(): Map<string, Ranges> {
    const known = new Map<string, Ranges>(this.#numbers);
    for (const [by, gap] of this.#gaps) known.set(by, gap.union(known.get(by) ?? Ranges.empty));
    return known;
  }

  #remember(key: string): void {
    this.#foreign.add(key);
    if (this.#foreign.size <= MAX_FOREIGN) return;
    for (const oldest of this.#foreign) {
      this.#foreign.delete(oldest);
      break;
    }
  }
}

function keyOf({ origin, foreign, author, stamp, delayedBy, content }: RoomMessage): string | undefined {
  if (foreign !== undefined) return keyOfId(foreign);
  if (origin !== undefined || delayedBy === undefined) return undefined;
  return keyOfWords(author, stamp, bodyOf(content));
}

function keyOfForeign({ foreign, author, stamp, stanza }: ForeignMessage): string {
  return foreign === undefined ? keyOfWords(author, stamp, bodyOf(parseElement(stanza))) : keyOfId(foreign);
}

function keyOfId({ by, id }: Origin): string {
  return `${by} ${id}`;
}

function keyOfWords(author: string, stamp: number, body: string): string {
  return `~ ${Jid.tryParse(author)?.bare ?? author} ${stamp} ${body.slice(0, BODY_PREFIX)}`;
}
