import type { Jid } from '../lib/jid.ts';
import { affiliationOf } from './affiliation.ts';
import type { Room } from './room.ts';

/**
 * Whether somebody who is no admin may see the list of members (XEP-0045 §7.11, §9.5): by role as the room is configured, a
 * member who isn't here as a participant. The list shows real JIDs, so in a semi-anonymous room it is for moderators
 * alone (§5.2.1).
 */
export function maySeeMembers(room: Room, from: Jid): boolean {
  const { whois, membersSeenBy } = room.settings;
  const role =
    room.bySession(from.toString())?.role ??
    (affiliationOf(room, from.bare) === 'member' ? ('participant' as const) : 'none');
  return role !== 'none' && membersSeenBy.includes(role) && (whois === 'anyone' || role === 'moderator');
}
