import { StreamError } from './stream-errors.ts';

/** What some bytes came to: the characters before the first fault, and the fault. */
export interface Characters {
  readonly text: string;
  readonly fault?: StreamError | undefined;
}

/** Bytes as XML's characters: UTF-8 (RFC 6120 §11.6) in pieces of any length, line ends as line feeds (XML 1.0 §2.11). */
export class CharacterReader {
  /** The start of a character whose end hasn't come: 3 bytes at most. */
  #rest: Uint8Array = new Uint8Array(0);
  #endedInReturn = false;

  /** To be called no more after a fault. */
  read(bytes: Uint8Array): Characters {
    const joined = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = wholeLength(joined);
    this.#rest = joined.slice(whole);
    const { text, fault } = legal(decode(joined.subarray(0, whole)));
    return { text: this.#withLineFeeds(text), fault };
  }

  #withLineFeeds(text: string): string {
    if (text === '') return text;
    const continued = this.#endedInReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#endedInReturn = text.endsWith('\r');
    return continued.replace(/\r\n?/g, '\n');
  }
}

/** How many of the bytes are whole characters, as far as their leading bytes tell. */
function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** What begins no character is one by itself, so that it is found out at once. */
function sequenceLength(lead: number): number {
  if (lead > 0xf4 || lead < 0xc2) return 1;
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

function decode(bytes: Uint8Array): Characters {
  try {
    return { text: newDecoder().decode(bytes) };
  } catch {
    return { text: decodeUpToFault(bytes), fault: new StreamError('unsupported-encoding', 'This is not UTF-8') };
  }
}

function decodeUpToFault(bytes: Uint8Array): string {
  const decoder = newDecoder();
  let text = '';
  try {
    for (const byte of bytes) text += decoder.decode(Uint8Array.of(byte), { stream: true });
  } catch {
    return text;
  }
  return text;
}

/** A byte order mark has no meaning here and is a character like any other (RFC 6120 §11.6). */
function newDecoder() {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
}

/** What is no Char of XML 1.0 §2.2. */
const ILLEGAL = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Cuts at the first character that XML doesn't have, which comes before whatever fault follows the text. */
function legal(characters: Characters): Characters {
  const at = characters.text.search(ILLEGAL);
  if (at === -1) return characters;
  const codePoint = characters.text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    text: characters.text.slice(0, at),
    fault: new StreamError('not-well-formed', `XML has no character U+${codePoint}`),
  };
}
