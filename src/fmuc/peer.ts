import type { Jid } from '../lib/jid.ts';

/** What another node speaks: XEP-0289, that and `urn:fmucd:sync:0`, or what Openfire makes of it. */
export type Dialect = 'fmucd' | 'xep' | 'openfire';

/** The most of something that crosses or waits. 0 in any of them: nothing. */
export interface Bounds {
  readonly messages: number;
  readonly bytes: number;
  /** Seconds; may be infinite. */
  readonly age: number;
}

/**
 * What of the presence of occupants crosses a way: all that the room passes on, who is there and whether they are
 * available, or only who speaks.
 */
export type PresencePolicy = 'full' | 'availability' | 'none';

/** What was kept off a way, since our start. */
export interface Spared {
  /** Presence stanzas that were gathered into others, or that the way doesn't carry. */
  presences: number;
  /** Payloads of messages that don't cross a constrained link, and their characters. */
  payloads: number;
  payloadCharacters: number;
}

/** The way to another node: a link, or an ordinary stream. */
export interface Peer {
  /** For people: what the way is called. */
  readonly name: string;
  /** The most that a join may bring across. */
  readonly history: Bounds;
  /** The most that is kept for it while it is out of reach. */
  readonly queue: Bounds;
  /** Seconds for which its occupants stay listed while it is out of reach. */
  readonly grace: number;
  /** What it speaks; auto: it is asked once. */
  readonly dialect: Dialect | 'auto';
  /** Whether its moderators may act on our users. */
  readonly moderate: boolean;
  /** Whether a stanza can leave for it now. */
  readonly reachable: boolean;
  /** Whether it is a constrained link, across which only what belongs to the conversation goes. */
  readonly isConstrained: boolean;
  readonly presence: PresencePolicy;
  /** Seconds over which presence is gathered; 0: each at once. */
  readonly coalesce: number;
  /** Counts what is kept off this way. */
  readonly spared: Spared;
  /** Whether stanzas wait until the way can carry them, the most urgent first. */
  readonly isPaced: boolean;
  /** Whether presence waits on it already, so that more would only wait behind. */
  readonly isCongested: boolean;
  /** The lowest position in the archive of what was sent to a node (bare JID) and hasn't left yet; undefined: all has. */
  firstWaiting(node: string): number | undefined;
  /** Whether this way may bring us that node at all; `named`: the file names the node or its domain, not just "*". */
  mayBring(node: Jid, named: boolean): boolean;
  /** Whether that node may speak for that user. */
  maySpeakFor(node: Jid, user: Jid): boolean;
}

/** Finds the way to a domain. */
export interface Peers {
  /** Our own domain. */
  readonly domain: string;
  to(domain: string): Peer;
  /** Whether users of a domain are ours, or come by a link. */
  isKnown(domain: string): boolean;
  /** What those who look on know the way to a JID by; undefined while nobody does. */
  watchedAs(jid: string): string | undefined;
  /** Whether anybody looks on at anything. */
  readonly isWatched: boolean;
}

/** Whether such bounds let nothing through. */
export function isNothing({ messages, bytes, age }: Bounds): boolean {
  return messages === 0 || bytes === 0 || age === 0;
}
