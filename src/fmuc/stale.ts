import type { Turn } from '../muc/turn.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { letGo } from './occupants.ts';

/*
 * A neighbour that was lost, or that joins anew, may have other occupants than those we know. They stay listed, stale,
 * until it names them again; those whom it doesn't name leave.
 */

/** From now on a neighbour's occupants count as there only once it names them again. */
export function markStale(node: FmucNode, neighbour: Neighbour): void {
  for (const occupant of node.room.occupantsOf(neighbour.node)) neighbour.stale.set(occupant.jid.toString(), true);
}

/** Removes the occupants whom a neighbour hasn't named again, as lost by a technical problem (XEP-0045 §11.1). */
export function removeStale(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  for (const jid of neighbour.stale.keys()) {
    neighbour.stale.delete(jid);
    const occupant = node.room.byRemote(neighbour.node, jid);
    if (occupant !== undefined) letGo(node, turn, occupant, { statuses: [333] });
  }
}
