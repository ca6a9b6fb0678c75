import type { Turn } from '../muc/turn.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { dropPending } from './pending.ts';
import { forgetRivals } from './rivals.ts';

/* How far a neighbour takes part, and what the store keeps of that. */

/** A neighbour takes part in another way than before. */
export function enterPresence(node: FmucNode, turn: Turn, neighbour: Neighbour, presence: Neighbour['presence']): void {
  if (neighbour.presence === presence) return;
  if (presence === 'away') {
    forgetRivals(node, neighbour);
    dropPending(node, turn, neighbour);
  }
  turn.journal.set(neighbour, 'presence', presence);
  turn.journal.set(neighbour, 'since', turn.now);
  save(node, turn, neighbour);
}

/** Has the store keep how far a neighbour is. */
export function save(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (neighbour.isTracked) turn.write({ kind: 'neighbour', room: node.room.jid, record: neighbour.toRecord() });
}
