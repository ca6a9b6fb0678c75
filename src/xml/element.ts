import { Element } from 'ltx';

/**
 * XML elements in canonical form, which everything above the stream parser relies on:
 *
 * - names carry no prefix;
 * - `xmlns` stands on an element only where its namespace differs from its parent's;
 * - a stanza, being in the stream's content namespace, has none, so that it may go to any stream as it is.
 */
export { Element };

export type Child = Element | string | undefined;

/** Builds an element. Attributes and children that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): Element {
  const built = new Element(name);
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) built.attrs[key] = value;
  }
  for (const child of children) if (child !== undefined) built.cnode(child);
  return built;
}

/** A copy with attributes of its own and the same children, which nobody changes. */
export function copyOf(original: Element): Element {
  const copy = new Element(original.name);
  Object.assign(copy.attrs, original.attrs);
  copy.children = [...original.children];
  return copy;
}

/** The child elements, text left out. */
export function childElements(parent: Element): Element[] {
  return parent.children.filter((child): child is Element => typeof child !== 'string');
}

/** The first child element with that name; without `namespace`, in the parent's own. */
export function findChild(parent: Element, name: string, namespace?: string): Element | undefined {
  for (const child of parent.children)
    if (typeof child !== 'string' && child.name === name && child.attrs['xmlns'] === namespace) return child;
  return undefined;
}

/** Every child element with that name; without `namespace`, in the parent's own. */
export function findChildren(parent: Element, name: string, namespace?: string): Element[] {
  return childElements(parent).filter((child) => child.name === name && child.attrs['xmlns'] === namespace);
}

/** The text of the first such child, undefined where there is no such child. */
export function childText(parent: Element, name: string, namespace?: string): string | undefined {
  const child = findChild(parent, name, namespace);
  return child === undefined ? undefined : textOf(child);
}

/** An element's own text, without its descendants'. */
export function textOf(of: Element): string {
  let text = '';
  for (const child of of.children) if (typeof child === 'string') text += child;
  return text;
}

/** An attribute's value, undefined where it is absent. */
export function attribute(of: Element, name: string): string | undefined {
  const value: unknown = of.attrs[name];
  return typeof value === 'string' ? value : undefined;
}
