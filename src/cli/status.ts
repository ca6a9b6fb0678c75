import type { ComponentReport, StatusReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { formatAge, formatBytes, formatSpan, visible, WIDTH, wrap } from './format.ts';
import { linksScreen } from './links.ts';
import { roomsScreen } from './rooms.ts';
import { noteLines } from './table.ts';

/** Lines for the links and for the rooms, so that all of it fits a console of 24 lines, and what each has at least. */
const TABLE_LINES = 8;
const LEAST_TABLE_LINES = 4;

/** `fmucd status` */
export function status(invocation: Invocation): Promise<number> {
  const { json, output } = invocation;
  return askGateway(invocation, (report) => {
    output.print(json ? JSON.stringify(report) : statusScreen(report, Date.now()));
    return EXIT.fine;
  });
}

/** The gateway at a glance, within 80 columns and 24 lines. `now` is in milliseconds since the epoch. */
export function statusScreen(report: StatusReport, now: number): string {
  const { version, domain, uptime, rss, problems, component, links, rooms } = report;
  const first = problems.flatMap(problemLines);
  const tableLines = Math.max(LEAST_TABLE_LINES, TABLE_LINES - Math.ceil(first.length / 2));
  return [
    ...first,
    `${visible(domain)}: fmucd ${version}, up ${formatSpan(uptime)}, ${formatBytes(rss)} of memory`,
    ...(component === null ? [] : componentLines(component, now)),
    '',
    linksScreen(links, now, tableLines),
    '',
    roomsScreen(rooms, tableLines),
  ].join('\n');
}

function problemLines(problem: string): string[] {
  return wrap(visible(problem), WIDTH - 2).map((line, at) => `${at === 0 ? '! ' : '  '}${line}`);
}

function componentLines({ server, state, since, error }: ComponentReport, now: number): string[] {
  const line = `component of ${visible(server)}: ${state}, ${formatAge(since, now)}`;
  if (state === 'up') return [`  ${line}`];
  const reason = error === null ? [] : noteLines(visible(error));
  return [`! ${line}`, ...reason.map((text) => `    ${text}`)];
}
