import { Deadlines } from '../lib/deadlines.ts';
import { domainOf, type Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { OncePer } from '../lib/rate-limit.ts';
import type { Departure } from '../muc/events.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import type { Turn } from '../muc/turn.ts';
import type { Peer, Peers } from './peer.ts';
import { SeenMessages } from './seen.ts';

/** What one node does wrong is logged once in this time for each kind of fault, in milliseconds. */
export const LOG_INTERVAL = 60_000;
/** The faults that are told apart. */
const MAX_LOGGED_FAULTS = 256;

/** The most nodes that may join one room. */
export const MAX_JOINED_NODES = 64;

/** What the operator's file says of a room's federation. */
export interface FederationOptions {
  /** Bare room JID of the node to join; undefined: none. */
  readonly federate: string | undefined;
  /** Who may join us: bare room JIDs, domains or "*". */
  readonly accept: readonly string[];
  /** Milliseconds without an occupant of ours before we part. */
  readonly leaveAfter: number;
}

/** Where we stand with the node that we join. */
export type UpwardState = 'local' | 'joining' | 'joined' | 'rejected' | 'out-of-reach';

/** Another node that we exchange stanzas with: the one that we join, or one that has joined us. */
export interface Neighbour {
  /** Bare room JID. */
  readonly node: string;
  /** Full real JIDs of its occupants that it hasn't named again since it was lost or joined anew. */
  readonly stale: JournaledMap<string, true>;
  /** Messages that it couldn't be sent. */
  unsent: number;
}

/** The node that we join (XEP-0289 "joined node", seen from the joining one). */
export interface Upward extends Neighbour {
  state: UpwardState;
  /** Why it is rejected or out of reach. */
  reason: string | undefined;
  /** The accept isn't complete before its subject has come. */
  awaitsSubject: boolean;
  /** How often we have tried in vain since it last answered. */
  failures: number;
  /** Position in our archive after which it hasn't been sent our messages. */
  missedSince: number | undefined;
  /** Stamp of the last message that we had of it. */
  heardUntil: number | undefined;
  /** Our last occupant has left, and it hasn't been told yet. */
  held: { readonly occupant: Occupant; readonly departure: Departure } | undefined;
}

/** What a node waits for. `grace NODE`: the end of a neighbour's grace. */
export type NodeTimer =
  /** Our last occupant left: time to part. */
  | 'part'
  /** The join has had no answer. */
  | 'answer'
  /** Time to try to join again. */
  | 'retry'
  | `grace ${string}`;

/** A room as a node of an FMUC set (XEP-0289 §2): its neighbours, and what it has seen. */
export class FmucNode {
  readonly room: Room;
  readonly options: FederationOptions;
  readonly journal: Journal;
  readonly upward: Upward | undefined;
  /** The nodes that have joined us, by bare room JID. */
  readonly joined: JournaledMap<string, Neighbour>;
  readonly seen = new SeenMessages();
  readonly timers = new Deadlines<NodeTimer>();
  readonly #peers: Peers;
  readonly #complaints = new OncePer(LOG_INTERVAL, MAX_LOGGED_FAULTS);

  constructor(room: Room, options: FederationOptions, peers: Peers, journal: Journal) {
    this.room = room;
    this.options = options;
    this.journal = journal;
    this.joined = new JournaledMap(journal);
    this.#peers = peers;
    this.upward =
      options.federate === undefined
        ? undefined
        : {
            node: options.federate,
            stale: new JournaledMap(journal),
            unsent: 0,
            state: 'local',
            reason: undefined,
            awaitsSubject: false,
            failures: 0,
            missedSince: undefined,
            heardUntil: undefined,
            held: undefined,
          };
  }

  /** The way to another node. */
  peerOf(node: string): Peer {
    return this.#peers.to(domainOf(node));
  }

  /** Says in the log what another node did wrong. */
  complain(turn: Turn, message: string, from: Jid, reason: string): void {
    const suppressed = this.#complaints.allow(`${message} ${from.bare} ${reason}`, turn.now);
    if (suppressed === false) return;
    const fields = { room: this.room.jid, from: from.toString(), reason };
    turn.log('warn', message, suppressed === 0 ? fields : { ...fields, suppressed });
  }

  /** Who sends us stanzas of the set under that bare JID, if anyone. */
  neighbour(node: string): Neighbour | undefined {
    const { upward } = this;
    if (upward?.node === node && upward.state !== 'local' && upward.state !== 'rejected') return upward;
    return this.joined.get(node);
  }

  /** Everyone whom the set's stanzas go to, but for the one that they came from. */
  neighboursBut(source: string | undefined): Neighbour[] {
    const { upward } = this;
    const all: Neighbour[] = [...this.joined.values()];
    if (upward !== undefined && upward.state !== 'local' && upward.state !== 'rejected') all.unshift(upward);
    return all.filter((neighbour) => neighbour.node !== source);
  }

  /** The occupants for whose sake we are joined upward: ours, and those of the nodes below us. */
  occupantsBelow(): Occupant[] {
    return [...this.room.occupants.values()].filter((occupant) => occupant.source !== this.upward?.node);
  }
}
