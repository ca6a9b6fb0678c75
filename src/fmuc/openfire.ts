import { Jid } from '../lib/jid.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { readMucUser } from '../stanza/muc-user.ts';
import { copyOf, type Element } from '../xml/element.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode, Upward } from './node.ts';
import { aboutStanza, onlooker } from './onlooker.ts';
import { enterPresence } from './standing.ts';
import { takeBack } from './told.ts';

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

/** Whether the item of a presence bears what only Openfire puts there: an occupant JID of the room that sends it. */
export function isOpenfires(from: Jid, stanza: Element): boolean {
  const named = Jid.tryParse(readMucUser(stanza)?.jid);
  return named?.bare === from.bare && named.resource !== undefined;
}

/**
 * The occupant whom Openfire means in a kick, a ban or a change of role: the item alone says so, by the real JID or by the
 * occupant JID.
 */
export function meantBy(node: FmucNode, neighbour: Neighbour, from: Jid, stanza: Element): Occupant | undefined {
  const named = Jid.tryParse(readMucUser(stanza)?.jid);
  if (neighbour.dialect !== 'openfire' || named === undefined) return undefined;
  for (const occupant of node.room.occupants.values()) {
    const isMeant = named.bare === from.bare ? occupant.nick === named.resource : occupant.jid.bare === named.bare;
    if (isMeant && (named.bare === from.bare || named.isBare || occupant.jid.equals(named))) return occupant;
  }
  return undefined;
}

/** How long Openfire may take to say that we have left, in milliseconds. */
const LEFT_WAIT = 300_000;

/**
 * Openfire would have nobody of ours for a moment, and we would be out: to it all of ours leave, and join anew once it has
 * said so. What is said meanwhile waits.
 */
export function startOver(node: FmucNode, turn: Turn, upward: Upward, at: Neighbour): void {
  takeBack(node, turn, at);
  enterPresence(node, turn, at, 'away');
  turn.journal.set(upward, 'awaitsLeft', true);
  turn.journal.set(upward, 'state', 'joining');
  node.timers.set('answer', turn.now + LEFT_WAIT);
}

/** How long Openfire's second presence of somebody who came may be behind the first, in milliseconds. */
export const SECOND_PRESENCE_WAIT = 30_000;

/**
 * Whether a presence in the form of a join is of one user more: Openfire brings everyone so, and their ordinary presence
 * right behind. After a join that asks for an answer that waits for it.
 */
export function isOneMore(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour | undefined,
  from: Jid,
  user: Jid,
  stanza: Element,
): boolean {
  if (neighbour?.dialect !== 'openfire' || neighbour.presence === 'away') return false;
  if (neighbour === node.upward?.at) return true;
  const full = user.toString();
  if (node.room.byRemote(neighbour.node, full) !== undefined || node.room.occupantsOf(neighbour.node).length === 0)
    return false;
  turn.journal.set(neighbour, 'oneMore', { from, user, stanza });
  onlooker(node, turn, neighbour.node)?.('second-presence', aboutStanza(stanza));
  node.timers.set(`join ${neighbour.node}`, turn.now + SECOND_PRESENCE_WAIT);
  return true;
}

/** The second presence has come: it was no join. */
export function forgetOneMore(node: FmucNode, neighbour: Neighbour, user: Jid): void {
  if (neighbour.oneMore?.user.equals(user) !== true) return;
  node.timers.clear(`join ${neighbour.node}`);
  neighbour.oneMore = undefined;
}
