import { domainOf, type Jid } from '../lib/jid.ts';
import type { Sending } from '../lib/urgency.ts';
import { fromRecord, withinCharacters } from '../muc/history.ts';
import type { HistoryQuery, MessageRecord } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { rejectPresence } from '../stanza/fmuc.ts';
import { type HistoryRequest, readHistoryRequest } from '../stanza/history-request.ts';
import { type Numbers, readSync, type Sync, syncMessage } from '../stanza/sync.ts';
import type { Element } from '../xml/element.ts';
import { carriedMessage } from './carried.ts';
import { circleWith } from './circle.ts';
import { digestForNeighbour, digestOfNeighbour } from './digest.ts';
import { takeBackWaiting, track, untrack } from './exchange.ts';
import { markSent, queryUnsent, rejected } from './joining.ts';
import { Neighbour } from './neighbour.ts';
import { type FmucNode, isNamed, MAX_JOINED_NODES } from './node.ts';
import { letGo, takeOccupant } from './occupants.ts';
import { onlooker } from './onlooker.ts';
import { withoutSubject } from './openfire.ts';
import { type Bounds, isNothing } from './peer.ts';
import { missingAt, queryMissing, sendMissing } from './resync.ts';
import { forgetRivals, isRival } from './rivals.ts';
import { markStale } from './stale.ts';
import { enterPresence } from './standing.ts';
import { leftStanza, occupantStanza, subjectStanza } from './stanzas.ts';
import { listFor, occupantsFor, owesPresence, sendList, settleTold } from './told.ts';

/* The joined side of XEP-0289: another node joins us, in the name of one of its occupants. */

/** Milliseconds after which a node that is away and behind another server is told once more that it isn't joined. */
export const REMIND_INTERVAL = 900_000;

/**
 * How long a plain node, whose way is open again, has to join anew, in milliseconds. If it doesn't, it hasn't noticed that
 * anything was wrong.
 */
export const REJOIN_WAIT = 10_000;
/** Milliseconds for which a node of our dialect may take to join anew before it is told that it isn't joined. */
export const REJOIN_WAIT_OURS = 60_000;

/** The answer to a plain node is one piece: occupants, history, subject, and nothing that is said later before them. */
const ANSWER: Sending = { urgency: 'presence', inOrder: true };

/** A node asks to join, or, being joined already, to have everything once more (XEP-0289 §5.1). */
export function handleJoin(node: FmucNode, turn: Turn, from: Jid, user: Jid, stanza: Element): void {
  const joining = from.bare;
  const refusal = refusalOf(node, from, user);
  if (refusal !== undefined) {
    node.complain(turn, 'join rejected', from, refusal, stanza, 'join-refused');
    return turn.deliver(rejectPresence(node.room.jid, joining, refusal));
  }
  if (node.upward?.at.node === joining) rejected(node, turn, 'it has joined us itself');
  const sync = readSync(stanza);
  if (sync !== undefined) node.dialects.learn(turn, domainOf(joining), 'fmucd');
  const dialect = node.dialects.of(domainOf(joining));
  const isOurs = sync !== undefined && dialect === 'fmucd';
  const known = node.joined.get(joining);
  const neighbour = known ?? new Neighbour(joining, false, node.journal);
  turn.journal.set(neighbour, 'dialect', isOurs ? 'fmucd' : dialect === 'openfire' ? 'openfire' : 'xep');
  turn.journal.set(neighbour, 'wantsEcho', isOurs ? sync.echo === true : node.options.mode === 'primary-replica');
  turn.journal.set(neighbour, 'lastJoin', isOurs ? sync.join : undefined);
  node.timers.clear(`rejoin ${joining}`);
  node.timers.clear(`forget ${joining}`);
  if (known === undefined) {
    makeRoom(node, turn);
    node.joined.set(joining, neighbour);
    turn.log('info', 'node joined', { room: node.room.jid, node: joining });
  }
  forgetRivals(node, neighbour);
  const knowsUs = isOurs && sync.yours === digestForNeighbour(node, neighbour);
  const isAsWeKnow = isOurs && sync.mine === digestOfNeighbour(node, neighbour);
  if (isAsWeKnow) {
    for (const jid of neighbour.stale.keys()) neighbour.stale.delete(jid);
    node.timers.clear(`grace ${joining}`);
  } else if (node.room.occupantsOf(joining).length > 0) {
    markStale(node, neighbour);
    node.timers.set(`grace ${joining}`, turn.now + node.peerOf(joining).grace * 1000);
  }
  // Not after: its occupant may be refused.
  turn.discard(joining);
  const taken = takeOccupant(node, turn, neighbour, from, user, stanza);
  if (taken === undefined && !isOurs) {
    // An error is nothing to Openfire, which would wait for ever.
    if (dialect === 'openfire')
      turn.deliver(rejectPresence(node.room.jid, joining, `The nickname ${from.resource ?? ''} is taken.`));
    if (known === undefined) node.joined.delete(joining);
    return;
  }
  track(node, turn, neighbour);
  takeBackWaiting(node, turn, neighbour);
  // What one of ours gets from here on is the answer.
  if (isOurs) turn.deliver(syncMessage(node.room.jid, joining, { join: sync.join }));
  const sending = isOurs ? undefined : ANSWER;
  // Not before it is taken: who came by another way until now comes from there.
  const listed = knowsUs
    ? listFor(node, neighbour).values()
    : sendList(node, turn, neighbour, [...occupantsFor(node, neighbour).values()], () => joining, sending);
  settleTold(node, turn, neighbour, listed);
  if (!isOurs) {
    // Openfire would take its own user for one of ours.
    if (neighbour.dialect !== 'openfire' && taken !== undefined)
      turn.deliver(occupantStanza(node.room, taken, joining), sending);
    const query = nodeHistory(node, neighbour, readHistoryRequest(stanza), turn.now);
    turn.query(query, { kind: 'node-history', room: node.room.jid, node: joining, maxChars: query.maxChars });
  } else {
    neighbour.learnAll(sync.have ?? new Map());
    const missing = missingAt(node, neighbour, node.room.lastSeq);
    const answer = { join: sync.join, listed: !knowsUs, list: !isAsWeKnow && sync.mine !== undefined };
    const request = readHistoryRequest(stanza);
    if (missing.size > 0) queryMissing(node, turn, neighbour, missing, node.room.lastSeq, answer, request);
    else acceptOurs(node, turn, neighbour, [], missing, answer);
  }
  enterPresence(node, turn, neighbour, 'here');
}

/** Ends the accept of a plain node: what the archive gave, then exactly one subject. */
export function acceptPlain(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  records: readonly MessageRecord[],
  maxChars: number,
): void {
  const { room } = node;
  const isOpenfire = neighbour.dialect === 'openfire';
  const stanzas = records.flatMap((record) => {
    const message = fromRecord(record);
    const content = isOpenfire ? withoutSubject(message.content) : message.content;
    return carriedMessage(node, turn, neighbour, { ...message, content }) ?? [];
  });
  const within = withinCharacters(stanzas, neighbour.node, maxChars);
  for (const stanza of within) turn.deliver(stanza, ANSWER);
  turn.deliver(subjectStanza(room, neighbour.node), ANSWER);
  const left = neighbour.waitingMessages + neighbour.fallen - records.length;
  if (left > 0) turn.journal.set(neighbour, 'dropped', neighbour.dropped + left);
  const behind = Math.max(left, 0) + stanzas.length - within.length;
  if (behind > 0) onlooker(node, turn, neighbour.node)?.('left-behind', { about: 'history', count: behind });
  markSent(node, turn, neighbour);
}

/** Ends the accept of a node of our dialect: what it misses, then the subject with what we have. */
export function acceptOurs(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  records: readonly MessageRecord[],
  missing: Numbers,
  answer: Pick<Sync, 'join' | 'list' | 'listed'>,
): void {
  sendMissing(node, turn, neighbour, records, missing);
  turn.deliver(subjectStanza(node.room, neighbour.node, { have: node.had.have(), path: node.path, ...answer }));
  markSent(node, turn, neighbour);
}

/** A joined node's way has closed: its occupants stay for the grace, and what it misses for as long as the queue holds. */
export function loseJoined(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  const { grace, queue } = node.peerOf(neighbour.node);
  if (neighbour.presence !== 'away') {
    takeBackWaiting(node, turn, neighbour);
    turn.discard(neighbour.node);
    markStale(node, neighbour);
    node.timers.set(`grace ${neighbour.node}`, turn.now + grace * 1000);
    node.timers.set(`forget ${neighbour.node}`, turn.now + Math.max(queue.age, grace) * 1000);
  }
  node.timers.clear(`rejoin ${neighbour.node}`);
  enterPresence(node, turn, neighbour, 'away');
}

/** A joined node's way is open again: it joins anew, or doesn't know that anything was wrong. */
export function awaitRejoin(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (node.timers.get(`rejoin ${neighbour.node}`) === undefined)
    node.timers.set(`rejoin ${neighbour.node}`, turn.now + (neighbour.isOurs ? REJOIN_WAIT_OURS : REJOIN_WAIT));
}

/**
 * A joined node hasn't joined anew, or goes on as if nothing had been. A plain one that has missed messages alone gets
 * them; else it is told that it isn't joined, so that it can join.
 */
export function resume(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  node.timers.clear(`rejoin ${neighbour.node}`);
  if (neighbour.presence !== 'away') return;
  if (neighbour.isOurs || owesPresence(node, neighbour) || node.room.occupantsOf(neighbour.node).length === 0)
    return remind(node, turn, neighbour);
  for (const jid of neighbour.stale.keys()) neighbour.stale.delete(jid);
  for (const timer of ['grace', 'forget'] as const) node.timers.clear(`${timer} ${neighbour.node}`);
  queryUnsent(node, turn, neighbour);
  enterPresence(node, turn, neighbour, 'here');
}

/** Tells a node that it isn't joined. Nobody else knows when one behind another server can be reached: it is told again. */
function remind(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  turn.deliver(leftStanza(node.room, neighbour));
  if (!node.peerOf(neighbour.node).isConstrained)
    node.timers.set(`rejoin ${neighbour.node}`, turn.now + REMIND_INTERVAL);
}

/** A node without occupants is out of the set, and is told so (XEP-0289 §5.4). One that is away may come back. */
export function dismissIfEmpty(node: FmucNode, turn: Turn, joining: string): void {
  const neighbour = node.joined.get(joining);
  if (neighbour === undefined || neighbour.presence === 'away') return;
  if (node.room.occupantsOf(joining).length > 0 || isRival(node, neighbour)) return;
  forget(node, turn, neighbour);
  turn.log('info', 'node left', { room: node.room.jid, node: joining, reason: 'it has no occupants any more' });
  turn.deliver(leftStanza(node.room, neighbour));
}

/** A joined node goes another way, and its occupants may come back by it (`part`). */
export function handlePart(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  markStale(node, neighbour);
  node.timers.set(`grace ${neighbour.node}`, turn.now + node.peerOf(neighbour.node).grace * 1000);
  node.timers.set(`forget ${neighbour.node}`, turn.now + node.peerOf(neighbour.node).grace * 1000);
  enterPresence(node, turn, neighbour, 'away');
  untrack(node, turn, neighbour);
  turn.log('info', 'node left', { room: node.room.jid, node: neighbour.node, reason: 'it goes another way' });
}

/** A joined node is no longer one that may be: it is told so, and its occupants leave. */
export function dismiss(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (neighbour.presence !== 'away') turn.deliver(leftStanza(node.room, neighbour));
  drop(node, turn, neighbour);
  for (const occupant of node.room.occupantsOf(neighbour.node)) letGo(node, turn, occupant, {});
  turn.log('info', 'node left', { room: node.room.jid, node: neighbour.node, reason: 'it may join no longer' });
}

/** Nothing is known of a joined node any more. */
export function forget(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (neighbour.waitingMessages > 0 && neighbour.presence === 'away')
    node.regret(turn, neighbour, 'messages dropped', neighbour.waitingMessages, 'it has been away for too long');
  drop(node, turn, neighbour, neighbour.presence === 'away' ? 'away-too-long' : 'no-longer-joined');
}

function drop(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  reason: 'away-too-long' | 'no-longer-joined' = 'no-longer-joined',
): void {
  node.joined.delete(neighbour.node);
  for (const timer of ['grace', 'rejoin', 'forget'] as const) node.timers.clear(`${timer} ${neighbour.node}`);
  enterPresence(node, turn, neighbour, 'away');
  untrack(node, turn, neighbour, reason);
}

/** Of the nodes that are away the one that has been so longest makes room, where there is none. */
function makeRoom(node: FmucNode, turn: Turn): void {
  if (node.joined.size < MAX_JOINED_NODES) return;
  const [longest] = [...node.joined.values()]
    .filter(({ presence }) => presence === 'away')
    .toSorted((one, other) => one.since - other.since);
  if (longest !== undefined && node.room.occupantsOf(longest.node).length === 0) forget(node, turn, longest);
}

/** Why a node may not join, for people; undefined where it may. */
function refusalOf(node: FmucNode, from: Jid, user: Jid): string | undefined {
  const joining = from.bare;
  const named = isNamed(node.options, joining);
  const listed = named || node.options.accept.includes('*');
  const peer = node.peerOf(joining);
  if (!listed || !peer.mayBring(from, named)) return `${node.room.jid} does not accept joins from ${joining}.`;
  const { upward } = node;
  // Two nodes that join one another at once: the one with the lesser address is joined.
  const isJoinedAtOnce = upward?.at.node === joining && upward.state === 'joining' && node.room.jid < joining;
  if (!isJoinedAtOnce && upward?.at.node === joining && (upward.state === 'joined' || upward.state === 'joining'))
    return `${node.room.jid} has joined ${joining} itself; joining both ways would close a circle.`;
  const circle = isJoinedAtOnce ? undefined : circleWith(node, joining);
  if (circle !== undefined) return circle;
  if (!peer.maySpeakFor(from, user)) return `${joining} may not speak for ${user.bare}.`;
  const others = [...node.joined.values()].filter(
    (other) => other.node !== joining && (other.presence !== 'away' || node.room.occupantsOf(other.node).length > 0),
  );
  return others.length >= MAX_JOINED_NODES ? `${node.room.jid} has as many nodes as it can have.` : undefined;
}

/** What a joining node asks for, within what the way to it can carry. */
function nodeHistory(
  node: FmucNode,
  neighbour: Neighbour,
  request: HistoryRequest,
  now: number,
): HistoryQuery & { readonly maxChars: number } {
  const joining = neighbour.node;
  const bounds: Bounds = node.peerOf(joining).history;
  const seconds = Math.min(request.seconds ?? Number.POSITIVE_INFINITY, bounds.age);
  const since = Math.max(request.since ?? Number.NEGATIVE_INFINITY, now - seconds * 1000);
  return {
    room: node.room.jid,
    notVia: joining,
    maxMessages: isNothing(bounds) ? 0 : Math.min(request.maxStanzas ?? Number.POSITIVE_INFINITY, bounds.messages),
    maxChars: Math.min(request.maxChars ?? Number.POSITIVE_INFINITY, bounds.bytes),
    // What waited for the way is older than what it heard last, by the clock of whoever heard it.
    ...(isUnsentSince(node, neighbour, since) ? { afterSeq: neighbour.sent } : Number.isFinite(since) ? { since } : {}),
  };
}

/** Whether something that a neighbour wasn't sent came here before that time. */
function isUnsentSince(node: FmucNode, { node: joining, sent }: Neighbour, since: number): boolean {
  for (const { via, received } of node.backlog.after(sent)) if (via !== joining) return received < since;
  return false;
}
