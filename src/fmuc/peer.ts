import type { Jid } from '../lib/jid.ts';

/** The most that a join may bring across. 0 in any of them: nothing. */
export interface HistoryBounds {
  readonly messages: number;
  readonly bytes: number;
  /** Seconds; may be infinite. */
  readonly age: number;
}

/** The way to another node: a link, or an ordinary stream. */
export interface Peer {
  /** For people: what the way is called. */
  readonly name: string;
  readonly history: HistoryBounds;
  /** Seconds for which its occupants stay listed while it is out of reach. */
  readonly grace: number;
  /** Whether a stanza can leave for it now. */
  readonly reachable: boolean;
  /** Whether this way may bring us that node at all; `named`: the file names the node or its domain, not just "*". */
  mayBring(node: Jid, named: boolean): boolean;
  /** Whether that node may speak for that user. */
  maySpeakFor(node: Jid, user: Jid): boolean;
}

/** Finds the way to a domain. */
export interface Peers {
  to(domain: string): Peer;
}
