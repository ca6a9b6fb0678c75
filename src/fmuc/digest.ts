import { createHash } from 'node:crypto';
import type { Occupant } from '../muc/occupant.ts';
import { serialise } from '../xml/serialise.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { listFor } from './told.ts';

/** Characters of a digest, six bits each. */
const LENGTH = 8;

/** Digest of the occupants that a neighbour has through us, as it would have them from a list: with what its way carries. */
export function digestForNeighbour(node: FmucNode, neighbour: Neighbour): string {
  return digest([...listFor(node, neighbour).values()]);
}

/** Digest of the occupants whom we have through a neighbour. */
export function digestOfNeighbour(node: FmucNode, neighbour: Neighbour): string {
  return digest(node.room.occupantsOf(neighbour.node));
}

function digest(occupants: readonly Occupant[]): string {
  const lines = occupants.map(({ nick, jid, affiliation, role, presence }) =>
    [nick, jid.toString(), affiliation, role, ...presence.map(serialise)].join('\n'),
  );
  return createHash('sha256').update(lines.toSorted().join('\n\n')).digest('base64').slice(0, LENGTH);
}
