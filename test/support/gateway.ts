import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StatusReport } from '../../src/gateway/report.ts';
import { temporaryFolder } from './ending.ts';
import type { Inbox } from './inbox.ts';
import { type Exit, Program } from './program.ts';

/** How the built program is started. */
export type Built = readonly [command: string, ...args: string[]];

export const bundle: Built = [process.execPath, fileURLToPath(new URL('../../dist/fmucd.cjs', import.meta.url))];

/** A gateway under test: the built program, with a folder and a file of its own. */
export class Gateway {
  readonly folder: string;
  readonly file: string;
  readonly #built: Built;
  readonly #options: readonly string[];
  #program: Program;

  private constructor(folder: string, file: string, built: Built, options: readonly string[]) {
    this.folder = folder;
    this.file = file;
    this.#built = built;
    this.#options = options;
    this.#program = this.#spawn();
  }

  /** Writes the file and runs the program, ready or not. Relative paths in the file are in the gateway's folder. */
  static run(text: string, built: Built = bundle, ...options: readonly string[]): Gateway {
    const folder = temporaryFolder();
    return new Gateway(folder, writeConfiguration(folder, text), built, options);
  }

  /** The same, and resolves once it is ready. */
  static async start(text: string, built: Built = bundle, ...options: readonly string[]): Promise<Gateway> {
    const gateway = Gateway.run(text, built, ...options);
    await gateway.ready();
    return gateway;
  }

  /** What the present process has logged, line by line. */
  get log(): Inbox<string> {
    return this.#program.lines;
  }

  get pid(): number {
    return this.#program.pid;
  }

  get exited(): Promise<Exit> {
    return this.#program.exited;
  }

  async ready(): Promise<void> {
    await this.log.expect('to be ready', (line) => messageOf(line) === 'ready');
  }

  /** Starts another command of the program with this gateway's file. */
  command(...args: readonly string[]): Program {
    const [command, ...before] = this.#built;
    return new Program(`fmucd ${args.join(' ')}`, command, [...before, ...args, '-c', this.file]);
  }

  async status(): Promise<StatusReport> {
    const { code, output } = await runToEnd(['status', '--json', '-c', this.file], this.#built);
    if (code !== 0) throw new Error(`fmucd status ended with ${code}: ${output.join('\n')}`);
    return JSON.parse(output.join('\n')) as StatusReport;
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    return this.#program.kill(signal);
  }

  stop(): Promise<Exit> {
    return this.kill('SIGTERM');
  }

  /** Ends it with that signal and runs it again with the same file and store. Resolves once it is ready. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.runAgain(signal);
    await this.ready();
  }

  /** The same, ready or not. */
  async runAgain(signal: NodeJS.Signals): Promise<void> {
    await this.kill(signal);
    this.#program = this.#spawn();
  }

  /** Has its file say something else. */
  write(text: string): void {
    writeConfiguration(this.folder, text);
  }

  /** Runs another command with its file to its end. */
  toEnd(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: readonly string[] }> {
    return runToEnd([...args, '-c', this.file], this.#built);
  }

  #spawn(): Program {
    const [command, ...args] = this.#built;
    return new Program('the gateway', command, [...args, 'run', '-c', this.file, ...this.#options]);
  }
}

/** Writes `fmucd.toml` into the folder, for its owner's eyes only because it holds a secret, and gives back its path. */
export function writeConfiguration(folder: string, text: string): string {
  const file = join(folder, 'fmucd.toml');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Runs a command of the program that ends by itself. */
export async function runToEnd(
  args: readonly string[],
  [command, ...before]: Built = bundle,
): Promise<{ readonly code: number | null; readonly output: readonly string[] }> {
  const program = new Program(`fmucd ${args.join(' ')}`, command, [...before, ...args]);
  const { code } = await program.exited;
  return { code, output: program.lines.all() };
}

/** The message of a line of the log. */
export function messageOf(line: string): string | undefined {
  return /\bmsg=(?:"((?:[^"\\]|\\.)*)"|(\S+))/
    .exec(line)
    ?.slice(1)
    .find((text) => text !== undefined);
}
