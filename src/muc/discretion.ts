import type { Jid } from '../lib/jid.ts';
import { affiliationOf } from './affiliation.ts';
import type { Room } from './room.ts';

/* What of a room is somebody's to know who asks for it, in the room or not. */

/** Until it is configured a room is there for its owner alone (XEP-0045 §7.2.10). */
export function isNotThereFor(room: Room, from: Jid): boolean {
  return room.locked && affiliationOf(room, from.bare) !== 'owner';
}

/**
 * Whether what goes on in the room is none of somebody's business: they couldn't just come in (XEP-0045 §13.4). Nobody has shown
 * that they know the password but those who are in.
 */
export function isPrivateTo(room: Room, from: Jid): boolean {
  const { membersOnly, password } = room.settings;
  const affiliation = affiliationOf(room, from.bare);
  if (affiliation === 'outcast') return true;
  return affiliation === 'none' && (membersOnly || password !== '') && room.bySession(from.toString()) === undefined;
}

/** Whether somebody may see real JIDs now: those who do in the room, and those who would as soon as they came in. */
export function maySeeJids(room: Room, from: Jid): boolean {
  if (room.settings.whois === 'anyone') return true;
  const affiliation = affiliationOf(room, from.bare);
  return affiliation === 'owner' || affiliation === 'admin' || room.bySession(from.toString())?.role === 'moderator';
}
