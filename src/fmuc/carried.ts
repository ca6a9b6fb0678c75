import { sequenceNumber, subjectStamp } from '../lib/message-id.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Origin } from '../muc/records.ts';
import { sendReferences } from '../muc/references.ts';
import { withoutOccupantIds } from '../muc/tombstone.ts';
import type { Turn } from '../muc/turn.ts';
import type { Kind } from '../stanza/gist.ts';
import { attribute, copyOf, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { serialise } from '../xml/serialise.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { namesOf, type Onlooker, onlooker } from './onlooker.ts';
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
  const look = onlooker(node, turn, neighbour.node);
  const spared: Spared[] | undefined = look && [];
  const drop = (payload: Element): void => {
    isLess = true;
    const size = countSpared(turn, peer, payload);
    spared?.push({ payload, size });
  };
  const said = { ...message, content: withoutOccupantIds(message.content) };
  const content = sendReferences(room, said, neighbour, drop);
  const lean = neighbour.isOurs && isRebuilt(message.origin) ? withoutIds(content) : content;
  const trimmed = peer.isConstrained ? trim(lean, drop) : lean;
  const isNothing = isLess && !saysSomething(trimmed);
  tellSpared(look, spared, isNothing, message.delayedBy === undefined ? 'message' : 'history', message.nick);
  return isNothing ? undefined : messageStanza(room, { ...message, content: trimmed }, neighbour.node);
}

/** A private message as it goes by a way; undefined where nothing would be left of it that says something (XEP-0045 §7.5). */
export function carriedPrivate(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  { nick }: Occupant,
  content: Element,
): Element | undefined {
  const peer = node.peerOf(neighbour.node);
  if (!peer.isConstrained) return content;
  const look = onlooker(node, turn, neighbour.node);
  const spared: Spared[] | undefined = look && [];
  const trimmed = trim(content, (payload) => {
    const size = countSpared(turn, peer, payload);
    spared?.push({ payload, size });
  });
  const isNothing = !saysSomething(trimmed);
  tellSpared(look, spared, isNothing, 'private', nick);
  return isNothing ? undefined : trimmed;
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

/** Counts what is left out; answers its size in characters. */
function countSpared(turn: Turn, { spared }: Peer, payload: Element): number {
  const { length } = serialise(payload);
  turn.journal.set(spared, 'payloads', spared.payloads + 1);
  turn.journal.set(spared, 'payloadCharacters', spared.payloadCharacters + length);
  return length;
}

/** A payload that is left out of a message, with its characters. */
interface Spared {
  readonly payload: Element;
  readonly size: number;
}

function tellSpared(
  look: Onlooker | undefined,
  spared: readonly Spared[] | undefined,
  isNothing: boolean,
  about: Kind,
  who: string,
): void {
  if (look === undefined || spared === undefined || (spared.length === 0 && !isNothing)) return;
  const bytes = spared.reduce((sum, { size }) => sum + size, 0);
  look(isNothing ? 'nothing-left' : 'payloads', {
    about,
    who,
    bytes,
    detail: namesOf(spared.map(({ payload }) => payload)),
  });
}
