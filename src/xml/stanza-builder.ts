import { Element } from './element.ts';
import { StreamError } from './stream-errors.ts';
import type { StartTag } from './strict-sax.ts';

export interface StanzaLimits {
  /** Elements inside each other, the stanza included. */
  readonly depth: number;
  /** The stanza and all inside it. */
  readonly elements: number;
}

/** Puts one stanza after another together in the canonical form of element.ts, `xmlns` before the other attributes. */
export class StanzaBuilder {
  #limits: StanzaLimits;
  /** The innermost open element. */
  #element: Element | undefined;
  /** The namespaces of the stream's content and of every open element. */
  readonly #namespaces: string[];
  #elements = 0;

  constructor(contentNamespace: string, limits: StanzaLimits) {
    this.#namespaces = [contentNamespace];
    this.#limits = limits;
  }

  /** Whether a stanza is under way. */
  get isOpen(): boolean {
    return this.#element !== undefined;
  }

  /** Bears more from now on. */
  relax(limits: StanzaLimits): void {
    this.#limits = limits;
  }

  /** Throws StreamError where a limit is passed. */
  startTag({ name, namespace, attributes }: StartTag): void {
    const { depth, elements } = this.#limits;
    this.#elements = this.isOpen ? this.#elements + 1 : 1;
    if (this.#elements > elements) throw tooMuch(`A stanza has more than ${elements} elements`);
    if (this.#namespaces.length > depth) throw tooMuch(`Elements are nested more than ${depth} deep`);
    const element = new Element(name);
    if (namespace !== this.#namespaces.at(-1)) element.attrs['xmlns'] = namespace;
    for (const [key, value] of attributes) element.attrs[key] = value;
    this.#element?.cnode(element);
    this.#element = element;
    this.#namespaces.push(namespace);
  }

  /** Into the innermost element; adjacent text is one child. */
  text(text: string): void {
    const children = this.#element?.children ?? [];
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + text;
    else children.push(text);
  }

  /** Gives the stanza when this was its end. */
  endTag(): Element | undefined {
    const ended = this.#element;
    this.#namespaces.pop();
    this.#element = ended?.parent ?? undefined;
    return this.isOpen ? undefined : ended;
  }
}

function tooMuch(text: string): StreamError {
  return new StreamError('policy-violation', text);
}
