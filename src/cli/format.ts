import { parseStamp } from '../lib/stamp.ts';
import { fitting } from './columns.ts';

/** Columns of a serial console. */
export const WIDTH = 80;

/** Lines of a serial console, without the one of the prompt. */
export const LINES = 23;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as a person reads them: three digits at least, the units of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A span in its largest unit. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A delay in seconds, with tenths where those matter; null, where nothing goes at all, is a dash. */
export function formatDelay(seconds: number | null): string {
  if (seconds === null) return '-';
  return seconds > 0 && seconds < 9.95 ? `${Math.max(seconds, 0.1).toFixed(1)} s` : formatSpan(Math.round(seconds));
}

/** How long ago a XEP-0082 stamp was; one that can't be read, as it is. */
export function formatAge(stamp: string, now: number): string {
  const then = parseStamp(stamp);
  if (then === undefined) return visible(stamp);
  return now - then < 1000 ? 'just now' : `${formatSpan((now - then) / 1000)} ago`;
}

/** Since when, with how long ago that was. */
export function formatSince(stamp: string, now: number): string {
  const age = formatAge(stamp, now);
  return age === visible(stamp) ? age : `${visible(stamp)}, ${age}`;
}

/** `1 message`, `2 messages`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Text from elsewhere with nothing in it that a terminal would obey. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]+/gu, ' ');
}

/** A line about something, and what belongs to it beneath, all of it visible and within WIDTH. */
export function entry(head: string, body: readonly string[]): string[] {
  const [first = '', ...others] = wrap(visible(head), WIDTH);
  const more = others.length === 0 ? [] : indented(others.join(' '), '  ');
  return [first, ...more, ...body.flatMap((text) => indented(text, '    '))];
}

function indented(text: string, indent: string): string[] {
  return wrap(visible(text), WIDTH - indent.length).map((line) => (indent + line).trimEnd());
}

/** Breaks text into lines of at most `width` columns (from 1), at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  for (;;) {
    // A character that is wider than all stays whole.
    const whole = fitting(rest, width) || fitting(rest, 2);
    if (whole >= rest.length) return [...lines, rest];
    const space = rest.lastIndexOf(' ', whole);
    const end = space > 0 ? space : whole;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
}
