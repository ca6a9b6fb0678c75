import type { CertificateReport, ComponentReport, StatusReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { formatAge, formatBytes, formatSpan, visible, WIDTH, wrap } from './format.ts';
import { streamTables } from './links.ts';
import { type Paint, unpainted } from './paint.ts';
import { roomsScreen } from './rooms.ts';
import { type Frame, noteLines } from './table.ts';

/** Lines of a serial console, without the one of the prompt. */
const SCREEN_LINES = 23;
/** What a table has at least. */
const LEAST_TABLE_LINES = 4;

/** `fmucd status` */
export function status(invocation: Invocation): Promise<number> {
  const { json, output } = invocation;
  return askGateway(invocation, (report) => {
    output.print(json ? JSON.stringify(report) : statusScreen(report, Date.now(), output.paint));
    return EXIT.fine;
  });
}

/** The gateway at a glance, within 80 columns and 24 lines. `now` is in milliseconds since the epoch. */
export function statusScreen(report: StatusReport, now: number, paint: Paint = unpainted): string {
  const { version, domain, uptime, rss, problems, component, certificate } = report;
  const head = [
    ...problems.flatMap(problemLines).map((line) => paint(line, 'fault')),
    paint(`${visible(domain)}: fmucd ${version}, up ${formatSpan(uptime)}, ${formatBytes(rss)} of memory`, 'title'),
    ...(component === null ? [] : componentLines(component, now, paint)),
    ...(certificate === null ? [] : certificateLines(certificate)),
  ];
  const lines = SCREEN_LINES - head.length;
  const all = tablesOf(report, now);
  // Which way a domain goes is seldom urgent, and `fmucd links` tells it too.
  const shown = leastOf(all) <= lines ? all : tablesOf({ ...report, ways: [] }, now);
  const parts = share(
    lines - shown.length,
    shown.map(({ height }) => height),
  );
  return [
    ...head,
    ...shown.flatMap(({ draw }, at) => ['', draw({ maxLines: parts[at] ?? LEAST_TABLE_LINES, paint })]),
  ].join('\n');
}

interface Table {
  readonly draw: (frame?: Frame) => string;
  readonly height: number;
}

function tablesOf(report: StatusReport, now: number): Table[] {
  const draws = [...streamTables(report, now), (frame?: Frame) => roomsScreen(report.rooms, frame)];
  return draws.map((draw) => ({ draw, height: draw().split('\n').length }));
}

/** Lines that these take at least, with those between them. */
function leastOf(tables: readonly Table[]): number {
  return tables.reduce((sum, { height }) => sum + 1 + Math.min(height, LEAST_TABLE_LINES), 0);
}

/** How many of `lines` each table gets: no more than it fills, and what one leaves is for the others. */
function share(lines: number, heights: readonly number[]): number[] {
  const parts: number[] = [];
  const smallestFirst = [...heights.entries()].sort(([, a], [, b]) => a - b);
  let left = lines;
  for (const [place, [table, height]] of smallestFirst.entries()) {
    const part = Math.min(height, Math.max(LEAST_TABLE_LINES, Math.floor(left / (heights.length - place))));
    parts[table] = part;
    left -= part;
  }
  return parts;
}

function certificateLines({ sha256, expires, self_signed }: CertificateReport): string[] {
  const until = visible(expires).slice(0, 'YYYY-MM-DD'.length);
  return [`  certificate until ${until}${self_signed ? ', self-signed' : ''}; its SHA-256:`, `    ${visible(sha256)}`];
}

function problemLines(problem: string): string[] {
  return wrap(visible(problem), WIDTH - 2).map((line, at) => `${at === 0 ? '! ' : '  '}${line}`);
}

function componentLines({ server, state, since, error }: ComponentReport, now: number, paint: Paint): string[] {
  const line = `component of ${visible(server)}: ${state}, ${formatAge(since, now)}`;
  if (state === 'up') return [`  ${line}`];
  const reason = error === null ? [] : noteLines(visible(error));
  return [`! ${line}`, ...reason.map((text) => `    ${text}`)].map((text) => paint(text, 'fault'));
}
