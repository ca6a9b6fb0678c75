import { ROOM_ERRORS } from '../muc/errors.ts';
import type { RoomEvent } from '../muc/events.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Turn } from '../muc/turn.ts';
import { errorElement } from '../stanza/errors.ts';
import type { Element } from '../xml/element.ts';
import { attribute, element } from '../xml/element.ts';
import { dismissIfEmpty } from './joined.ts';
import { join, lastLeft, release } from './joining.ts';
import type { FmucNode, Neighbour } from './node.ts';
import { leaveStanza, messageStanza, occupantStanza, privateStanza } from './stanzas.ts';

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
      tell(node, turn, event.source, ({ node: to }) => occupantStanza(room, occupant, `${to}/${occupant.nick}`));
      if (event.source === node.upward?.node) return;
      release(node, turn, occupant);
      if (node.upward?.state === 'local') join(node, turn);
      return;
    }
    case 'changed': {
      const { occupant } = event;
      return tell(node, turn, event.source, ({ node: to }) => occupantStanza(room, occupant, `${to}/${occupant.nick}`));
    }
    case 'renamed': {
      const { occupant, oldNick } = event;
      const before = { ...occupant, nick: oldNick };
      const departure = { statuses: [303], newNick: occupant.nick };
      tell(node, turn, event.source, ({ node: to }) => leaveStanza(room, before, to, departure));
      tell(node, turn, event.source, ({ node: to }) => occupantStanza(room, occupant, `${to}/${occupant.nick}`));
      if (event.source !== node.upward?.node && node.upward?.state === 'local') join(node, turn);
      return;
    }
    case 'left': {
      const { occupant, departure, source } = event;
      const last = source !== node.upward?.node && node.occupantsBelow().length === 0;
      tell(node, turn, source, (to) =>
        last && to === node.upward ? undefined : leaveStanza(room, occupant, to.node, departure),
      );
      if (last) lastLeft(node, turn, occupant, departure);
      if (source !== undefined) dismissIfEmpty(node, turn, source);
      return;
    }
    case 'message':
    case 'subject':
      return carry(node, turn, event.message);
    case 'private-message': {
      const to = event.recipient.source;
      if (to === undefined || to === event.sender.source) return;
      if (node.peerOf(to).reachable)
        return turn.deliver(privateStanza(room, event.sender, event.recipient, to, event.stanza));
      for (const session of event.sender.sessions)
        turn.deliver(undeliverable(event.stanza, room.addressOf(event.recipient.nick), session));
      return;
    }
    case 'destroyed':
      return;
  }
}

function carry(node: FmucNode, turn: Turn, message: RoomMessage): void {
  for (const neighbour of node.neighboursBut(message.source)) {
    if (isReachable(node, neighbour)) turn.deliver(messageStanza(node.room, message, neighbour.node));
    else turn.journal.set(neighbour, 'unsent', neighbour.unsent + 1);
  }
}

function tell(
  node: FmucNode,
  turn: Turn,
  source: string | undefined,
  stanzaFor: (neighbour: Neighbour) => Element | undefined,
): void {
  for (const neighbour of node.neighboursBut(source))
    if (isReachable(node, neighbour)) turn.deliver(stanzaFor(neighbour));
}

function isReachable(node: FmucNode, neighbour: Neighbour): boolean {
  if (neighbour === node.upward && node.upward.state === 'out-of-reach') return false;
  return node.peerOf(neighbour.node).reachable;
}

function undeliverable(content: Element, from: string, to: string): Element {
  return element(
    'message',
    { from, to, id: attribute(content, 'id'), type: 'error' },
    errorElement(ROOM_ERRORS.occupantOutOfReach),
  );
}
