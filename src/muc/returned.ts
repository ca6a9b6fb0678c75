import { errorCondition, errorTypeOf, meansGone } from '../stanza/errors.ts';
import { attribute, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most private messages of one room, counted for each client that got one, that are told of where they come back. */
export const MAX_RETURNABLE = 512;

/** The longest id of one, in characters. */
const MAX_ID_LENGTH = 256;

/** A private message with that id is sent to a client: it may come back. */
export function noteReturnable(room: Room, nick: string, to: string, id: string): void {
  if (id.length > MAX_ID_LENGTH) return;
  const key = returnableKey(nick, to, id);
  room.returnable.delete(key);
  room.returnable.set(key, true);
  const [oldest] = room.returnable.keys();
  if (room.returnable.size > MAX_RETURNABLE && oldest !== undefined) room.returnable.delete(oldest);
}

/** The bounce names the client that it comes from, the nick that it goes to, and the id of what it answers. */
function returnableKey(nick: string, client: string, id: string): string {
  return `${client} ${id} ${nick}`;
}

/**
 * A private message has come back from a client of its recipient: whoever goes by the nick that it came from hears why,
 * wherever they are (XEP-0045 §7.5, RFC 6120 §8.3). Nothing else of the error is passed on: it may bear real addresses, and
 * words that the room doesn't let somebody say. What comes back without having been sent there, or was said to everyone (which
 * comes back to the same address), is nothing to its author. Where another client of the recipient has got the message, it has arrived.
 */
export function returnPrivateMessage(room: Room, turn: Turn, from: string, nick: string, stanza: Element): void {
  const recipient = room.bySession(from);
  const author = room.occupants.get(nick);
  const condition = errorCondition(stanza);
  const id = attribute(stanza, 'id');
  if (id === undefined || !room.returnable.delete(returnableKey(nick, from, id))) return;
  if (recipient === undefined || author === undefined || condition === undefined) return;
  if (meansGone(stanza) && recipient.sessions.length > 1) return;
  const returned = element(
    'message',
    { from: room.addressOf(recipient.nick), id, type: 'error' },
    element('error', { type: errorTypeOf(stanza) }, element(condition, { xmlns: NS.stanzaErrors })),
  );
  if (author.source === undefined) turn.send(returned, author.sessions);
  else turn.announce({ kind: 'returned', room, author, stanza: returned });
}
