import { errorReply } from '../stanza/errors.ts';
import type { Element } from '../xml/element.ts';
import { ROOM_ERRORS } from './errors.ts';
import {
  deliverMessage,
  isLasting,
  isSubjectChange,
  messageContent,
  newOrigin,
  orderOf,
  type RoomMessage,
} from './message.ts';
import type { Room } from './room.ts';
import { changeSubject } from './subject.ts';
import type { Turn } from './turn.ts';

/** A user here sends a message of type groupchat to the room (XEP-0045 §7.4). */
export function handleGroupchat(room: Room, turn: Turn, from: string, stanza: Element): void {
  const sender = room.bySession(from);
  if (sender === undefined) return turn.deliver(errorReply(stanza, ROOM_ERRORS.notOccupant, room.jid));
  if (isSubjectChange(stanza)) return changeSubject(room, turn, sender, stanza);
  if (sender.role === 'visitor') return turn.deliver(errorReply(stanza, ROOM_ERRORS.noVoice, room.jid));
  const content = messageContent(stanza);
  const lasting = isLasting(content);
  const message: RoomMessage = {
    nick: sender.nick,
    author: sender.jid.toString(),
    source: undefined,
    origin: lasting ? newOrigin(room, turn) : undefined,
    stamp: turn.now,
    content,
  };
  const order = lasting ? orderOf(room, turn, message) : 'here';
  if (order === 'here') deliverMessage(room, turn, message);
  else if (order !== 'taken') turn.deliver(errorReply(stanza, order, room.jid));
}
