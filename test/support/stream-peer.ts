import type { Socket } from 'node:net';
import type { Element } from '../../src/xml/element.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { type StreamHandler, StreamParser, type StreamParserOptions } from '../../src/xml/stream-parser.ts';
import { atEnd } from './ending.ts';

/** One end of a byte stream, held by the suite: it reads stanzas and writes anything, well-formed or not. */
export class StreamPeer {
  /** Once the other side has closed, or the connection broke. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = '';

  constructor(socket: Socket, options: StreamParserOptions, handler: StreamHandler) {
    const parser = new StreamParser(options, handler);
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (bytes) => {
      this.#received += bytes.toString();
      parser.write(bytes);
    });
    socket.on('error', () => {}); // `close` follows
    atEnd(() => socket.destroy());
  }

  /** Every byte received so far, as text. */
  get received(): string {
    return this.#received;
  }

  send(stanza: Element): void {
    this.sendRaw(serialise(stanza));
  }

  sendRaw(xml: string | Uint8Array): void {
    this.#socket.write(xml);
  }

  /** Ends the connection after what was sent. */
  end(): void {
    this.#socket.end();
  }
}
