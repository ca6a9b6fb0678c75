import fc from 'fast-check';
import { Element } from '../../src/xml/element.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';
import { StreamParser, type StreamParserOptions } from '../../src/xml/stream-parser.ts';

export const CONTENT = 'jabber:server';
export const HEADER = `<stream:stream xmlns="${CONTENT}" xmlns:stream="http://etherx.jabber.org/streams">`;

/** What a parser made of its input, in order; an error is the last. */
export type Heard = readonly (readonly [kind: 'open' | 'stanza' | 'close' | 'error', what: string])[];

export const IMPLICIT: StreamParserOptions = { contentNamespace: CONTENT, implicitOpen: true };
export const EXPLICIT: StreamParserOptions = { contentNamespace: CONTENT, implicitOpen: false };

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Feeds the chunks to a new parser. Anything thrown but a StreamError goes through. */
export function hear(chunks: readonly (Uint8Array | string)[], options = IMPLICIT): Heard {
  const heard: (readonly ['open' | 'stanza' | 'close' | 'error', string])[] = [];
  const parser = new StreamParser(options, {
    streamOpen: ({ name, namespace, attrs }) => heard.push(['open', JSON.stringify([name, namespace, { ...attrs }])]),
    stanza: (stanza) => heard.push(['stanza', serialise(stanza)]),
    streamClose: () => heard.push(['close', '']),
  });
  try {
    for (const chunk of chunks) parser.write(typeof chunk === 'string' ? bytesOf(chunk) : chunk);
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    heard.push(['error', error.condition]);
  }
  return heard;
}

/** The one stanza that the text holds. */
export function parsed(xml: string, contentNamespace = CONTENT): Element {
  const stanzas: Element[] = [];
  const parser = new StreamParser(
    { contentNamespace, implicitOpen: true },
    { streamOpen() {}, stanza: (stanza) => stanzas.push(stanza), streamClose() {} },
  );
  parser.write(bytesOf(xml));
  const [stanza, ...more] = stanzas;
  if (stanza === undefined || more.length > 0) throw new TypeError(`${stanzas.length} stanzas`);
  return stanza;
}

/** An element without ltx's links to parents, for comparing. */
export function plain(element: Element): unknown {
  return {
    name: element.name,
    attrs: Object.entries(element.attrs),
    children: element.children.map((child) => (typeof child === 'string' ? child : plain(child))),
  };
}

const xmlText = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?'));
const specialText = fc.string({
  unit: fc.constantFrom('<', '>', '&', '"', "'", ']', '\r', '\n', '\t', ' ', ';', '#', 'é', '😀'),
  minLength: 1,
});
export const anyText = fc.oneof(xmlText, specialText);
const anyName = fc
  .stringMatching(/^[a-zA-Z_é][a-zA-Z0-9._é-]{0,8}$/)
  .filter((name) => name !== '__proto__' && name !== 'xmlns');
const anyNamespace = fc.constantFrom(CONTENT, 'urn:a', 'urn:b', 'http://x/y?a=1&b=2', '');

type Tree = readonly [name: string, namespace: string, attributes: Record<string, string>, children: unknown[]];

/** Any element in canonical form. */
export const anyElement: fc.Arbitrary<Element> = fc
  .letrec<{ tree: Tree }>((tie) => ({
    tree: fc.tuple(
      anyName,
      anyNamespace,
      fc.dictionary(fc.oneof(anyName, fc.constant('xml:lang')), anyText, { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.oneof({ maxDepth: 4, withCrossShrink: true }, anyText, tie('tree')), { maxLength: 4 }),
    ) as fc.Arbitrary<Tree>,
  }))
  .tree.map((tree) => build(tree, CONTENT));

function build(tree: Tree, outside: string): Element {
  const [name, namespace, attributes, children] = tree;
  const element = new Element(name);
  if (namespace !== outside) element.attrs['xmlns'] = namespace;
  for (const [key, value] of Object.entries(attributes)) element.attrs[key] = value;
  for (const child of children) {
    if (typeof child !== 'string') element.cnode(build(child as Tree, namespace));
    else {
      const before = element.children.at(-1);
      if (typeof before === 'string') element.children.splice(-1, 1, before + child);
      else element.children.push(child);
    }
  }
  return element;
}
