import type { Turn } from '../muc/turn.ts';
import { MAX_PATH, syncMessage } from '../stanza/sync.ts';
import type { FmucNode } from './node.ts';

/*
 * Nodes of our dialect know the nodes above them up to the root. Whoever wants to join a node that it stands above would
 * close a circle, and is rejected. Where several join at once in a ring, each is accepted before anyone knows; it shows
 * when a node finds itself above itself, and the one with the greatest JID in the ring gives way.
 */

/** Why a node may not join us, since we are below it; undefined where we aren't. */
export function circleWith(node: FmucNode, joining: string): string | undefined {
  const { path, room } = node;
  const index = path.indexOf(joining);
  if (index === -1) return undefined;
  const way = [room.jid, ...path.slice(0, index + 1)].join(' → ');
  return `joining would close a circle: ${way}`;
}

/** The nodes above the node that we join are others than before; answers why we must part from it, if we must. */
export function learnPath(node: FmucNode, turn: Turn, path: readonly string[]): string | undefined {
  const { upward, room } = node;
  if (upward === undefined) return undefined;
  if (path.length === upward.path.length && path.every((one, index) => one === upward.path[index])) return undefined;
  turn.journal.set(upward, 'path', path.slice(0, MAX_PATH - 1));
  const ring = circleWith(node, room.jid);
  const members = node.path.slice(0, node.path.indexOf(room.jid) + 1);
  if (ring !== undefined) return members.every((other) => other <= room.jid) ? ring : undefined;
  announcePath(node, turn);
  return undefined;
}

/** Tells the nodes below which are above. */
export function announcePath(node: FmucNode, turn: Turn): void {
  const { path } = node;
  for (const neighbour of node.joined.values())
    if (neighbour.isOurs && neighbour.presence !== 'away')
      turn.deliver(syncMessage(node.room.jid, neighbour.node, { path }));
}
