import { Jid } from '../lib/jid.ts';
import type { Kept } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { syncMessage } from '../stanza/sync.ts';
import { untrack } from './exchange.ts';
import { dismiss } from './joined.ts';
import { join, part } from './joining.ts';
import { Neighbour } from './neighbour.ts';
import { type FederationOptions, type FmucNode, isNamed, upwardTo } from './node.ts';
import { letGo } from './occupants.ts';
import { releaseHeld } from './replica.ts';
import { forgetTold, restoreTold, takeBack } from './told.ts';

/*
 * The operator's file says something else of a room's federation. While the ways are still the old ones, we part from
 * those whom it names no more; once they are the new ones, the node goes on with the others as if nothing had been.
 */

/** Parts from those whom a room has no more to do with; without options, from everyone. */
export function retire(node: FmucNode, turn: Turn, options: FederationOptions | undefined): void {
  const { upward } = node;
  if (node.isReplica && (options?.mode !== 'primary-replica' || options.federate.length === 0)) releaseHeld(node, turn);
  if (upward !== undefined) {
    const isKept = options?.mode === node.options.mode && options.federate.includes(upward.at.node);
    if (!isKept) leaveAbove(node, turn, options !== undefined && options.federate.length > 0);
  }
  for (const neighbour of node.joined.values()) {
    const isKept = options !== undefined && (options.accept.includes('*') || isNamed(options, neighbour.node));
    if (!isKept) dismiss(node, turn, neighbour);
  }
}

/** Goes on with those whom the file names now. */
export function renew(node: FmucNode, turn: Turn, options: FederationOptions, kept: Kept): void {
  const { journal, upward } = node;
  const isOtherMode = options.mode !== node.options.mode;
  const targets = options.federate.map(
    (target) => upward?.targets.find((one) => one.node === target) ?? makeTarget(node, target, kept),
  );
  releaseTargets(node, turn, targets);
  journal.set(node, 'options', options);
  const [preferred] = targets;
  if (preferred === undefined) journal.set(node, 'upward', undefined);
  else if (upward === undefined) journal.set(node, 'upward', upwardTo(targets, preferred));
  else {
    journal.set(upward, 'targets', targets);
    journal.set(upward, 'tried', []);
    if (!node.isUpwardActive) journal.set(upward, 'at', preferred);
    journal.set(upward, 'failures', 0);
  }
  if (isOtherMode)
    for (const neighbour of node.joined.values())
      if (!neighbour.isOurs) journal.set(neighbour, 'wantsEcho', options.mode === 'primary-replica');
  if (!node.isUpwardActive) join(node, turn);
}

/** From now on a room has no targets but these. */
export function releaseTargets(node: FmucNode, turn: Turn, targets: readonly Neighbour[]): void {
  for (const target of node.upward?.targets ?? []) {
    if (targets.includes(target)) continue;
    for (const occupant of node.room.occupantsOf(target.node)) letGo(node, turn, occupant, {});
    for (const timer of ['grace', 'presence', 'confirm', 'forget'] as const)
      node.timers.clear(`${timer} ${target.node}`);
    forgetTold(node, turn, target);
    untrack(node, turn, target);
  }
}

/** The ways are others: whom the nodes may no longer speak for leave, and what is kept is kept for as long as these say. */
export function followWays(node: FmucNode, turn: Turn): void {
  for (const occupant of node.room.occupants.values()) {
    const source = occupant.source === undefined ? undefined : Jid.tryParse(occupant.source);
    if (source !== undefined && !node.peerOf(source.bare).maySpeakFor(source, occupant.jid))
      letGo(node, turn, occupant, { statuses: [333] });
  }
  for (const { node: jid, presence, isTracked, since } of node.joined.values()) {
    if (presence !== 'away' || !isTracked) continue;
    const { queue, grace } = node.peerOf(jid);
    node.timers.set(`forget ${jid}`, since + Math.max(queue.age, grace) * 1000);
  }
}

/** Leaves the node above; ours come back to the set by another way, or the same. */
function leaveAbove(node: FmucNode, turn: Turn, comesBack: boolean): void {
  const { upward, room } = node;
  if (upward === undefined) return;
  const { at, held } = upward;
  if (at.presence !== 'away') {
    if (at.isOurs && comesBack) turn.deliver(syncMessage(room.jid, at.node, { part: true }));
    else takeBack(node, turn, at, held);
  }
  turn.journal.set(upward, 'held', undefined);
  part(node, turn);
}

function makeTarget(node: FmucNode, target: string, kept: Kept): Neighbour {
  const neighbour = new Neighbour(target, true, node.journal);
  restoreTold(node, neighbour, kept);
  return neighbour;
}
