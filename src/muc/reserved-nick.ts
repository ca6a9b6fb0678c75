import { isReserved, isTaken } from './nick.ts';
import type { Room } from './room.ts';

/** The nick that is reserved for somebody, by bare JID (XEP-0045 §7.12). */
export function reservedNick(room: Room, bare: string): string | undefined {
  return room.affiliations.get(bare)?.nick;
}

/** Whether that person may have a nick reserved: nobody else has it reserved, or goes by it now (XEP-0045 §7.10). */
export function isFreeFor(room: Room, bare: string, nick: string): boolean {
  return !isReserved(room, bare, nick) && !isTaken(room, bare, nick);
}

/**
 * Reserves a nick for somebody, who becomes a member if they are nothing yet; undefined: none any more. The caller has
 * the room saved.
 */
export function reserveNick(room: Room, bare: string, nick: string | undefined): void {
  const { nick: _, ...entry } = room.affiliations.get(bare) ?? { affiliation: 'member' };
  room.affiliations.set(bare, nick === undefined ? entry : { ...entry, nick });
}
