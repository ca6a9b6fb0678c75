/** The beginning of TLS 1.3 as its client says it (RFC 8446 §4.1.2), as far as it names a session that is to go on. */

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const PRE_SHARED_KEY = 41;
const RECORD_HEADER = 5;

/** Of record header, handshake header, version and random. */
const BEFORE_SESSION_ID = RECORD_HEADER + 4 + 2 + 32;

/** Bytes that a hello takes with the header of its record; undefined where even that isn't all there. 0: it is none. */
export function helloLength(bytes: Uint8Array): number | undefined {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE_RECORD) return 0;
  if (bytes.length < RECORD_HEADER) return undefined;
  return RECORD_HEADER + (bytes[3] as number) * 256 + (bytes[4] as number);
}

/** The name of the session that it wants to go on with, the first where it has several; undefined where it has none. */
export function offeredSession(hello: Uint8Array): Uint8Array | undefined {
  if (hello[RECORD_HEADER] !== CLIENT_HELLO) return undefined;
  const reader = new Reader(hello, BEFORE_SESSION_ID);
  reader.block(1);
  reader.block(2);
  reader.block(1);
  const extensions = new Reader(reader.block(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.block(2);
    if (type !== PRE_SHARED_KEY) continue;
    const identity = new Reader(new Reader(content).block(2)).block(2);
    return identity.length > 0 ? identity : undefined;
  }
  return undefined;
}

/** Reads numbers and what they count. Beyond the end there is nothing: empty blocks, and the end. */
class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: number): number {
    let value = 0;
    for (let left = size; left > 0; left--) value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    return value;
  }

  /** What a number of that size counts. */
  block(size: number): Uint8Array {
    const length = this.number(size);
    const block = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return block;
  }
}
