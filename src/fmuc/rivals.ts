import type { Jid } from '../lib/jid.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';

/* Occupants whom more than one neighbour brings: who else, beside the one that they count as reaching us through. */

/** The most occupants that more than one neighbour brings; beyond, the first to have brought them counts alone. */
export const MAX_RIVALS = 1024;

/** Another neighbour, the `source`, brings an occupant too, as it shows them. */
export function remember(node: FmucNode, rival: Occupant): void {
  const key = `${rival.source} ${rival.jid.toString()}`;
  if (node.rivals.has(key) || node.rivals.size < MAX_RIVALS) node.rivals.set(key, rival);
}

/** An occupant as another neighbour brings them too: one from below, the last to have come, if there is one. */
export function rivalOf(node: FmucNode, { jid }: Occupant): Occupant | undefined {
  const rivals = [...node.rivals.values()].filter((rival) => rival.jid.equals(jid));
  return rivals.findLast(({ source }) => source !== undefined && node.joined.has(source)) ?? rivals.at(-1);
}

/** A neighbour lets go of somebody, whoever's they are here. */
export function disclaim(node: FmucNode, neighbour: Neighbour, user: Jid): void {
  node.rivals.delete(`${neighbour.node} ${user.toString()}`);
}

/** Whom a neighbour has beside another one: it is lost, or is about to name all whom it has. */
export function forgetRivals(node: FmucNode, neighbour: Neighbour): void {
  for (const [key, { source }] of node.rivals) if (source === neighbour.node) node.rivals.delete(key);
}

/** Whether a neighbour has anyone whom another one has brought. */
export function isRival(node: FmucNode, neighbour: Neighbour): boolean {
  return [...node.rivals.values()].some(({ source }) => source === neighbour.node);
}
