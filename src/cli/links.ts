import type { LinkFileReport, LinkReport, SavedReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, formatAge, formatBytes, formatDelay, visible } from './format.ts';
import { pick } from './pick.ts';
import { type Column, details, type Row, table } from './table.ts';

/** `fmucd links [PEER]` */
export function links(invocation: Invocation): Promise<number> {
  const { operand, json, output } = invocation;
  return askGateway(invocation, (report) => {
    const chosen = pick(report.links, operand, ({ peer }) => [peer], 'link to', output);
    if (chosen === undefined) return EXIT.failed;
    if (json) output.print(JSON.stringify({ links: chosen }));
    else output.print(operand === undefined ? linksScreen(chosen, Date.now()) : chosen.map(linkScreen).join('\n'));
    return EXIT.fine;
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'LINK' },
  { title: 'STATE' },
  { title: 'SINCE' },
  { title: 'IN', align: 'right' },
  { title: 'OUT', align: 'right' },
  { title: 'QUEUED', align: 'right' },
  { title: 'DELAY', align: 'right' },
];

const URGENCY: Readonly<Record<LinkReport['state'], number>> = { up: 0, connecting: 1, down: 2 };

/** Every link, a line each. `now` is in milliseconds since the epoch. */
export function linksScreen(all: readonly LinkReport[], now: number, maxLines?: number): string {
  if (all.length === 0) return '  no links: rooms are shared with nobody (add a [[link]] to the file)';
  const rows = all.map(
    (link): Row => ({
      cells: [
        visible(link.peer),
        link.state,
        formatAge(link.since, now),
        formatBytes(link.bytes_in),
        formatBytes(link.bytes_out),
        String(link.queued),
        formatDelay(link.delay),
      ],
      note: link.state === 'up' || link.error === null ? undefined : visible(link.error),
      urgency: URGENCY[link.state],
    }),
  );
  return table(COLUMNS, rows, maxLines, 'fmucd links').join('\n');
}

/** All about one link. */
export function linkScreen(link: LinkReport): string {
  return [
    visible(link.peer),
    ...details([
      ['state', `${link.state} since ${visible(link.since)}`],
      ['transport', link.transport],
      ['in', `${formatBytes(link.bytes_in)}, ${count(link.stanzas_in, 'stanza')}`],
      ['out', `${formatBytes(link.bytes_out)}, ${count(link.stanzas_out, 'stanza')}`],
      ['queued', count(link.queued, 'message')],
      ['waiting', count(link.waiting, 'stanza')],
      ['delay', link.delay === null ? 'nothing crosses now' : `${formatDelay(link.delay)} until a message is across`],
      ['last error', visible(link.error ?? 'none')],
    ]),
    ...savedLines(link.saved),
    ...fileLines(link.file),
  ].join('\n');
}

function savedLines({ compression, coalescing, trimming, payloads }: SavedReport): string[] {
  return [
    '  saved by',
    ...details([
      ['  compression', formatBytes(compression)],
      ['  coalescing', count(coalescing, 'presence stanza')],
      ['  trimming', `${formatBytes(trimming)}, ${count(payloads, 'payload')}`],
    ]),
  ];
}

function fileLines({ bandwidth, compression, presence, coalesce }: LinkFileReport): string[] {
  return [
    '  in the file',
    ...details([
      ['  bandwidth', bandwidth === 0 ? '0: nothing is paced' : `${bandwidth} bit/s`],
      ['  compression', String(compression)],
      ['  presence', presence],
      ['  coalesce', coalesce === 0 ? '0: each presence at once' : `${coalesce} s`],
    ]),
  ];
}
