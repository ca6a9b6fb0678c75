import type { Turn } from '../muc/turn.ts';
import type { FmucNode, Upward } from './node.ts';

/*
 * Which of the nodes that the operator named is joined: the first that accepts. Another is tried when one refuses, gives
 * no answer, or has been out of reach for longer than its grace. When the preferred one has been in reach for a while
 * again, we go back to it.
 */

/** How long the preferred node must have been in reach, in milliseconds: a link that flaps isn't one to go back to. */
export const RETURN_AFTER = 60_000;

/** Moves on to the next node that is worth a try; answers whether there is one. */
export function moveOn(node: FmucNode, turn: Turn, upward: Upward): boolean {
  const tried = [...upward.tried, upward.at];
  turn.journal.set(upward, 'tried', tried);
  const next = upward.targets.find(
    (target) =>
      !tried.includes(target) &&
      node.peerOf(target.node).reachable &&
      (node.joined.get(target.node)?.presence ?? 'away') === 'away',
  );
  if (next === undefined) {
    turn.journal.set(upward, 'tried', []);
    return false;
  }
  const before = upward.at.node;
  turn.journal.set(upward, 'at', next);
  turn.journal.set(upward, 'path', []);
  turn.journal.set(upward, 'failures', 0);
  turn.log('info', 'trying another node', { room: node.room.jid, node: next.node, instead_of: before });
  return true;
}

/** Waits until the preferred node has been in reach for a while, or stops waiting, as the ways are now. */
export function watchPreferred(node: FmucNode, turn: Turn, upward: Upward): void {
  const [preferred] = upward.targets;
  if (preferred === undefined || upward.at === preferred || !node.peerOf(preferred.node).reachable)
    return node.timers.clear('return');
  if (node.timers.get('return') === undefined) node.timers.set('return', turn.now + RETURN_AFTER);
}
