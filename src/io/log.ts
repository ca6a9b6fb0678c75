import type { LogLevel } from '../lib/effects.ts';
import { now } from './clock.ts';
import { LogTail } from './log-tail.ts';

/** The most important first. */
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Characters of one value; the rest is cut off and `…` put in its place. */
export const MAX_VALUE_CHARACTERS = 1000;

/** Where lines go: stderr, or what a test reads. */
export interface LogStream {
  write(text: string): unknown;
}

/**
 * The log, one event a line, in logfmt:
 *
 *     time=2026-11-21T01:02:03.456Z level=info msg=ready domain=rooms.denmark.lit
 *
 * A value that isn't plain is quoted, and nothing in it can end the line or reach the terminal as a control character.
 */
export class Log {
  /** Events less important than this are left out. */
  level: LogLevel;
  readonly tail: LogTail;
  readonly #stream: LogStream;
  readonly #now: () => number;

  constructor(stream: LogStream, level: LogLevel, clock: () => number = now) {
    this.#stream = stream;
    this.level = level;
    this.#now = clock;
    this.tail = new LogTail(clock());
  }

  write(level: LogLevel, message: string, fields: Readonly<Record<string, string | number>> = {}): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.level)) return;
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
    this.#stream.write(`${line}\n`);
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
