import type { ConnectionId } from '../lib/effects.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { isStanza, isStreamError, StreamError } from '../xml/stream-errors.ts';
import { StreamParser } from '../xml/stream-parser.ts';
import { type Encoding, encodingOf } from './encoding.ts';

export const STREAM_CLOSE = '</stream:stream>';

/** What is wrong with what comes, or, as the peer says, with what we have sent. */
export type Fault = 'unreadable' | 'too-large' | 'refused-there';

/** What some bytes of the peer came to. */
export interface PeerWords {
  readonly stanzas: readonly Element[];
  /** What they took: the bytes of this read, and of those before it that ended no stanza. 0 without stanzas. */
  readonly wire: number;
  /** Bytes of text that the bytes of this read have turned out to be. */
  readonly textBytes: number;
  /** Set where the stream ends with them: why, in words for the log, and what is to be answered. */
  readonly end: { readonly reason: string; readonly answer: string; readonly fault?: Fault } | undefined;
}

/** One connection of a link as the implied stream of XEP-0361 §4.1. Times are milliseconds since the epoch. */
export class DirectStream {
  readonly connection: ConnectionId;
  /** From when the connection stands, undefined while we dial. */
  standsSince: number | undefined;
  /** When a frame that has begun must have gone on, undefined between frames. */
  frameDeadline: number | undefined;
  /** Whether a byte has crossed, either way: only then is there a stream to close. */
  isUsed = false;
  /** Whether the peer has sent a stanza. */
  hasCarried = false;
  readonly #encoding: Encoding;
  readonly #parser: StreamParser;
  readonly #stanzas: Element[] = [];
  /** Bytes since the last read that ended a stanza. */
  #wire = 0;
  #end: PeerWords['end'];

  constructor(connection: ConnectionId, compression: boolean, standsSince?: number) {
    this.connection = connection;
    this.standsSince = standsSince;
    this.#encoding = encodingOf({ compression });
    this.#parser = new StreamParser(
      { contentNamespace: NS.server, implicitOpen: true },
      {
        streamOpen() {},
        stanza: (received) => this.#receive(received),
        streamClose: () => {
          this.#end ??= { reason: 'the peer closed the stream', answer: STREAM_CLOSE };
        },
      },
    );
  }

  /** Takes the peer's bytes. To be called no more after an end. */
  read(bytes: Uint8Array): PeerWords {
    this.isUsed = true;
    const { text, fault } = this.#encoding.decoder.decode(bytes);
    this.#wire += bytes.length;
    try {
      for (const piece of text) this.#parser.write(piece);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      const fault = error.condition === 'policy-violation' ? 'too-large' : 'unreadable';
      this.#end ??= { reason: error.message, answer: error.toXml() + STREAM_CLOSE, fault };
    }
    // In our own encoding: so that both sides learn where theirs are not the same.
    if (fault !== undefined) this.#end ??= { reason: fault.message, answer: STREAM_CLOSE, fault: 'unreadable' };
    const stanzas = this.#stanzas.splice(0);
    this.hasCarried ||= stanzas.length > 0;
    const textBytes = text.reduce((sum, { length }) => sum + length, 0);
    return { stanzas, wire: stanzas.length > 0 ? this.#takeWire() : 0, textBytes, end: this.#end };
  }

  #takeWire(): number {
    const wire = this.#wire;
    this.#wire = 0;
    return wire;
  }

  /** Whether the peer has written part of something that can be read only as a whole. */
  get isAmid(): boolean {
    return this.#encoding.decoder.isAmid;
  }

  /** The bytes of some XML, all of which leaves now. */
  write(xml: string): Uint8Array {
    this.isUsed = true;
    return this.#encoding.encoder.encode(xml);
  }

  #receive(received: Element): void {
    if (this.#end !== undefined) return;
    if (isStreamError(received))
      this.#end = { reason: StreamError.read(received).message, answer: STREAM_CLOSE, fault: 'refused-there' };
    else if (isStanza(received)) this.#stanzas.push(received);
    else throw new StreamError('unsupported-stanza-type');
  }
}
