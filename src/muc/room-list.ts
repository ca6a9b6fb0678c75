import { discoItemsElement } from '../stanza/disco.ts';
import { ERRORS } from '../stanza/errors.ts';
import type { Answer } from '../stanza/iq.ts';
import { pageOf, readPageRequest, resultOfPage, resultSetElement } from '../stanza/result-set.ts';
import type { Element } from '../xml/element.ts';
import { roomName } from './disco.ts';
import type { Room } from './room.ts';

/** The most rooms in one answer, and the most characters of their names and addresses: servers pass on no larger stanzas. */
export const MAX_LISTED = 500;
export const MAX_LIST_CHARACTERS = 100_000;

interface ListedRoom {
  readonly jid: string;
  readonly name: string;
}

/**
 * The rooms that anybody may find, in the order of their addresses: neither hidden ones, whoever asks, nor those that aren't
 * there yet (XEP-0045 §6.3). A page of them is given to whoever asks for one, and where they are too many (XEP-0059).
 */
export function listRooms(rooms: readonly Room[], query: Element): Answer {
  const request = readPageRequest(query);
  if (request === 'malformed') return { error: ERRORS.badRequest };
  const listed = rooms
    .filter((room) => room.settings.public && !room.locked)
    .map((room): ListedRoom => ({ jid: room.jid, name: roomName(room) }))
    .sort((one, other) => (one.jid < other.jid ? -1 : 1));
  let characters = 0;
  const page = pageOf(listed, jidOf, request ?? {}, ({ jid, name }, { length }) => {
    characters += jid.length + name.length;
    return length < MAX_LISTED && characters <= MAX_LIST_CHARACTERS;
  });
  const result = discoItemsElement(page.items);
  if (listed.length > 0 && (request !== undefined || page.items.length < listed.length))
    result.cnode(resultSetElement(resultOfPage(page, jidOf)));
  return { result };
}

function jidOf({ jid }: ListedRoom): string {
  return jid;
}
