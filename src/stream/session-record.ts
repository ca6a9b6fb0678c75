/** What of a resumable stream (XEP-0198 §5) outlives the process: the shapes that the store keeps. */

/** A session that a peer has let us resume. */
export interface SessionRecord {
  /** The peer's domain. */
  readonly domain: string;
  /** The SM-ID that it gave. */
  readonly id: string;
  /** Stanzas of ours that it has acknowledged: 0 to 2^32 - 1, and 0 again (§4). */
  readonly acknowledged: number;
  /** Stanzas of it that we have handled, counted the same way. */
  readonly handled: number;
  /** Milliseconds since the epoch until which it may be resumed. */
  readonly until: number;
}

/** A stanza that has been sent and not acknowledged. */
export interface UnacknowledgedStanza {
  /** Its place in the session, as `acknowledged` counts it once it has been. */
  readonly number: number;
  readonly xml: string;
  /** When it was given to the stream, in milliseconds since the epoch. */
  readonly since: number;
}

/** A session with what isn't acknowledged of it, oldest first. */
export interface KeptSession extends SessionRecord {
  readonly stanzas: readonly UnacknowledgedStanza[];
}

/** What the store has kept of streams, read at start. */
export interface KeptSessions {
  /** The one stored first comes first. */
  sessions(): readonly KeptSession[];
}

/** A change of what the store keeps of streams. Those of one turn are one transaction, with all its other changes. */
export type SessionWrite =
  /** The session as it is now, in place of the domain's last one; what was kept of another session's stanzas goes. */
  | { readonly kind: 'session'; readonly record: SessionRecord }
  /** Stanzas of the domain's session that are to outlive us. */
  | { readonly kind: 'unacknowledged'; readonly domain: string; readonly stanzas: readonly UnacknowledgedStanza[] }
  /** Stanzas of it that are to be kept no longer, up to that number, in the order of the session. */
  | { readonly kind: 'acknowledged'; readonly domain: string; readonly upTo: number }
  /** There is no such session any more. */
  | { readonly kind: 'drop-session'; readonly domain: string };
