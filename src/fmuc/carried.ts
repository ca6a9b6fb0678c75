import { sequenceNumber, subjectStamp } from '../lib/message-id.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Origin } from '../muc/records.ts';
import { sendReferences } from '../muc/references.ts';
import { withoutOccupantIds } from '../muc/tombstone.ts';
import type { Turn } from '../muc/turn.ts';
import { attribute, copyOf, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { serialise } from '../xml/serialise.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import type { Peer } from './peer.ts';
import { messageStanza } from './stanzas.ts';
import { saysSomething, trim } from './trimming.ts';

/*
 * What of a message goes to a neighbour: its references as that node knows them, no id that can be made anew there, and
 * across a constrained link only what belongs to the conversation.
 */

/** A message as it goes to a neighbour; undefined where nothing would be left of it that says something. */
export function carriedMessage(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  message: RoomMessage,
): Element | undefined {
  const { room } = node;
  const peer = node.peerOf(neighbour.node);
  let isLess = peer.isConstrained;
  const drop = (payload: Element): void => {
    isLess = true;
    countSpared(turn, peer, payload);
  };
  const said = { ...message, content: withoutOccupantIds(message.content) };
  const content = sendReferences(room, said, neighbour, drop);
  const lean = neighbour.isOurs && isRebuilt(message.origin) ? withoutIds(content) : content;
  const trimmed = peer.isConstrained ? trim(lean, drop) : lean;
  return isLess && !saysSomething(trimmed)
    ? undefined
    : messageStanza(room, { ...message, content: trimmed }, neighbour.node);
}

/** A private message as it goes by a way; undefined where nothing would be left of it that says something (XEP-0045 §7.5). */
export function carriedPrivate(turn: Turn, peer: Peer, content: Element): Element | undefined {
  if (!peer.isConstrained) return content;
  const trimmed = trim(content, (payload) => countSpared(turn, peer, payload));
  return saysSomething(trimmed) ? trimmed : undefined;
}

/** Whether a gateway of ours makes the id attribute anew of where a message entered the set. */
export function isRebuilt(origin: Origin | undefined): origin is Origin {
  return origin !== undefined && (sequenceNumber(origin) !== undefined || subjectStamp(origin) !== undefined);
}

/** Without the ids that a client gave it: random, and longer than all the rest when compressed. */
function withoutIds(content: Element): Element {
  const copy = copyOf(content);
  delete copy.attrs['id'];
  copy.children = content.children.filter(
    (child) => typeof child === 'string' || child.name !== 'origin-id' || attribute(child, 'xmlns') !== NS.stanzaId,
  );
  return copy;
}

function countSpared(turn: Turn, { spared }: Peer, payload: Element): void {
  turn.journal.set(spared, 'payloads', spared.payloads + 1);
  turn.journal.set(spared, 'payloadCharacters', spared.payloadCharacters + serialise(payload).length);
}
