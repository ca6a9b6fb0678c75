import { subjectId, subjectStamp } from '../lib/message-id.ts';
import type { RoomMessage } from '../muc/message.ts';
import { MAX_SUBJECT_LENGTH, nextSubjectStamp, setSubject } from '../muc/subject.ts';
import type { Turn } from '../muc/turn.ts';
import { childText, element } from '../xml/element.ts';
import { carriedMessage } from './carried.ts';
import { introduceAuthor } from './coalescing.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import { passesTo } from './openfire.ts';

/*
 * Which of two subjects counts. The one that was set later, of two with the same stamp that of the greater room; but
 * whoever joins a set takes over what the set has (XEP-0289 §5.1).
 */

/** A subject has come from another node: one that was just set, or as part of the answer to our join. */
export function handleSubject(
  node: FmucNode,
  turn: Turn,
  message: RoomMessage,
  occasion: 'live' | 'join' | 'rejoin',
  ignore: (told: 'long-subject', reason: string) => void,
): void {
  const { room } = node;
  const drop = (reason: 'same-subject' | 'older-subject'): void =>
    onlooker(node, turn, message.source ?? '')?.(reason, { about: 'subject', who: message.nick, direction: 'in' });
  const text = childText(message.content, 'subject') ?? '';
  if (text.length > MAX_SUBJECT_LENGTH) return ignore('long-subject', 'the subject is too long');
  const stamp = stampOf(message, nextSubjectStamp(room, turn));
  const by = message.origin?.by ?? message.source ?? room.jid;
  const received = { ...message, stamp, origin: { by, id: subjectId(stamp) } };
  const current = room.subject;
  const isNever =
    text === '' &&
    message.delayedBy === undefined &&
    (message.origin === undefined || subjectStamp(message.origin) === undefined) &&
    (occasion !== 'live' || message.nick === '');
  const isLater =
    current === undefined || stamp > current.stamp || (stamp === current.stamp && by > (current.by ?? ''));
  if (current?.stamp === stamp && current.by === by && current.text === text) return drop('same-subject');
  if (isNever && (current === undefined || occasion === 'live')) return;
  // A plain node says nothing new with what is said already.
  if (message.origin === undefined && text === (current?.text ?? '') && occasion === 'live')
    return drop('same-subject');
  if (occasion === 'live' || (occasion === 'rejoin' && !isNever)) {
    if (isLater) return setSubject(room, turn, received);
    drop('older-subject');
    if (occasion === 'rejoin') sendOurs(node, turn);
    return;
  }
  // A set of ours that never had a subject gets the one that we have.
  if (occasion === 'rejoin' || (isNever && node.upward?.at.isOurs === true)) return sendOurs(node, turn);
  if (text === (current?.text ?? '') && !isLater) return;
  // Those below us have what we had: what counts from now on must be later than that for them too.
  const isOlder = !isLater || isNever;
  if (!isOlder || node.joined.size === 0) return setSubject(room, turn, received);
  const again = nextSubjectStamp(room, turn);
  setSubject(room, turn, {
    ...received,
    source: undefined,
    stamp: again,
    origin: { by: room.jid, id: subjectId(again) },
  });
}

/** What the node above has is older than what was set here while it was away. */
function sendOurs(node: FmucNode, turn: Turn): void {
  const { room, upward } = node;
  const { subject } = room;
  if (subject === undefined || upward === undefined) return;
  const { text, nick, author, stamp, by = room.jid } = subject;
  const content = element('message', {}, element('subject', {}, text === '' ? undefined : text));
  const origin = { by, id: subjectId(stamp) };
  const message = { nick, author, source: undefined, origin, stamp, delayedBy: room.jid, content };
  const stanza = passesTo(node, upward.at, message) ? carriedMessage(node, turn, upward.at, message) : undefined;
  if (stanza !== undefined && introduceAuthor(node, turn, upward.at, message)) turn.deliver(stanza);
}

/** When it was set: as its id says, or its delay; else now. */
function stampOf({ origin, delayedBy, stamp }: RoomMessage, now: number): number {
  const said = origin && subjectStamp(origin);
  return said ?? (delayedBy === undefined ? now : stamp);
}
