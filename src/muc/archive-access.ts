import type { Jid } from '../lib/jid.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { isNotThereFor, isPrivateTo, maySeeJids } from './discretion.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Room } from './room.ts';
import type { By } from './search.ts';

/*
 * Who may read what of a room's archive: whoever is in the room, and whoever could come in now (XEP-0313 §6.1.2, §8.1).
 */

/** Why somebody may not read the archive; undefined where they may. */
export function refusalToRead(room: Room, from: Jid): StanzaError | undefined {
  if (isPrivateTo(room, from)) return ROOM_ERRORS.mayNotReadArchive;
  if (isNotThereFor(room, from) && room.bySession(from.toString()) === undefined) return ROOM_ERRORS.noSuchRoom;
  return room.settings.logged ? undefined : ROOM_ERRORS.notArchived;
}

/**
 * Whose messages `with` stands for (XEP-0313 §4.1.1): an occupant by nick, or a user by real JID, which only those may name who
 * may see it, but for their own. The room itself stands for all.
 */
export function authorOf(room: Room, from: Jid, named: Jid | undefined): By | StanzaError | undefined {
  if (named === undefined) return undefined;
  if (named.bare === room.jid) return named.resource === undefined ? undefined : { nick: named.resource };
  if (named.bare !== from.bare && !maySeeJids(room, from)) return ROOM_ERRORS.mayNotKnowAuthors;
  return named.isBare ? { bare: named.bare } : { author: named.toString() };
}
