import type { Role } from '../stanza/associations.ts';
import type { Element } from '../xml/element.ts';
import type { RoomMessage } from './message.ts';
import type { Occupant } from './occupant.ts';
import type { ArchiveEntry } from './records.ts';
import type { Room } from './room.ts';

/**
 * What happened in a room, for whoever carries it further. `source` is the node that it came through, undefined where
 * it happened here.
 */
export type RoomEvent =
  | { readonly kind: 'entered'; readonly room: Room; readonly occupant: Occupant; readonly source: Source }
  /** Show, status, role or affiliation changed. */
  | { readonly kind: 'changed'; readonly room: Room; readonly occupant: Occupant; readonly source: Source }
  | {
      readonly kind: 'renamed';
      readonly room: Room;
      /** Under the new nick. */
      readonly occupant: Occupant;
      readonly oldNick: string;
      readonly source: Source;
    }
  | {
      readonly kind: 'left';
      readonly room: Room;
      readonly occupant: Occupant;
      readonly departure: Departure;
      readonly source: Source;
    }
  | {
      readonly kind: 'message';
      readonly room: Room;
      readonly message: RoomMessage;
      /** As the archive has it. */
      readonly entry: ArchiveEntry;
      readonly source: Source;
    }
  | {
      readonly kind: 'subject';
      readonly room: Room;
      readonly message: RoomMessage;
      readonly source: Source;
    }
  /** A private message to an occupant who isn't here (XEP-0289 §5.6). */
  | {
      readonly kind: 'private-message';
      readonly room: Room;
      readonly sender: Occupant;
      readonly recipient: Occupant;
      /** Without addresses. */
      readonly stanza: Element;
    }
  /** A private message of an occupant who isn't here has come back (RFC 6120 §8.3). */
  | {
      readonly kind: 'returned';
      readonly room: Room;
      readonly author: Occupant;
      /** The error, from its recipient, without `to`. */
      readonly stanza: Element;
    }
  /** A moderator here asks for a change of an occupant who isn't here (XEP-0045 §8.2 to §8.4, §9.1). */
  | {
      readonly kind: 'moderation';
      readonly room: Room;
      readonly occupant: Occupant;
      readonly request: Moderation;
    }
  | { readonly kind: 'destroyed'; readonly room: Room };

/** Bare room JID of an FMUC node; undefined: here. */
export type Source = string | undefined;

/** How an occupant left. */
export interface Departure {
  /** Status codes besides 110. */
  readonly statuses?: readonly number[];
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
  /** `<status/>` of the last presence. */
  readonly text?: string | undefined;
}

/** What a moderator asks for. */
export interface Moderation {
  /** The role to give; none: out of the room. */
  readonly role: Role;
  /** Out of the room for good. */
  readonly banned: boolean;
  /** The moderator's nick. */
  readonly actor: string;
  readonly reason: string | undefined;
}
