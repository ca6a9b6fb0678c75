import type { StanzaError } from '../stanza/errors.ts';
import { MAX_AFFILIATIONS } from './affiliation.ts';
import { enforceAffiliations } from './enforce.ts';
import { ROOM_ERRORS } from './errors.ts';
import { isFreeFor, reserveNick } from './reserved-nick.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * Makes somebody a member, if they are nothing yet, reserves the nick for them, and shows them so to everyone; else why
 * that can't be (XEP-0045 §7.10).
 */
export function enrol(room: Room, turn: Turn, bare: string, nick: string): StanzaError | undefined {
  if (!isFreeFor(room, bare, nick)) return ROOM_ERRORS.nickReserved;
  if (!room.affiliations.has(bare) && room.affiliations.size >= MAX_AFFILIATIONS) return ROOM_ERRORS.tooManyItems;
  reserveNick(room, bare, nick);
  room.save(turn);
  enforceAffiliations(room, turn, {});
  return undefined;
}
