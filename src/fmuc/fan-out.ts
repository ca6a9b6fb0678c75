import { ROOM_ERRORS } from '../muc/errors.ts';
import type { RoomEvent } from '../muc/events.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { errorElement, type StanzaError } from '../stanza/errors.ts';
import { syncElement } from '../stanza/sync.ts';
import type { Element } from '../xml/element.ts';
import { attribute, element } from '../xml/element.ts';
import { carriedPrivate } from './carried.ts';
import { carry, carrySubject } from './exchange.ts';
import { dismissIfEmpty } from './joined.ts';
import { join, lastLeft, rejoinUnder, release } from './joining.ts';
import { carryModeration } from './moderation.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { isOnlyOne, noteTold } from './openfire.ts';
import { leaveStanza, occupantStanza, privateStanza } from './stanzas.ts';

/*
 * What happens in a room goes to every neighbour but the one that it came from (XEP-0289 §5.3), so each link is crossed
 * once. A neighbour out of reach gets nothing: what it missed it is sent when it is back.
 */

/** Carries one event of a room further. */
export function fanOut(node: FmucNode, turn: Turn, event: RoomEvent): void {
  const { room } = node;
  switch (event.kind) {
    case 'entered': {
      const { occupant } = event;
      tell(node, turn, event.source, (to) => shown(node, turn, to, occupant));
      if (isFromAbove(node, event.source)) return;
      release(node, turn, occupant);
      if (node.upward?.state === 'local') join(node, turn);
      return;
    }
    case 'changed': {
      const { occupant } = event;
      return tell(node, turn, event.source, (to) => shown(node, turn, to, occupant));
    }
    case 'renamed':
      tell(node, turn, event.source, (to) => rename(node, turn, to, event.occupant, event.oldNick));
      if (!isFromAbove(node, event.source) && node.upward?.state === 'local') join(node, turn);
      return;
    case 'left': {
      const { occupant, departure, source } = event;
      const last = !isFromAbove(node, source) && node.occupantsBelow().length === 0;
      tell(node, turn, source, (to) => {
        if (last && to === node.upward?.at) return [];
        noteTold(node, turn, to, occupant, true);
        return leaveStanza(room, occupant, to.node, departure);
      });
      if (last) lastLeft(node, turn, occupant, departure);
      if (source !== undefined) dismissIfEmpty(node, turn, source);
      return;
    }
    case 'message':
      return carry(node, turn, event.message, event.entry);
    case 'subject':
      return carrySubject(node, turn, event.message);
    case 'private-message':
      return carryPrivate(node, turn, event.sender, event.recipient, event.stanza);
    case 'moderation':
      return carryModeration(node, turn, event.occupant, event.request);
    case 'destroyed':
      return;
  }
}

function shown(node: FmucNode, turn: Turn, to: Neighbour, occupant: Occupant): Element {
  noteTold(node, turn, to, occupant);
  return occupantStanza(node.room, occupant, `${to.node}/${occupant.nick}`);
}

function isFromAbove(node: FmucNode, source: string | undefined): boolean {
  return source !== undefined && node.upward?.targets.some((target) => target.node === source) === true;
}

/** A change of nick is one step: gone with 303, then there. */
function rename(node: FmucNode, turn: Turn, to: Neighbour, occupant: Occupant, oldNick: string): Element[] {
  const { room } = node;
  const before = { ...occupant, nick: oldNick };
  if (to === node.upward?.at && to.dialect === 'openfire' && isOnlyOne(node, to, occupant)) {
    rejoinUnder(node, turn, before);
    return [];
  }
  return [
    leaveStanza(room, before, to.node, { statuses: [303], newNick: occupant.nick }),
    shown(node, turn, to, occupant),
  ];
}

function carryPrivate(node: FmucNode, turn: Turn, sender: Occupant, recipient: Occupant, stanza: Element): void {
  const to = recipient.source;
  if (to === undefined || to === sender.source) return;
  const neighbour = node.neighbour(to);
  const refuse = (error: StanzaError): void => {
    for (const session of sender.sessions)
      turn.deliver(undeliverable(stanza, node.room.addressOf(recipient.nick), session, error));
  };
  if (neighbour === undefined || neighbour.presence === 'away') return refuse(ROOM_ERRORS.occupantOutOfReach);
  // Openfire shows it to everyone.
  if (neighbour.dialect === 'openfire') return refuse(ROOM_ERRORS.privateNotCarried);
  const content = carriedPrivate(turn, node.peerOf(to), stanza);
  if (content === undefined) return;
  const carried = privateStanza(node.room, sender, recipient, to, content);
  if (neighbour.isOurs) carried.cnode(syncElement({ recipient: recipient.jid.toString() }));
  turn.deliver(carried);
}

/** Tells every neighbour but that one; those who are away have missed something. */
function tell(
  node: FmucNode,
  turn: Turn,
  source: string | undefined,
  stanzasFor: (neighbour: Neighbour) => Element | Element[],
): void {
  for (const neighbour of node.everyone())
    if (neighbour.presence === 'away') turn.journal.set(neighbour, 'missedPresence', true);
    else if (neighbour.node !== source) for (const stanza of [stanzasFor(neighbour)].flat()) turn.deliver(stanza);
}

function undeliverable(content: Element, from: string, to: string, error: StanzaError): Element {
  return element('message', { from, to, id: attribute(content, 'id'), type: 'error' }, errorElement(error));
}
