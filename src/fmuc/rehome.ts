import type { Jid } from '../lib/jid.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { disown, showNow } from './coalescing.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { leaveStanza } from './stanzas.ts';

/*
 * An occupant reaches us through one neighbour. When a node goes another way (a fallback, and back), its occupants come
 * through another neighbour before the first has let them go, or after. Nobody here sees anything of it: the occupant
 * stays, and only the way changes.
 *
 * Who is nearer to an occupant knows better: what comes from below takes over from what comes from above, the later from
 * the earlier. The other one is remembered, should the first let go of them.
 */

/** The most occupants that more than one neighbour brings; beyond, the first to have brought them counts alone. */
export const MAX_RIVALS = 1024;

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
 * A neighbour brings somebody whom another one has brought. Answers the occupant where it is the neighbour's from now on,
 * undefined where it stays the other's.
 */
export function claim(node: FmucNode, turn: Turn, neighbour: Neighbour, occupant: Occupant): Occupant | undefined {
  const { source } = occupant;
  if (source === undefined) return undefined;
  if (isLost(node, occupant)) return rehome(node, turn, occupant, neighbour);
  // A plain node names those of ours in its answer to a join.
  if (!neighbour.isOurs) return undefined;
  const jid = occupant.jid.toString();
  if (neighbour.isUpward) {
    if (node.rivals.size < MAX_RIVALS) node.rivals.set(jid, neighbour.node);
    return undefined;
  }
  if (node.rivals.size < MAX_RIVALS) node.rivals.set(jid, source);
  return rehome(node, turn, occupant, neighbour);
}

/** A neighbour lets go of somebody who isn't its own here. */
export function disclaim(node: FmucNode, neighbour: Neighbour, user: Jid): void {
  if (node.rivals.get(user.toString()) === neighbour.node) node.rivals.delete(user.toString());
}

/** The neighbour that an occupant came through lets go of them: answers whether another one has them. */
export function passOn(node: FmucNode, turn: Turn, occupant: Occupant): boolean {
  const jid = occupant.jid.toString();
  const rival = node.rivals.get(jid);
  if (rival === undefined) return false;
  node.rivals.delete(jid);
  const neighbour = node.neighbour(rival);
  if (neighbour === undefined || neighbour.presence === 'away' || rival === occupant.source) return false;
  rehome(node, turn, occupant, neighbour);
  return true;
}

/** The same occupant, by another way. Those who had them by the old one, or not from us, hear of it. */
function rehome(node: FmucNode, turn: Turn, occupant: Occupant, to: Neighbour): Occupant {
  const { room, upward } = node;
  const from = node.everyone().find((one) => one.node === occupant.source);
  from?.stale.delete(occupant.jid.toString());
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
