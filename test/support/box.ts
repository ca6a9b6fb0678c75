import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boards, emulatorCommand } from '../../image/boards.mjs';
import { atEnd, temporaryFolder } from './ending.ts';
import { freePort } from './ports.ts';

/** A box that is emulated takes some ten times as long as the slowest real one. */
const PATIENCE_MS = 240_000;

/** A key and nothing else; and each box is a new one. */
const SSH_OPTIONS = [
  'BatchMode=yes',
  'IdentitiesOnly=yes',
  'LogLevel=ERROR',
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
];

/** Nothing that an editor shows on its way may pass for it. */
export const PROMPT = /\w:~# $/;

/** What a box may have beside the usual. */
interface Hardware {
  readonly target: string;
  readonly megabytes?: number;
  /** Options of the emulator. */
  readonly extra?: readonly string[];
}

/** How a command on a box ended. */
interface Done {
  readonly status: number;
  readonly output: string;
}

/** A box that was switched on: the whole disk in an emulator, from its boot loader on, its console at our hands. */
export class Box {
  readonly sshPort: number;
  readonly #emulator: ChildProcess;
  readonly #off: Promise<void>;
  #said = '';
  #piece = '';
  #read = 0;
  readonly #listeners: (() => void)[] = [];

  private constructor(command: readonly string[], sshPort: number) {
    const [program = '', ...options] = command;
    const emulator = spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const output of [emulator.stdout, emulator.stderr])
      output.on('data', (bytes: Buffer) => {
        this.#hears(bytes.toString('latin1'));
        for (const listener of this.#listeners.splice(0)) listener();
      });
    this.#off = new Promise((resolve) => void emulator.once('close', () => resolve()));
    this.#emulator = emulator;
    this.sshPort = sshPort;
    atEnd(() => this.cutPower());
  }

  static async switchOn(disk: string, { target, megabytes = 128, extra = [] }: Hardware): Promise<Box> {
    const board = boards[target];
    if (board === undefined) throw new Error(`no image is made for ${target}`);
    const sshPort = await freePort('127.0.0.1');
    return new Box([...emulatorCommand(board, { disk, megabytes, sshPort }), ...extra], sshPort);
  }

  /** Everything that the console has shown since the box was switched on. */
  get console(): string {
    return this.#said;
  }

  /** Waits for the console to show that, after what was waited for before, and gives back all that it showed until then. */
  async sees(pattern: RegExp, patience = PATIENCE_MS): Promise<string> {
    const deadline = Date.now() + patience;
    for (;;) {
      const match = pattern.exec(this.#said.slice(this.#read));
      if (match !== null) {
        const end = this.#read + match.index + match[0].length;
        const shown = this.#said.slice(this.#read, end);
        this.#read = end;
        return shown;
      }
      const left = deadline - Date.now();
      if (left <= 0 || this.#emulator.exitCode !== null)
        throw new Error(`the console shows no ${pattern}:\n${this.#said.slice(-4000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#listeners.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The shell asks the terminal where its cursor is: nobody reads that, and it may come in pieces. */
  #hears(text: string): void {
    const shown = (this.#piece + text).replaceAll('\x1b[6n', '');
    this.#piece = /\x1b(?:\[6?)?$/.exec(shown)?.[0] ?? '';
    this.#said += shown.slice(0, shown.length - this.#piece.length);
  }

  type(text: string): void {
    this.#emulator.stdin?.write(text, 'latin1');
  }

  /** Logs in at the console, and gives back what greets there. */
  async login(): Promise<string> {
    if (this.#said.includes('login: ')) {
      // Something may have been written behind it since.
      this.#read = this.#said.length;
      this.type('\r');
    }
    await this.sees(/login: /);
    this.type('root\r');
    return this.sees(PROMPT);
  }

  /** Types a command at the console's prompt. */
  async run(command: string, patience = PATIENCE_MS): Promise<Done> {
    // What is typed is shown as well: the marks in it are in pieces.
    this.type(`echo ST''ART; ${command}; echo EN''D=$?\r`);
    await this.sees(/START\r\n/);
    const shown = await this.sees(/END=\d+\r\n/, patience);
    await this.sees(PROMPT);
    const [, output = '', status] = /^([\s\S]*?)END=(\d+)\r\n$/.exec(shown) ?? [];
    return { status: Number(status), output: output.replaceAll('\r', '').trimEnd() };
  }

  /** Runs a command over SSH with that key; what is given goes to its input. */
  ssh(key: string, command: string, input: string | Buffer = ''): Promise<Done> {
    const options = SSH_OPTIONS.flatMap((option) => ['-o', option]);
    const to = ['-i', key, '-p', String(this.sshPort), 'root@127.0.0.1'];
    const client = spawn('ssh', [...options, ...to, command], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString();
      });
    client.stdin.on('error', () => undefined).end(input);
    atEnd(() => client.kill('SIGKILL'));
    return new Promise((resolve, reject) => {
      client.once('error', reject);
      client.once('close', (status) => resolve({ status: status ?? -1, output: output.trimEnd() }));
    });
  }

  /** As a power cut does. */
  cutPower(): Promise<void> {
    this.#emulator.kill('SIGKILL');
    return this.#off;
  }

  /** Resolves once the box has switched itself off, or has started anew: the emulator ends then. */
  isOff(patience = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new Error(`the box is still on:\n${this.#said.slice(-4000)}`);
      const timer = setTimeout(reject, patience, late);
      void this.#off.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** A folder's file with that content. */
export function fileWith(name: string, content: string): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}
