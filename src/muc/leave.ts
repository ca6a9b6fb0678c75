import { change } from './change.ts';
import { destroy } from './destroy.ts';
import type { Departure } from './events.ts';
import { type Occupant, samePresence } from './occupant.ts';
import { sendPresence, sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import { withoutSession } from './sessions.ts';
import type { Turn } from './turn.ts';
import { dropVoice } from './voice.ts';

/** A client of an occupant here leaves (XEP-0045 §7.14); the occupant stays as long as another client does. */
export function leaveSession(room: Room, turn: Turn, occupant: Occupant, session: string, departure: Departure): void {
  const remaining = withoutSession(occupant, session);
  // A room that nobody has configured ends with its owner (XEP-0045 §10.1.3).
  if (remaining.sessions.length === 0 && room.locked && room.occupants.size === 1) return destroy(room, turn, {});
  if (remaining.sessions.length === 0) return depart(room, turn, occupant, departure);
  sendSelfPresence(
    room,
    turn,
    { ...occupant, sessions: [session] },
    { type: 'unavailable', selfStatuses: departure.statuses ?? [], text: departure.text },
  );
  if (samePresence(occupant.presence, remaining.presence)) room.put(remaining);
  else change(room, turn, remaining);
}

/**
 * Takes occupants out of the room before anyone is told, so that none of them is told of the others. Each is then to be
 * given to `tellDeparture`.
 */
export function withdraw(room: Room, occupants: readonly Occupant[]): void {
  for (const occupant of occupants) room.remove(occupant);
}

/** Tells everyone else here that an occupant has gone, who is out of the room by now, and announces it. */
export function tellDeparture(room: Room, turn: Turn, occupant: Occupant, departure: Departure): void {
  sendPresence(room, turn, occupant, { type: 'unavailable', ...departure });
  turn.announce({ kind: 'left', room, occupant, departure, source: occupant.source });
}

/** Removes an occupant, from wherever, tells everyone here (the one who left first), and announces it. */
export function depart(room: Room, turn: Turn, occupant: Occupant, departure: Departure): void {
  room.remove(occupant);
  dropVoice(room, turn, occupant, departure);
  sendSelfPresence(room, turn, occupant, { type: 'unavailable', ...departure });
  tellDeparture(room, turn, occupant, departure);
}
