import type { ReadStream, WriteStream } from 'node:tty';
import { hasUtf8 } from '../locale.ts';
import { type Key, keysOf } from './line-editor.ts';
import type { Frame, Size } from './screen.ts';

// The other screen without automatic line wrap, and back (xterm's private modes 1049, 7 and 25, as DECSET and DECRST).
const ENTER = '\x1b[?1049h\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l';

export interface TerminalEvents {
  readonly key: (key: Key) => void;
  readonly resized: () => void;
}

/**
 * The terminal as a canvas: its other screen, raw keys, and only those lines written that have changed. It's given back
 * by `close`, or where the process exits before that.
 */
export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: TerminalEvents;
  readonly #style: (line: string) => string;
  #shown: readonly string[] = [];

  constructor(input: ReadStream, output: WriteStream, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#style = styleFor(process.env);
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', this.#data);
    output.on('resize', this.#resize);
    process.once('exit', this.#restore);
    output.write(ENTER);
  }

  get size(): Size {
    return { columns: this.#output.columns, rows: this.#output.rows };
  }

  draw({ lines, cursor }: Frame): void {
    let text = '\x1b[?25l';
    for (const [row, line] of lines.entries())
      if (line !== this.#shown[row]) text += `\x1b[${row + 1};1H${this.#style(line)}`;
    this.#shown = lines;
    this.#output.write(`${text}\x1b[${cursor.row + 1};${cursor.column + 1}H\x1b[?25h`);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#input.off('data', this.#data);
    this.#output.off('resize', this.#resize);
    process.off('exit', this.#restore);
    this.#restore();
    this.#input.pause();
  }

  readonly #restore = (): void => {
    this.#input.setRawMode(false);
    this.#output.write(LEAVE);
  };

  readonly #data = (text: string | Buffer): void => {
    for (const key of keysOf(text.toString())) this.#events.key(key);
  };

  readonly #resize = (): void => {
    this.#shown = [];
    this.#output.write('\x1b[2J');
    this.#events.resized();
  };
}

const ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '┼': '+',
  '┴': '+',
  '·': '-',
  '→': '>',
  '←': '<',
  '▸': '>',
  '…': '~',
};

/** Leaves out colour where NO_COLOR asks for that, and draws in ASCII where the locale isn't UTF-8. */
function styleFor(environment: NodeJS.ProcessEnv): (line: string) => string {
  const ascii = !hasUtf8(environment, true);
  const plain = Boolean(environment['NO_COLOR']);
  return (line) => {
    const drawn = ascii ? Array.from(line, (glyph) => ASCII[glyph] ?? glyph).join('') : line;
    return plain ? drawn.replace(/\x1b\[[\d;]*m/g, '') : drawn;
  };
}
