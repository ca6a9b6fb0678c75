import { sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * Tells each client here that it is out of the room, since the service shuts down (XEP-0045 §11.2). The room stays as it is:
 * nothing is kept of it, and no other node takes it for a departure.
 */
export function sayShutDown(room: Room, turn: Turn): void {
  for (const occupant of room.occupantsOf(undefined))
    sendSelfPresence(room, turn, occupant, { type: 'unavailable', statuses: [332] });
}
