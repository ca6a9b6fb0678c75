import { constants, Deflate, Inflate } from 'pako';
import { NS } from '../xml/names.ts';
import { StreamError } from '../xml/stream-errors.ts';

/**
 * Bytes of text for each compressed one that a stream may hold in the long run. What a room sends to 100 occupants one by one
 * comes to 50.
 */
export const MAX_RATIO = 200;
/** Bytes of text that it may hold beyond that at any time: a few of the largest stanzas, which may be all the same letter. */
export const MAX_AHEAD = 1_048_576;
/** Bytes of text that one read may come to. */
export const MAX_READ_TEXT = 4_194_304;

/** Bytes of memory for each piece of output, of which most are garbage soon. */
const CHUNK = 2048;
const WINDOW_BITS = 15;
/** As on our own links: what a stanza needs, flushed one by one. */
const MEM_LEVEL = 4;

/** What some compressed bytes came to: text as UTF-8 in pieces of any length, and a fault, before which some text may lack. */
export interface Inflated {
  readonly text: readonly Uint8Array[];
  readonly fault: StreamError | undefined;
}

/** One way of a stream with the method `zlib` (XEP-0138, RFC 1950): what is written. */
export class Compressor {
  readonly #deflate = new Deflate({ level: 9, windowBits: WINDOW_BITS, memLevel: MEM_LEVEL, chunkSize: CHUNK });
  readonly #pieces: Uint8Array[] = [];

  constructor() {
    this.#deflate.onData = (piece) => this.#pieces.push(piece as Uint8Array);
  }

  /** The bytes of some text, with which all of it can be read. */
  compress(text: string): Uint8Array {
    if (text !== '') this.#deflate.push(Buffer.from(text), constants.Z_SYNC_FLUSH);
    return Buffer.concat(this.#pieces.splice(0));
  }
}

/** The other way: what is read. A peer may end its zlib stream with its XML stream, and then send nothing more. */
export class Decompressor {
  readonly #inflate = new Inflate({ windowBits: WINDOW_BITS, chunkSize: CHUNK });
  readonly #pieces: Uint8Array[] = [];
  /** Bytes of text that the stream may hold now, and that this read may come to. */
  #credit = MAX_AHEAD;
  #room = 0;
  #fault: StreamError | undefined;

  constructor() {
    this.#inflate.onData = (piece) => this.#take(piece as Uint8Array);
    // 0 is zlib's Z_OK.
    this.#inflate.onEnd = (status: number) => {
      if (status !== 0) throw failure('What came is not compressed with zlib, or was damaged on its way');
    };
  }

  /** Takes the peer's bytes in whatever pieces they come. After a fault every call gives the same fault, and no text. */
  decompress(bytes: Uint8Array): Inflated {
    if (this.#fault !== undefined) return { text: [], fault: this.#fault };
    this.#credit = Math.min(this.#credit, MAX_AHEAD) + bytes.length * MAX_RATIO;
    this.#room = MAX_READ_TEXT;
    try {
      const isOver = bytes.length > 0 && !this.#inflate.push(bytes, constants.Z_SYNC_FLUSH);
      if (isOver || this.#isAfterEnd()) throw failure('Something came after the end of the compressed stream');
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#fault = error;
    }
    return { text: this.#pieces.splice(0), fault: this.#fault };
  }

  #isAfterEnd(): boolean {
    return (this.#inflate as unknown as { readonly strm: { readonly avail_in: number } }).strm.avail_in > 0;
  }

  #take(piece: Uint8Array): void {
    this.#credit -= piece.length;
    this.#room -= piece.length;
    if (this.#credit < 0)
      throw new StreamError('policy-violation', `More than ${MAX_RATIO} bytes of text for each compressed byte`);
    if (this.#room < 0) throw new StreamError('policy-violation', `More than ${MAX_READ_TEXT} bytes of text at once`);
    this.#pieces.push(piece);
  }
}

/** XEP-0138 §3. */
function failure(text: string): StreamError {
  return new StreamError('undefined-condition', text, {
    name: 'failure',
    namespace: NS.compress,
    detail: 'processing-failed',
  });
}
