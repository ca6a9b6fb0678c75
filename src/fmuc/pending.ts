import type { Departure } from '../muc/events.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode, NodeTimer } from './node.ts';
import { onlooker } from './onlooker.ts';

/* What a neighbour is to be told of occupants, and hasn't been: at the end of its window the difference is sent. */

/** Somebody who left, as they were, and how. */
export interface Parting {
  readonly occupant: Occupant;
  readonly departure: Departure;
}

/** Something of an occupant has changed. */
export interface PendingPresence {
  /** How many stanzas would have said so, had each change been sent at once. */
  readonly presences: number;
  /** How the occupant left, if they did. */
  readonly gone: Parting | undefined;
  /** Told even where comings and goings don't cross. */
  readonly isWanted: boolean;
}

/** Unless one is open, a neighbour's window opens: it closes `coalesce` seconds from now. */
export function openWindow(node: FmucNode, turn: Turn, to: Neighbour): void {
  const timer = timerOf(to);
  if (node.timers.get(timer) !== undefined) return;
  node.timers.set(timer, turn.now + node.peerOf(to.node).coalesce * 1000);
}

/** A neighbour's window ends early, or is over: nothing waits for its end. */
export function closeWindow(node: FmucNode, turn: Turn, to: Neighbour): void {
  const timer = timerOf(to);
  const at = node.timers.get(timer);
  if (at === undefined) return;
  turn.journal.record(() => node.timers.set(timer, at));
  node.timers.clear(timer);
}

/** When a neighbour's window closes, in milliseconds since the epoch; undefined while none is open. */
export function windowEnd(node: FmucNode, to: Neighbour): number | undefined {
  return node.timers.get(timerOf(to));
}

/** Nothing is pending for a neighbour any more: it is away, or has been told everything in another way. */
export function dropPending(node: FmucNode, turn: Turn, to: Neighbour): void {
  closeWindow(node, turn, to);
  for (const [full, { presences, gone }] of to.pending) {
    spare(node, turn, to, presences);
    const look = onlooker(node, turn, to.node);
    look?.('told-anew', {
      about: gone === undefined ? 'occupant' : 'leave',
      who: gone?.occupant.nick ?? to.told.get(full)?.nick,
      count: presences,
    });
    to.pending.delete(full);
  }
}

/** That many stanzas of presence were kept off the way to a neighbour; fewer than none: more than would have been sent. */
export function spare(node: FmucNode, turn: Turn, to: Neighbour, presences: number): void {
  const { spared } = node.peerOf(to.node);
  if (presences !== 0) turn.journal.set(spared, 'presences', spared.presences + presences);
}

function timerOf({ node }: Neighbour): NodeTimer {
  return `presence ${node}`;
}
