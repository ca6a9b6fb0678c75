import type { Element } from './element.ts';
import { StreamParser } from './stream-parser.ts';

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
