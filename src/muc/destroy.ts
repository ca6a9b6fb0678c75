import type { Destroyed } from '../stanza/muc-user.ts';
import { sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** Sends everyone out of a room that is to be no more, and announces it (XEP-0045 §10.9). */
export function destroy(room: Room, turn: Turn, destroyed: Destroyed): void {
  for (const occupant of room.occupants.values()) {
    sendSelfPresence(room, turn, { ...occupant, affiliation: 'none' }, { type: 'unavailable', destroyed });
    room.remove(occupant);
  }
  turn.announce({ kind: 'destroyed', room });
}
