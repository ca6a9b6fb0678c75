import { PHRASES } from './dictionary.ts';

/*
 * Before deflate each phrase becomes one byte that XML has no use for: a phrase costs a byte instead of a match of two to
 * three, and deflate's window, which counts bytes, reaches back twice as many messages.
 */

/** What stands for phrases, by the phrase's index: the characters below space that XML 1.0 §2.2 leaves out. */
const CODES = Array.from({ length: 0x20 }, (_, code) => code).filter((code) => ![0x09, 0x0a, 0x0d].includes(code));

const CODE_OF: ReadonlyMap<string, string> = new Map(
  PHRASES.map((phrase, index) => [phrase, String.fromCharCode(CODES[index] ?? Number.NaN)]),
);

/** By byte. */
const PHRASE_OF: readonly (Uint8Array | undefined)[] = CODES.reduce<(Uint8Array | undefined)[]>(
  (table, code, index) => {
    const phrase = PHRASES[index];
    if (phrase !== undefined) table[code] = Buffer.from(phrase);
    return table;
  },
  [],
);

/** The longest of the phrases that begin alike, or a character that would be taken for a code. */
const SHORTENED = new RegExp(
  [...PHRASES.toSorted((a, b) => b.length - a.length).map(literal), '[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f]'].join('|'),
  'g',
);

function literal(phrase: string): string {
  return phrase.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}

/** XML with each phrase as its code. A character that XML doesn't have becomes U+FFFD. */
export function shorten(xml: string): string {
  return xml.replace(SHORTENED, (found) => CODE_OF.get(found) ?? '\ufffd');
}

/** How many bytes some shortened UTF-8 turns back into; cut anywhere. */
export function fullLength(short: Uint8Array): number {
  let length = 0;
  for (const byte of short) length += PHRASE_OF[byte]?.length ?? 1;
  return length;
}

/** Shortened UTF-8 turned back; cut anywhere. */
export function lengthen(short: Uint8Array): Uint8Array {
  const text = new Uint8Array(fullLength(short));
  let end = 0;
  for (const byte of short) {
    const phrase = PHRASE_OF[byte];
    if (phrase === undefined) text[end] = byte;
    else text.set(phrase, end);
    end += phrase?.length ?? 1;
  }
  return text;
}
