import { Jid } from '../lib/jid.ts';
import { attribute, childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** The payload of XEP-0289, by what it says. */
export type Fmuc =
  /** The stanza is of this user, named by full real JID. */
  | { readonly kind: 'from'; readonly from: Jid }
  /** The joined node refuses (XEP-0289 §5.1); the text is for people. */
  | { readonly kind: 'reject'; readonly reason: string }
  /** The joining node is out of the set (XEP-0289 §5.4). */
  | { readonly kind: 'left' }
  /** None of these, or a `from` that isn't a JID. */
  | { readonly kind: 'malformed' };

/** Reads the payload; undefined where the stanza has none. */
export function readFmuc(stanza: Element): Fmuc | undefined {
  const payload = findChild(stanza, 'fmuc', NS.fmuc);
  if (payload === undefined) return undefined;
  const reject = childText(payload, 'reject');
  if (reject !== undefined) return { kind: 'reject', reason: reject };
  if (findChild(payload, 'left') !== undefined) return { kind: 'left' };
  const from = Jid.tryParse(attribute(payload, 'from'));
  return from === undefined ? { kind: 'malformed' } : { kind: 'from', from };
}

/** `<fmuc from='…'/>`, with the user's full real JID. */
export function fmucElement(from: string): Element {
  return element('fmuc', { xmlns: NS.fmuc, from });
}

/** The stanza by which a joined node refuses, bare JID to bare JID. */
export function rejectPresence(room: string, node: string, reason: string): Element {
  return element(
    'presence',
    { from: room, to: node },
    element('fmuc', { xmlns: NS.fmuc }, element('reject', {}, reason)),
  );
}

/** The stanza by which a joined node confirms that a joining node has left, bare JID to bare JID. */
export function leftPresence(room: string, node: string): Element {
  return element('presence', { from: room, to: node }, element('fmuc', { xmlns: NS.fmuc }, element('left')));
}
