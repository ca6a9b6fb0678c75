import type { LinkFileReport, LinkReport, S2sStreamReport, SavedReport, StatusReport } from '../gateway/report.ts';
import { askGateway } from './ask-gateway.ts';
import { linkAttention } from './attention.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-status.ts';
import { count, formatAge, formatBytes, formatDelay, formatSince, visible } from './format.ts';
import type { Tint } from './paint.ts';
import { pick } from './pick.ts';
import { s2sScreen, streamScreen } from './s2s.ts';
import {
  type Column,
  type Detail,
  details,
  digestLines,
  type Frame,
  frameFor,
  heading,
  type Row,
  table,
} from './table.ts';
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
    const now = Date.now();
    const frame = frameFor(output);
    if (json) output.print(JSON.stringify({ links, s2s }));
    else if (operand === undefined)
      output.print(
        streamTables(report, now)
          .map((draw) => draw(frame))
          .join('\n\n'),
      );
    else {
      const found = [
        ...links.map((link) => linkScreen(link, now, frame)),
        ...s2s.map((one) => streamScreen(one, now, frame)),
      ];
      output.print(found.join('\n'));
    }
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
  { title: 'STATE', isState: true },
  { title: 'SINCE', spare: 1 },
  { title: 'IN', align: 'right', spare: 4 },
  { title: 'OUT', align: 'right', spare: 3 },
  { title: 'QUEUED', align: 'right' },
  { title: 'DELAY', align: 'right', spare: 2 },
];

/** The colour of a state. */
const TINTS: Readonly<Record<LinkReport['state'], Tint>> = { up: 'good', connecting: 'warning', down: 'fault' };

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
      ...linkAttention(link),
      tint: TINTS[link.state],
    }),
  );
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
}

/** All about one link, what is wrong with it first. `now` is in milliseconds since the epoch. */
export function linkScreen(link: LinkReport, now: number, frame: Frame = {}): string {
  const { state, since, error, delay, saved, file } = link;
  const lastError: Detail = ['last error', visible(error ?? 'none')];
  return [
    ...heading(link.peer, frame),
    ...details(
      [
        ['state', `${state} since ${formatSince(since, now)}`, TINTS[state]],
        ...(state === 'up' ? [] : [lastError]),
        ['transport', link.transport],
        ['in', `${formatBytes(link.bytes_in)}, ${count(link.stanzas_in, 'stanza')}`],
        ['out', `${formatBytes(link.bytes_out)}, ${count(link.stanzas_out, 'stanza')}`],
        ['queued', count(link.queued, 'message')],
        ['waiting', count(link.waiting, 'stanza')],
        ['delay', delay === null ? 'nothing crosses now' : `${formatDelay(delay)} until a message is across`],
        ...(state === 'up' ? [lastError] : []),
      ],
      frame,
    ),
    ...part('saved by', savedDetails(saved), frame),
    ...part('in the file', fileDetails(file), frame),
    ...(file.pin === null ? [] : digestLines(file.pin, '      ', frame)),
  ].join('\n');
}

function part(title: string, pairs: readonly Detail[], frame: Frame): string[] {
  return [...heading(title, frame, '  '), ...details(pairs, frame)];
}

function savedDetails({ compression, coalescing, trimming, payloads }: SavedReport): Detail[] {
  return [
    ['  compression', formatBytes(compression)],
    ['  coalescing', count(coalescing, 'presence stanza')],
    ['  trimming', `${formatBytes(trimming)}, ${count(payloads, 'payload')}`],
  ];
}

function fileDetails({ bandwidth, compression, presence, coalesce, tls }: LinkFileReport): Detail[] {
  return [
    ['  bandwidth', bandwidth === 0 ? '0: nothing is paced' : `${bandwidth} bit/s`],
    ['  compression', String(compression)],
    ['  presence', presence],
    ['  coalesce', coalesce === 0 ? '0: each presence at once' : `${coalesce} s`],
    ['  tls', tls === 'off' ? 'off' : 'pinned: the peer has the certificate with this SHA-256'],
  ];
}
