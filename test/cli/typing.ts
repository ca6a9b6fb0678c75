import { realpathSync } from 'node:fs';
import type { Invocation } from '../../src/cli/command.ts';
import { type Paint, unpainted } from '../../src/cli/paint.ts';
import type { Conversation } from '../../src/cli/setup/conversation.ts';
import { atEnd, temporaryFolder } from '../support/ending.ts';

/** What is typed where the screen shows nothing of it. */
export const unseen = (text: string) => ({ text });

/** Somebody at a console who types these, one after the other, and then nothing more; everything that is seen is kept. */
export class Typing implements Conversation {
  #screen = '';
  #isClosed = false;
  readonly #typed: (string | { readonly text: string })[];
  readonly paint: Paint;

  constructor(typed: readonly (string | { readonly text: string })[], paint: Paint = unpainted) {
    this.#typed = [...typed];
    this.paint = paint;
  }

  /** What the console shows, with the folder of the test under another name. */
  screen(folder: string): string {
    return this.#screen.replaceAll(folder, '/etc/fmucd');
  }

  get left(): number {
    return this.#typed.length;
  }

  say(text: string): void {
    this.#screen += `${text}\n`;
  }

  close(): void {
    this.#isClosed = true;
  }

  ask(prompt: string): Promise<string | undefined> {
    if (this.#isClosed) throw new Error(`asked after the end: ${prompt}`);
    const typed = this.#typed.shift();
    if (typeof typed === 'object') throw new Error(`a secret would be shown: ${prompt}`);
    this.#screen += `${prompt}${typed ?? ''}\n`;
    return Promise.resolve(typed);
  }

  askSecretly(prompt: string): Promise<string | undefined> {
    const typed = this.#typed.shift();
    this.#screen += `${prompt}\n`;
    return Promise.resolve(typeof typed === 'object' ? typed.text : typed);
  }

  /** The command line that led here. What is printed and what is said of faults are on the same console. */
  invocation(
    file: string,
    options: Invocation['options'] = {},
    ...operands: readonly string[]
  ): Invocation & { readonly operands: readonly string[] } {
    const output = {
      print: (text: string) => this.say(text),
      complain: (line: string) => this.say(line),
      paint: this.paint,
    };
    return { file, operands, json: false, options, output };
  }
}

/** A folder to set something up in, which the process is in until the end. */
export function enterFolder(): string {
  const before = process.cwd();
  const folder = realpathSync(temporaryFolder());
  process.chdir(folder);
  atEnd(() => process.chdir(before));
  return folder;
}

/** The widest line and the number of lines of a screen, colours left out. */
export function sizeOf(screen: string): { readonly columns: number; readonly lines: number } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  const lines = screen
    .replace(/\u001b\[[\d;]*m/g, '')
    .trimEnd()
    .split('\n');
  return { columns: Math.max(...lines.map((line) => line.length)), lines: lines.length };
}
