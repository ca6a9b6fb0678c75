import type { Departure } from '../muc/events.ts';
import type { Turn } from '../muc/turn.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import type { Peer } from './peer.ts';
import { type PendingPresence, windowEnd } from './pending.ts';

/* What is told of presence that is gathered, or isn't told at all, to whoever looks on. */

/** Why a neighbour that wasn't told of somebody isn't told now. */
export function whyUntold(peer: Peer, known: PendingPresence, departure: Departure | undefined): WithheldReason {
  if (departure !== undefined && known.presences > 0) return 'cancelled-out';
  return peer.presence === 'none' ? 'presence-none' : 'not-known-there';
}

/** Tells whoever looks on that something of somebody waits for the end of a window. */
export function tellGathered(
  node: FmucNode,
  turn: Turn,
  to: Neighbour,
  full: string,
  reason: 'gathered' | 'congested',
): void {
  const look = onlooker(node, turn, to.node);
  look?.(reason, {
    about: to.pending.get(full)?.gone === undefined ? 'occupant' : 'leave',
    who: nickOf(node, to, full),
    detail: `${Math.round(((windowEnd(node, to) ?? turn.now) - turn.now) / 1000)} s`,
  });
}

/** The nick of somebody of whom a neighbour is to be told, or was. */
export function nickOf(node: FmucNode, to: Neighbour, full: string): string | undefined {
  for (const { jid, nick } of node.room.occupants.values()) if (jid.toString() === full) return nick;
  return to.told.get(full)?.nick ?? to.pending.get(full)?.gone?.occupant.nick;
}
