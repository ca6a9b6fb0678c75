/** Elements as text. Parsing what is written here gives the same element; what XML can't carry becomes U+FFFD. */

import type { Element } from './element.ts';

/** The whole element. */
export function serialise(element: Element): string {
  return `<${element.name}${attributesOf(element)}${contentOf(element)}`;
}

/** An element around the recipient's address. */
interface Around {
  readonly before: string;
  readonly after: string;
}

/** Of elements that are sent again and again: as long as they are there, once they have been serialised. */
const KEPT = new WeakMap<Element, Around | undefined>();

/** From now on nobody changes the element, and `serialiseTo` keeps the text that it makes of it. */
export function keepText(element: Element): Element {
  KEPT.set(element, undefined);
  return element;
}

/** The element once for each recipient: only `to` differs, everything else is serialised once. */
export function serialiseTo(element: Element, to: readonly string[]): string[] {
  const { before, after } = KEPT.get(element) ?? around(element);
  return to.map((recipient) => before + escapeAttribute(recipient) + after);
}

function around(element: Element): Around {
  const made = {
    before: `<${element.name}${attributesOf(element, 'to')} to="`,
    after: `"${contentOf(element)}`,
  };
  if (KEPT.has(element)) KEPT.set(element, made);
  return made;
}

/** Everything after the attributes. */
function contentOf(element: Element): string {
  let content = '';
  for (const child of element.children) content += typeof child === 'string' ? escapeText(child) : serialise(child);
  return content === '' ? '/>' : `>${content}</${element.name}>`;
}

function attributesOf(element: Element, except?: string): string {
  let attributes = '';
  for (const name in element.attrs) {
    const value: unknown = element.attrs[name];
    if (typeof value === 'string' && name !== except) attributes += ` ${name}="${escapeAttribute(value)}"`;
  }
  return attributes;
}

/** Half a surrogate pair is matched only where the other half is missing. */
const NOT_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** A value as it stands in quotes of either kind: white space too, because a parser would make spaces of it (XML 1.0 §3.3.3). */
export function escapeAttribute(value: string): string {
  return escaped(value, /[&<>"'\t\n\r]/g);
}

/** Carriage returns, because a parser would make line feeds of them (XML 1.0 §2.11). */
function escapeText(text: string): string {
  return escaped(text, /[&<>\r]/g);
}

/** Of these no character ever needs anything: most of what is written has no other. */
const PLAIN = /^[ !#-%(-;=?-~]*$/;

function escaped(text: string, special: RegExp): string {
  if (PLAIN.test(text)) return text;
  return text.replace(NOT_XML, '\ufffd').replace(special, (char) => REFERENCES[char] ?? char);
}
