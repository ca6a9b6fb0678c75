import { attribute, childElements, type Element, textOf } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';

/*
 * Stanzas compared by what they say: neither the order of attributes nor that of children counts, nor white space
 * between elements.
 */

/** What to leave out: attributes by name, children as `name` or `name namespace`. */
export interface Except {
  readonly attributes?: readonly string[];
  readonly children?: readonly string[];
}

/** A text that is the same for two stanzas exactly when they say the same. */
export function canonical(stanza: Element | string, except: Except = {}): string {
  return write(typeof stanza === 'string' ? parseElement(stanza) : stanza, except);
}

function write(element: Element, except: Except): string {
  const attributes = Object.keys(element.attrs as Record<string, unknown>)
    .filter((name) => attribute(element, name) !== undefined && except.attributes?.includes(name) !== true)
    .toSorted()
    .map((name) => ` ${name}='${attribute(element, name)}'`);
  const children = childElements(element)
    .filter((child) => {
      const names = [child.name, `${child.name} ${attribute(child, 'xmlns') ?? ''}`];
      return !names.some((name) => except.children?.includes(name));
    })
    .map((child) => write(child, except))
    .toSorted();
  const text = children.length === 0 ? textOf(element) : textOf(element).trim();
  return `<${element.name}${attributes.join('')}>${text}${children.join('')}</${element.name}>`;
}
