import { sequenceNumber } from '../lib/message-id.ts';
import { RESERVED_NOTE } from '../lib/note-keys.ts';
import { Ranges } from '../lib/ranges.ts';
import type { Sending } from '../lib/urgency.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import { bodyOf, deliverMessage, isSubjectChange, type RoomMessage } from '../muc/message.ts';
import type { Origin } from '../muc/records.ts';
import { setSubject } from '../muc/subject.ts';
import type { Turn } from '../muc/turn.ts';
import { errorElement, type StanzaError } from '../stanza/errors.ts';
import type { Numbers } from '../stanza/sync.ts';
import { attribute, childText, copyOf, element } from '../xml/element.ts';
import { carriedMessage } from './carried.ts';
import { introduceAuthor } from './coalescing.ts';
import { noteReceived } from './exchange.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';

/*
 * Primary-replica: what is said here or below goes only upward, and is held until it comes back, so that every node has
 * the order of the topmost one.
 */

/** The most messages that are held. */
export const MAX_HELD = 256;
/** The order in which messages are sent is that in which they are put. */
const IN_ORDER: Sending = { urgency: 'message' };
/** How long a node that may not echo at all has for it, in milliseconds. */
export const ECHO_TIMEOUT = 300_000;
/** Numbers that are reserved in the store at a time: those of held messages may be known elsewhere, and none is given twice. */
const RESERVE = 64;

/** A message of someone here, or of a node below, is to be put in order above. */
export function hold(node: FmucNode, turn: Turn, message: RoomMessage): 'here' | 'taken' | StanzaError {
  const { upward, room } = node;
  if (!node.isReplica || upward === undefined) return 'here';
  // A node below can't be told; what it sent waits until it can go on.
  const isAway = upward.state !== 'joined' && upward.state !== 'joining';
  const about = { about: isSubjectChange(message.content) ? 'subject' : 'message', who: message.nick } as const;
  if (isAway && message.source === undefined) {
    onlooker(node, turn, upward.at.node)?.('primary-away', about);
    return ROOM_ERRORS.primaryOutOfReach;
  }
  if (node.held.size >= MAX_HELD) {
    onlooker(node, turn, upward.at.node)?.('too-many-held', about);
    return ROOM_ERRORS.tooManyHeld;
  }
  const stanza = carriedMessage(node, turn, upward.at, message);
  // What can't be told above can't be put in order there.
  if (stanza === undefined) return 'here';
  if (room.lastOriginSeq > node.reserved) {
    turn.journal.set(node, 'reserved', room.lastOriginSeq + RESERVE);
    turn.write({ kind: 'note', key: RESERVED_NOTE + room.jid, value: String(node.reserved) });
  }
  node.held.set(keyOf(message), { message, since: turn.now });
  onlooker(node, turn, upward.at.node)?.('held-for-primary', about);
  if (upward.at.presence === 'here' && introduceAuthor(node, turn, upward.at, message)) turn.deliver(stanza, IN_ORDER);
  if (!upward.at.isOurs && node.timers.get('echo') === undefined) node.timers.set('echo', turn.now + ECHO_TIMEOUT);
  return 'taken';
}

/** The held message that one from above is the echo of, by identity, or, where it bears none, by author and text. */
export function takeHeld(node: FmucNode, message: RoomMessage): RoomMessage | undefined {
  for (const [key, { message: held }] of node.held) {
    const isEcho =
      message.origin === undefined
        ? held.author === message.author && wordsOf(held) === wordsOf(message)
        : key === keyOf(message);
    if (!isEcho) continue;
    node.held.delete(key);
    if (node.held.size === 0) node.timers.clear('echo');
    return held;
  }
  return undefined;
}

/** What was held has come back: now it happens here. */
export function releaseEcho(node: FmucNode, turn: Turn, held: RoomMessage, echo: RoomMessage): void {
  const message: RoomMessage = {
    ...held,
    source: echo.source,
    broughtBy: held.source,
    origin: held.origin ?? echo.origin,
    foreign: held.origin === undefined || echo.origin?.by === held.origin.by ? undefined : echo.origin,
    delayedBy: echo.delayedBy,
  };
  happen(node, turn, message);
  const below = held.source === undefined ? undefined : node.joined.get(held.source);
  if (below !== undefined) noteReceived(node, turn, below, held.origin);
}

/** Nobody above puts messages in order any more: what is held happens here, now. */
export function releaseHeld(node: FmucNode, turn: Turn): void {
  for (const [key, { message }] of node.held) {
    node.held.delete(key);
    happen(node, turn, message);
    const below = message.source === undefined ? undefined : node.joined.get(message.source);
    if (below !== undefined) noteReceived(node, turn, below, message.origin);
  }
  node.timers.clear('echo');
}

function happen(node: FmucNode, turn: Turn, message: RoomMessage): void {
  if (isSubjectChange(message.content)) setSubject(node.room, turn, message);
  else if (node.had.take(message, turn.journal) === undefined) deliverMessage(node.room, turn, message);
}

/** What is held and left out above won't come back: nobody waits for it. Answers what of it isn't our own. */
export function dropHeld(node: FmucNode, skip: Numbers): Numbers {
  const own = node.room.jid;
  const others = new Map(skip);
  for (const [key, { message }] of node.held) {
    const { origin } = message;
    const number = origin && sequenceNumber(origin);
    if (origin === undefined || number === undefined || skip.get(origin.by)?.has(number) !== true) continue;
    node.held.delete(key);
    if (origin.by !== own) continue;
    node.had.add(own, number);
    others.set(own, (others.get(own) ?? Ranges.empty).minus(Ranges.of(number)));
  }
  if (others.get(own)?.isEmpty === true) others.delete(own);
  return others;
}

/** Whether a message is held already. */
export function isHeld(node: FmucNode, message: RoomMessage): boolean {
  return node.held.has(keyOf(message));
}

/** Sends what is held once more to a node that has been joined anew, but for what it has, which it sends itself. */
export function resendHeld(node: FmucNode, turn: Turn): void {
  const { upward } = node;
  if (upward === undefined) return;
  for (const { message } of node.held.values()) {
    const number = message.origin && sequenceNumber(message.origin);
    const isThere = number !== undefined && upward.at.has.get(message.origin?.by ?? '')?.has(number) === true;
    const stanza = isThere ? undefined : carriedMessage(node, turn, upward.at, message);
    if (stanza !== undefined && introduceAuthor(node, turn, upward.at, message)) turn.deliver(stanza, IN_ORDER);
  }
}

/** Gives up what has waited too long, and tells those who said it. */
export function giveUpHeld(node: FmucNode, turn: Turn, before: number): void {
  const { room, held, timers } = node;
  for (const [key, { message, since }] of held) {
    if (since > before) break;
    if (message.source !== undefined) continue;
    held.delete(key);
    if (node.upward !== undefined)
      onlooker(node, turn, node.upward.at.node)?.('echo-late', { about: 'message', who: message.nick });
    const occupant = room.occupants.get(message.nick);
    if (occupant?.jid.toString() !== message.author) continue;
    for (const session of occupant.sessions)
      turn.deliver(
        element(
          'message',
          { from: room.jid, to: session, id: attribute(message.content, 'id'), type: 'error' },
          errorElement(ROOM_ERRORS.primaryOutOfReach, room.jid),
        ),
      );
  }
  timers.clear('echo');
  const oldest = [...held.values()].find(({ message }) => message.source === undefined);
  if (oldest !== undefined && node.upward?.at.isOurs === false) timers.set('echo', oldest.since + ECHO_TIMEOUT);
}

/** Tells somebody who has entered that nothing can be said at the moment. */
export function tellOfPrimary(node: FmucNode, turn: Turn, to: string): void {
  const { upward, room } = node;
  if (!node.isReplica || (upward?.state !== 'out-of-reach' && upward?.state !== 'rejected')) return;
  turn.send(
    element(
      'message',
      { from: room.jid, type: 'groupchat' },
      element(
        'body',
        {},
        `${upward.at.node} is out of reach. Messages of this room cannot be delivered until it is back.`,
      ),
    ),
    to,
  );
}

function keyOf({ origin, author, content }: RoomMessage): string {
  return origin === undefined ? `${author} ${copyOf(content).toString()}` : keyOfOrigin(origin);
}

function keyOfOrigin({ by, id }: Origin): string {
  return `${by} ${id}`;
}

function wordsOf({ content }: RoomMessage): string {
  return `${bodyOf(content)}\n${childText(content, 'subject') ?? ''}`;
}
