/** Rooms of one file that are above and below one node, or one set: a set is a tree, with a room of ours in it once. */

import { type Draft, type DraftRoom, present } from './draft.ts';
import { type Remark, warning } from './finding.ts';
import type { Path } from './positions.ts';

export function* treeRules(draft: Draft): Generator<Remark> {
  const rooms = present(draft.values.room ?? []);
  for (const [index, room] of rooms) {
    yield* circle(room, ['room', index]);
    const others = rooms.filter(([other]) => other !== index).map(([, other]) => other);
    const before = rooms.filter(([other]) => other < index).map(([, other]) => other);
    yield* together(room, ['room', index], before, others);
  }
}

/** With several nodes to join any of them may be the root at times, and the others below. */
function* circle({ federate, accept = [] }: DraftRoom, path: Path): Generator<Remark> {
  const above = onlyNode(federate);
  for (const [index, node] of present(accept))
    if (above !== undefined && node === above)
      yield warning(
        [...path, 'accept', index],
        `this room joins ${node} itself, so that one is refused: it would be a circle (nodes below this one)`,
      );
}

function* together(
  { federate = [], accept = [] }: DraftRoom,
  path: Path,
  before: readonly DraftRoom[],
  others: readonly DraftRoom[],
): Generator<Remark> {
  const [first] = Object.values(federate);
  const twin = before.find((other) => first !== undefined && Object.values(other.federate ?? [])[0] === first);
  if (twin !== undefined)
    yield warning(
      [...path, 'federate'],
      `room ${twin.name ?? ''} joins ${first} too: what is said in one is said in both (another node)`,
    );
  for (const [index, node] of present(accept)) {
    const other = others.find((each) => onlyNode(each.federate) === node);
    if (other !== undefined && onlyNode(federate) !== node)
      yield warning(
        [...path, 'accept', index],
        `room ${other.name ?? ''} joins ${node}: if that joins this one, what is said in one is said in both`,
      );
  }
}

function onlyNode(federate: readonly string[] | undefined): string | undefined {
  const nodes = Object.values(federate ?? []);
  return nodes.length === 1 ? nodes[0] : undefined;
}
