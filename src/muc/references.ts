import { messageId, originOfId } from '../lib/message-id.ts';
import { attribute, childElements, copyOf, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { RoomMessage } from './message.ts';
import type { Origin } from './records.ts';
import { ownerOf, type Referable } from './referable.ts';
import type { Room } from './room.ts';
import { isModerated, nameModerator, showTombstone } from './tombstone.ts';

/*
 * One message refers to another by an id that differs from node to node: each room gives a stanza-id of its own, and a
 * message that has crossed between nodes has another id attribute than the one of its author's client. So a reference is
 * translated twice: into the form that is the same everywhere (`messageId`) where it enters the room, which is kept and
 * carried, and into what the readers know where it is given to them. What can't be translated is left out, never guessed.
 */

/** A payload that refers to another message by its attribute `id`. */
interface Kind {
  readonly name: string;
  readonly namespace: string;
  /** By its id attribute, or by the stanza-id of the room (XEP-0359). */
  readonly by: 'message' | 'room';
  /** Only to messages of the same author. */
  readonly isOwn: boolean;
}

const KINDS: readonly Kind[] = [
  // XEP-0308 §4
  { name: 'replace', namespace: NS.correction, by: 'message', isOwn: true },
  // XEP-0461 §4.1
  { name: 'reply', namespace: NS.reply, by: 'room', isOwn: false },
  // XEP-0444 §3.1
  { name: 'reactions', namespace: NS.reactions, by: 'room', isOwn: false },
  // XEP-0424 §5.1, with XEP-0425 §3.1 inside
  { name: 'retract', namespace: NS.retract, by: 'room', isOwn: true },
  // XEP-0333 §4.3
  { name: 'displayed', namespace: NS.markers, by: 'room', isOwn: false },
];

/** A user here says something: its references as they are kept. One to a message that isn't remembered is for those here. */
export function enterReferences(room: Room, author: string, content: Element): Element {
  const owner = ownerOf(author, undefined);
  return translate(content, (kind, payload, id) => {
    // Only the room itself says that it is moderated (XEP-0425 §5).
    if (isModerated(payload)) return undefined;
    const { referable } = room;
    const found = kind.by === 'message' ? referable.withId(id, owner) : referable.at(room.positionOf(id));
    if (found !== undefined) return isAllowed(kind, found, owner) ? referTo(payload, found) : undefined;
    const isSomebodyElses = kind.by === 'message' && referable.withId(id) !== undefined;
    return isSomebodyElses || originOfId(id) !== undefined ? undefined : payload;
  });
}

/** Another node says something: its references as they are kept. `isOurs`: it speaks our form of them. */
export function receiveReferences(
  room: Room,
  content: Element,
  from: { readonly node: string; readonly author: string; readonly isOurs: boolean; readonly mayModerate: boolean },
): Element {
  const owner = ownerOf(from.author, from.node);
  return translate(content, (kind, payload, id) => {
    if (isModerated(payload) && !from.mayModerate) return undefined;
    const { referable } = room;
    const origin = from.isOurs ? originOfId(id) : undefined;
    const found =
      origin !== undefined
        ? referable.of(origin)
        : kind.by === 'message'
          ? referable.withId(id, owner)
          : referable.ofForeign({ by: from.node, id });
    if (found !== undefined)
      return isModerated(payload) || isAllowed(kind, found, owner) ? referTo(payload, found) : undefined;
    return origin === undefined ? undefined : payload;
  });
}

/** Where messages are found that others refer to. */
export interface Remembered {
  of(origin: Origin): Referable | undefined;
}

/** A message as those here know what it refers to. */
export function showReferences(
  room: Room,
  { content, author, source }: RoomMessage,
  remembered: Remembered = room.referable,
): Element {
  const shown = showTombstone(
    content,
    (origin) => remembered.of(origin),
    (nick) => room.addressOf(nick),
  );
  return translate(shown, (kind, payload, id) => {
    const origin = originOfId(id);
    // As a client here has said it; another node's would mean something else here.
    if (origin === undefined) return source === undefined ? payload : undefined;
    const found = remembered.of(origin);
    if (found === undefined || !(isModerated(payload) || isAllowed(kind, found, ownerOf(author, source))))
      return undefined;
    if (kind.by === 'message') return found.id === '' ? undefined : pointAt(payload, found.id);
    return pointAt(
      payload,
      room.stanzaIdOf(found.seq),
      kind.name === 'reply' ? room.addressOf(found.nick) : undefined,
      (by) => room.addressOf(by),
    );
  });
}

/**
 * A message as another node knows what it refers to: one of ours by the form that is the same everywhere, a plain one by
 * the id that it was sent, or that it gave itself. `drop` gets each payload that is left out.
 */
export function sendReferences(
  room: Room,
  { content, author, source }: RoomMessage,
  to: { readonly node: string; readonly isOurs: boolean },
  drop: (payload: Element) => void,
): Element {
  return translate(
    content,
    (kind, payload, id) => {
      const origin = originOfId(id);
      if (origin === undefined || to.isOurs) return origin && payload;
      const found = room.referable.of(origin);
      if (found === undefined || !(isModerated(payload) || isAllowed(kind, found, ownerOf(author, source))))
        return undefined;
      if (kind.by === 'message') return found.id === '' ? undefined : pointAt(payload, found.id);
      if (found.foreign?.by !== to.node) return undefined;
      return pointAt(payload, found.foreign.id, kind.name === 'reply' ? `${to.node}/${found.nick}` : undefined);
    },
    drop,
  );
}

/** A private message of another node: whom it replies to, as an occupant of this room (XEP-0461 §3). Its id stays. */
export function receivePrivateReply(room: Room, content: Element, node: string): Element {
  return translate(content, ({ name }, payload, id) => {
    const to = attribute(payload, 'to');
    const isTheirs = name === 'reply' && to?.startsWith(`${node}/`) === true;
    return isTheirs ? pointAt(payload, id, room.addressOf(to.slice(node.length + 1))) : payload;
  });
}

/** Whether a payload refers to nothing, or to a message that is the same everywhere. */
export function isReferable(payload: Element): boolean {
  const kind = kindOf(payload);
  return kind === undefined || originOfId(attribute(payload, 'id') ?? '') !== undefined;
}

/** What refers is put in place by `one`, or left out; then the text for those who don't understand it stands for itself. */
function translate(
  content: Element,
  one: (kind: Kind, payload: Element, id: string) => Element | undefined,
  drop?: (payload: Element) => void,
): Element {
  const references = childElements(content).filter((child) => kindOf(child) !== undefined);
  if (references.length === 0) return content;
  const copy = copyOf(content);
  copy.children = [];
  const gone = new Set<string>();
  for (const child of content.children) {
    const kind = typeof child === 'string' ? undefined : kindOf(child);
    const put =
      typeof child === 'string' || kind === undefined ? child : one(kind, child, attribute(child, 'id') ?? '');
    if (put !== undefined) copy.children.push(put);
    else if (typeof child !== 'string') {
      drop?.(child);
      gone.add(attribute(child, 'xmlns') ?? '');
    }
  }
  return gone.size === 0 ? copy : withoutFallbacks(copy, (namespace) => gone.has(namespace), drop);
}

/** Without the marks that text stands for payloads of some namespaces (XEP-0428 §2.2): where these aren't, it is all there is. */
export function withoutFallbacks(
  content: Element,
  isGone: (namespace: string) => boolean,
  drop?: (payload: Element) => void,
): Element {
  const copy = copyOf(content);
  copy.children = content.children.filter((child) => {
    if (typeof child === 'string' || child.name !== 'fallback' || child.attrs['xmlns'] !== NS.fallback) return true;
    if (!isGone(attribute(child, 'for') ?? '')) return true;
    drop?.(child);
    return false;
  });
  return copy;
}

function kindOf(payload: Element): Kind | undefined {
  const namespace = attribute(payload, 'xmlns');
  return KINDS.find((kind) => kind.name === payload.name && kind.namespace === namespace);
}

function isAllowed(kind: Kind, found: Referable, owner: string): boolean {
  return !kind.isOwn || found.owner === owner;
}

/** The payload in the form that is the same everywhere. Whom a reply is to follows from what it refers to. */
function referTo(payload: Element, { origin }: Referable): Element {
  return pointAt(payload, messageId(origin));
}

/** The payload with that `id` and, of a reply, that `to`; who moderated (XEP-0425 §3.1) is named by `nameOf`. */
function pointAt(payload: Element, id: string, to?: string, nameOf?: (nick: string) => string): Element {
  const copy = nameOf === undefined ? copyOf(payload) : nameModerator(payload, nameOf);
  copy.attrs['id'] = id;
  delete copy.attrs['to'];
  if (to !== undefined) copy.attrs['to'] = to;
  return copy;
}
