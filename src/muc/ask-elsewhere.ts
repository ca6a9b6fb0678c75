import { affiliationOf } from './affiliation.ts';
import type { Moderation } from './events.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/* Occupants elsewhere: whatever is to become of them, only their own node can do it. */

/** Asks the node of an occupant elsewhere for another role of theirs, or to send them out. */
export function askElsewhere(room: Room, turn: Turn, occupant: Occupant, request: Moderation): void {
  turn.announce({ kind: 'moderation', room, occupant, request });
}

/** Asks to have an occupant elsewhere sent out whom our lists ban, if they do, also where that node has just brought them. */
export function askToBan(
  room: Room,
  turn: Turn,
  occupant: Occupant,
  by: { readonly actor?: string | undefined; readonly reason?: string | undefined } = {},
): void {
  const { bare, domain } = occupant.jid;
  if (affiliationOf(room, bare) !== 'outcast') return;
  const listed = room.affiliations.get(bare) ?? room.affiliations.get(domain);
  const { actor = '', reason = listed?.reason } = by;
  askElsewhere(room, turn, occupant, { role: 'none', banned: true, actor, reason });
}
