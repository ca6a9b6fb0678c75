import type { CertificateReport, ComponentReport, StatusReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { formatAge, formatBytes, formatSpan, LINES, visible, WIDTH, wrap } from './format.ts';
import { streamTables } from './links.ts';
import { type Paint, type Tint, unpainted } from './paint.ts';
import { roomsScreen } from './rooms.ts';
import { digestLines, type Frame, frameFor, noteLines } from './table.ts';

/** What a table has at least. */
const LEAST_TABLE_LINES = 4;
/** Lines of what is wrong with the gateway as a whole. */
const PROBLEM_LINES = 8;

/** `fmucd status` */
export function status(invocation: Invocation): Promise<number> {
  const { json, options, output } = invocation;
  if (options['--prometheus'] !== undefined) return metrics(invocation);
  return askGateway(invocation, (report) => {
    output.print(json ? JSON.stringify(report) : statusScreen(report, Date.now(), frameFor(output)));
    return EXIT.fine;
  });
}

/** `fmucd status --prometheus`: where there is no answer, whoever collects it reads that. */
async function metrics(invocation: Invocation): Promise<number> {
  const { json, output } = invocation;
  if (json) {
    output.complain('fmucd: either --json or --prometheus (fmucd help status)');
    return EXIT.usage;
  }
  const { metricsOf } = await import('./prometheus.ts');
  let found: StatusReport | undefined;
  const exit = await askGateway(invocation, (report) => {
    found = report;
    return EXIT.fine;
  });
  output.print(metricsOf(found));
  return exit;
}

/** The gateway at a glance, as wide as the frame and within 24 lines. `now` is in milliseconds since the epoch. */
export function statusScreen(report: StatusReport, now: number, frame: Frame = {}): string {
  let shown = report;
  let layout = layOut(shown, now, frame);
  // What is left out where there is too much is seldom urgent, and `fmucd links` tells it too.
  for (const part of [{ ways: [] }, { certificate: null }, { s2s: [] }]) {
    if (layout.head.length + leastOf(layout.tables) <= LINES) break;
    shown = { ...shown, ...part };
    layout = layOut(shown, now, frame);
  }
  const { head, tables } = layout;
  const parts = share(
    LINES - head.length - tables.length,
    tables.map(({ height }) => height),
  );
  const drawn = tables.map(({ draw }, at) => draw({ ...frame, maxLines: parts[at] ?? LEAST_TABLE_LINES }));
  return [...head, ...drawn.flatMap((text) => ['', ...text.split('\n')])].slice(0, LINES).join('\n');
}

interface Table {
  readonly draw: (frame: Frame) => string;
  readonly height: number;
}

interface Layout {
  readonly head: readonly string[];
  readonly tables: readonly Table[];
}

function layOut(report: StatusReport, now: number, frame: Frame): Layout {
  return { head: headOf(report, now, frame), tables: tablesOf(report, now, frame) };
}

function headOf(report: StatusReport, now: number, { width = WIDTH, paint = unpainted }: Frame): string[] {
  const { version, domain, uptime, rss, problems, component, certificate } = report;
  const name = visible(domain);
  const about = `${name}: fmucd ${version}, up ${formatSpan(uptime)}, ${formatBytes(rss)} of memory`;
  const [first = '', ...others] = wrap(about, width - 2);
  return [
    ...problemLines(problems, width, paint),
    paint(first.slice(0, name.length), 'title') + first.slice(name.length),
    ...others.map((line) => `  ${line}`),
    ...(component === null ? [] : componentLines(component, now, width, paint)),
    ...(certificate === null ? [] : certificateLines(certificate, width)),
  ];
}

function tablesOf(report: StatusReport, now: number, frame: Frame): Table[] {
  const draws = [...streamTables(report, now), (within?: Frame) => roomsScreen(report.rooms, within)];
  return draws.map((draw) => ({ draw, height: draw(frame).split('\n').length }));
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

function certificateLines({ sha256, expires, self_signed }: CertificateReport, width: number): string[] {
  const until = visible(expires).slice(0, 'YYYY-MM-DD'.length);
  const line = `certificate until ${until}${self_signed ? ', self-signed' : ''}; its SHA-256:`;
  return [...wrap(line, width - 2).map((text) => `  ${text}`), ...digestLines(sha256, '    ', { width })];
}

/** What is wrong, each with a mark; the last ones are counted where there are too many. */
function problemLines(problems: readonly string[], width: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const [at, problem] of problems.entries()) {
    const texts = wrap(visible(problem), width - 2);
    const left = problems.length - at;
    const free = PROBLEM_LINES - lines.length - (left > 1 ? 1 : 0);
    if (texts.length > free && at > 0) return [...lines, paint(`! and ${left} more: fmucd status --json`, 'fault')];
    lines.push(
      ...texts.slice(0, free).map((text, line) => paint(`${line === 0 ? '! ' : '  '}${text.trimEnd()}`, 'fault')),
    );
  }
  return lines;
}

const TINTS: Readonly<Record<ComponentReport['state'], Tint>> = { up: 'good', connecting: 'warning', down: 'fault' };

function componentLines(component: ComponentReport, now: number, width: number, paint: Paint): string[] {
  const { server, state, since, error } = component;
  const tint = TINTS[state];
  const mark = state === 'up' ? ' ' : paint('!', tint);
  const about = `component of ${visible(server)}: `;
  const [first = '', ...others] = wrap(`${about}${state}, ${formatAge(since, now)}`, width - 2);
  const word = first.slice(about.length).startsWith(state) ? paint(state, tint) : '';
  const line = word === '' ? first : about + word + first.slice(about.length + state.length);
  const reason = error === null || state === 'up' ? [] : noteLines(visible(error), width);
  return [`${mark} ${line}`, ...others.map((text) => `  ${text}`), ...reason.map((text) => `    ${text}`)];
}
