import type { Affiliation, Role } from '../stanza/associations.ts';
import type { Room } from './room.ts';

/** The most entries of a room's affiliation lists together. */
export const MAX_AFFILIATIONS = 2000;

/**
 * What our lists say of a bare JID (XEP-0045 §5.2): the gateway's admins own every room; then the JID itself, then, for
 * a ban, its domain (§9.2).
 */
export function affiliationOf(room: Room, bare: string): Affiliation {
  if (room.service.admins.has(bare)) return 'owner';
  const own = room.affiliations.get(bare);
  if (own !== undefined) return own.affiliation;
  const domain = bare.slice(bare.indexOf('@') + 1);
  return room.affiliations.get(domain)?.affiliation === 'outcast' ? 'outcast' : 'none';
}

/** The role that somebody enters with (XEP-0045 §5.1.2). */
export function defaultRole(room: Room, affiliation: Affiliation): Role {
  if (affiliation === 'owner' || affiliation === 'admin') return 'moderator';
  if (affiliation === 'outcast') return 'none';
  return affiliation === 'none' && room.settings.moderated ? 'visitor' : 'participant';
}

/**
 * Writes one entry of the lists; none removes it. The caller has the room saved. `nick` is reserved for that person from now
 * on, none where it is empty; without, what was reserved stays, but no outcast keeps it (XEP-0045 §9.1).
 */
export function setAffiliation(
  room: Room,
  bare: string,
  affiliation: Affiliation,
  reason: string | undefined,
  nick = room.affiliations.get(bare)?.nick ?? '',
): void {
  if (affiliation === 'none') room.affiliations.delete(bare);
  else
    room.affiliations.set(bare, {
      affiliation,
      ...(reason !== undefined && { reason }),
      ...(nick !== '' && affiliation !== 'outcast' && { nick }),
    });
}
