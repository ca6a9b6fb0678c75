import type { ConnectionId } from '../lib/effects.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { isStanza, isStreamError, StreamError } from '../xml/stream-errors.ts';
import { StreamParser } from '../xml/stream-parser.ts';
import { type Encoding, encodingOf } from './encoding.ts';

export const STREAM_CLOSE = '</stream:stream>';

/** What some bytes of the peer came to. */
export interface PeerWords {
  readonly stanzas: readonly Element[];
  /** Set where the stream ends with them: why, in words for the log, and what is to be answered. */
  readonly end: { readonly reason: string; readonly answer: string } | undefined;
}

/** One connection of a link as the implied stream of XEP-0361 §4.1. Times are milliseconds since the epoch. */
export class DirectStream {
  readonly connection: ConnectionId;
  /** From when the connection stands, undefined while we dial. */
  standsSince: number | undefined;
  /** Whether a byte has crossed, either way: only then is there a stream to close. */
  isUsed = false;
  /** Whether the peer has sent a stanza. */
  hasCarried = false;
  /** Bytes of text that the peer's have turned out to be. */
  textIn = 0;
  readonly #encoding: Encoding;
  readonly #parser: StreamParser;
  readonly #stanzas: Element[] = [];
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
    try {
      for (const piece of text) {
        this.textIn += piece.length;
        this.#parser.write(piece);
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#end ??= { reason: error.message, answer: error.toXml() + STREAM_CLOSE };
    }
    // What can't be read can't be answered either.
    if (fault !== undefined) this.#end ??= { reason: fault.message, answer: '' };
    const stanzas = this.#stanzas.splice(0);
    this.hasCarried ||= stanzas.length > 0;
    return { stanzas, end: this.#end };
  }

  /** The bytes of some XML, all of which leaves now. */
  write(xml: string): Uint8Array {
    this.isUsed = true;
    return this.#encoding.encoder.encode(xml);
  }

  #receive(received: Element): void {
    if (this.#end !== undefined) return;
    if (isStreamError(received)) this.#end = { reason: StreamError.read(received).message, answer: STREAM_CLOSE };
    else if (isStanza(received)) this.#stanzas.push(received);
    else throw new StreamError('unsupported-stanza-type');
  }
}
