import { messageId, originOfId } from '../lib/message-id.ts';
import { formatStamp } from '../lib/stamp.ts';
import { attribute, copyOf, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { RoomMessage } from './message.ts';
import type { Origin } from './records.ts';
import type { Referable } from './referable.ts';

/*
 * What stands in the place of a message that was retracted (XEP-0424 §4, XEP-0425 §4): its id attribute and who has retracted it
 * when. It names the retraction in the form that is the same everywhere, since what that is called differs from node to node.
 */

/** What retracts a message. */
export type Retraction = Pick<RoomMessage, 'origin' | 'stamp' | 'content'>;

/** The stanza that takes the place of a message with that id attribute; empty: it has none. */
export function tombstone(id: string, { origin, stamp, content }: Retraction): Element {
  const retract = retractOf(content);
  const retraction = origin === undefined ? (attribute(content, 'id') ?? '') : messageId(origin);
  const retracted = element('retracted', { xmlns: NS.retract, id: retraction, stamp: formatStamp(stamp) });
  if (retract !== undefined && isModerated(retract))
    for (const said of [findChild(retract, 'moderated', NS.moderate), findChild(retract, 'reason')])
      if (said !== undefined) retracted.cnode(said);
  return element('message', { id: id === '' ? undefined : id }, retracted);
}

/** Whether a message is one that has been retracted. */
export function isTombstone(content: Element): boolean {
  return findChild(content, 'retracted', NS.retract) !== undefined;
}

/** A message without any claim to have been retracted: that is for the room to say. */
export function withoutTombstones(content: Element): Element {
  if (!isTombstone(content)) return content;
  const copy = copyOf(content);
  copy.children = content.children.filter((child) => typeof child === 'string' || !isRetracted(child));
  return copy;
}

/** A message as those in a room know it: what is retracted by what, and by whom. `addressOf` gives the occupant JID of a nick. */
export function showTombstone(
  content: Element,
  find: (origin: Origin) => Referable | undefined,
  addressOf: (nick: string) => string,
): Element {
  if (!isTombstone(content)) return content;
  const copy = copyOf(content);
  copy.children = content.children.map((child) => {
    if (typeof child === 'string' || !isRetracted(child)) return child;
    const shown = nameModerator(child, addressOf);
    const id = attribute(child, 'id') ?? '';
    const origin = originOfId(id);
    // A retraction that nobody remembers is called as it is between nodes: most clients here know it so.
    shown.attrs['id'] = (origin && find(origin)?.id) || id;
    return shown;
  });
  return copy;
}

/**
 * A copy in which whoever has moderated (XEP-0425 §3.1) is named as an occupant of this room. An occupant id means something in the room
 * alone that gave it (XEP-0421 §4.1).
 */
export function nameModerator(payload: Element, addressOf: (nick: string) => string): Element {
  const copy = copyOf(payload);
  copy.children = payload.children.map((child) => {
    const by = typeof child === 'string' || child.name !== 'moderated' ? undefined : attribute(child, 'by');
    if (typeof child === 'string' || by?.includes('/') !== true) return child;
    const named = copyOf(child);
    const [room, nick] = [by.slice(0, by.indexOf('/')), by.slice(by.indexOf('/') + 1)];
    named.attrs['by'] = addressOf(nick);
    if (room !== addressOf('')) named.children = [];
    return named;
  });
  return copy;
}

/** A message on its way to another room: whoever has moderated it has no occupant id there. */
export function withoutOccupantIds(content: Element): Element {
  const isNamed = (child: Element | string): child is Element =>
    typeof child !== 'string' && child.attrs['xmlns'] === NS.retract && isModerated(child);
  if (!content.children.some(isNamed)) return content;
  const copy = copyOf(content);
  copy.children = content.children.map((child) => {
    if (!isNamed(child)) return child;
    const unnamed = copyOf(child);
    unnamed.children = child.children.map((part) => {
      if (typeof part === 'string' || part.name !== 'moderated') return part;
      const moderated = copyOf(part);
      moderated.children = [];
      return moderated;
    });
    return unnamed;
  });
  return copy;
}

/** Whether a payload says that the room has retracted what it retracts (XEP-0425 §3.1). */
export function isModerated(payload: Element): boolean {
  return findChild(payload, 'moderated', NS.moderate) !== undefined;
}

/** The payload by which a message retracts another one. */
export function retractOf(content: Element): Element | undefined {
  return findChild(content, 'retract', NS.retract);
}

function isRetracted(payload: Element): boolean {
  return payload.name === 'retracted' && payload.attrs['xmlns'] === NS.retract;
}
