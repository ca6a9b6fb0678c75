import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How long a gateway may take to stop before it's killed, in milliseconds: longer than it lingers over its connections. */
const STOP_PATIENCE = 8000;

/** How much of a gateway's log is kept to be shown when it dies. */
export const LAST_LINES = 12;

/** The line of its log that says that every listener is bound. */
const READY = /(?:^| )msg=ready(?: |$)/;

/** What its lines begin with for programs. */
const PRIORITY = /^<\d>/;

export interface GatewayProcessOptions {
  /** The program with its first arguments. */
  readonly program: readonly string[];
  readonly name: string;
  readonly file: string;
  /** Where its log goes. */
  readonly log: string;
  /** It has said that it's ready. */
  readonly ready: () => void;
  /** It ended without being asked to; `text` says how, with the end of its log. */
  readonly died: (text: string) => void;
  readonly stopPatience?: number;
}

/** One `fmucd run`. */
export class GatewayProcess {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #ended: Promise<number | string>;
  readonly #stopPatience: number;
  #stopping = false;

  constructor({ program, name, file, log, ready, died, stopPatience = STOP_PATIENCE }: GatewayProcessOptions) {
    const [command = process.execPath, ...args] = program;
    const child = spawn(command, [...args, 'run', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#stopPatience = stopPatience;
    const lastLines: string[] = [];
    // Without the file there are still the last lines.
    child.stderr.pipe(createWriteStream(log).on('error', () => undefined));
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLines.push(line.replace(PRIORITY, ''));
      if (lastLines.length > LAST_LINES) lastLines.shift();
      if (READY.test(line)) ready();
    });
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
    void this.#ended.then((status) => {
      if (!this.#stopping) died([`the gateway ${name} ended with ${describe(status)}`, ...lastLines].join('\n  '));
    });
  }

  /** Asks it to end, and makes it after a while. Resolves to how it ended: 0 is as it should be. */
  async stop(): Promise<number | string> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), this.#stopPatience);
    const status = await this.#ended;
    clearTimeout(timer);
    return status;
  }

  /** Ends it at once, for when there is no time left to wait. */
  kill(): void {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
  }
}

function describe(status: number | string): string {
  return typeof status === 'number' ? `status ${status}` : status;
}
