import { domainOf } from '../lib/jid.ts';
import { fromRecord } from '../muc/history.ts';
import { depart } from '../muc/leave.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { MessageRecord } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { type Numbers, readSync, type Sync, syncMessage } from '../stanza/sync.ts';
import type { Element } from '../xml/element.ts';
import { announcePath, learnPath } from './circle.ts';
import { flushNow } from './coalescing.ts';
import { digestForNeighbour, digestOfNeighbour } from './digest.ts';
import { isUnsettled, sendMessage, settle, takeBackWaiting, track, untrack } from './exchange.ts';
import { moveOn, watchPreferred } from './fallback.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode, Upward, UpwardState } from './node.ts';
import { onlooker } from './onlooker.ts';
import { isNothing } from './peer.ts';
import { openWindow, type Parting } from './pending.ts';
import { giveUpHeld, resendHeld } from './replica.ts';
import { handleSkip, missingAt, queryMissing, sendMissing } from './resync.ts';
import { markStale, removeStale } from './stale.ts';
import { enterPresence, save } from './standing.ts';
import { joinStanza, leftStanza } from './stanzas.ts';
import { asShown, forgetTold, listFor, sendList, settleTold, takeBack, takeBackGone, tellLess } from './told.ts';

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
  const { upward } = node;
  const [first] = node.occupantsBelow();
  if (upward === undefined || first === undefined || upward.state === 'joined' || upward.state === 'joining') return;
  const { at } = upward;
  if ((node.joined.get(at.node)?.presence ?? 'away') !== 'away') return;
  const peer = node.peerOf(at.node);
  node.timers.clear('retry');
  if (!peer.reachable) return lose(node, turn, `${peer.name} is down`);
  enterState(node, turn, 'joining', undefined);
  track(node, turn, at);
  const domain = domainOf(at.node);
  const dialect = node.dialects.of(domain);
  if (dialect === undefined) node.dialects.ask(turn, domain);
  turn.journal.set(at, 'dialect', dialect ?? 'xep');
  node.timers.set('answer', turn.now + ANSWER_TIMEOUT);
  watchPreferred(node, turn, upward);
  // Openfire keeps whom it knew, and has no other way of being told anew.
  if (dialect === 'openfire' && !upward.isFresh) leaveAll(node, turn, upward);
  else sendJoin(node, turn, upward);
}

/** Joins once more, for a node that has shown that it speaks another dialect, once its answer in the old one is complete. */
export function rejoin(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.state !== 'joined' || upward.awaitsSubject) return;
  markStale(node, upward.at);
  turn.journal.set(upward, 'state', 'out-of-reach');
  join(node, turn);
}

function sendJoin(node: FmucNode, turn: Turn, upward: Upward): void {
  const { room } = node;
  const { at } = upward;
  const [first, ...others] = inNameOfFirst(node, at);
  if (first === undefined) return;
  const peer = node.peerOf(at.node);
  const { history } = peer;
  const shown = asShown(peer, first);
  takeBackWaiting(node, turn, at);
  turn.discard(at.node);
  tellLess(node, turn, at, first, shown);
  turn.journal.set(upward, 'awaitsSubject', true);
  turn.journal.set(upward, 'awaitsAnswer', at.isOurs);
  turn.journal.set(upward, 'awaitsLeft', false);
  turn.journal.set(upward, 'isSubjectNew', false);
  turn.journal.set(upward, 'resumedAt', room.lastSeq);
  turn.journal.set(upward, 'joinedAt', turn.now);
  turn.journal.set(upward, 'joins', upward.joins + 1);
  const list = (): void =>
    settleTold(node, turn, at, [shown, ...sendList(node, turn, at, others, (nick) => `${at.node}/${nick}`)]);
  if (at.isOurs) {
    const sync: Sync = {
      join: String(upward.joins),
      have: node.had.have(),
      echo: node.isReplica,
      ...(upward.isFresh ? {} : { mine: digestForNeighbour(node, at), yours: digestOfNeighbour(node, at) }),
    };
    turn.deliver(joinStanza(room, shown, at.node, history, undefined, sync));
    if (upward.isFresh) {
      list();
      turn.deliver(syncMessage(room.jid, at.node, { listed: true }));
    } else settleTold(node, turn, at, [...listFor(node, at).values(), shown]);
    const follows = whatFollows(node, turn, at);
    if (follows === 'unsent') {
      turn.journal.set(upward, 'resumedAt', at.sent);
      queryUnsent(node, turn, at);
    }
    return enterPresence(node, turn, at, follows === 'nothing' ? 'returning' : 'here');
  }
  turn.deliver(joinStanza(room, shown, at.node, history, at.heardUntil));
  list();
  // What is sent to a node that may never answer is lost to it, and can't be told from what has arrived.
  enterPresence(node, turn, at, 'returning');
}

/**
 * What of messages follows a join of ours before its answer has come: what one of ours hasn't been sent and what is said from
 * now on, or that alone, or nothing. They must not overtake what may not have arrived, but on a paced way; and no more
 * follows than a join may bring.
 */
function whatFollows(node: FmucNode, turn: Turn, at: Neighbour): 'unsent' | 'live' | 'nothing' {
  const { upward, room } = node;
  const isComplete = node.held.size === 0 && missingAt(node, at, room.lastSeq).size === 0;
  if (isComplete) return 'live';
  if (node.isReplica) return 'nothing';
  const { isPaced, history } = node.peerOf(at.node);
  const unsent = [...node.backlog.after(at.sent)].filter(({ via }) => via !== at.node);
  const isWithinBounds =
    !isNothing(history) &&
    unsent.length <= history.messages &&
    unsent.reduce((sum, { characters }) => sum + characters, 0) <= history.bytes &&
    unsent.every(({ received }) => turn.now - received <= history.age * 1000);
  const isKnown = upward?.isFresh === false && at.fallen === 0;
  const isInOrder = isPaced || missingAt(node, at, at.sent).size === 0;
  if (unsent.length > 0 && isKnown && isWithinBounds && isInOrder) return 'unsent';
  return isPaced ? 'live' : 'nothing';
}

/** Openfire forgets us only when all whom it knows through us have left, which it confirms; then we join. */
function leaveAll(node: FmucNode, turn: Turn, upward: Upward): void {
  const { at } = upward;
  turn.journal.set(upward, 'awaitsLeft', true);
  for (const occupant of node.occupantsBelow()) {
    const full = occupant.jid.toString();
    if (!at.told.has(full)) at.told.set(full, occupant);
  }
  takeBack(node, turn, at);
  enterPresence(node, turn, at, 'away');
}

/** Those for whom we join, the one in whose name first: where comings and goings don't cross, somebody known there. */
function inNameOfFirst(node: FmucNode, at: Neighbour): Occupant[] {
  const below = node.occupantsBelow();
  const known = below.find(({ jid }) => at.told.has(jid.toString()));
  if (known === undefined || node.peerOf(at.node).presence !== 'none') return below;
  return [known, ...below.filter((occupant) => occupant !== known)];
}

/** There is room again on the way to a node for which something didn't fit; `from` is the first position of it. */
export function sendRest(node: FmucNode, turn: Turn, neighbour: Neighbour, from: number | undefined): void {
  if (neighbour.presence !== 'here') return;
  if (!neighbour.isOurs) {
    takeBackWaiting(node, turn, neighbour, from);
    return queryUnsent(node, turn, neighbour);
  }
  turn.log('info', 'joining anew', {
    room: node.room.jid,
    node: neighbour.node,
    reason: 'more was said than the link could carry meanwhile',
  });
  if (neighbour === node.upward?.at) rejoin(node, turn);
  else turn.deliver(leftStanza(node.room, neighbour));
}

/** Reads from the archive what a node hasn't been sent. */
export function queryUnsent(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  const { room } = node;
  if (neighbour.sent >= room.lastSeq) return;
  const { history } = node.peerOf(neighbour.node);
  turn.query(
    {
      room: room.jid,
      afterSeq: Math.max(neighbour.sent, neighbour.overrun),
      upToSeq: room.lastSeq,
      notVia: neighbour.node,
      maxMessages: history.messages,
      maxChars: history.bytes,
    },
    { kind: 'node-unsent', room: room.jid, node: neighbour.node },
  );
}

/** Sends a node what the archive gave of what it hasn't been sent; of one that confirms nothing that settles it. */
export function sendUnsent(node: FmucNode, turn: Turn, neighbour: Neighbour, records: readonly MessageRecord[]): void {
  if (neighbour.isOurs) {
    for (const record of records) sendMessage(node, turn, neighbour, fromRecord(record), record.seq);
    turn.journal.set(neighbour, 'sent', node.room.lastSeq);
    return settle(node, turn, neighbour);
  }
  const leftBehind = neighbour.waitingMessages + neighbour.fallen - records.length;
  if (leftBehind > 0) {
    turn.journal.set(neighbour, 'dropped', neighbour.dropped + leftBehind);
    onlooker(node, turn, neighbour.node)?.('left-behind', { about: 'history', count: leftBehind });
    turn.log('warn', 'messages left behind', {
      room: node.room.jid,
      node: neighbour.node,
      count: leftBehind,
      reason: "more than the link's queue and history bring across",
    });
  }
  for (const record of records) sendMessage(node, turn, neighbour, fromRecord(record), record.seq);
  markSent(node, turn, neighbour);
}

/** Everything up to now has been sent to a neighbour, or was left behind. */
export function markSent(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  turn.journal.set(neighbour, 'sent', node.room.lastSeq);
  for (const key of ['fallen', 'overrun'] as const) turn.journal.set(neighbour, key, 0);
  settle(node, turn, neighbour);
  save(node, turn, neighbour);
}

/** The node above has shown that it takes us: anything from it but a refusal. */
export function accepted(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.awaitsAnswer === true) turn.journal.set(upward, 'awaitsAnswer', false);
  // A long answer is under way as long as anything comes.
  if (upward?.awaitsSubject === true && upward.at.isOurs) node.timers.set('answer', turn.now + ANSWER_TIMEOUT);
  if (upward?.state !== 'joining' || upward.awaitsLeft) return;
  // One of ours ends its answer in its own way, or isn't one of ours.
  if (!upward.at.isOurs) node.timers.clear('answer');
  turn.journal.set(upward, 'failures', 0);
  turn.journal.set(upward, 'tried', []);
  enterState(node, turn, 'joined', undefined);
  announcePath(node, turn);
  // Openfire drops whatever comes before its answer is complete; one of ours that we have joined as another is joined anew.
  if (upward.at.dialect === 'xep' && node.dialects.of(domainOf(upward.at.node)) !== 'fmucd')
    goOn(node, turn, upward.at);
}

/**
 * The accept is complete: its subject has come. Who hasn't been named in it is no longer there; a node of our dialect has
 * told what it has, and gets what it misses.
 */
export function completed(node: FmucNode, turn: Turn, stanza: Element): void {
  const { upward } = node;
  if (upward?.awaitsSubject !== true) return;
  const { at } = upward;
  const sync = at.isOurs ? readSync(stanza) : undefined;
  turn.journal.set(upward, 'awaitsSubject', false);
  turn.journal.set(upward, 'isFresh', false);
  node.timers.clear('answer');
  for (const target of upward.targets) {
    node.timers.clear(`grace ${target.node}`);
    // Whoever the list would have named as they are isn't named at all.
    if (sync !== undefined && sync.listed !== true && target === at)
      for (const jid of at.stale.keys()) at.stale.delete(jid);
    else removeStale(node, turn, target);
  }
  if (sync === undefined) {
    if (node.dialects.of(domainOf(at.node)) === 'fmucd') return rejoin(node, turn);
    return goOn(node, turn, at);
  }
  const ring = learnPath(node, turn, sync.path ?? []);
  if (ring !== undefined) return breakCircle(node, turn, ring);
  if (sync.list === true) {
    listAnew(node, turn, at);
    turn.deliver(syncMessage(node.room.jid, at.node, { listed: true }));
  }
  at.learnAll(sync.have ?? new Map());
  if (sync.skip !== undefined) handleSkip(node, turn, at, sync.skip);
  const upTo = at.presence === 'here' ? upward.resumedAt : node.room.lastSeq;
  const missing = missingAt(node, at, upTo);
  if (missing.size > 0) queryMissing(node, turn, at, missing, upTo);
  else markSent(node, turn, at);
  goOn(node, turn, at);
}

/** Our occupants, for a node whose idea of them was another one. */
function listAnew(node: FmucNode, turn: Turn, at: Neighbour): void {
  const below = node.occupantsBelow();
  // The last one has left: that is said when we part.
  if (below.length === 0) return;
  const listed = sendList(node, turn, at, below, (nick) => `${at.node}/${nick}`);
  takeBackGone(node, turn, at);
  settleTold(node, turn, at, listed);
}

/** Nothing stands in the way of what is said from now on. What is held was, if it has waited for this. */
function goOn(node: FmucNode, turn: Turn, at: Neighbour): void {
  if (at.presence === 'returning') {
    if (!at.isOurs && !flushNow(node, turn, at)) return;
    if (!at.isOurs) queryUnsent(node, turn, at);
    resendHeld(node, turn);
  }
  enterPresence(node, turn, at, 'here');
}

/** Sends the node above what it misses, and tells what it misses beyond. */
export function sendMissed(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  records: readonly MessageRecord[],
  missing: Numbers,
): void {
  sendMissing(node, turn, neighbour, records, missing);
  markSent(node, turn, neighbour);
}

/** The node above refuses us (XEP-0289 §5.1). */
export function rejected(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward === undefined || upward.state === 'local' || upward.state === 'rejected') return;
  node.timers.clear('answer');
  const text = reason === '' ? 'no reason given' : reason;
  turn.journal.set(upward, 'isFresh', true);
  untrack(node, turn, upward.at);
  enterState(node, turn, 'rejected', text);
  forgetAbove(node, turn, upward);
  if (moveOn(node, turn, upward)) join(node, turn);
  else retryLater(node, turn, upward);
}

/** We stand above ourselves, and it is we who give way. */
export function breakCircle(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward === undefined) return;
  turn.deliver(syncMessage(node.room.jid, upward.at.node, { part: true }));
  rejected(node, turn, reason);
}

/**
 * The node above says that we are no longer in the set (XEP-0289 §5.4): as we asked, or because it has lost us. `join` is
 * what one of ours tells our joins apart by.
 */
export function left(node: FmucNode, turn: Turn, join: string | undefined): void {
  const { upward } = node;
  // It belongs to an earlier visit.
  if (join !== undefined && join !== String(upward?.joins)) return;
  if (upward?.awaitsLeft === true && upward.state === 'joining') return sendJoin(node, turn, upward);
  if (upward?.state !== 'joined') return;
  lose(node, turn, 'the node has lost us');
  retryLater(node, turn, upward);
}

/** The node above can't be reached: its occupants stay listed for the grace, and our messages wait in the archive. */
export function lose(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward === undefined || (upward.state === 'out-of-reach' && upward.reason === reason)) return;
  const { at } = upward;
  if (node.occupantsBelow().length === 0) {
    enterPresence(node, turn, at, 'away');
    return part(node, turn);
  }
  node.timers.clear('answer');
  track(node, turn, at);
  takeBackWaiting(node, turn, at);
  turn.discard(at.node);
  markStale(node, at);
  const grace = node.peerOf(at.node).grace * 1000;
  if (node.timers.get(`grace ${at.node}`) === undefined) node.timers.set(`grace ${at.node}`, turn.now + grace);
  if (node.held.size > 0) node.timers.set('echo', turn.now + grace);
  enterState(node, turn, 'out-of-reach', reason);
  enterPresence(node, turn, at, 'away');
}

/** A join has had no answer, or an error for one. */
export function failed(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  const isHalf = upward?.state === 'joined' && upward.awaitsSubject && upward.at.isOurs;
  if (upward === undefined || (upward.state !== 'joining' && !isHalf)) return;
  if (upward.awaitsLeft) return sendJoin(node, turn, upward);
  // Openfire's silence may mean that it knows us still, from before our start.
  if (upward.at.dialect === 'openfire') turn.journal.set(upward, 'isFresh', false);
  // Cut short, or not one of ours any more: what it speaks is asked once more.
  if (isHalf && node.peerOf(upward.at.node).dialect === 'auto') node.dialects.ask(turn, domainOf(upward.at.node));
  lose(node, turn, isHalf ? 'its answer to our join is not complete (dialect)' : reason);
  if (moveOn(node, turn, upward)) join(node, turn);
  else retryLater(node, turn, upward);
}

/** What was sent to the node above has come back, for it can't be reached: an attempt to join has failed, or the join is lost. */
export function outOfReach(node: FmucNode, turn: Turn, reason: string): void {
  const { upward } = node;
  if (upward?.state !== 'joined' || (upward.awaitsSubject && upward.at.isOurs)) return failed(node, turn, reason);
  lose(node, turn, reason);
  retryLater(node, turn, upward);
}

/** The grace of the node above is over, and it is still out of reach: another is worth a try. */
export function graceOver(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.state !== 'out-of-reach') return;
  if (moveOn(node, turn, upward)) join(node, turn);
}

/** The preferred node has been in reach for long enough: we leave the fallback for it, and nobody's listing changes. */
export function goBack(node: FmucNode, turn: Turn): void {
  const { upward, room } = node;
  const preferred = upward?.targets[0];
  if (upward === undefined || preferred === undefined || upward.at === preferred) return;
  const { at, state } = upward;
  lose(node, turn, `going back to ${preferred.node}`);
  // After what that discards.
  if (state === 'joined' || state === 'joining') {
    if (at.isOurs) turn.deliver(syncMessage(room.jid, at.node, { part: true }));
    else takeBack(node, turn, at);
  }
  untrack(node, turn, at);
  turn.journal.set(upward, 'tried', []);
  turn.journal.set(upward, 'path', []);
  turn.journal.set(upward, 'at', preferred);
  join(node, turn);
}

/** Our last occupant, or the last below us, has left: the node above hears of it once nobody has come for a while. */
export function lastLeft(node: FmucNode, turn: Turn, parting: Parting): void {
  const { upward } = node;
  if (upward === undefined || upward.state === 'local') return;
  turn.journal.set(upward, 'held', parting);
  if (node.options.leaveAfter === 0) part(node, turn);
  else node.timers.set('part', turn.now + node.options.leaveAfter);
}

/** Somebody has come in time: the one who left is gone all the same, unless it is the same one. */
export function release(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward?.held === undefined) return;
  node.timers.clear('part');
  turn.journal.set(upward, 'held', undefined);
  if (upward.at.pending.size > 0) openWindow(node, turn, upward.at);
}

/** Parts from the set (XEP-0289 §5.4): the last occupant's leaving says so. */
export function part(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward === undefined || upward.state === 'local') return;
  const { at, held } = upward;
  // Nobody is held where the last one below us wasn't lost to the set, but reached it by another way.
  if (held !== undefined && at.presence !== 'away') takeBack(node, turn, at, held);
  turn.journal.set(upward, 'held', undefined);
  for (const timer of ['part', 'answer', 'retry', 'return', 'echo'] as const) node.timers.clear(timer);
  // What it may not have got stays kept for it, until the next join.
  if (at.presence !== 'away' && !isUnsettled(node, at)) untrack(node, turn, at);
  enterState(node, turn, 'local', undefined);
  enterPresence(node, turn, at, 'away');
  turn.journal.set(upward, 'isFresh', true);
  turn.journal.set(upward, 'tried', []);
  if (upward.targets[0] !== undefined) turn.journal.set(upward, 'at', upward.targets[0]);
  forgetAbove(node, turn, upward);
}

function forgetAbove(node: FmucNode, turn: Turn, upward: Upward): void {
  turn.journal.set(upward, 'path', []);
  for (const target of upward.targets) {
    node.timers.clear(`grace ${target.node}`);
    for (const jid of target.stale.keys()) target.stale.delete(jid);
    for (const occupant of node.room.occupantsOf(target.node)) depart(node.room, turn, occupant, {});
    if (target.dialect !== 'openfire') forgetTold(node, turn, target);
    enterPresence(node, turn, target, 'away');
  }
  giveUpHeld(node, turn, turn.now);
  announcePath(node, turn);
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
    node: upward.at.node,
    state,
    ...(reason === undefined ? {} : { reason }),
  });
}
