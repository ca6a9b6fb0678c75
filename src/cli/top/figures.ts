import { parseStamp } from '../../lib/stamp.ts';
import { formatDelay, formatSpan } from '../format.ts';

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Bytes in four columns at most, in units of 1000: `678`, `1.2k`, `12k`, `345M`. */
export function shortBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)}${UNITS[unit]}`;
}

/** How long ago a stamp was, as short as it can be: `12s`, `40m`, `3h`, `5d`. */
export function shortAge(stamp: string, now: number): string {
  const then = parseStamp(stamp);
  return then === undefined ? '?' : short(formatSpan(Math.max(0, now - then) / 1000));
}

/** A delay in seconds, as short; a dash where nothing goes. */
export function shortDelay(seconds: number | null): string {
  return short(formatDelay(seconds));
}

function short(text: string): string {
  return text.replace(' min', 'm').replace(' ', '');
}
