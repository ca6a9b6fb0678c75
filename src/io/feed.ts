import type { Socket } from 'node:net';

/** Bytes that may wait for whoever reads a feed. */
export const MAX_WAITING_BYTES = 512 * 1024;

/** Lines for a reader that may be slow, each a JSON object. Nobody waits for it: what it is too slow for is left out. */
export class Feed {
  readonly #socket: Socket;
  #leftOut = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that its reader has not taken yet. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /**
   * Sends a line. Once more than MAX_WAITING_BYTES would wait, it is left out, and so is every other one until all that
   * waits has been taken. Then `{"left_out":…}` says how many those were.
   */
  send(line: string): void {
    const { waiting } = this;
    const isTooMuch = waiting > 0 && waiting + Buffer.byteLength(line) >= MAX_WAITING_BYTES;
    if (this.#leftOut > 0 || isTooMuch) this.#leftOut += 1;
    else this.#write(line);
  }

  #write(line: string): void {
    this.#socket.write(`${line}\n`, () => {
      if (this.#leftOut === 0 || this.waiting > 0 || !this.#socket.writable) return;
      const left_out = this.#leftOut;
      this.#leftOut = 0;
      this.#write(JSON.stringify({ left_out }));
    });
  }
}

/** The answer to a request that stays open: lines follow `result` until either side ends. */
export class OpenAnswer {
  readonly result: unknown;
  /** Gives the feed to whoever fills it, and gives back what is to be called at its end. */
  readonly attach: (feed: Feed) => () => void;

  constructor(result: unknown, attach: (feed: Feed) => () => void) {
    this.result = result;
    this.attach = attach;
  }
}
