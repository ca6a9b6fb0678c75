import type { ReadStream, WriteStream } from 'node:tty';
import { Canvas, type Region } from './canvas.ts';
import type { Row } from './cells.ts';
import { ESCAPE_WAIT, type Key, KeyReader } from './keys.ts';
import { Outlet, type Write, writerFor } from './outlet.ts';
import type { Size } from './picture.ts';

/** What is taken for the size of a terminal that nobody knows the size of. */
const USUAL: Size = { columns: 80, rows: 24 };
/** Milliseconds in which a terminal answers how large it is. */
const SIZE_WAIT = 1000;
/** Milliseconds after which, having stopped or not, this goes on: nobody stops what no shell started. */
const STOP_WAIT = 100;

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** Goes to the farthest place that there is and asks where that is (CUP, and DSR 6). */
const ASK_SIZE = '\x1b[999;999H\x1b[6n';

export interface ConsoleEvents {
  /** A key that isn't about the terminal itself. */
  readonly key: (key: Key) => void;
  /** What is on the screen is to be drawn: it has another size, has been used by others, or takes more again. */
  readonly draw: () => void;
  /** A signal, or the line's end, asks for the end. */
  readonly end: () => void;
}

/** A terminal in raw mode, as a canvas. It is given back by `close`, where the process stops (ctrl-Z), and where it exits before. */
export class Console {
  readonly #input: ReadStream;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #events: ConsoleEvents;
  readonly #outlet: Outlet;
  readonly #canvas = new Canvas();
  readonly #keys = new KeyReader();
  #escape: NodeJS.Timeout | undefined;
  /** What it answered when it was asked for its size. */
  #told: Size | undefined;
  /** While it hasn't answered yet. */
  #asking: NodeJS.Timeout | undefined;
  #isOurs = false;
  /** After a stop, for where it doesn't come about. */
  #stopping: NodeJS.Timeout | undefined;

  constructor(
    input: ReadStream,
    output: WriteStream & { readonly fd: number },
    events: ConsoleEvents,
    write: Write = writerFor(output),
  ) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#outlet = new Outlet(write, () => events.draw());
    input.setEncoding('utf8').on('data', this.#read).on('end', events.end).on('error', events.end);
    output.on('resize', this.#redraw);
    for (const signal of ENDING) process.on(signal, events.end);
    process.on('SIGTSTP', this.#stop).on('SIGCONT', this.#goOn);
    process.once('exit', this.#giveBack);
    this.#take();
  }

  /** What it is drawn for: what the kernel says, else what the terminal itself does, else 80x24. */
  get size(): Size {
    const { columns, rows } = this.#output;
    return columns > 0 && rows > 0 ? { columns, rows } : (this.#told ?? USUAL);
  }

  /** Whether it has yet to take what was drawn, isn't ours now, or hasn't said how large it is. `draw` is called after that. */
  get isBusy(): boolean {
    return !this.#isOurs || this.#asking !== undefined || this.#outlet.isBusy;
  }

  /** Shows these rows. */
  draw(rows: readonly Row[], regions: readonly Region[]): void {
    const text = this.#canvas.change(rows, regions);
    if (text !== '') this.#outlet.send(text);
  }

  /** Gives the terminal back as it was, with the last picture on it. */
  close(): void {
    clearTimeout(this.#escape);
    clearTimeout(this.#asking);
    clearTimeout(this.#stopping);
    this.#input.off('data', this.#read).off('end', this.#events.end);
    this.#output.off('resize', this.#redraw);
    for (const signal of ENDING) process.off(signal, this.#events.end);
    process.off('SIGTSTP', this.#stop).off('SIGCONT', this.#goOn).off('exit', this.#giveBack);
    this.#giveBack();
    this.#input.pause();
  }

  #take(): void {
    this.#isOurs = true;
    // Others may have changed it while this was stopped, which Node doesn't know.
    this.#input.setRawMode(false);
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#redraw();
  }

  readonly #giveBack = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    this.#outlet.end(`\x1b[m\x1b[${this.size.rows}H\x1b[K${SHOW_CURSOR}`);
    this.#input.setRawMode(false);
  };

  readonly #redraw = (): void => {
    this.#canvas.forget();
    if (this.#outlet.isBusy) return;
    const isKnown = this.#output.columns > 0 && this.#output.rows > 0;
    this.#outlet.send(isKnown ? HIDE_CURSOR : HIDE_CURSOR + ASK_SIZE);
    clearTimeout(this.#asking);
    this.#asking = isKnown ? undefined : setTimeout(() => this.#settle(), SIZE_WAIT);
    if (isKnown) this.#events.draw();
  };

  #settle(told?: Size): void {
    if (this.#asking === undefined) return;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#told = told ?? this.#told;
    this.#events.draw();
  }

  readonly #read = (text: string | Buffer): void => {
    clearTimeout(this.#escape);
    for (const key of this.#keys.read(text.toString())) this.#hear(key);
    if (this.#keys.isAmid)
      this.#escape = setTimeout(() => {
        for (const key of this.#keys.giveUp()) this.#hear(key);
      }, ESCAPE_WAIT);
  };

  #hear(key: Key): void {
    if (key.kind === 'size') this.#settle(key);
    else if (key.kind === 'redraw') this.#redraw();
    else if (key.kind === 'suspend') process.kill(0, 'SIGTSTP');
    else this.#events.key(key);
  }

  /** Gives the terminal back and has the kernel do what this signal usually does. It does nothing where there is no shell to go on. */
  readonly #stop = (): void => {
    this.#giveBack();
    process.off('SIGTSTP', this.#stop);
    this.#stopping = setTimeout(this.#goOn, STOP_WAIT);
    process.kill(process.pid, 'SIGTSTP');
  };

  readonly #goOn = (): void => {
    clearTimeout(this.#stopping);
    process.off('SIGTSTP', this.#stop).on('SIGTSTP', this.#stop);
    // After a stop that nobody could see coming the terminal isn't as it was either.
    this.#take();
  };
}
