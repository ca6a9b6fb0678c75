import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import { copyOf, type Element } from '../xml/element.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';

/*
 * What Openfire makes of XEP-0289, as far as we have to mind it. Its addresses, second presences and missing JIDs are taken
 * from every peer.
 */

/** Whether a message may go to a neighbour at all: Openfire drops those of authors whom it doesn't know by that address. */
export function passesTo(node: FmucNode, neighbour: Neighbour, { nick, author }: RoomMessage): boolean {
  if (neighbour.dialect !== 'openfire') return true;
  const occupant = node.room.occupants.get(nick);
  return occupant !== undefined && occupant.jid.toString() === author;
}

/** History for Openfire: the first subject that it sees is to be the end of the accept. */
export function withoutSubject(content: Element): Element {
  const copy = copyOf(content);
  copy.children = copy.children.filter((child) => typeof child === 'string' || child.name !== 'subject');
  return copy;
}

/** Whether an occupant is the only one that Openfire knows through us: were they to leave for a moment, we would be out. */
export function isOnlyOne(node: FmucNode, neighbour: Neighbour, occupant: Occupant): boolean {
  return [...node.room.occupants.values()].every(
    ({ source, nick }) => source === neighbour.node || nick === occupant.nick,
  );
}
