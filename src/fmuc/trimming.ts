import { isWhole } from '../muc/message.ts';
import { withoutFallbacks } from '../muc/references.ts';
import { attribute, childElements, copyOf, type Element, findChild, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/*
 * What of a message crosses a constrained link: the conversation, and nothing that only adorns it. A payload that isn't in
 * the table stays here; the archive keeps it.
 */

/** The longest thread that crosses, in characters: what clients make is random, and longer. */
export const MAX_THREAD = 12;

/** A payload that crosses, and who says what it is. */
export interface CarriedPayload {
  readonly name: string;
  /** Undefined: the stanza's own. */
  readonly namespace: string | undefined;
  readonly from: string;
}

export const CARRIED: readonly CarriedPayload[] = [
  { name: 'body', namespace: undefined, from: 'RFC 6121 §5.2.3' },
  { name: 'subject', namespace: undefined, from: 'RFC 6121 §5.2.4, XEP-0045 §8.1' },
  { name: 'thread', namespace: undefined, from: 'RFC 6121 §5.2.5' },
  { name: 'x', namespace: NS.openPgpLegacy, from: 'XEP-0027' },
  { name: 'x', namespace: NS.outOfBand, from: 'XEP-0066' },
  { name: 'x', namespace: NS.conference, from: 'XEP-0249' },
  { name: 'securitylabel', namespace: NS.securityLabel, from: 'XEP-0258' },
  { name: 'replace', namespace: NS.correction, from: 'XEP-0308' },
  { name: 'openpgp', namespace: NS.openPgp, from: 'XEP-0373' },
  { name: 'encryption', namespace: NS.encryption, from: 'XEP-0380' },
  { name: 'encrypted', namespace: NS.omemo, from: 'XEP-0384' },
  { name: 'encrypted', namespace: NS.omemoLegacy, from: 'XEP-0384 before 0.4' },
  { name: 'retract', namespace: NS.retract, from: 'XEP-0424, XEP-0425' },
  { name: 'retracted', namespace: NS.retract, from: 'XEP-0424, XEP-0425' },
  { name: 'fallback', namespace: NS.fallback, from: 'XEP-0428' },
  { name: 'reactions', namespace: NS.reactions, from: 'XEP-0444' },
  { name: 'reply', namespace: NS.reply, from: 'XEP-0461' },
];

/** What of a message crosses. `drop` gets each payload that doesn't. */
export function trim(content: Element, drop: (payload: Element) => void): Element {
  const trimmed = copyOf(content);
  trimmed.children = content.children.filter((child) => {
    if (typeof child === 'string' || crosses(content, child)) return true;
    drop(child);
    return false;
  });
  const namespaces = new Set(childElements(trimmed).map((child) => attribute(child, 'xmlns')));
  return withoutFallbacks(trimmed, (namespace) => !namespaces.has(namespace), drop);
}

/** Whether anything is left that says something. */
export function saysSomething(content: Element): boolean {
  return childElements(content).some((child) => isWhole(child) || isOwn(child, 'subject'));
}

function crosses(content: Element, payload: Element): boolean {
  const namespace = attribute(payload, 'xmlns');
  if (!CARRIED.some((carried) => carried.name === payload.name && carried.namespace === namespace)) return false;
  // Without its thread it would be a change of subject (XEP-0045 §8.1); without a body it is nothing.
  if (isOwn(payload, 'subject'))
    return findChild(content, 'body') !== undefined || findChild(content, 'thread') === undefined;
  if (isOwn(payload, 'thread'))
    return textOf(payload).length + (attribute(payload, 'parent') ?? '').length <= MAX_THREAD;
  return true;
}

function isOwn(payload: Element, name: string): boolean {
  return payload.name === name && attribute(payload, 'xmlns') === undefined;
}
