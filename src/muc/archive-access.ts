import type { Jid } from '../lib/jid.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { affiliationOf } from './affiliation.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Room } from './room.ts';
import type { By } from './search.ts';

/*
 * Who may read what of a room's archive: whoever is in the room, and whoever could come in now (XEP-0313 §6.1.2, §8.1).
 */

/** Why somebody may not read the archive; undefined where they may. */
export function refusalToRead(room: Room, from: Jid): StanzaError | undefined {
  const { logged, membersOnly, password } = room.settings;
  const affiliation = affiliationOf(room, from.bare);
  const isOccupant = room.bySession(from.toString()) !== undefined;
  if (affiliation === 'outcast') return ROOM_ERRORS.mayNotReadArchive;
  if (room.locked && !isOccupant && affiliation !== 'owner') return ROOM_ERRORS.noSuchRoom;
  // Nobody has shown that they know the password but those who are in.
  if ((membersOnly || password !== '') && affiliation === 'none' && !isOccupant) return ROOM_ERRORS.mayNotReadArchive;
  return logged ? undefined : ROOM_ERRORS.notArchived;
}

/** Whether somebody may see real JIDs now: those who do in the room, and those who would as soon as they came in. */
export function seesAuthors(room: Room, from: Jid): boolean {
  if (room.settings.whois === 'anyone') return true;
  const affiliation = affiliationOf(room, from.bare);
  return affiliation === 'owner' || affiliation === 'admin' || room.bySession(from.toString())?.role === 'moderator';
}

/**
 * Whose messages `with` stands for (XEP-0313 §4.1.1): an occupant by nick, or a user by real JID, which only those may name who
 * may see it, but for their own. The room itself stands for all.
 */
export function authorOf(room: Room, from: Jid, named: Jid | undefined): By | StanzaError | undefined {
  if (named === undefined) return undefined;
  if (named.bare === room.jid) return named.resource === undefined ? undefined : { nick: named.resource };
  if (named.bare !== from.bare && !seesAuthors(room, from)) return ROOM_ERRORS.mayNotKnowAuthors;
  return named.isBare ? { bare: named.bare } : { author: named.toString() };
}
