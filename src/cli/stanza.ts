import type { Element } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import { StreamError } from '../xml/stream-errors.ts';

/** A stanza as the gateway tells of it; undefined where it can't be read (too large, say). */
export function readStanza(xml: string): Element | undefined {
  try {
    return parseElement(xml);
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    return undefined;
  }
}
