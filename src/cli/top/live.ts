import type { TopReport } from '../../gateway/report.ts';
import { ask } from '../../io/control-client.ts';
import { ControlError } from '../../io/control-error.ts';
import { type Look, rowOf } from './cells.ts';
import type { Console, ConsoleEvents } from './console.ts';
import type { Key } from './keys.ts';
import { MAX_LOG_LINES } from './log-lines.ts';
import { pictureOf, thingsOf, type View } from './picture.ts';
import { AT_FIRST, press } from './state.ts';

export interface LiveOptions {
  /** Of the control socket. */
  readonly path: string;
  /** Milliseconds from one look at the gateway to the next. */
  readonly every: number;
  readonly look: Look;
  /** Makes the terminal ours. */
  readonly open: (events: ConsoleEvents) => Console;
}

/** The view that stays: it asks the gateway now and then, and does what keys say. */
export class Live {
  readonly #options: LiveOptions;
  readonly #console: Console;
  readonly #timer: NodeJS.Timeout;
  /** Once the operator or a signal ends it; rejects where this fails. */
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #view: View;
  #position: number;
  #maxScroll = 0;
  #isAsking = false;

  constructor(first: TopReport, options: LiveOptions) {
    this.#options = options;
    this.#view = viewOf(first, Date.now());
    this.#position = first.log.position;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#console = options.open({
      key: (key) => this.#guarded(() => this.#key(key)),
      draw: () => queueMicrotask(() => this.#guarded(() => this.#draw())),
      end: () => this.#end(),
    });
    this.#timer = setInterval(() => void this.#refresh().catch(this.#fail), options.every);
  }

  /** Gives the terminal back. */
  close(): void {
    clearInterval(this.#timer);
    this.#console.close();
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #key(key: Key): void {
    if (key.kind === 'quit') return this.#end();
    const { state, report } = this.#view;
    const next = press(state, key, { things: thingsOf(report), maxScroll: this.#maxScroll });
    this.#view = { ...this.#view, state: next };
    this.#draw();
    if (state.isPaused && !next.isPaused) void this.#refresh().catch(this.#fail);
  }

  /** Asks anew, unless that is asked already, nothing is to change, or the terminal hasn't even taken the last picture. */
  async #refresh(): Promise<void> {
    if (this.#isAsking || this.#view.state.isPaused || this.#console.isBusy) return;
    this.#isAsking = true;
    const answer = await this.#ask();
    this.#isAsking = false;
    if (this.#view.state.isPaused) return;
    const now = Date.now();
    if (typeof answer === 'string') this.#view = { ...this.#view, gone: { why: answer, now } };
    else {
      const { state, log } = this.#view;
      this.#view = { ...viewOf(answer, now, log), state };
      this.#position = answer.log.position;
    }
    this.#draw();
  }

  /** What the gateway tells, or why it doesn't. */
  async #ask(): Promise<TopReport | string> {
    try {
      const answer = await ask(this.#options.path, { command: 'top', after: this.#position });
      return answer.ok ? (answer.result as TopReport) : answer.error;
    } catch (error) {
      if (error instanceof ControlError) return error.message;
      throw error;
    }
  }

  /** Unless the terminal is busy: then it says when it is to be drawn. */
  #draw(): void {
    if (this.#console.isBusy) return;
    const { size } = this.#console;
    const { lines, regions, maxScroll } = pictureOf(this.#view, size);
    this.#maxScroll = maxScroll;
    this.#console.draw(
      lines.map((line) => rowOf(line, size.columns, this.#options.look)),
      regions,
    );
  }
}

/** What was answered as something to look at, with the lines of the log that are known already. */
export function viewOf({ report, log }: TopReport, at: number, known: readonly string[] = []): View {
  return { report, log: [...known, ...log.lines].slice(-MAX_LOG_LINES), at, gone: undefined, state: AT_FIRST };
}
