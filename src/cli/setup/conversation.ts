import type { ReadStream } from 'node:tty';

/** Somebody at a terminal, who is asked one thing after another. */
export interface Conversation {
  readonly say: (text: string) => void;
  /** Resolves to what was typed, without spaces around it, or to undefined where there will be nothing more. */
  readonly ask: (prompt: string) => Promise<string | undefined>;
  /** The same, and what is typed isn't shown. */
  readonly askSecretly: (prompt: string) => Promise<string | undefined>;
  /** Nothing more is asked: from then on ctrl-C does what it does to other commands. */
  readonly close: () => void;
}

/** Whether an answer is the yes that stands in brackets. */
export function isYes(answer: string): boolean {
  return /^(?:y|yes|)$/i.test(answer);
}

/** Characters that are kept of what is typed before it is asked for: more than any line that is pasted has. */
const MAX_AHEAD = 16_384;

const ERASE = /[\b\u007f]/;
const CLEAR = '\u0015';
const INTERRUPT = '\u0003';
const END = '\u0004';

/** What a shell is told of a program that was interrupted. */
const INTERRUPTED = 130;

/** Has a command talk to who called it, if that was from a terminal. Ctrl-C ends the program. */
export async function atTerminal(act: (conversation: Conversation | undefined) => Promise<number>): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return act(undefined);
  const terminal = new Terminal(process.stdin, () => {
    process.stderr.write('\nfmucd: interrupted, the file is as it was\n');
    process.exit(INTERRUPTED);
  });
  try {
    return await act(terminal);
  } finally {
    terminal.close();
  }
}

/** What comes on standard input, of which no more is read than would be typed. */
export async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const piece of process.stdin) {
    text += String(piece);
    if (text.length > MAX_AHEAD) break;
  }
  return text;
}

/** The terminal that the command was called from; lines are edited by the terminal itself. */
class Terminal implements Conversation {
  readonly #input: ReadStream;
  readonly #interrupted: () => void;
  #ahead = '';
  #hasEnded = false;
  #wake: () => void = () => {};

  /** `interrupted` is called on ctrl-C, also where the terminal doesn't see to it. */
  constructor(input: ReadStream, interrupted: () => void) {
    this.#input = input;
    this.#interrupted = interrupted;
    input.setEncoding('utf8');
    input.on('data', (text: string) => {
      this.#ahead = (this.#ahead + text).slice(0, MAX_AHEAD);
      this.#wake();
    });
    input.on('end', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    process.on('SIGINT', interrupted);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  async ask(prompt: string): Promise<string | undefined> {
    process.stdout.write(prompt);
    for (;;) {
      const end = this.#ahead.indexOf('\n');
      if (end !== -1) {
        const line = this.#ahead.slice(0, end);
        this.#ahead = this.#ahead.slice(end + 1);
        return line.trim();
      }
      if (this.#hasEnded) return undefined;
      await this.#more();
    }
  }

  async askSecretly(prompt: string): Promise<string | undefined> {
    process.stdout.write(prompt);
    this.#input.setRawMode(true);
    try {
      return await this.#keys();
    } finally {
      this.#input.setRawMode(false);
      process.stdout.write('\n');
    }
  }

  close(): void {
    process.off('SIGINT', this.#interrupted);
    this.#input.removeAllListeners('data').removeAllListeners('end');
    this.#input.pause();
  }

  /** One line, key by key, as the terminal would have it. */
  async #keys(): Promise<string | undefined> {
    let line = '';
    for (;;) {
      for (const key of this.#ahead) {
        this.#ahead = this.#ahead.slice(key.length);
        if (key === '\r' || key === '\n') return line.trim();
        if (key === INTERRUPT) this.#interrupted();
        else if (key === END && line === '') return undefined;
        else if (key === CLEAR) line = '';
        else if (ERASE.test(key)) line = [...line].slice(0, -1).join('');
        else if (key >= ' ' && line.length < MAX_AHEAD) line += key;
      }
      if (this.#hasEnded) return undefined;
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
