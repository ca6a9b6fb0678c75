import { Deadlines } from '../lib/deadlines.ts';
import { domainOf, type Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { RESERVED_NOTE, RETURNS_NOTE } from '../lib/note-keys.ts';
import { Ranges } from '../lib/ranges.ts';
import { OncePer } from '../lib/rate-limit.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Kept } from '../muc/records.ts';
import type { Room } from '../muc/room.ts';
import type { Turn } from '../muc/turn.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import type { Element } from '../xml/element.ts';
import { Backlog } from './backlog.ts';
import type { Awaited } from './delivery.ts';
import type { Dialects } from './dialects.ts';
import { HadMessages, MAX_FOREIGN } from './had.ts';
import { Neighbour } from './neighbour.ts';
import { aboutStanza, onlooker } from './onlooker.ts';
import type { Peer, Peers } from './peer.ts';
import type { Parting } from './pending.ts';
import { restoreTold } from './told.ts';

/** What one node does wrong is logged once in this time for each kind of fault, in milliseconds. */
export const LOG_INTERVAL = 60_000;
/** The faults that are told apart. */
const MAX_LOGGED_FAULTS = 256;

/** Those of which the log says more than the reason alone. */
const EXPLAINED: ReadonlySet<WithheldReason> = new Set(['join-refused', 'not-trusted', 'moderation']);

/** The most nodes that may join one room. */
export const MAX_JOINED_NODES = 64;

/** What the operator's file says of a room's federation. */
export interface FederationOptions {
  /** Bare room JIDs of the nodes to join: the first that accepts. */
  readonly federate: readonly string[];
  readonly mode: 'primary-primary' | 'primary-replica';
  /** Who may join us: bare room JIDs, domains or "*". */
  readonly accept: readonly string[];
  /** Milliseconds without an occupant of ours before we part. */
  readonly leaveAfter: number;
}

/** Whether the file names a node (bare room JID) or its domain, not just "*". */
export function isNamed({ accept, federate }: FederationOptions, node: string): boolean {
  return accept.includes(node) || accept.includes(domainOf(node)) || federate.includes(node);
}

/** Where we stand with the node that we join. */
export type UpwardState = 'local' | 'joining' | 'joined' | 'rejected' | 'out-of-reach';

/** The node that we join (XEP-0289 "joined node", seen from the joining one), of those that we may. */
export interface Upward {
  /** In the operator's order: the first is preferred. */
  targets: readonly Neighbour[];
  /** The one that we join or would join next. */
  at: Neighbour;
  state: UpwardState;
  /** Why it is rejected or out of reach. */
  reason: string | undefined;
  /** Those that were tried in vain since one accepted, or since we last waited. */
  tried: readonly Neighbour[];
  /** We haven't been in the set since our start or since we parted: what the node above says counts, whatever we have. */
  isFresh: boolean;
  /** Nothing of the answer to our last join has come yet: what comes from a node of our dialect is older than it. */
  awaitsAnswer: boolean;
  /** The accept isn't complete before its subject has come. */
  awaitsSubject: boolean;
  /** Position in the archive after which messages have been sent behind the join. */
  resumedAt: number;
  /** How many joins of ours have been sent. */
  joins: number;
  /** A change of subject has overtaken the one that ends the answer. */
  isSubjectNew: boolean;
  /** When the join was sent, in milliseconds since the epoch. */
  joinedAt: number;
  /** An Openfire peer has been told that all of ours leave, and is to say so before we join anew. */
  awaitsLeft: boolean;
  /** How often we have tried in vain since it last answered. */
  failures: number;
  /** The nodes above it, the root last, as far as they are known. */
  path: readonly string[];
  /** Our last occupant has left, and it hasn't been told yet. */
  held: Parting | undefined;
}

/** Nodes that we may join, one of which we would join next. */
export function upwardTo(targets: readonly Neighbour[], at: Neighbour): Upward {
  return {
    targets,
    at,
    state: 'local',
    reason: undefined,
    tried: [],
    isFresh: true,
    awaitsAnswer: false,
    awaitsSubject: false,
    resumedAt: 0,
    joins: 0,
    joinedAt: 0,
    awaitsLeft: false,
    isSubjectNew: false,
    failures: 0,
    path: [],
    held: undefined,
  };
}

/** What a node waits for. */
export type NodeTimer =
  /** Our last occupant left: time to part. */
  | 'part'
  /** The join has had no answer. */
  | 'answer'
  /** Time to try to join again. */
  | 'retry'
  /** The preferred node has been in reach long enough to go back to it. */
  | 'return'
  /** The oldest message that is held has waited long enough for its echo. */
  | 'echo'
  /** The end of a neighbour's grace. */
  | `grace ${string}`
  /** The end of the window over which presence for a neighbour is gathered. */
  | `presence ${string}`
  /** What has come from a neighbour is confirmed: somebody there waits to be told. */
  | `confirm ${string}`
  /** Openfire's second presence hasn't come: the first was a join. */
  | `join ${string}`
  /** A neighbour's way is open again, and it hasn't joined anew: it may not know that anything was wrong. */
  | `rejoin ${string}`
  /** Nothing is kept any more for a neighbour that is away. */
  | `forget ${string}`;

/** A message of someone here or below that is put in order above, and hasn't come back yet. */
export interface HeldMessage {
  readonly message: RoomMessage;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** A room as a node of an FMUC set (XEP-0289 §2): its neighbours, and what it has had. */
export class FmucNode {
  readonly room: Room;
  options: FederationOptions;
  readonly journal: Journal;
  readonly dialects: Dialects;
  upward: Upward | undefined;
  /** The nodes that have joined us, by bare room JID, those that are away included. */
  readonly joined: JournaledMap<string, Neighbour>;
  readonly had: HadMessages;
  readonly backlog: Backlog;
  /** Occupants as further neighbours bring them, by the neighbour and their full real JID. */
  readonly rivals: JournaledMap<string, Occupant>;
  /** By identity, oldest first (primary-replica). */
  readonly held: JournaledMap<string, HeldMessage>;
  /** By position in the archive: messages whose authors wait to be told that they have arrived. */
  readonly awaited: JournaledMap<number, Awaited>;
  /** Numbers up to this one may have been given away before a crash (primary-replica). */
  reserved = 0;
  /** Messages that were asked for in vain, since our start: nobody has them any more. */
  lost = 0;
  timers = new Deadlines<NodeTimer>();
  readonly #peers: Peers;
  readonly #complaints = new OncePer(LOG_INTERVAL, MAX_LOGGED_FAULTS);

  constructor(room: Room, options: FederationOptions, peers: Peers, dialects: Dialects, journal: Journal) {
    this.room = room;
    this.options = options;
    this.journal = journal;
    this.dialects = dialects;
    this.#peers = peers;
    this.joined = new JournaledMap(journal);
    this.held = new JournaledMap(journal);
    this.awaited = new JournaledMap(journal);
    this.rivals = new JournaledMap(journal);
    this.had = new HadMessages(room.jid, journal);
    this.backlog = new Backlog(journal);
    const targets = options.federate.map((node) => new Neighbour(node, true, journal));
    const [preferred] = targets;
    if (preferred !== undefined) this.upward = upwardTo(targets, preferred);
  }

  /** Takes over what the store kept: what was had, and for whom messages wait. */
  restore(kept: Kept): void {
    const { room } = this;
    this.had.restore(
      kept.origins(room.jid),
      kept.foreign(room.jid, MAX_FOREIGN),
      this.isReplica ? 0 : room.lastOriginSeq,
      Ranges.parse(kept.note(RETURNS_NOTE + room.jid) ?? ''),
    );
    this.reserved = Number(kept.note(RESERVED_NOTE + room.jid) ?? 0);
    room.lastOriginSeq = Math.max(room.lastOriginSeq, this.reserved);
    for (const target of this.upward?.targets ?? []) restoreTold(this, target, kept);
    const waiting: Neighbour[] = [];
    for (const record of kept.neighbours(room.jid)) {
      const known = this.upward?.targets.find(({ node }) => node === record.node);
      if (record.isUpward !== (known !== undefined)) continue;
      const neighbour = known ?? new Neighbour(record.node, false, this.journal);
      if (!record.isUpward) this.joined.set(record.node, neighbour);
      neighbour.dialect = this.dialects.of(domainOf(record.node)) ?? 'xep';
      // To a node without confirmations, what was done while it was in reach was sent.
      neighbour.settled = record.isLive && !neighbour.isOurs ? room.lastSeq : record.settled;
      neighbour.sent = neighbour.settled;
      neighbour.fallen = record.dropped;
      neighbour.overrun = record.dropped > 0 ? record.settled : 0;
      neighbour.isTracked = true;
      neighbour.heardUntil = kept.lastVia(room.jid, record.node);
      neighbour.since = record.since;
      waiting.push(neighbour);
      if (!record.isUpward)
        this.timers.set(`forget ${record.node}`, record.since + this.peerOf(record.node).queue.age * 1000);
    }
    if (waiting.length === 0) return;
    const line = Math.min(...waiting.map(({ settled }) => settled));
    for (const entry of kept.entries(room.jid, line)) {
      this.backlog.push(entry);
      for (const neighbour of waiting) if (entry.seq > neighbour.settled) neighbour.count(entry);
    }
    if (line < room.lastSeq) room.neededFrom = line + 1;
  }

  /** The way to another node. */
  peerOf(node: string): Peer {
    return this.#peers.to(domainOf(node));
  }

  /** Whether users of a domain are ours, or come by a link. */
  isKnown(domain: string): boolean {
    return this.#peers.isKnown(domain);
  }

  /** Whether anybody looks on at anything that crosses. */
  get isWatched(): boolean {
    return this.#peers.isWatched;
  }

  /** What those who look on know the way to another node by; undefined while nobody does. */
  watchedAs(node: string): string | undefined {
    return this.#peers.watchedAs(node);
  }

  /** Whether messages of ours are put in order by the node above. */
  get isReplica(): boolean {
    return this.options.mode === 'primary-replica' && this.upward !== undefined;
  }

  /** The nodes above us, the one that we join first. */
  get path(): readonly string[] {
    const { upward } = this;
    return upward?.state === 'joined' || upward?.state === 'joining' ? [upward.at.node, ...upward.path] : [];
  }

  /** Says in the log what another node did wrong by a stanza, and counts it. `told` is why for whoever looks on. */
  complain(turn: Turn, message: string, from: Jid, reason: string, stanza: Element, told: WithheldReason): void {
    const look = onlooker(this, turn, from.bare);
    look?.(told, {
      ...aboutStanza(stanza),
      detail: EXPLAINED.has(told) ? reason : undefined,
    });
    const neighbour = this.neighbour(from.bare);
    if (neighbour !== undefined) neighbour.refused += 1;
    const suppressed = this.#complaints.allow(`${message} ${from.bare} ${reason}`, turn.now);
    if (suppressed === false) return;
    const fields = { room: this.room.jid, from: from.toString(), reason };
    turn.log('warn', message, suppressed === 0 ? fields : { ...fields, suppressed });
  }

  /** Says once a minute that messages can't be kept or sent. */
  regret(turn: Turn, neighbour: Neighbour, message: string, count: number, reason: string): void {
    const suppressed = this.#complaints.allow(`${message} ${neighbour.node}`, turn.now);
    if (suppressed !== false) turn.log('warn', message, { room: this.room.jid, node: neighbour.node, count, reason });
  }

  /** Whether our occupants take part at the node above, or would if it answered. */
  get isUpwardActive(): boolean {
    return this.upward !== undefined && this.upward.state !== 'local' && this.upward.state !== 'rejected';
  }

  /** Who sends us stanzas of the set under that bare JID, if anyone. */
  neighbour(node: string): Neighbour | undefined {
    const { upward } = this;
    return upward?.at.node === node && this.isUpwardActive ? upward.at : this.joined.get(node);
  }

  /** Every node that has to do with us, also a fallback that is not in use. */
  everyone(): Neighbour[] {
    return [...(this.upward?.targets ?? []), ...this.joined.values()];
  }

  /** Everyone whom the set's presence goes to, but for the one that it came from. */
  neighboursBut(source: string | undefined): Neighbour[] {
    return this.everyone().filter(({ node, presence }) => presence !== 'away' && node !== source);
  }

  /** The occupants for whose sake we are joined upward: ours first, then those of the nodes below us. */
  occupantsBelow(): Occupant[] {
    const above = new Set(this.upward?.targets.map(({ node }) => node));
    const below = [...this.room.occupants.values()].filter(({ source }) => source === undefined || !above.has(source));
    return [
      ...below.filter(({ source }) => source === undefined),
      ...below.filter(({ source }) => source !== undefined),
    ];
  }
}
