import type { Jid } from '../lib/jid.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { leaveStanza, occupantStanza } from './stanzas.ts';

/*
 * An occupant reaches us through one neighbour. When a node goes another way (a fallback, and back), its occupants come
 * through another neighbour before the first has let them go, or after. Nobody here sees anything of it: the occupant
 * stays, and only the way changes.
 *
 * Who is nearer to an occupant knows better: what comes from below takes over from what comes from above, the later from
 * the earlier. The other one is remembered with what it shows, should the first let go of them.
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
  const rival = neighbour.isUpward ? shown : occupant;
  const key = `${rival.source} ${rival.jid.toString()}`;
  if (node.rivals.has(key) || node.rivals.size < MAX_RIVALS) node.rivals.set(key, rival);
  return neighbour.isUpward ? undefined : rehome(node, turn, occupant, neighbour);
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
    if (one !== undefined && one !== to && one.presence !== 'away')
      turn.deliver(occupantStanza(room, here, `${one.node}/${here.nick}`));
  // We may have brought them there ourselves, and no longer do.
  if (to.isOurs) turn.deliver(leaveStanza(room, occupant, to.node, {}));
  return here;
}
