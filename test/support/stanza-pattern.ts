import { attribute, childElements, type Element, textOf } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';

/*
 * A stanza as a script writes it, which a stanza received may fit. It says all that matters: what it doesn't mention must
 * not be there, but for what any stanza may bear. Neither the order of attributes nor that of children counts.
 *
 * - `*` as a value or text stands for any, but not for none.
 * - `{name}` stands for what that name is bound to; where it isn't bound, for any, which it is bound to from then on.
 * - `...` as text stands for further attributes and children, or none.
 * - In an `<error/>` the condition needs no namespace, and neither `by` nor a text has to be told.
 */

/** What names stand for. */
export type Bindings = ReadonlyMap<string, string>;

/** Of a stanza itself: server and client add them as they see fit. */
const FREE_ATTRIBUTES: ReadonlySet<string> = new Set(['id', 'to', 'xml:lang']);

/** Payloads that any stanza of a room may bear, each by its namespace and name. */
const FREE_CHILDREN: ReadonlySet<string> = new Set([
  'urn:xmpp:occupant-id:0 occupant-id',
  `${NS.stanzaId} stanza-id`,
  'vcard-temp:x:update x',
]);

/** The bindings with which the stanza fits the pattern; undefined where it doesn't. */
export function fit(pattern: Element, stanza: Element, bindings: Bindings): Bindings | undefined {
  const bound = new Map(bindings);
  return isFit(pattern, stanza, bound, undefined) ? bound : undefined;
}

/** The text with its names replaced. */
export function fillIn(text: string, bindings: Bindings): string {
  return text.replace(/\{([\w' ]+)\}/g, (whole, name: string) => bindings.get(name) ?? whole);
}

function isFit(pattern: Element, actual: Element, bound: Map<string, string>, parent: Element | undefined): boolean {
  return (
    pattern.name === actual.name &&
    areAttributesFit(pattern, actual, bound, parent) &&
    (isOpenTo(pattern) || isValueFit(ownText(pattern), ownText(actual), bound)) &&
    areChildrenFit(pattern, actual, bound, parent === undefined)
  );
}

function areAttributesFit(
  pattern: Element,
  actual: Element,
  bound: Map<string, string>,
  parent: Element | undefined,
): boolean {
  const isFree = (name: string): boolean =>
    parent === undefined ? FREE_ATTRIBUTES.has(name) : name === 'by' && pattern.name === 'error';
  const names = new Set([...Object.keys(pattern.attrs), ...Object.keys(actual.attrs)]);
  return [...names].every((name) => {
    const wanted = attribute(pattern, name) ?? impliedNamespace(name, parent);
    const value = attribute(actual, name);
    if (wanted === undefined) return value === undefined || isFree(name) || (isOpenTo(pattern) && name !== 'xmlns');
    return value !== undefined && isValueFit(wanted, value, bound);
  });
}

function impliedNamespace(name: string, parent: Element | undefined): string | undefined {
  return name === 'xmlns' && parent?.name === 'error' ? NS.stanzaErrors : undefined;
}

function areChildrenFit(pattern: Element, actual: Element, bound: Map<string, string>, isStanza: boolean): boolean {
  const unexplained = childElements(actual);
  for (const wanted of childElements(pattern)) {
    const index = unexplained.findIndex((child) => {
      const attempt = new Map(bound);
      if (!isFit(wanted, child, attempt, pattern)) return false;
      for (const [name, value] of attempt) bound.set(name, value);
      return true;
    });
    if (index < 0) return false;
    unexplained.splice(index, 1);
  }
  return isOpenTo(pattern) || unexplained.every((child) => isFreeChild(actual, child, isStanza));
}

/** An error may give back what it refuses (RFC 6120 §8.3.1). */
function isFreeChild(parent: Element, child: Element, isStanza: boolean): boolean {
  if (isStanza && attribute(parent, 'type') === 'error') return child.name !== 'error';
  const namespace = attribute(child, 'xmlns') ?? '';
  if (parent.name === 'error') return namespace === NS.stanzaErrors && child.name === 'text';
  return isStanza && FREE_CHILDREN.has(`${namespace} ${child.name}`);
}

function isOpenTo(pattern: Element): boolean {
  return textOf(pattern).trim() === '...';
}

/** White space between elements says nothing. */
function ownText(of: Element): string {
  return childElements(of).length === 0 ? textOf(of) : textOf(of).trim();
}

function isValueFit(wanted: string, value: string, bound: Map<string, string>): boolean {
  if (wanted === '*') return value !== '';
  const filled = fillIn(wanted, bound);
  const unbound = /^\{([\w' ]+)\}$/.exec(filled)?.[1];
  if (unbound === undefined) return filled === value;
  bound.set(unbound, value);
  return value !== '';
}
