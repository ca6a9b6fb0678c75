import { MAX_SUBJECT_STAMP, subjectId } from '../lib/message-id.ts';
import { delayElement } from '../stanza/delay.ts';
import { errorReply } from '../stanza/errors.ts';
import { childText, type Element, element } from '../xml/element.ts';
import { ROOM_ERRORS } from './errors.ts';
import { messageContent, messageStanza, orderOf, type RoomMessage } from './message.ts';
import type { Occupant } from './occupant.ts';
import { occupantIdElement } from './occupant-id.ts';
import type { SubjectRecord } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The longest subject, in characters. */
export const MAX_SUBJECT_LENGTH = 4096;

/** An occupant here changes the subject (XEP-0045 §8.1). */
export function changeSubject(room: Room, turn: Turn, sender: Occupant, stanza: Element): void {
  const refuse = (error: keyof typeof ROOM_ERRORS) => turn.deliver(errorReply(stanza, ROOM_ERRORS[error], room.jid));
  const allowed =
    sender.role === 'moderator' || (sender.role === 'participant' && room.settings.occupantsChangeSubject);
  if (!allowed) return refuse('mayNotSetSubject');
  const text = childText(stanza, 'subject') ?? '';
  if (text.length > MAX_SUBJECT_LENGTH) return refuse('tooLong');
  const stamp = nextSubjectStamp(room, turn);
  const message: RoomMessage = {
    nick: sender.nick,
    author: sender.jid.toString(),
    source: undefined,
    origin: { by: room.jid, id: subjectId(stamp) },
    stamp,
    content: messageContent(stanza),
  };
  const order = orderOf(room, turn, message);
  if (order === 'here') setSubject(room, turn, message);
  else if (order !== 'taken') turn.deliver(errorReply(stanza, order, room.jid));
}

/** The stamp of a subject that is set now: its identity, and what orders it among others. */
export function nextSubjectStamp(room: Room, turn: Turn): number {
  return Math.min(Math.max(turn.now, (room.subject?.stamp ?? 0) + 1), MAX_SUBJECT_STAMP);
}

/** Keeps a subject from wherever it came, tells everyone here, and announces it. */
export function setSubject(room: Room, turn: Turn, message: RoomMessage): void {
  const { nick, author, stamp, origin, content } = message;
  const text = childText(content, 'subject') ?? '';
  const subject: SubjectRecord = { text, nick, author, stamp, ...(origin === undefined ? {} : { by: origin.by }) };
  turn.journal.set(room, 'subject', subject);
  room.save(turn);
  turn.send(messageStanza(room, message, undefined), room.sessions());
  turn.announce({ kind: 'subject', room, message, source: message.source });
}

/**
 * The subject as a newcomer gets it after the history (XEP-0045 §7.2.15), without `to`: empty and unstamped where none
 * was ever set.
 */
export function subjectStanza(room: Room): Element {
  const { subject } = room;
  return element(
    'message',
    { from: room.addressOf(subject?.nick ?? ''), type: 'groupchat' },
    element('subject', {}, subject?.text === '' ? undefined : subject?.text),
    subject === undefined || subject.nick === '' ? undefined : occupantIdElement(room, subject.author, subject.by),
    subject === undefined ? undefined : delayElement({ from: room.jid, stamp: subject.stamp }),
  );
}
