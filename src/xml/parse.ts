import type { Element } from './element.ts';
import { StreamParser } from './stream-parser.ts';

/** Parses one stanza that we wrote ourselves, from canonical form. Throws StreamError on anything else. */
export function parseElement(xml: string): Element {
  let parsed: Element | undefined;
  const parser = new StreamParser(
    { contentNamespace: '', implicitOpen: true },
    {
      streamOpen() {},
      stanza(stanza) {
        parsed = stanza;
      },
      streamClose() {},
    },
  );
  parser.write(new TextEncoder().encode(xml));
  if (parsed === undefined) throw new TypeError('not one whole element');
  return parsed;
}
