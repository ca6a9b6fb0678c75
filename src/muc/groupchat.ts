import { errorReply } from '../stanza/errors.ts';
import type { Element } from '../xml/element.ts';
import { ROOM_ERRORS } from './errors.ts';
import {
  deliverMessage,
  isLasting,
  isShared,
  isSubjectChange,
  messageContent,
  newOrigin,
  orderOf,
  type RoomMessage,
  unnumbered,
} from './message.ts';
import { enterReferences } from './references.ts';
import type { Room } from './room.ts';
import { changeSubject } from './subject.ts';
import { withoutTombstones } from './tombstone.ts';
import type { Turn } from './turn.ts';

/** A user here sends a message of type groupchat to the room (XEP-0045 §7.4). */
export function handleGroupchat(room: Room, turn: Turn, from: string, stanza: Element): void {
  const sender = room.bySession(from);
  if (sender === undefined) return turn.deliver(errorReply(stanza, ROOM_ERRORS.notOccupant, room.jid));
  if (isSubjectChange(stanza)) return changeSubject(room, turn, sender, stanza);
  if (sender.role === 'visitor') return turn.deliver(errorReply(stanza, ROOM_ERRORS.noVoice, room.jid));
  const author = sender.jid.toString();
  const content = enterReferences(room, author, withoutTombstones(messageContent(stanza)));
  const shared = isShared(content);
  const message: RoomMessage = {
    nick: sender.nick,
    author,
    source: undefined,
    origin: shared ? newOrigin(room, turn) : undefined,
    foreign: !shared && isLasting(content) ? unnumbered(room) : undefined,
    stamp: turn.now,
    content,
  };
  const order = shared ? orderOf(room, turn, message) : 'here';
  if (order === 'here') deliverMessage(room, turn, message);
  else if (order !== 'taken') turn.deliver(errorReply(stanza, order, room.jid));
}
