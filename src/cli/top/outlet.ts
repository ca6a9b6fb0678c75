import { constants, openSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** Milliseconds until a terminal that takes no more is tried again. */
const RETRY = 25;

/** Writes as much as is taken at once, and answers how many bytes that was. */
export type Write = (bytes: Uint8Array) => number;

/** The way to a terminal that may be slow, or stopped. Nobody waits for it: what it doesn't take yet is kept, and `isBusy` meanwhile. */
export class Outlet {
  readonly #write: Write;
  readonly #onFree: () => void;
  #pending: Uint8Array = new Uint8Array();
  #retry: NodeJS.Timeout | undefined;

  /** `onFree` is called when everything has been taken after a while of being busy. */
  constructor(write: Write, onFree: () => void) {
    this.#write = write;
    this.#onFree = onFree;
  }

  /** Whether something has yet to be taken. Whoever sends on regardless fills memory. */
  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  send(text: string): void {
    this.#pending = Buffer.concat([this.#pending, Buffer.from(text)]);
    if (this.#retry === undefined) this.#flush();
  }

  /** Sends this after whatever is left, as much as is taken at once: the terminal is for others from now on. */
  end(text: string): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#write(Buffer.concat([this.#pending, Buffer.from(text)]));
    this.#pending = new Uint8Array();
  }

  #flush(): void {
    this.#retry = undefined;
    this.#pending = this.#pending.subarray(this.#write(this.#pending));
    if (this.isBusy)
      this.#retry = setTimeout(() => {
        this.#flush();
        if (!this.isBusy) this.#onFree();
      }, RETRY);
  }
}

/**
 * Writes to a terminal without ever waiting for it. Node's own stream does wait, for as long as a stopped line takes, and no
 * signal is heard meanwhile; it is taken only where the terminal can't be opened anew (its owner may be somebody else).
 */
export function writerFor(output: WriteStream & { readonly fd: number }): Write {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return writerTo(openSync(`/proc/self/fd/${output.fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
  } catch {
    return (bytes) => {
      output.write(bytes);
      return bytes.length;
    };
  }
}

function writerTo(fd: number): Write {
  return (bytes) => {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      // A line that has hung up takes everything, and nobody reads it.
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
    }
  };
}
