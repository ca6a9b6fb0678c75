import type { ConnectionId, WriteEffect } from '../lib/effects.ts';
import { NS } from '../xml/names.ts';
import { StreamError } from '../xml/stream-errors.ts';
import { type ParserLimits, type StreamHandler, StreamParser } from '../xml/stream-parser.ts';
import { Compressor, Decompressor } from './compression.ts';

export const STREAM_CLOSE = '</stream:stream>';

const GREATER_THAN = 0x3e;

/**
 * The bytes of one connection as one XML stream after the other, since each step of the negotiation that changes what lies
 * below begins a new one (RFC 6120 §4.3.3). Counts bytes as they are handed to TCP or TLS.
 */
export class Wire {
  readonly connection: ConnectionId;
  bytesIn = 0;
  bytesOut = 0;
  /** Bytes that compression has kept off the wire, both ways. */
  savedBytes = 0;
  readonly #handler: StreamHandler;
  #parser: StreamParser | undefined;
  /** Of the stream that begins with the next bytes. */
  #next: Partial<ParserLimits> | undefined;
  #compression: { readonly out: Compressor; readonly in: Decompressor } | undefined;
  /** Whether every tag is looked at by itself: any may have to be the last before an answer. */
  #isNegotiating = true;

  constructor(connection: ConnectionId, handler: StreamHandler) {
    this.connection = connection;
    this.#handler = handler;
  }

  /** A new stream begins with the next bytes; nothing may be left of those that led to it. */
  begin(limits: Partial<ParserLimits>): void {
    this.#parser = undefined;
    this.#next = limits;
  }

  /** Nothing may come before the next stream: what does was smuggled in. */
  seal(): void {
    this.#parser = undefined;
    this.#next = undefined;
  }

  /** Whether whatever comes now is of the next stream. */
  get isSealed(): boolean {
    return this.#parser === undefined;
  }

  /** The peer is known, and may send what a stanza may be. */
  relax(limits: ParserLimits): void {
    this.#parser?.relax(limits);
  }

  /** Whatever is negotiated has been. */
  settle(): void {
    this.#isNegotiating = false;
  }

  /** From now on both ways are compressed (XEP-0138 §3). */
  compress(): void {
    this.#compression = { out: new Compressor(), in: new Decompressor() };
  }

  /** Throws StreamError at the first violation. */
  read(bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    if (this.#next !== undefined) {
      const options = { contentNamespace: NS.server, implicitOpen: false, limits: this.#next };
      this.#parser = new StreamParser(options, this.#handler);
      this.#next = undefined;
    }
    if (this.#compression === undefined) return this.#parse(bytes);
    const { text, fault } = this.#compression.in.decompress(bytes);
    this.savedBytes -= bytes.length;
    for (const piece of text) {
      this.savedBytes += piece.length;
      this.#parse(piece);
    }
    if (fault !== undefined) throw fault;
  }

  write(xml: string): WriteEffect {
    const data = this.#compression === undefined ? xml : this.#compression.out.compress(xml);
    const length = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    this.bytesOut += length;
    if (this.#compression !== undefined) this.savedBytes += Buffer.byteLength(xml) - length;
    return { kind: 'write', connection: this.connection, data };
  }

  #parse(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.#isNegotiating && rest.length > 0) {
      const end = rest.indexOf(GREATER_THAN);
      const piece = end === -1 ? rest : rest.subarray(0, end + 1);
      rest = rest.subarray(piece.length);
      this.#feed(piece);
    }
    if (rest.length > 0) this.#feed(rest);
  }

  #feed(bytes: Uint8Array): void {
    if (this.#parser !== undefined) this.#parser.write(bytes);
    else if (!bytes.every(isSpace)) throw smuggled();
  }
}

/** Something came behind a request whose answer it had to wait for. */
export function smuggled(): StreamError {
  return new StreamError('policy-violation', 'Something came that had to wait for the answer of this side');
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
