import { constants, Deflate, Inflate } from 'pako';
import { lazily } from '../lib/lazily.ts';
import { DICTIONARY } from './dictionary.ts';
import { type Decoded, EncodingError } from './encoding-fault.ts';
import { FIRST_CHECK, HEADER, headerFault } from './encoding-header.ts';
import { CHECK_BYTES, runningCheck } from './frame-check.ts';
import { fullLength, lengthen, shorten } from './shorthand.ts';

/** The most bytes of text that one frame may hold. */
export const MAX_FRAME_TEXT = 16_384;
/** The most bytes of deflate in one frame: what a length of two bytes can say. */
export const MAX_FRAME_BYTES = 16_383;
/** The most bytes of text for each byte of deflate in a frame. */
export const MAX_RATIO = 2000;

/** UTF-16 code units of one frame, each of which is three bytes of UTF-8 at most. */
const FRAME_UNITS = 5120;
/** What a sync flush ends with. Every frame does, so it isn't sent. */
const MARKER = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** Measured: README.md, "Encoding". */
const WINDOW = { raw: true, windowBits: 15 } as const;
/** Takes long: not before a link compresses. */
const dictionary = lazily(() => Buffer.from(shorten(DICTIONARY)));
const MEM_LEVEL = 4;
/** Bytes of deflate that are gathered at once. */
const CHUNK = 1024;

/**
 * XML as one raw deflate stream, whose window begins with the dictionary, in frames: the length of the deflate bytes (7 bits a
 * byte, lowest first), the bytes, and a check over all of the connection up to there.
 */
export class DeflateEncoder {
  readonly #deflate = new Deflate({
    ...WINDOW,
    dictionary: dictionary(),
    level: 9,
    memLevel: MEM_LEVEL,
    chunkSize: CHUNK,
  });
  readonly #pieces: Uint8Array[] = [];
  #check = FIRST_CHECK;
  #isBegun = false;

  constructor() {
    this.#deflate.onData = (piece) => this.#pieces.push(piece as Uint8Array);
  }

  /** The bytes of some XML, all of which leaves now. */
  encode(xml: string): Uint8Array {
    const frames: Uint8Array[] = [];
    for (const text of inFrames(xml)) frames.push(...this.#frame(text));
    if (frames.length > 0 && !this.#isBegun) {
      this.#isBegun = true;
      frames.unshift(HEADER);
    }
    return Buffer.concat(frames);
  }

  #frame(text: string): Uint8Array[] {
    this.#deflate.push(Buffer.from(shorten(text)), constants.Z_SYNC_FLUSH);
    const flushed = Buffer.concat(this.#pieces.splice(0));
    const deflated = flushed.subarray(0, flushed.length - MARKER.length);
    const length = lengthBytes(deflated.length);
    this.#check = runningCheck(runningCheck(this.#check, length), deflated);
    return [length, deflated, Uint8Array.of(this.#check >> 8, this.#check & 0xff)];
  }
}

/** What one frame inflates to, and a byte, until it is lengthened: one for all, else each would be garbage of its own. */
const inflated = new Uint8Array(MAX_FRAME_TEXT + 1);

/** Takes apart what a DeflateEncoder writes. Nothing of a frame is handed over, or inflated, before its check has passed. */
export class DeflateDecoder {
  readonly #inflate = new Inflate({ ...WINDOW, dictionary: dictionary() });
  /** What has come and isn't taken apart yet: less than a frame. */
  #rest: Uint8Array = new Uint8Array(0);
  #check = FIRST_CHECK;
  #isBegun = false;
  #fault: EncodingError | undefined;
  readonly #text: Uint8Array[] = [];
  /** Bytes of text that the frame being inflated may still give. */
  #room = 0;

  constructor() {
    this.#inflate.onData = (piece) => this.#take(piece as Uint8Array);
    this.#inflate.onEnd = () => {
      throw notOurs();
    };
  }

  /** Whether what has come ends amid a frame. */
  get isAmid(): boolean {
    return this.#rest.length > 0;
  }

  /** Takes the peer's bytes in whatever pieces they come. After a fault every call gives the same fault, and no text. */
  decode(bytes: Uint8Array): Decoded {
    if (this.#fault !== undefined) return { text: [], fault: this.#fault };
    const text: Uint8Array[] = [];
    try {
      this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
      if (this.#begin()) for (let frame = this.#next(); frame !== undefined; frame = this.#next()) text.push(...frame);
      this.#rest = Uint8Array.from(this.#rest);
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      this.#fault = error;
      this.#rest = new Uint8Array(0);
    }
    return { text, fault: this.#fault };
  }

  /** Reads the header; false while it isn't whole. */
  #begin(): boolean {
    if (this.#isBegun) return true;
    const fault = headerFault(this.#rest);
    if (fault !== undefined) throw fault;
    if (this.#rest.length < HEADER.length) return false;
    this.#isBegun = true;
    this.#rest = this.#rest.subarray(HEADER.length);
    return true;
  }

  /** The text of the next frame, undefined while it isn't whole. */
  #next(): Uint8Array[] | undefined {
    const start = readLength(this.#rest);
    if (start === undefined) return undefined;
    const end = start.bytes + start.length;
    if (this.#rest.length < end + CHECK_BYTES) return undefined;
    this.#check = runningCheck(this.#check, this.#rest.subarray(0, end));
    if (this.#rest[end] !== this.#check >> 8 || this.#rest[end + 1] !== (this.#check & 0xff))
      throw new EncodingError('damaged on its way: the check of a frame fails');
    const deflated = Buffer.concat([this.#rest.subarray(start.bytes, end), MARKER]);
    this.#rest = this.#rest.subarray(end + CHECK_BYTES);
    this.#room = Math.min(MAX_FRAME_TEXT, start.length * MAX_RATIO);
    Object.assign(this.#state, { output: inflated, next_out: 0, avail_out: inflated.length });
    this.#inflate.push(deflated, constants.Z_SYNC_FLUSH);
    if (!this.#isBetweenBlocks()) throw notOurs();
    return this.#text.splice(0);
  }

  /** Whether the marker was read as one, by zlib's `data_type`: 128 between blocks, and the bits that are left over. */
  #isBetweenBlocks(): boolean {
    return this.#state.data_type === 128;
  }

  /** Of zlib's z_stream what pako lets be seen. */
  get #state(): { readonly data_type: number } {
    return (this.#inflate as unknown as { readonly strm: { readonly data_type: number } }).strm;
  }

  /** One piece is all that a frame may inflate to, and a byte: whatever is larger ends here. It is copied. */
  #take(short: Uint8Array): void {
    this.#room -= fullLength(short);
    if (this.#room < 0)
      throw new EncodingError(
        `a frame holds more than ${MAX_FRAME_TEXT} bytes of text, or more than ${MAX_RATIO} for each of its bytes`,
      );
    this.#text.push(lengthen(short));
  }
}

function notOurs(): EncodingError {
  return new EncodingError('a frame is no deflate of ours');
}

/** Cut into what one frame holds, between characters. */
function inFrames(xml: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < xml.length; ) {
    let end = start + FRAME_UNITS;
    // A surrogate pair is one character.
    if (end < xml.length && isLowSurrogate(xml.charCodeAt(end))) end -= 1;
    pieces.push(xml.slice(start, end));
    start = end;
  }
  return pieces;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

function lengthBytes(length: number): Uint8Array {
  return length < 0x80 ? Uint8Array.of(length) : Uint8Array.of(0x80 | (length & 0x7f), length >> 7);
}

/** A frame's length, and of how many bytes it is; undefined while they lack. Throws EncodingError where it can't be one. */
function readLength(bytes: Uint8Array): { readonly length: number; readonly bytes: number } | undefined {
  const [low, high] = bytes;
  if (low === undefined) return undefined;
  if (low < 0x80) return { length: low, bytes: 1 };
  if (high === undefined) return undefined;
  if (high >= 0x80) throw new EncodingError(`damaged on its way: a frame of more than ${MAX_FRAME_BYTES} bytes`);
  return { length: (low & 0x7f) | (high << 7), bytes: 2 };
}
