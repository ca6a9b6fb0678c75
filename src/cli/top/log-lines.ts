import { visible } from '../format.ts';
import { SGR } from '../paint.ts';
import type { Line } from './grid.ts';

/** Lines of the log that are kept for the screen. */
export const MAX_LOG_LINES = 200;

/** A line of the log, in logfmt: the time of day, and what it says. Whatever isn't `info` says so, and is marked from `warn` on. */
function logLine(line: string): Line {
  const [, time = '', level = '', rest = line] = /^time=\S*T(\d\d:\d\d:\d\d)\S* level=(\w+) msg=(.*)$/.exec(line) ?? [];
  const [, quoted, others = ''] = /^"((?:[^"\\]|\\.)*)"(.*)$/.exec(rest) ?? [];
  const said = quoted === undefined ? rest : quoted.replace(/\\(["\\])/g, '$1') + others;
  const isUrgent = level === 'warn' || level === 'error';
  const style =
    level === 'error' ? SGR.fault : level === 'warn' ? SGR.warning : level === 'debug' ? SGR.aside : undefined;
  const text = `${time} ${level === 'info' || level === '' ? '' : `${level}: `}${said}`;
  return [{ text: visible((isUrgent ? '! ' : '  ') + text), ...(style !== undefined && { style }) }];
}

/** The last of the lines, so many at most. */
export function logLines(lines: readonly string[], most: number): Line[] {
  return most <= 0 ? [] : lines.slice(-most).map(logLine);
}
