import { isShown, sendHidden, sendPresence } from './presence.ts';
import type { RoomSettings } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * Presence of other roles than before is shown to others (`muc#roomconfig_presencebroadcast`): those who are hidden from now on
 * leave for everyone else, those who are shown enter.
 */
export function followBroadcast(room: Room, turn: Turn, before: RoomSettings): void {
  for (const occupant of room.occupants.values()) {
    const wasShown = isShown(before, occupant.role);
    if (wasShown === isShown(room.settings, occupant.role)) continue;
    if (wasShown) sendHidden(room, turn, occupant);
    else sendPresence(room, turn, occupant, {});
  }
}
