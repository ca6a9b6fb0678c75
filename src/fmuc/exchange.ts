import { sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { Sending } from '../lib/urgency.ts';
import { isSubjectChange, type RoomMessage } from '../muc/message.ts';
import type { ArchiveEntry, Origin } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { type Numbers, syncElement, syncMessage } from '../stanza/sync.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import { carriedMessage } from './carried.ts';
import { introduceAuthor } from './coalescing.ts';
import { awaitDelivery, forgetAwaited, isAwaited, tellDelivered } from './delivery.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode, NodeTimer } from './node.ts';
import { onlooker } from './onlooker.ts';
import { passesTo } from './openfire.ts';
import type { Bounds } from './peer.ts';
import { save } from './standing.ts';

/*
 * Messages between neighbours: what is sent, what is known to have arrived, what waits, and what falls out.
 *
 * Every message of a room has a position in its archive. What a neighbour isn't known to have is a stretch of positions
 * from `settled` on: it stays in the store, up to the bounds of the link's queue.
 */

/** Messages of a neighbour of our dialect after which it is told with the next message to it that they came. */
export const CONFIRM_WITH_NEXT = 8;
/** Messages of it after which it is told at once. Fewer are never confirmed by a stanza of their own: silence is free. */
export const CONFIRM_AT = 32;
/** Milliseconds within which a message is confirmed whose author wants to know: with others, if any come meanwhile. */
export const CONFIRM_WITHIN = 60_000;
/** Messages that may wait for the confirmation of a neighbour in reach: those before count as arrived. */
export const MAX_UNCONFIRMED = 1024;
/** Settled messages after which the store is told how far a neighbour is. */
const SAVE_AFTER = 256;

/** A message has been kept: it goes to every neighbour but the one that it came from, now or when it is back. */
export function carry(node: FmucNode, turn: Turn, message: RoomMessage, entry: ArchiveEntry): void {
  const number = message.origin && sequenceNumber(message.origin);
  if (message.origin !== undefined && number !== undefined) node.had.add(message.origin.by, number);
  const tracked = node.everyone().filter(({ isTracked }) => isTracked);
  if (node.isWatched) tellKept(node, turn, message);
  if (tracked.length === 0) return;
  node.backlog.push(entry);
  awaitDelivery(node, message, entry);
  for (const neighbour of tracked) {
    add(turn, neighbour, entry);
    // What is sent now has left a paced way only once the way says so.
    const isPaced = node.peerOf(neighbour.node).isPaced;
    if (isPaced) settle(node, turn, neighbour);
    if (neighbour.presence === 'here' && wants(neighbour, message))
      sendMessage(node, turn, neighbour, message, entry.seq);
    if (neighbour.presence === 'here') turn.journal.set(neighbour, 'sent', entry.seq);
    if (!isPaced) settle(node, turn, neighbour);
  }
  release(node, turn);
}

/** Tells whoever looks on at whom a message doesn't go to now, and why. */
function tellKept(node: FmucNode, turn: Turn, message: RoomMessage): void {
  const { upward } = node;
  const about = isSubjectChange(message.content) ? 'subject' : 'message';
  for (const neighbour of node.everyone()) {
    const isKnown = neighbour.isTracked || neighbour === upward?.at;
    if (!isKnown || neighbour.presence === 'here' || !wants(neighbour, message)) continue;
    const reason = whyKept(node, neighbour);
    if (reason !== undefined) onlooker(node, turn, neighbour.node)?.(reason, { about, who: message.nick });
  }
}

/** Why messages don't go to a neighbour now; undefined where nobody expects them to. */
function whyKept(node: FmucNode, neighbour: Neighbour): WithheldReason | undefined {
  const { upward } = node;
  if (neighbour === upward?.at && upward.state === 'rejected') return 'join-rejected';
  if (neighbour === upward?.at && upward.state === 'local' && !neighbour.isTracked) return undefined;
  if (!node.peerOf(neighbour.node).reachable) return 'link-down';
  return neighbour.presence === 'returning' ? 'join-unanswered' : 'not-joined';
}

/** A change of subject isn't kept in the archive: it goes to whom it can reach; the others compare when they are back. */
export function carrySubject(node: FmucNode, turn: Turn, message: RoomMessage): void {
  if (node.isWatched) tellKept(node, turn, message);
  for (const neighbour of node.everyone())
    if (neighbour.presence === 'here' && wants(neighbour, message) && introduceAuthor(node, turn, neighbour, message))
      turn.deliver(carriedMessage(node, turn, neighbour, message));
}

/** A message goes back where it came from only if it is waited for there. */
function wants(neighbour: Neighbour, { source, broughtBy }: RoomMessage): boolean {
  return neighbour.wantsEcho || (neighbour.node !== source && neighbour.node !== broughtBy);
}

function add(turn: Turn, neighbour: Neighbour, entry: ArchiveEntry): void {
  const { waitingMessages, waitingCharacters } = neighbour;
  turn.journal.record(() => Object.assign(neighbour, { waitingMessages, waitingCharacters }));
  neighbour.count(entry);
}

/**
 * Sends one message, as far as there is anything of it to send, its author introduced, and with it that what came meanwhile
 * has arrived. `seq` is its position in the archive.
 */
export function sendMessage(node: FmucNode, turn: Turn, neighbour: Neighbour, message: RoomMessage, seq: number): void {
  if (!passesTo(node, neighbour, message)) {
    turn.journal.set(neighbour, 'dropped', neighbour.dropped + 1);
    return onlooker(node, turn, neighbour.node)?.('openfire-stranger', { about: 'message', who: message.nick });
  }
  const stanza = carriedMessage(node, turn, neighbour, message);
  // It does without: nobody is to wait for it.
  if (stanza === undefined) return neighbour.learnMessage(message.origin);
  if (!introduceAuthor(node, turn, neighbour, message)) return;
  const have = neighbour.unconfirmedCount >= CONFIRM_WITH_NEXT ? takeUnconfirmed(node, turn, neighbour) : undefined;
  const confirm = isAwaited(node, neighbour, seq);
  if (have !== undefined || confirm) stanza.cnode(syncElement({ have, confirm }));
  turn.deliver(stanza, sendingOf(node, neighbour, seq));
}

/** Where the order of messages is what they are told apart by, or is the room's, none overtakes another. */
function sendingOf(node: FmucNode, neighbour: Neighbour, seq: number): Sending | undefined {
  if (!neighbour.isOurs) return { urgency: 'message', position: seq };
  return node.options.mode === 'primary-replica' ? { urgency: 'message' } : undefined;
}

/** A message with a number has come from a neighbour, new or not; `confirm`: somebody waits to be told. */
export function noteReceived(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  origin: Origin | undefined,
  confirm = false,
): void {
  const number = origin && sequenceNumber(origin);
  if (!neighbour.isOurs || origin === undefined || number === undefined) return;
  neighbour.learnMessage(origin);
  const known = neighbour.unconfirmed.get(origin.by);
  neighbour.unconfirmed.set(origin.by, known?.with(number) ?? Ranges.of(number));
  turn.journal.set(neighbour, 'unconfirmedCount', neighbour.unconfirmedCount + 1);
  const timer: NodeTimer = `confirm ${neighbour.node}`;
  if (neighbour.unconfirmedCount >= CONFIRM_AT) confirmNow(node, turn, neighbour);
  else if (confirm && node.timers.get(timer) === undefined) node.timers.set(timer, turn.now + CONFIRM_WITHIN);
}

/** Tells a neighbour in reach what has come of it, if it hasn't been told. */
export function confirmNow(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (neighbour.presence === 'away' || neighbour.unconfirmedCount === 0) return;
  turn.deliver(syncMessage(node.room.jid, neighbour.node, { have: takeUnconfirmed(node, turn, neighbour) }));
}

/** What is to be confirmed; from now on it is. */
function takeUnconfirmed(node: FmucNode, turn: Turn, neighbour: Neighbour): Numbers {
  node.timers.clear(`confirm ${neighbour.node}`);
  const numbers = new Map(neighbour.unconfirmed);
  for (const by of numbers.keys()) neighbour.unconfirmed.delete(by);
  turn.journal.set(neighbour, 'unconfirmedCount', 0);
  return numbers;
}

/** Draws the line behind which nothing waits for a neighbour any more, as far as what is known of it allows. */
export function settle(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  const before = neighbour.settled;
  const waiting = neighbour.isOurs ? undefined : node.peerOf(neighbour.node).firstWaiting(neighbour.node);
  const sent = waiting === undefined ? neighbour.sent : Math.min(neighbour.sent, waiting - 1);
  for (const entry of node.backlog.after(before)) {
    const isThere = neighbour.isOurs ? neighbour.hasEntry(entry) : entry.via === neighbour.node || entry.seq <= sent;
    if (!isThere && !fallsOut(node, turn, neighbour, entry)) break;
    pass(turn, neighbour, entry);
  }
  tellDelivered(node, turn, neighbour);
  if (neighbour.settled === before) return;
  if (Math.floor(before / SAVE_AFTER) !== Math.floor(neighbour.settled / SAVE_AFTER)) save(node, turn, neighbour);
  release(node, turn);
}

/** Whether the queue's bounds, or that of what may be unconfirmed, leave no room for an entry. */
function fallsOut(node: FmucNode, turn: Turn, neighbour: Neighbour, entry: ArchiveEntry): boolean {
  if (neighbour.presence !== 'away') return neighbour.waitingMessages > MAX_UNCONFIRMED && entry.seq <= neighbour.sent;
  const excess = excessOf(neighbour, node.peerOf(neighbour.node).queue, entry, turn.now);
  if (excess === undefined) return false;
  const look = onlooker(node, turn, neighbour.node);
  look?.(entry.seq <= neighbour.sent ? 'unconfirmed' : excess, {
    about: 'message',
    bytes: entry.characters,
    detail: `said ${formatStamp(Math.floor(entry.received / 1000) * 1000)}`,
  });
  turn.journal.set(neighbour, 'fallen', neighbour.fallen + 1);
  turn.journal.set(neighbour, 'overrun', entry.seq);
  node.regret(turn, neighbour, 'messages dropped', neighbour.fallen, "more than the link's queue keeps");
  return true;
}

/** Which bound of the queue leaves no room for an entry, if one does. */
function excessOf(
  { waitingMessages, waitingCharacters }: Neighbour,
  { messages, bytes, age }: Bounds,
  { received }: ArchiveEntry,
  now: number,
): WithheldReason | undefined {
  if (waitingMessages > messages) return 'queue-messages';
  if (waitingCharacters > bytes) return 'queue-bytes';
  return now - received > age * 1000 ? 'queue-age' : undefined;
}

function pass(turn: Turn, neighbour: Neighbour, entry: ArchiveEntry): void {
  turn.journal.set(neighbour, 'settled', entry.seq);
  if (entry.via === neighbour.node) return;
  turn.journal.set(neighbour, 'waitingMessages', neighbour.waitingMessages - 1);
  turn.journal.set(neighbour, 'waitingCharacters', neighbour.waitingCharacters - entry.characters);
}

/** What a node that confirms nothing was sent and hasn't left is out of date: it will be sent anew. */
export function takeBackWaiting(node: FmucNode, turn: Turn, neighbour: Neighbour, from?: number): void {
  const first = from ?? node.peerOf(neighbour.node).firstWaiting(neighbour.node);
  if (!neighbour.isOurs && first !== undefined && first <= neighbour.sent)
    turn.journal.set(neighbour, 'sent', first - 1);
}

/** Lets go of what no neighbour needs any more. */
function release(node: FmucNode, turn: Turn): void {
  const { room } = node;
  const settled = node.everyone().flatMap((neighbour) => (neighbour.isTracked ? [neighbour.settled] : []));
  const line = settled.length === 0 ? room.lastSeq : Math.min(...settled);
  node.backlog.settle(line);
  turn.journal.set(room, 'neededFrom', line < room.lastSeq ? line + 1 : undefined);
}

/** From now on what is said here is kept for a neighbour until it has it. */
export function track(node: FmucNode, turn: Turn, neighbour: Neighbour): void {
  if (neighbour.isTracked) return;
  const position = node.room.lastSeq;
  turn.journal.set(neighbour, 'isTracked', true);
  for (const key of ['settled', 'sent'] as const) turn.journal.set(neighbour, key, position);
  for (const key of ['waitingMessages', 'waitingCharacters', 'fallen', 'overrun'] as const)
    turn.journal.set(neighbour, key, 0);
  save(node, turn, neighbour);
}

/** Nothing is kept for a neighbour any more. */
export function untrack(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  reason: 'away-too-long' | 'no-longer-joined' = 'no-longer-joined',
): void {
  if (!neighbour.isTracked) return;
  const look = onlooker(node, turn, neighbour.node);
  const unsent = look === undefined ? 0 : unsentTo(node, neighbour);
  if (unsent > 0) look?.(reason, { about: 'message', count: unsent });
  turn.journal.set(neighbour, 'isTracked', false);
  forgetAwaited(node, neighbour);
  node.timers.clear(`forget ${neighbour.node}`);
  turn.write({ kind: 'drop-neighbour', room: node.room.jid, node: neighbour.node });
  release(node, turn);
}

/** How many messages wait for a neighbour and haven't been sent. */
function unsentTo(node: FmucNode, neighbour: Neighbour): number {
  const waiting = [...node.backlog.after(Math.max(neighbour.sent, neighbour.settled))];
  return waiting.filter(({ via }) => via !== neighbour.node).length;
}

/** Whether anything that was sent to a neighbour, or waits for it, may not have arrived. */
export function isUnsettled(node: FmucNode, neighbour: Neighbour): boolean {
  for (const entry of node.backlog.after(neighbour.settled)) if (!neighbour.hasEntry(entry)) return true;
  return false;
}
