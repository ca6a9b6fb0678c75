import { type Gist, gistOf } from '../../stanza/gist.ts';
import { NS } from '../../xml/names.ts';
import { StreamError } from '../../xml/stream-errors.ts';
import { StreamParser } from '../../xml/stream-parser.ts';
import type { Direction } from './paced-link.ts';

/** Something whole that crossed the link. */
export interface Crossing {
  readonly direction: Direction;
  /** Or else the end of the stream, or what can't be read. */
  readonly isStanza: boolean;
  readonly gist: Gist;
  readonly bytes: number;
  /** As it was on the wire. */
  readonly xml: string;
}

/** What of an unreadable stream is shown at once, in bytes. */
export const OPAQUE_BYTES = 600;

/**
 * Divides one direction of a `direct` link (XEP-0361: a stream of `jabber:server` whose opening tag is never sent) into
 * stanzas. It counts what is on the wire, byte by byte, so a stanza's size is what it took, not what it could be
 * written as. A stream that isn't plain XML is divided into pieces of OPAQUE_BYTES.
 */
export class StanzaMeter {
  readonly #direction: Direction;
  readonly #crossed: (crossing: Crossing) => void;
  readonly #parser: StreamParser;
  #raw: number[] = [];
  #readable = true;

  constructor(direction: Direction, crossed: (crossing: Crossing) => void) {
    this.#direction = direction;
    this.#crossed = crossed;
    this.#parser = new StreamParser(
      { contentNamespace: NS.server, implicitOpen: true },
      {
        streamOpen() {},
        stanza: (stanza) => this.#complete(true, gistOf(stanza)),
        streamClose: () => this.#complete(false, { kind: 'close', text: 'end of the stream' }),
      },
    );
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  #take(byte: number): void {
    this.#raw.push(byte);
    try {
      if (this.#readable) this.#parser.write(Uint8Array.of(byte));
      else if (this.#raw.length >= OPAQUE_BYTES) this.#complete(false, { kind: 'bytes', text: 'not plain XML' });
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#readable = false;
    }
  }

  #complete(isStanza: boolean, gist: Gist): void {
    const raw = Buffer.from(this.#raw);
    this.#raw = [];
    this.#crossed({ direction: this.#direction, isStanza, gist, bytes: raw.length, xml: raw.toString('utf8') });
  }
}
