import type { Jid } from '../lib/jid.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { disown, showNow } from './coalescing.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { disclaim, remember } from './rivals.ts';
import { leaveStanza } from './stanzas.ts';

/*
 * An occupant reaches us through one neighbour. When a node goes another way (a fallback, and back), its occupants come
 * through another neighbour before the first has let them go, or after. Nobody here sees anything of it: the occupant
 * stays, and only the way changes.
 *
 * Who is nearer to an occupant knows better: what comes from below takes over from what comes from above, the later from
 * the earlier. The other one is remembered with what it shows, should the first let go of them.
 */

/** The occupant with that full real JID who reached us by another way than that neighbour. */
export function occupantElsewhere(node: FmucNode, neighbour: Neighbour, user: Jid): Occupant | undefined {
  for (const occupant of node.room.occupants.values())
    if (occupant.source !== neighbour.node && occupant.jid.equals(user)) return occupant;
  return undefined;
}

/** Whether the way by which an occupant reached us is lost. */
export function isLost(node: FmucNode, { source, jid }: Occupant): boolean {
  return node.everyone().some((one) => one.node === source && one.stale.has(jid.toString()));
}

/**
 * A neighbour brings somebody whom another one has brought, as it shows them. Answers the occupant where it is the
 * neighbour's from now on, undefined where it stays the other's.
 */
export function claim(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  occupant: Occupant,
  shown: Occupant,
): Occupant | undefined {
  if (occupant.source === undefined) return undefined;
  // A plain node names those of ours in its answer to a join.
  const isAnswer = neighbour === node.upward?.at && node.upward.awaitsSubject;
  if (isAnswer && !neighbour.isOurs) return undefined;
  if (isLost(node, occupant)) return rehome(node, turn, occupant, neighbour);
  if (!neighbour.isOurs) return undefined;
  remember(node, neighbour.isUpward ? shown : occupant);
  return neighbour.isUpward ? undefined : rehome(node, turn, occupant, neighbour);
}

/** The same occupant, by another way. Those who had them by the old one, or not from us, hear of it. */
export function rehome(node: FmucNode, turn: Turn, occupant: Occupant, to: Neighbour): Occupant {
  const { room, upward } = node;
  const from = node.everyone().find((one) => one.node === occupant.source);
  from?.stale.delete(occupant.jid.toString());
  disclaim(node, to, occupant.jid);
  room.remove(occupant);
  const here = { ...occupant, source: to.node };
  room.put(here);
  const told = from?.isUpward === true && from !== upward?.at ? [upward?.at] : [from];
  for (const one of told)
    if (one !== undefined && one !== to && one.presence !== 'away') showNow(node, turn, one, here);
  // We may have brought them there ourselves, and no longer do.
  if (to.isOurs) turn.deliver(leaveStanza(room, occupant, to.node, {}));
  disown(node, turn, to, here);
  return here;
}
