import type { Affiliation } from '../stanza/associations.ts';

/** What of a room outlives the process: the shapes that the store keeps. */

/** The settings of the configuration form (XEP-0045 §10.2). */
export interface RoomSettings {
  readonly name: string;
  readonly description: string;
  readonly persistent: boolean;
  readonly public: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  /** Empty: none is needed. */
  readonly password: string;
  readonly whois: 'moderators' | 'anyone';
  readonly occupantsChangeSubject: boolean;
  /** 0: no bound but the service's own. */
  readonly maxOccupants: number;
}

export interface SubjectRecord {
  readonly text: string;
  /** The nick that set it, empty for the room itself. */
  readonly nick: string;
  /** The real JID of who set it; the room's own where that isn't known. */
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly stamp: number;
}

export interface AffiliationRecord {
  readonly affiliation: Exclude<Affiliation, 'none'>;
  readonly reason?: string;
}

/** A persistent room, all but its messages. */
export interface RoomRecord {
  /** Bare JID. */
  readonly room: string;
  readonly settings: RoomSettings;
  readonly subject?: SubjectRecord;
  /** By bare JID. */
  readonly affiliations: Readonly<Record<string, AffiliationRecord>>;
}

/** Where a message entered the FMUC set: the room there, and the id that it got there (XEP-0359). */
export interface Origin {
  readonly by: string;
  readonly id: string;
}

/** A message as the archive holds it. */
export interface MessageRecord {
  readonly room: string;
  /** Position in this room's archive: positive, growing, never reused. */
  readonly seq: number;
  readonly origin?: Origin;
  /** Set where the message entered here: position among this room's own messages. */
  readonly originSeq?: number;
  /** The author's nick. */
  readonly nick: string;
  /** The author's real JID, full where known. */
  readonly author: string;
  /** Milliseconds since the epoch at which it entered the set. */
  readonly stamp: number;
  /** The FMUC node (bare room JID) that it reached us through; absent for a message of a local user. */
  readonly via?: string;
  /** The stanza's children and id, as XML of a `<message/>` in canonical form, without addresses. */
  readonly stanza: string;
}

/** Which messages of a room are asked for: the newest that satisfy every bound, oldest first. Absent: no bound. */
export interface HistoryQuery {
  readonly room: string;
  readonly maxMessages?: number;
  /** Characters of the stored stanzas, each counted whole (XEP-0045 §7.2.13). */
  readonly maxChars?: number;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number;
  /** Only messages after this archive position. */
  readonly afterSeq?: number;
  /** Leave out what came through this node. */
  readonly notVia?: string;
}

/** Retention of one room. 0: no bound. */
export interface Retention {
  readonly messages: number;
  /** Seconds. */
  readonly age: number;
}

/** A change of the store. Those of one turn are one transaction. */
export type StoreWrite =
  /** Retention is applied to the room in the same transaction; the newest message, and the newest of our own, always stay. */
  | { readonly kind: 'append'; readonly message: MessageRecord; readonly keep: Retention }
  | { readonly kind: 'save'; readonly record: RoomRecord }
  /** The room, its subject, affiliations and messages. */
  | { readonly kind: 'forget'; readonly room: string };

/** What the store tells of a room's archive at start. */
export interface ArchiveState {
  readonly room: string;
  readonly messages: number;
  /** The highest ever given; 0: none. */
  readonly lastSeq: number;
  /** 0: none. */
  readonly lastOriginSeq: number;
}
