import type { Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { ArchiveEntry, NeighbourRecord, Origin } from '../muc/records.ts';
import { MAX_PARTS, type Numbers } from '../stanza/sync.ts';
import type { Element } from '../xml/element.ts';
import type { Dialect } from './peer.ts';
import type { PendingPresence } from './pending.ts';

/** How far another node takes part at the moment. */
export type Presence =
  /** Nothing goes to it: its way is closed, or it hasn't joined since that was open again. */
  | 'away'
  /** Presence goes to it; messages wait until it is known what it has, or until it shows that it is still there. */
  | 'returning'
  /** Everything goes to it as it happens. */
  | 'here';

/** Another node that we exchange stanzas with: one that we join, or one that has joined us. */
export class Neighbour {
  /** Bare room JID. */
  readonly node: string;
  readonly isUpward: boolean;
  presence: Presence = 'away';
  /** What it has shown that it speaks, since it joined or was joined. */
  dialect: Dialect = 'xep';
  /** What it tells the answer to its last join by. */
  lastJoin: string | undefined;
  /** Messages that come from it are to go back to it, since it waits for them (primary-replica). */
  wantsEcho = false;
  /** Full real JIDs of its occupants that it hasn't named again since it was lost or joined anew. */
  readonly stale: JournaledMap<string, true>;
  /** What it is known to have, of our dialect only. */
  readonly has: JournaledMap<string, Ranges>;
  /** What it has sent since we last said what we have, and how many messages those are. */
  readonly unconfirmed: JournaledMap<string, Ranges>;
  unconfirmedCount = 0;
  /** What is said here is kept for it as long as it hasn't got it. */
  isTracked = false;
  /** Messages that wait for it or for its confirmation, and their size. */
  waitingMessages = 0;
  waitingCharacters = 0;
  /** Position in the archive up to which nothing waits for it: it has it, or it fell out of its queue. */
  settled = 0;
  /** Position up to which everything has been sent to it or given up. */
  sent = 0;
  /** Position up to which the queue's bounds have been overrun since it went away. */
  overrun = 0;
  /** Messages that fell out of the queue since it went away. */
  fallen = 0;
  /** Messages that it was not sent, since our start. */
  dropped = 0;
  /** Stanzas of it that were ignored or refused, since our start. */
  refused = 0;
  /** Milliseconds since the epoch: since when `presence` is what it is. */
  since = 0;
  /** Stamp of the last message that we had of it, in milliseconds since the epoch. */
  heardUntil: number | undefined;
  /** Whom it was told of, by full real JID, as they were shown to it. */
  readonly told: JournaledMap<string, Occupant>;
  /** By full real JID, of whom something has changed since; nothing while it is away. */
  readonly pending: JournaledMap<string, PendingPresence>;
  /** Of Openfire: what may be a join, or may be one user more. */
  oneMore: { readonly from: Jid; readonly user: Jid; readonly stanza: Element } | undefined;

  constructor(node: string, isUpward: boolean, journal: Journal) {
    this.node = node;
    this.isUpward = isUpward;
    this.stale = new JournaledMap(journal);
    this.told = new JournaledMap(journal);
    this.pending = new JournaledMap(journal);
    this.has = new JournaledMap(journal);
    this.unconfirmed = new JournaledMap(journal);
  }

  /** Whether it speaks our dialect. */
  get isOurs(): boolean {
    return this.dialect === 'fmucd';
  }

  /** Whether it is known to have what an entry of the archive stands for. For what has no number nobody waits. */
  hasEntry({ via, origin }: ArchiveEntry): boolean {
    if (via === this.node) return true;
    const number = origin && sequenceNumber(origin);
    return origin === undefined || number === undefined || this.has.get(origin.by)?.has(number) === true;
  }

  /** It has that message, or does without; for what has no number nobody waits. */
  learnMessage(origin: Origin | undefined): void {
    const number = origin && sequenceNumber(origin);
    if (origin !== undefined && number !== undefined) this.learn(new Map([[origin.by, Ranges.of(number)]]));
  }

  /** It has these. */
  learn(numbers: Numbers): void {
    for (const [by, ranges] of numbers)
      this.has.set(by, (this.has.get(by) ?? Ranges.empty).union(ranges).atMost(MAX_PARTS));
  }

  /** It has exactly these. */
  learnAll(numbers: Numbers): void {
    for (const by of this.has.keys()) this.has.delete(by);
    this.learn(numbers);
  }

  /** An entry waits for it from now on. */
  count({ via, characters }: ArchiveEntry): void {
    if (via === this.node) return;
    this.waitingMessages += 1;
    this.waitingCharacters += characters;
  }

  toRecord(): NeighbourRecord {
    const { node, isUpward, settled, fallen, since } = this;
    return { node, isUpward, settled, isLive: this.presence === 'here', dropped: fallen, since };
  }
}
