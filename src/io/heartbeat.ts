import { utimesSync } from 'node:fs';
import type { Log } from './log.ts';

/** Milliseconds between two beats. */
export const HEARTBEAT_MS = 10_000;

/**
 * Sets the times of a file to now while the event loop turns, so that a supervisor sees a gateway that hangs
 * (`find /run/fmucd/control.sock -mmin +1`) without a program that asks it. The first failure is logged.
 */
export class Heartbeat {
  readonly #path: string;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #hasFailed = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    try {
      // By the system's clock, which is the one that ages of files are told by.
      const now = new Date();
      utimesSync(this.#path, now, now);
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#log.write('warn', 'heartbeat failed', { file: this.#path, reason: (error as Error).message });
    }
  }
}
