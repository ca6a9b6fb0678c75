import { DeflateDecoder, DeflateEncoder } from './deflate.ts';
import { type Decoded, EncodingError } from './encoding-fault.ts';
import { MARK } from './encoding-header.ts';

/** How one side of a connection is written. */
export interface Encoder {
  /** The bytes of some XML, all of which leaves now: the peer can read it once it has them. */
  encode(xml: string): Uint8Array;
}

/** How the other side of a connection is read. */
export interface Decoder {
  /** Takes the peer's bytes in whatever pieces they come. After a fault every call gives the same fault, and no text. */
  decode(bytes: Uint8Array): Decoded;
  /** Whether what has come ends amid a piece that can be read only as a whole. */
  readonly isAmid: boolean;
}

/** How one connection is written and read, from its first byte to its last. */
export interface Encoding {
  readonly encoder: Encoder;
  readonly decoder: Decoder;
}

/** The encoding of a new connection. Each begins afresh and ends with it; both sides must be set the same way. */
export function encodingOf({ compression }: { readonly compression: boolean }): Encoding {
  return compression
    ? { encoder: new DeflateEncoder(), decoder: new DeflateDecoder() }
    : { encoder: PLAIN_ENCODER, decoder: new PlainDecoder() };
}

const PLAIN_ENCODER: Encoder = { encode: (xml) => Buffer.from(xml) };

/** XML as it is, once its first byte has shown that it is not the other encoding. */
class PlainDecoder implements Decoder {
  readonly isAmid = false;
  #isBegun = false;
  #fault: EncodingError | undefined;

  decode(bytes: Uint8Array): Decoded {
    const [first] = bytes;
    if (!this.#isBegun && first !== undefined) {
      this.#isBegun = true;
      if (first >= MARK) this.#fault = new EncodingError('the peer compresses: set compression the same on both sides');
    }
    return this.#fault === undefined ? { text: first === undefined ? [] : [bytes] } : { text: [], fault: this.#fault };
  }
}
