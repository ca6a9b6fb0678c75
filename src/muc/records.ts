import type { Ranges } from '../lib/ranges.ts';
import type { Affiliation, Role } from '../stanza/associations.ts';

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
  /** Whether members who aren't admins may invite others (XEP-0045 §7.8.2). */
  readonly membersInvite: boolean;
  /** Who may write to single occupants (XEP-0045 §7.5). */
  readonly privateMessages: 'anyone' | 'participants' | 'moderators' | 'none';
  /** The roles whose presence is shown to others (XEP-0045 §7.2.3). */
  readonly presenceOf: readonly Exclude<Role, 'none'>[];
  /** The roles that may see the list of members (XEP-0045 §15.5.3). */
  readonly membersSeenBy: readonly Exclude<Role, 'none'>[];
  /** Whether what is said goes to the archive that users read (XEP-0045 §7.2.12, XEP-0313). */
  readonly logged: boolean;
  /** RFC 5646; empty: none in particular. */
  readonly language: string;
  /** Who may speak, or may not, when they come back, by bare JID (XEP-0045 §5.1). No field of the form. */
  readonly voices?: Readonly<Record<string, 'participant' | 'visitor'>>;
  /** The most messages of history that a newcomer gets (XEP-0045 §7.2.14). */
  readonly maxHistory: number;
  readonly further?: FurtherSettings;
  /** SHA-1 of each photo in the room's vCard, in hexadecimal digits (XEP-0153); undefined: it has no vCard. */
  readonly photos?: readonly string[] | undefined;
}

/** What a layer above has of a room: the values of its own fields, by name (`further-fields.ts`). */
export type FurtherSettings = Readonly<Record<string, readonly string[]>>;

export interface SubjectRecord {
  readonly text: string;
  /** The nick that set it, empty for the room itself. */
  readonly nick: string;
  /** The real JID of who set it; the room's own where that isn't known. */
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly stamp: number;
  /** The room that it was set in; of two with the same stamp, that of the greater one counts. */
  readonly by?: string;
}

export interface AffiliationRecord {
  readonly affiliation: Exclude<Affiliation, 'none'>;
  readonly reason?: string;
  /** The nick that is reserved for that person (XEP-0045 §7.10). */
  readonly nick?: string;
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
  /** An id of another kind that it came with, kept beside ours. */
  readonly foreign?: Origin;
  /** Set where the message entered here: position among this room's own messages. */
  readonly originSeq?: number;
  /** The author's nick. */
  readonly nick: string;
  /** The author's real JID, full where known. */
  readonly author: string;
  /** Milliseconds since the epoch at which it entered the set, by the clock of whoever says so. */
  readonly stamp: number;
  /** Milliseconds since the epoch at which it came here, by our clock: what retention counts from. */
  readonly received: number;
  /** The FMUC node (bare room JID) that it reached us through; absent for a message of a local user. */
  readonly via?: string;
  /** Set where it was said while the room kept no archive for its users: it is there for newcomers and other nodes alone. */
  readonly unlogged?: true;
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
  /** Only messages up to this archive position. */
  readonly upToSeq?: number;
  /** Leave out what came through this node. */
  readonly notVia?: string;
  /** Only these numbers of these origins, by room JID. */
  readonly wanted?: ReadonlyMap<string, Ranges>;
}

/** Retention of one room. 0: no bound. */
export interface Retention {
  readonly messages: number;
  /** Seconds. */
  readonly age: number;
}

/** What a room has had of one origin's sequence. */
export interface OriginRecord {
  /** Bare room JID. */
  readonly by: string;
  /** Also what retention has taken out since. */
  readonly had: Ranges;
  /** What is known to exist and was left behind on its way here. */
  readonly gaps: Ranges;
}

/** Another node whose messages wait here while it is away. */
export interface NeighbourRecord {
  /** Bare room JID. */
  readonly node: string;
  /** Whether it is one that we join; else it has joined us. */
  readonly isUpward: boolean;
  /** Position in the archive up to which nothing waits for it. */
  readonly settled: number;
  /** Whether it was in reach when this was written. */
  readonly isLive: boolean;
  /** Messages that were not kept for it as long as it was away. */
  readonly dropped: number;
  /** Milliseconds since the epoch: since when it is away, or when it joined. */
  readonly since: number;
}

/** One message of the archive as far as its way to other nodes goes. */
export interface ArchiveEntry {
  readonly seq: number;
  readonly origin?: Origin;
  readonly via?: string;
  /** Milliseconds since the epoch. */
  readonly received: number;
  /** Of the stored stanza. */
  readonly characters: number;
}

/** A message as it is told apart without an id of a sequence: by the id that it came with, or by author, stamp and text. */
export interface ForeignMessage {
  readonly foreign?: Origin;
  readonly author: string;
  readonly stamp: number;
  readonly stanza: string;
}

/** What of a message's record says how other messages refer to it. */
export type ReferableRecord = Pick<MessageRecord, 'seq' | 'origin' | 'foreign' | 'nick' | 'author' | 'via'> & {
  /** The stanza, or as much of its start as was asked for. */
  readonly stanza: string;
};

/** A change of the store. Those of one turn are one transaction. */
export type StoreWrite =
  /**
   * Retention is applied to the room in the same transaction; the newest message, the newest of our own, and whatever
   * stands at `neededFrom` or after it always stay. What goes stays noted as had.
   */
  | {
      readonly kind: 'append';
      readonly message: MessageRecord;
      readonly keep: Retention;
      readonly neededFrom?: number | undefined;
    }
  | { readonly kind: 'save'; readonly record: RoomRecord }
  /** Puts another stanza in the place of the one at that position, if there still is one (XEP-0424 §5). */
  | { readonly kind: 'replace'; readonly room: string; readonly seq: number; readonly stanza: string }
  /** The room's own vCard (XEP-0054), as XML; undefined: it has none. */
  | { readonly kind: 'vcard'; readonly room: string; readonly vcard: string | undefined }
  /** The gaps of one origin as they are now; what was had is noted by `append`. */
  | { readonly kind: 'gaps'; readonly room: string; readonly by: string; readonly gaps: Ranges }
  | { readonly kind: 'neighbour'; readonly room: string; readonly record: NeighbourRecord }
  | { readonly kind: 'drop-neighbour'; readonly room: string; readonly node: string }
  /** Something that is known of the world beyond the rooms. */
  | { readonly kind: 'note'; readonly key: string; readonly value: string }
  /** The room with everything that belongs to it. */
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

/** What the store has kept, read at start. */
export interface Kept {
  readonly rooms: readonly RoomRecord[];
  readonly archives: readonly ArchiveState[];
  /** What a room has had of every origin, up to its newest message. */
  origins(room: string): readonly OriginRecord[];
  /** A room's newest messages that came through another node, at most `limit`, oldest first. */
  foreign(room: string, limit: number): readonly ForeignMessage[];
  neighbours(room: string): readonly NeighbourRecord[];
  /** What came after that position, oldest first. */
  entries(room: string, afterSeq: number): readonly ArchiveEntry[];
  /** A room's newest messages, at most `limit`, oldest first, each with so many characters of its stanza. */
  referable(room: string, limit: number, characters: number): readonly ReferableRecord[];
  /** The stamp of the newest message that came through that node, by position. */
  lastVia(room: string, node: string): number | undefined;
  /** A room's own vCard. */
  vcard(room: string): string | undefined;
  /** What a `note` wrote. */
  note(key: string): string | undefined;
}
