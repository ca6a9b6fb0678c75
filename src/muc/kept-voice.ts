import type { Affiliation, Role } from '../stanza/associations.ts';
import { defaultRole } from './affiliation.ts';
import type { Room } from './room.ts';

/*
 * In a moderated room, whether somebody has voice lasts across visits (XEP-0045 §5.1): who has been given it needn't ask again,
 * and who has lost it doesn't get it back by leaving. A restart forgets it.
 */

/** The most people of a room whose voice is kept; whoever was changed longest ago is forgotten first. */
export const MAX_KEPT_VOICES = 500;

/** A moderator has given somebody that role. */
export function keepVoice(room: Room, bare: string, role: Role): void {
  room.voices.delete(bare);
  if (!room.settings.moderated || (role !== 'participant' && role !== 'visitor')) return;
  room.voices.set(bare, role);
  for (const oldest of room.voices.keys()) {
    if (room.voices.size <= MAX_KEPT_VOICES) break;
    room.voices.delete(oldest);
  }
}

/** Whatever somebody was before counts no more: their affiliation says now what they are (XEP-0045 §5.1.3). */
export function forgetVoice(room: Room, bare: string): void {
  room.voices.delete(bare);
}

/** The role that somebody enters with (XEP-0045 §5.1.2): what was kept, but an admin or owner is a moderator. */
export function initialRole(room: Room, bare: string, affiliation: Affiliation): Role {
  const role = defaultRole(room, affiliation);
  return room.settings.moderated && role !== 'moderator' ? (room.voices.get(bare) ?? role) : role;
}
