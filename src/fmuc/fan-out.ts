import { ROOM_ERRORS } from '../muc/errors.ts';
import type { Departure, RoomEvent, Source } from '../muc/events.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { errorCondition, errorElement, type StanzaError, UNREACHABLE } from '../stanza/errors.ts';
import { syncElement } from '../stanza/sync.ts';
import type { Element } from '../xml/element.ts';
import { attribute, element } from '../xml/element.ts';
import { carriedPrivate } from './carried.ts';
import { introduce, note } from './coalescing.ts';
import { carry, carrySubject } from './exchange.ts';
import { dismissIfEmpty } from './joined.ts';
import { join, lastLeft, release } from './joining.ts';
import { carryModeration } from './moderation.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import { privateStanza } from './stanzas.ts';

/*
 * What happens in a room goes to every neighbour but the one that it came from (XEP-0289 §5.3), so each link is crossed
 * once. A neighbour out of reach gets nothing: what it missed it is sent when it is back. Presence may be gathered on its
 * way.
 */

/** Carries one event of a room further. */
export function fanOut(node: FmucNode, turn: Turn, event: RoomEvent): void {
  switch (event.kind) {
    case 'entered': {
      const { occupant, source } = event;
      tell(node, turn, source, occupant, 1);
      if (isFromAbove(node, source)) return;
      release(node, turn);
      if (node.upward?.state === 'local') join(node, turn);
      return;
    }
    case 'changed':
      return tell(node, turn, event.source, event.occupant, 1);
    case 'renamed':
      tell(node, turn, event.source, event.occupant, 2);
      if (!isFromAbove(node, event.source) && node.upward?.state === 'local') join(node, turn);
      return;
    case 'left': {
      const { occupant, departure, source } = event;
      if (!isFromAbove(node, source) && node.occupantsBelow().length === 0)
        lastLeft(node, turn, { occupant, departure });
      tell(node, turn, source, occupant, 1, departure);
      if (source !== undefined) dismissIfEmpty(node, turn, source);
      return;
    }
    case 'message':
      return carry(node, turn, event.message, event.entry);
    case 'subject':
      return carrySubject(node, turn, event.message);
    case 'private-message':
      return carryPrivate(node, turn, event.sender, event.recipient, event.stanza);
    case 'returned':
      return carryReturned(node, turn, event.author, event.stanza);
    case 'moderation':
      return carryModeration(node, turn, event.occupant, event.request);
    case 'destroyed':
      return;
  }
}

function isFromAbove(node: FmucNode, source: Source): boolean {
  return source !== undefined && node.upward?.targets.some((target) => target.node === source) === true;
}

function carryPrivate(node: FmucNode, turn: Turn, sender: Occupant, recipient: Occupant, stanza: Element): void {
  const to = recipient.source;
  if (to === undefined || to === sender.source) return;
  const neighbour = node.neighbour(to);
  const refuse = (error: StanzaError, reason: 'occupant-away' | 'openfire-private'): void => {
    onlooker(node, turn, to)?.(reason, { about: 'private', who: sender.nick });
    for (const session of sender.sessions)
      turn.deliver(undeliverable(stanza, node.room.addressOf(recipient.nick), session, error));
  };
  if (neighbour === undefined || neighbour.presence === 'away')
    return refuse(ROOM_ERRORS.occupantOutOfReach, 'occupant-away');
  // Openfire shows it to everyone.
  if (neighbour.dialect === 'openfire') return refuse(ROOM_ERRORS.privateNotCarried, 'openfire-private');
  const content = carriedPrivate(node, turn, neighbour, sender, stanza);
  if (content === undefined) return;
  introduce(node, turn, neighbour, sender);
  const carried = privateStanza(node.room, sender, recipient, to, content);
  if (neighbour.isOurs) carried.cnode(syncElement({ recipient: recipient.jid.toString() }));
  turn.deliver(carried);
}

/**
 * Tells the node of its author that a private message has come back. That a server on the way to its recipient is out of
 * reach would there be said of us.
 */
function carryReturned(node: FmucNode, turn: Turn, author: Occupant, stanza: Element): void {
  const to = author.source;
  const neighbour = to === undefined ? undefined : node.neighbour(to);
  if (to === undefined) return;
  if (neighbour === undefined || neighbour.presence === 'away')
    return onlooker(node, turn, to)?.('occupant-away', { about: 'error', who: author.nick });
  const address = `${to}/${author.nick}`;
  const from = attribute(stanza, 'from') ?? node.room.jid;
  if (UNREACHABLE.has(errorCondition(stanza) ?? ''))
    turn.deliver(undeliverable(stanza, from, address, ROOM_ERRORS.notDelivered));
  else turn.send(stanza, address);
}

/** Every neighbour but that one is to hear of an occupant; those who are away aren't told now. */
function tell(
  node: FmucNode,
  turn: Turn,
  source: Source,
  occupant: Occupant,
  presences: number,
  departure?: Departure,
): void {
  for (const neighbour of node.neighboursBut(source)) note(node, turn, neighbour, occupant, presences, departure);
  if (!node.isWatched) return;
  const about = departure !== undefined ? 'leave' : presences > 1 ? 'rename' : 'occupant';
  for (const { node: other, presence } of node.everyone())
    if (presence === 'away' && other !== source && node.neighbour(other) !== undefined)
      onlooker(node, turn, other)?.('told-by-list', { about, who: occupant.nick });
}

function undeliverable(content: Element, from: string, to: string, error: StanzaError): Element {
  return element('message', { from, to, id: attribute(content, 'id'), type: 'error' }, errorElement(error));
}
