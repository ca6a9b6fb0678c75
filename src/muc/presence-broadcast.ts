import type { Role } from '../stanza/associations.ts';
import type { Room } from './room.ts';

/** Whether the presence of occupants with that role is shown to others: `muc#roomconfig_presencebroadcast`, XEP-0045 §7.2.2. */
export function isShown(room: Room, role: Role): boolean {
  return role !== 'none' && room.settings.presenceOf.includes(role);
}
