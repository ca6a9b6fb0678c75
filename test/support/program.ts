import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';

/** Milliseconds in which a process has to end. */
const END_MS = 10_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the suite's own; killed at the end, whatever becomes of the suite. */
export class Program {
  /** What it wrote to stdout and stderr, line by line. */
  readonly lines: Inbox<string>;
  /** Once it has ended and everything that it wrote has been read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;

  /** One that is commanded reads what is written to it. */
  constructor(name: string, command: string, args: readonly string[], input: 'none' | 'commanded' = 'none') {
    const child = spawn(command, args, { stdio: [input === 'none' ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    child.stdin?.on('error', () => {}); // it has ended, which `exited` tells
    const lines = new Inbox<string>(name, (line) => line);
    for (const output of [child.stdout, child.stderr])
      if (output !== null) createInterface(output).on('line', (line) => lines.add(line));
    this.lines = lines;
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        lines.close(`it has ended (${signal ?? code})`);
        process.off('exit', killNow);
        resolve({ code, signal });
      });
    });
    const killNow = (): void => void child.kill('SIGKILL');
    process.once('exit', killNow);
    this.#child = child;
    atEnd(() => this.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Nothing more will be written. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Sends the signal, unless it has ended, and waits for the end. Fails where that takes longer than END_MS. */
  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal);
    return new Promise((resolve, reject) => {
      const late = new Error(`${this.#child.spawnargs.join(' ')} still runs ${END_MS} ms after ${signal}`);
      const timer = setTimeout(reject, END_MS, late);
      void this.exited.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
