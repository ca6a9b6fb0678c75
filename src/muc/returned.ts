import { errorCondition, errorTypeOf, meansGone } from '../stanza/errors.ts';
import { attribute, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * A private message has come back from a client of its recipient: whoever goes by the nick that it came from hears why,
 * wherever they are (XEP-0045 §7.5, RFC 6120 §8.3). Nothing else of the error is passed on: it may bear real addresses, and
 * words that the room doesn't let somebody say. Where another client of the recipient has got the message, it has arrived.
 */
export function returnPrivateMessage(room: Room, turn: Turn, from: string, nick: string, stanza: Element): void {
  const recipient = room.bySession(from);
  const author = room.occupants.get(nick);
  const condition = errorCondition(stanza);
  if (recipient === undefined || author === undefined || condition === undefined) return;
  if (meansGone(stanza) && recipient.sessions.length > 1) return;
  const returned = element(
    'message',
    { from: room.addressOf(recipient.nick), id: attribute(stanza, 'id'), type: 'error' },
    element('error', { type: errorTypeOf(stanza) }, element(condition, { xmlns: NS.stanzaErrors })),
  );
  if (author.source === undefined) turn.send(returned, author.sessions);
  else turn.announce({ kind: 'returned', room, author, stanza: returned });
}
