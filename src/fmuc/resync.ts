import { sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import { fromRecord } from '../muc/history.ts';
import type { MessageRecord, Origin } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import type { HistoryRequest } from '../stanza/history-request.ts';
import { type Numbers, type Sync, syncMessage } from '../stanza/sync.ts';
import { sendMessage, settle } from './exchange.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import { isNothing } from './peer.ts';
import { dropHeld } from './replica.ts';

/*
 * What is missing on one side or the other: what a join brings, what is left behind by it and told of, and what is asked
 * for later.
 */

/**
 * What a neighbour of our dialect misses, by what it says that it has, of what stands in the archive up to that
 * position: after it, everything has been sent as it happened.
 */
export function missingAt(node: FmucNode, neighbour: Neighbour, upToSeq: number): Map<string, Ranges> {
  const missing = node.had.missingAt(new Map(neighbour.has));
  for (const { origin } of node.backlog.after(upToSeq)) strike(missing, origin);
  return missing;
}

/** Takes one message out of a list of numbers. */
function strike(numbers: Map<string, Ranges>, origin: Origin | undefined): void {
  const number = origin && sequenceNumber(origin);
  const ranges = origin && numbers.get(origin.by);
  if (origin === undefined || number === undefined || ranges === undefined) return;
  const left = ranges.minus(Ranges.of(number));
  if (left.isEmpty) numbers.delete(origin.by);
  else numbers.set(origin.by, left);
}

/** Reads from the archive what a neighbour misses: the newest that the way to it carries, and that it asks for in its join. */
export function queryMissing(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  missing: Map<string, Ranges>,
  upToSeq: number,
  answer?: Pick<Sync, 'join' | 'list' | 'listed'>,
  { maxStanzas = Infinity, maxChars = Infinity, seconds = Infinity }: HistoryRequest = {},
): void {
  const { history } = node.peerOf(neighbour.node);
  const age = Math.min(history.age, seconds);
  turn.query(
    {
      room: node.room.jid,
      wanted: missing,
      afterSeq: neighbour.overrun,
      upToSeq,
      maxMessages: isNothing(history) ? 0 : Math.min(history.messages, maxStanzas),
      maxChars: Math.min(history.bytes, maxChars),
      ...(Number.isFinite(age) ? { since: turn.now - age * 1000 } : {}),
    },
    {
      kind: 'node-missing',
      room: node.room.jid,
      node: neighbour.node,
      missing,
      ...(answer === undefined ? { purpose: 'resume' } : { purpose: 'accept', answer }),
    },
  );
}

/**
 * Sends a neighbour what it missed. What is left behind it is told first: should the way close before the end, the next
 * join would bring that after what is newer.
 */
export function sendMissing(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  records: readonly MessageRecord[],
  missing: Numbers,
): void {
  const left = new Map(missing);
  for (const { origin } of records) strike(left, origin);
  const count = countOf(left);
  if (count > 0) turn.deliver(syncMessage(node.room.jid, neighbour.node, { skip: left }));
  for (const record of records) sendMessage(node, turn, neighbour, fromRecord(record), record.seq);
  for (const key of ['fallen', 'overrun'] as const) turn.journal.set(neighbour, key, 0);
  if (count === 0) return;
  turn.journal.set(neighbour, 'dropped', neighbour.dropped + count);
  onlooker(node, turn, neighbour.node)?.('left-behind', { about: 'history', count });
  turn.log('warn', 'messages left behind', {
    room: node.room.jid,
    node: neighbour.node,
    count,
    reason: 'more than its join may bring across; it can ask for them',
  });
  neighbour.learn(left);
  settle(node, turn, neighbour);
}

/** What a neighbour of our dialect tells beside its stanza, but for what belongs to a join. */
export function handleSync(node: FmucNode, turn: Turn, neighbour: Neighbour, sync: Sync): void {
  if (sync.have !== undefined && sync.have.size > 0) {
    neighbour.learn(sync.have);
    settle(node, turn, neighbour);
  }
  if (sync.skip !== undefined) handleSkip(node, turn, neighbour, sync.skip);
  for (const [by, ranges] of sync.gone ?? []) {
    const left = node.had.closeGap(by, ranges);
    if (left === undefined) continue;
    turn.journal.set(node, 'lost', node.lost + ranges.count);
    onlooker(node, turn, neighbour.node)?.('gone', { about: 'history', direction: 'in', count: ranges.count });
    turn.write({ kind: 'gaps', room: node.room.jid, by, gaps: left });
  }
  if (sync.want !== undefined && sync.want.size > 0) handleWant(node, turn, neighbour, sync.want);
}

/** What a neighbour leaves out we do without, and so does everyone to whom we are the way. */
export function handleSkip(node: FmucNode, turn: Turn, neighbour: Neighbour, said: Numbers): void {
  const skip = neighbour === node.upward?.at ? dropHeld(node, said) : said;
  neighbour.learn(said);
  const news = node.had.leaveOut(skip);
  if (news.size === 0) return;
  const gaps = node.had.gaps;
  for (const by of news.keys()) {
    const now = gaps.get(by);
    if (now !== undefined) turn.write({ kind: 'gaps', room: node.room.jid, by, gaps: now });
  }
  onlooker(node, turn, neighbour.node)?.('missing-here', { about: 'history', direction: 'in', count: countOf(news) });
  turn.log('warn', 'messages missing here', {
    room: node.room.jid,
    node: neighbour.node,
    count: countOf(news),
    reason: 'more than our join may bring across; fmucd fetch asks for them',
  });
  for (const other of node.neighboursBut(neighbour.node)) {
    if (!other.isOurs || other.presence !== 'here') continue;
    const unknown = new Map([...news].map(([by, ranges]) => [by, ranges.minus(other.has.get(by) ?? Ranges.empty)]));
    if (countOf(unknown) === 0) continue;
    other.learn(unknown);
    turn.deliver(syncMessage(node.room.jid, other.node, { skip: unknown }));
  }
}

/** What was asked for, and whom. */
export interface Fetched {
  /** How many messages are missing. */
  readonly messages: number;
  /** Bare room JID of the node that was asked; null where nobody can be. */
  readonly node: string | null;
}

/** Asks a neighbour of our dialect for what was left behind. */
export function fetchGaps(node: FmucNode, turn: Turn): Fetched {
  const want = node.had.gaps;
  const asked = node.neighboursBut(undefined).filter((neighbour) => neighbour.isOurs && neighbour.presence === 'here');
  // The node above knows most; others are asked only where there is none.
  const [first] = asked;
  if (want.size === 0 || first === undefined) return { messages: countOf(want), node: null };
  turn.deliver(syncMessage(node.room.jid, first.node, { want }));
  return { messages: countOf(want), node: first.node };
}

function handleWant(node: FmucNode, turn: Turn, neighbour: Neighbour, want: Numbers): void {
  const { history } = node.peerOf(neighbour.node);
  turn.query(
    {
      room: node.room.jid,
      wanted: want,
      maxMessages: isNothing(history) ? 0 : history.messages,
      maxChars: history.bytes,
    },
    { kind: 'node-missing', room: node.room.jid, node: neighbour.node, missing: want, purpose: 'want' },
  );
}

/** Sends a neighbour what it asked for; says what there is no more, as far as the way's bounds let us look. */
export function sendWanted(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  records: readonly MessageRecord[],
  want: Numbers,
): void {
  const { history } = node.peerOf(neighbour.node);
  const characters = records.reduce((sum, { stanza }) => sum + stanza.length, 0);
  const ours = node.had.gaps;
  const left = new Map(want);
  for (const record of records) {
    sendMessage(node, turn, neighbour, fromRecord(record), record.seq);
    strike(left, record.origin);
  }
  // Had the bounds let more through, it would have come; what we miss ourselves may still turn up.
  const isAll = !isNothing(history) && records.length < history.messages && characters < history.bytes / 2;
  if (!isAll) {
    const count = countOf(left);
    if (count > 0) onlooker(node, turn, neighbour.node)?.('left-behind', { about: 'history', count });
    return;
  }
  const gone = new Map([...left].map(([by, ranges]) => [by, ranges.minus(ours.get(by) ?? Ranges.empty)]));
  const count = countOf(gone);
  if (count === 0) return;
  turn.deliver(syncMessage(node.room.jid, neighbour.node, { gone }));
  onlooker(node, turn, neighbour.node)?.('gone', { about: 'history', count });
}

/** How many messages that are. */
export function countOf(numbers: Numbers): number {
  let count = 0;
  for (const ranges of numbers.values()) count += ranges.count;
  return count;
}
