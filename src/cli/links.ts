import type { LinkFileReport, LinkReport, S2sStreamReport, SavedReport, StatusReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, formatAge, formatBytes, formatDelay, visible } from './format.ts';
import { pick } from './pick.ts';
import { s2sScreen, streamScreen } from './s2s.ts';
import { type Column, details, type Frame, type Row, table } from './table.ts';
import { waysScreen } from './ways.ts';

/** `fmucd links [PEER]`; a domain that is reached over S2S may be named too. */
export function links(invocation: Invocation): Promise<number> {
  const { operands, json, output } = invocation;
  const [operand] = operands;
  return askGateway(invocation, (report) => {
    const all: readonly (LinkReport | S2sStreamReport)[] = [...report.links, ...report.s2s];
    const chosen = pick(all, operand, (one) => [isLink(one) ? one.peer : one.domain], 'link to', output);
    if (chosen === undefined) return EXIT.failed;
    const links = chosen.filter(isLink);
    const s2s = chosen.filter((one): one is S2sStreamReport => !isLink(one));
    if (json) output.print(JSON.stringify({ links, s2s }));
    else if (operand !== undefined) output.print([...links.map(linkScreen), ...s2s.map(streamScreen)].join('\n'));
    else
      output.print(
        streamTables(report, Date.now())
          .map((draw) => draw({ paint: output.paint }))
          .join('\n\n'),
      );
    return EXIT.fine;
  });
}

function isLink(report: LinkReport | S2sStreamReport): report is LinkReport {
  return 'peer' in report;
}

/** The tables of links, streams and ways that there are. Each is drawn into a frame of its own. */
export function streamTables(
  { links, s2s, ways }: Pick<StatusReport, 'links' | 's2s' | 'ways'>,
  now: number,
): ((frame?: Frame) => string)[] {
  const hasOthers = s2s.length > 0 || ways.length > 0;
  return [
    ...(links.length === 0 && hasOthers ? [] : [(frame?: Frame) => linksScreen(links, now, frame)]),
    ...(s2s.length === 0 ? [] : [(frame?: Frame) => s2sScreen(s2s, now, frame)]),
    ...(ways.length === 0 ? [] : [(frame?: Frame) => waysScreen(ways, frame)]),
  ];
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
export function linksScreen(all: readonly LinkReport[], now: number, frame: Frame = {}): string {
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
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
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

function fileLines({ bandwidth, compression, presence, coalesce, tls, pin }: LinkFileReport): string[] {
  return [
    '  in the file',
    ...details([
      ['  bandwidth', bandwidth === 0 ? '0: nothing is paced' : `${bandwidth} bit/s`],
      ['  compression', String(compression)],
      ['  presence', presence],
      ['  coalesce', coalesce === 0 ? '0: each presence at once' : `${coalesce} s`],
      ['  tls', tls === 'off' ? 'off' : 'pinned: the peer has the certificate with this SHA-256'],
    ]),
    ...(pin === null ? [] : [`      ${visible(pin)}`]),
  ];
}
