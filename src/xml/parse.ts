import type { Element } from './element.ts';
import { DEFAULT_LIMITS, type ParserLimits, StreamParser } from './stream-parser.ts';

/** What a stream brought within its limits has grown by what we added. */
const LIMITS: ParserLimits = {
  stanzaBytes: 2 * DEFAULT_LIMITS.stanzaBytes,
  attributes: 2 * DEFAULT_LIMITS.attributes,
  depth: 2 * DEFAULT_LIMITS.depth,
  elements: 2 * DEFAULT_LIMITS.elements,
};

/** What was kept isn't what we wrote: whatever kept it has damaged it. */
export class DamagedTextError extends Error {
  override readonly name = 'DamagedTextError';
}

/**
 * Parses one stanza that we wrote ourselves, from canonical form.
 * @throws {DamagedTextError} Where it is anything else.
 */
export function parseElement(xml: string): Element {
  try {
    return parseCanonical(xml);
  } catch (error) {
    throw new DamagedTextError('not one whole element', { cause: error });
  }
}

function parseCanonical(xml: string): Element {
  let parsed: Element | undefined;
  const parser = new StreamParser(
    { contentNamespace: '', implicitOpen: true, limits: LIMITS },
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
