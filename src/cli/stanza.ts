import type { Element } from '../xml/element.ts';
import { DamagedTextError, parseElement } from '../xml/parse.ts';

/** A stanza as the gateway tells of it; undefined where it can't be read (too large, say). */
export function readStanza(xml: string): Element | undefined {
  try {
    return parseElement(xml);
  } catch (error) {
    if (!(error instanceof DamagedTextError)) throw error;
    return undefined;
  }
}
