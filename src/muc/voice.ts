import type { Affiliation, Role } from '../stanza/associations.ts';
import { defaultRole } from './affiliation.ts';
import type { Departure } from './events.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/*
 * Whether somebody may speak in a moderated room lasts beyond their visit (XEP-0045 §5.1), where it isn't what their affiliation
 * gives: who was granted voice doesn't ask again, who was silenced isn't heard for coming back.
 */

/** The most people of whom a room remembers it; beyond, it forgets the first. */
export const MAX_VOICES = 500;

/** The role that somebody enters with. */
export function roleOnEntry(room: Room, bare: string, affiliation: Affiliation): Role {
  const usual = defaultRole(room, affiliation);
  const kept = room.settings.moderated && usual !== 'moderator' ? room.settings.voices?.[bare] : undefined;
  return kept ?? usual;
}

/** Remembers it of somebody here whose role has changed. */
export function keepVoice(room: Room, turn: Turn, { jid, role, affiliation, source }: Occupant): void {
  if (!room.settings.moderated || source !== undefined) return;
  const usual = defaultRole(room, affiliation);
  const voice = role === 'visitor' ? 'visitor' : 'participant';
  remember(room, turn, jid.bare, usual === 'moderator' || usual === voice ? undefined : voice);
}

/** Their affiliation says anew what somebody is. */
export function forgetVoice(room: Room, turn: Turn, bare: string): void {
  remember(room, turn, bare, undefined);
}

/** Who is sent out keeps no voice that was granted; what silenced them lasts. */
export function dropVoice(room: Room, turn: Turn, { jid }: Occupant, { statuses = [] }: Departure): void {
  const isSentOut = statuses.some((status) => SENT_OUT.has(status));
  if (isSentOut && room.settings.voices?.[jid.bare] === 'participant') remember(room, turn, jid.bare, undefined);
}

/** Banned, kicked, and no member or not any more. */
const SENT_OUT: ReadonlySet<number> = new Set([301, 307, 321, 322]);

function remember(room: Room, turn: Turn, bare: string, voice: 'participant' | 'visitor' | undefined): void {
  const { settings } = room;
  if (settings.voices?.[bare] === voice) return;
  const others = Object.entries(settings.voices ?? {}).filter(([other]) => other !== bare);
  const voices = voice === undefined ? others : [...others, [bare, voice] as const].slice(-MAX_VOICES);
  turn.journal.set(room, 'settings', { ...settings, voices: Object.fromEntries(voices) });
  room.save(turn);
}
