import type { Room } from './room.ts';

/** The nick that is reserved for somebody, by bare JID (XEP-0045 §7.12). */
export function reservedNick(room: Room, bare: string): string | undefined {
  return room.affiliations.get(bare)?.nick;
}

/** The bare JID that a nick is reserved for (XEP-0045 §7.12). */
export function holderOf(room: Room, nick: string): string | undefined {
  for (const [bare, entry] of room.affiliations) if (entry.nick === nick) return bare;
  return undefined;
}

/** Whether that person may have a nick reserved: nobody else has it reserved, or goes by it now (XEP-0045 §7.10). */
export function isFreeFor(room: Room, bare: string, nick: string): boolean {
  const holder = holderOf(room, nick);
  const present = room.occupants.get(nick);
  return (holder === undefined || holder === bare) && (present === undefined || present.jid.bare === bare);
}

/**
 * Reserves a nick for somebody, who becomes a member if they are nothing yet; undefined: none any more. The caller has
 * the room saved.
 */
export function reserveNick(room: Room, bare: string, nick: string | undefined): void {
  const { nick: _, ...entry } = room.affiliations.get(bare) ?? { affiliation: 'member' };
  room.affiliations.set(bare, nick === undefined ? entry : { ...entry, nick });
}
