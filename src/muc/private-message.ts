import { errorReply } from '../stanza/errors.ts';
import { attribute, copyOf, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { ROOM_ERRORS } from './errors.ts';
import { messageContent } from './message.ts';
import type { Occupant } from './occupant.ts';
import { occupantIdElement } from './occupant-id.ts';
import { noteReturnable } from './returned.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** An occupant here writes to another one, here or elsewhere (XEP-0045 §7.5). */
export function handlePrivateMessage(room: Room, turn: Turn, from: string, nick: string, stanza: Element): void {
  const refuse = (error: keyof typeof ROOM_ERRORS) => turn.deliver(errorReply(stanza, ROOM_ERRORS[error], room.jid));
  if (attribute(stanza, 'type') === 'groupchat') return refuse('groupchatToOccupant');
  const sender = room.bySession(from);
  if (sender === undefined) return refuse('notOccupant');
  const recipient = room.occupants.get(nick);
  if (recipient === undefined) return refuse('noSuchOccupant');
  if (!mayWritePrivately(room, sender)) return refuse('mayNotWritePrivately');
  const content = messageContent(stanza);
  const type = attribute(stanza, 'type');
  if (type !== undefined) content.attrs['type'] = type;
  deliverPrivateMessage(room, turn, sender, recipient, content);
}

/** Whether the room lets somebody with that role write to single occupants: muc#roomconfig_allowpm (XEP-0045 §7.5). */
export function mayWritePrivately(room: Room, { role }: Occupant): boolean {
  switch (room.settings.privateMessages) {
    case 'anyone':
      return true;
    case 'participants':
      return role === 'participant' || role === 'moderator';
    case 'moderators':
      return role === 'moderator';
    case 'none':
      return false;
  }
}

/**
 * Gives a private message, from wherever, to every client of its recipient; one for an occupant elsewhere is announced.
 * `content` has neither `from` nor `to`.
 */
export function deliverPrivateMessage(
  room: Room,
  turn: Turn,
  sender: Occupant,
  recipient: Occupant,
  content: Element,
): void {
  if (recipient.source !== undefined)
    return turn.announce({ kind: 'private-message', room, sender, recipient, stanza: content });
  const stanza = copyOf(content);
  stanza.attrs['from'] = room.addressOf(sender.nick);
  if (findChild(stanza, 'x', NS.mucUser) === undefined) stanza.cnode(element('x', { xmlns: NS.mucUser }));
  stanza.cnode(occupantIdElement(room, sender.jid.toString(), sender.source));
  const id = attribute(stanza, 'id');
  if (id !== undefined) for (const session of recipient.sessions) noteReturnable(room, sender.nick, session, id);
  turn.send(stanza, recipient.sessions);
}
