import type { Departure } from '../muc/events.ts';
import { fromRecord } from '../muc/history.ts';
import { depart } from '../muc/leave.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { MessageRecord } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import type { FmucNode, Upward, UpwardState } from './node.ts';
import { markStale, removeStale } from './stale.ts';
import { joinStanza, leaveStanza, messageStanza, occupantStanza } from './stanzas.ts';

/*
 * The joining side of XEP-0289: local → joining → joined and back, with rejected and out-of-reach beside. Nothing here
 * is waited for by anyone in the room.
 */

/** How long a join may go unanswered, in milliseconds: a list of occupants takes minutes at 75 bit/s. */
export const ANSWER_TIMEOUT = 300_000;
/** Before a failed join is tried again, in milliseconds: doubled each time, between these. */
export const RETRY_MIN = 30_000;
export const RETRY_MAX = 900_000;

/** Joins the node above, if there is one, anyone to join for, and no join under way. */
export function join(node: FmucNode, turn: Turn): void {
  const { upward, room } = node;
  const [first, ...others] = node.occupantsBelow();
  if (upward === undefined || first === undefined || upward.state === 'joined' || upward.state === 'joining') return;
  if (node.joined.has(upward.node)) return;
  const peer = node.peerOf(upward.node);
  node.timers.clear('retry');
  if (!peer.reachable) return lose(node, turn, `${peer.name} is down`);
  enterState(node, turn, 'joining', undefined);
  turn.journal.set(upward, 'awaitsSubject', true);
  node.timers.set('answer', turn.now + ANSWER_TIMEOUT);
  turn.deliver(joinStanza(room, first, upward.node, peer.history, upward.heardUntil));
  for (const other of others) turn.deliver(occupantStanza(room, other, `${upward.node}/${other.nick}`));
  if (upward.missedSince === undefined) return;
  turn.query(
    {
      room: room.jid,
      afterSeq: upward.missedSince,
      notVia: upward.node,
      maxMessages: peer.history.messages,
      maxChars: peer.history.bytes,
    },
    { kind: 'node-missed', room: room.jid, node: upward.node },
  );
  turn.journal.set(upward, 'missedSince', undefined);
}

/** Sends the node above what it couldn't be sent while it was out of reach. */
export function sendMissed(node: FmucNode, turn: Turn, records: readonly MessageRecord[]): void {
  const { upward, room } = node;
  if (upward === undefined) return;
  const leftBehind = upward.unsent - records.length;
  if (leftBehind > 0)
    turn.log('warn', 'messages left behind', {
      room: room.jid,
      node: upward.node,
      count: leftBehind,
      reason: "more than the link's history brings across",
    });
  turn.journal.set(upward, 'unsent', 0);
  for (const record of records) turn.deliver(messageStanza(room, fromRecord(record), upward.node));
}

/** The node above has shown that it takes us: anything from it but a refusal. */
export function accepted(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.state !== 'joining') return;
  node.timers.clear('answer');
  turn.journal.set(upward, 'failures', 0);
  enterState(node, turn, 'joined', undefined);
}

/** The accept is complete (its subject has come): who hasn't been named in it is no longer there. */
export function completed(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.awaitsSubject !== true) return;
  turn.journal.set(upward, 'awaitsSubject', false);
  node.timers.clear(`grace ${upward.node}`);
  removeStale(node, turn, upward);
}

/** The node above refuses us (XEP-0289 §5.1). */
export function rejected(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward === undefined || upward.state === 'local' || upward.state === 'rejected') return;
  node.timers.clear('answer');
  enterState(node, turn, 'rejected', reason === '' ? 'no reason given' : reason);
  forgetAbove(node, turn, upward);
  retryLater(node, turn, upward);
}

/** The node above says that we are no longer in the set (XEP-0289 §5.4): as we asked, or because it has lost us. */
export function left(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.state !== 'joined') return;
  lose(node, turn, 'the node has lost us');
  retryLater(node, turn, upward);
}

/** The node above can't be reached: its occupants stay listed for the grace, and our messages wait in the archive. */
export function lose(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward === undefined || node.occupantsBelow().length === 0) return;
  if (upward.state === 'out-of-reach' && upward.reason === reason) return;
  node.timers.clear('answer');
  markStale(node, upward);
  if (node.timers.get(`grace ${upward.node}`) === undefined)
    node.timers.set(`grace ${upward.node}`, turn.now + node.peerOf(upward.node).grace * 1000);
  if (upward.missedSince === undefined) turn.journal.set(upward, 'missedSince', node.room.lastSeq);
  enterState(node, turn, 'out-of-reach', reason);
}

/** A join has had no answer, or an error for one. */
export function failed(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward?.state !== 'joining') return;
  lose(node, turn, reason);
  retryLater(node, turn, upward);
}

/** Our last occupant, or the last below us, has left: the node above hears of it once nobody has come for a while. */
export function lastLeft(node: FmucNode, turn: Turn, occupant: Occupant, departure: Departure): void {
  const { upward } = node;
  if (upward === undefined || upward.state === 'local') return;
  turn.journal.set(upward, 'held', { occupant, departure });
  if (node.options.leaveAfter === 0) part(node, turn);
  else node.timers.set('part', turn.now + node.options.leaveAfter);
}

/** Somebody has come in time: the one who left is gone all the same, unless it is the same one. */
export function release(node: FmucNode, turn: Turn, newcomer: Occupant): void {
  const { upward, room } = node;
  if (upward?.held === undefined) return;
  const { occupant, departure } = upward.held;
  node.timers.clear('part');
  turn.journal.set(upward, 'held', undefined);
  if (upward.state !== 'joining' && upward.state !== 'joined') return;
  if (occupant.jid.equals(newcomer.jid) && occupant.nick === newcomer.nick) return;
  turn.deliver(leaveStanza(room, occupant, upward.node, departure));
}

/** Parts from the set (XEP-0289 §5.4): the last occupant's leaving says so. */
export function part(node: FmucNode, turn: Turn): void {
  const { upward, room } = node;
  if (upward?.held === undefined) return;
  const { occupant, departure } = upward.held;
  if (upward.state === 'joining' || upward.state === 'joined')
    turn.deliver(leaveStanza(room, occupant, upward.node, departure));
  turn.journal.set(upward, 'held', undefined);
  for (const timer of ['part', 'answer', 'retry'] as const) node.timers.clear(timer);
  enterState(node, turn, 'local', undefined);
  forgetAbove(node, turn, upward);
}

function forgetAbove(node: FmucNode, turn: Turn, upward: Upward): void {
  node.timers.clear(`grace ${upward.node}`);
  for (const jid of upward.stale.keys()) upward.stale.delete(jid);
  for (const occupant of node.room.occupantsOf(upward.node)) depart(node.room, turn, occupant, {});
}

function retryLater(node: FmucNode, turn: Turn, upward: Upward): void {
  const delay = Math.min(RETRY_MIN * 2 ** Math.min(upward.failures, 16), RETRY_MAX);
  turn.journal.set(upward, 'failures', upward.failures + 1);
  node.timers.set('retry', turn.now + delay);
}

function enterState(node: FmucNode, turn: Turn, state: UpwardState, reason: string | undefined): void {
  const { upward, room } = node;
  if (upward === undefined) return;
  turn.journal.set(upward, 'state', state);
  turn.journal.set(upward, 'reason', reason);
  const level = state === 'rejected' || state === 'out-of-reach' ? 'warn' : 'info';
  turn.log(level, 'federation', {
    room: room.jid,
    node: upward.node,
    state,
    ...(reason === undefined ? {} : { reason }),
  });
}
