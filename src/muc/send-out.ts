import type { Departure } from './events.ts';
import { tellDeparture } from './leave.ts';
import type { Occupant } from './occupant.ts';
import { sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';
import { dropVoice } from './voice.ts';

/** Somebody here who is to leave, as they are shown for the last time. */
export interface Removal {
  readonly occupant: Occupant;
  readonly departure: Departure;
}

/**
 * Sends people out together, so that none of them is told of another one (XEP-0045 §8.2, §9.1): `first` hear of it, then comes
 * what is to be said `meanwhile`, then the others hear of it, and then all who remain.
 */
export function sendOut(
  room: Room,
  turn: Turn,
  first: readonly Removal[],
  meanwhile: () => void,
  others: readonly Removal[],
): void {
  const all = [...first, ...others];
  for (const { occupant } of all) room.remove(occupant);
  for (const { occupant, departure } of first)
    sendSelfPresence(room, turn, occupant, { type: 'unavailable', ...departure });
  meanwhile();
  for (const { occupant, departure } of others)
    sendSelfPresence(room, turn, occupant, { type: 'unavailable', ...departure });
  for (const { occupant, departure } of all) {
    dropVoice(room, turn, occupant, departure);
    tellDeparture(room, turn, occupant, departure);
  }
}
