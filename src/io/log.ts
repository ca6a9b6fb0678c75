import type { LogLevel } from '../lib/effects.ts';
import { now } from './clock.ts';
import { hasColours } from './colours.ts';
import { Folding, type LogEvent } from './folding.ts';
import { LogTail } from './log-tail.ts';

/** How a level stands at the beginning of a line for a program that reads it: the priorities of syslog (sd-daemon(3)). */
const PREFIX: Readonly<Record<LogLevel, string>> = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' };

/** The colour of a line on a terminal that has colours (ECMA-48 §8.3.117): bold red and yellow, and faint. */
const COLOUR: Readonly<Record<LogLevel, string>> = { error: '1;31', warn: '33', info: '', debug: '2' };

/** The less important, the more. */
const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Characters of one value; the rest is cut off and `…` put in its place. */
export const MAX_VALUE_CHARACTERS = 1000;

/** Where lines go: stderr, or what a test reads. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The log, one event a line, in logfmt:
 *
 *     <6>time=2026-11-21T01:02:03.456Z level=info msg=ready domain=rooms.denmark.lit
 *
 * A value that isn't plain is quoted, and nothing in it can end the line or reach the terminal as a control character.
 * Where the stream is no terminal a line begins with its priority, as journald and klogd take it. What happens again and
 * again is folded.
 */
export class Log {
  /** Events less important than this are left out. */
  level: LogLevel;
  readonly tail: LogTail;
  readonly #stream: LogStream;
  readonly #now: () => number;
  readonly #folding: Folding;
  readonly #style: 'plain' | 'coloured' | 'prefixed';

  constructor(stream: LogStream, level: LogLevel, clock: () => number = now) {
    this.#stream = stream;
    this.level = level;
    this.#now = clock;
    this.tail = new LogTail(clock());
    this.#folding = new Folding((event) => this.#put(event), clock);
    this.#style = stream.isTTY !== true ? 'prefixed' : hasColours(stream, process.env) ? 'coloured' : 'plain';
  }

  write(level: LogLevel, message: string, fields: LogEvent['fields'] = {}): void {
    if (RANK[level] <= RANK[this.level]) this.#folding.take({ level, message, fields });
  }

  /** Puts out what is held back, at the end of the process. */
  flush(): void {
    this.#folding.flush();
  }

  #put({ level, message, fields }: LogEvent): void {
    const pairs: Record<string, string | number> = {
      time: new Date(this.#now()).toISOString(),
      level,
      msg: message,
      ...fields,
    };
    const line = Object.entries(pairs)
      .map(([key, value]) => `${key}=${format(String(value))}`)
      .join(' ');
    this.tail.add(line);
    const colour = this.#style === 'coloured' ? COLOUR[level] : '';
    const prefix = this.#style === 'prefixed' ? PREFIX[level] : '';
    this.#stream.write(colour === '' ? `${prefix}${line}\n` : `\u001b[${colour}m${line}\u001b[0m\n`);
  }
}

/** Nothing in it but what can stand without quotes and be taken for nothing else. */
const PLAIN = /^[^\s"'=\\\p{C}]+$/u;

/** Control and format characters (bidirectional overrides among them), line and paragraph separators, the two that quoting needs. */
const SPECIAL = /["\\\p{C}\u2028\u2029]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

function format(value: string): string {
  const text = value.length > MAX_VALUE_CHARACTERS ? `${value.slice(0, MAX_VALUE_CHARACTERS)}…` : value;
  if (PLAIN.test(text)) return text;
  return `"${text.replace(SPECIAL, (special) => SHORT[special] ?? escaped(special))}"`;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
