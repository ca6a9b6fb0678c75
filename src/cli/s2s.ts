import type { S2sStreamReport } from '../gateway/report.ts';
import { streamAttention } from './attention.ts';
import { count, formatAge, formatBytes, formatSince, visible } from './format.ts';
import type { Tint } from './paint.ts';
import { type Column, type Detail, details, type Frame, heading, type Row, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'S2S' },
  { title: 'STATE', isState: true },
  { title: 'SINCE', spare: 1 },
  { title: 'PROOF', spare: 2 },
  { title: 'TLS', spare: 3 },
  { title: 'QUEUED', align: 'right' },
];

/** The streams with each domain, a line each. `now` is in milliseconds since the epoch. */
export function s2sScreen(all: readonly S2sStreamReport[], now: number, frame: Frame = {}): string {
  const rows = all.map((stream): Row => {
    const { domain, state, since, proof, tls, queued } = stream;
    return {
      cells: [visible(domain), state, formatAge(since, now), proof ?? '-', visible(tls ?? '-'), String(queued)],
      ...streamAttention(stream),
      tint: tintOf(stream),
    };
  });
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
}

/** All about the streams with one domain, what is wrong with them first. `now` is in milliseconds since the epoch. */
export function streamScreen(stream: S2sStreamReport, now: number, frame: Frame = {}): string {
  const { domain, state, since, proof, tls, queued, error } = stream;
  const lastError: Detail = ['last error', visible(error ?? 'none')];
  return [
    ...heading(domain, frame),
    ...details(
      [
        ['state', `${state} since ${formatSince(since, now)}`, tintOf(stream)],
        ...(state === 'up' ? [] : [lastError]),
        ['transport', 's2s'],
        ['proof', proof ?? 'none: no stream stands'],
        ['tls', visible(tls ?? 'none')],
        ...(state === 'up' ? connectionDetails(stream) : []),
        ['in', `${formatBytes(stream.bytes_in)}, ${count(stream.stanzas_in, 'stanza')}`],
        ['out', `${formatBytes(stream.bytes_out)}, ${count(stream.stanzas_out, 'stanza')}`],
        ['queued', count(queued, 'stanza')],
        ...(state === 'up' ? [lastError] : []),
      ],
      frame,
    ),
  ].join('\n');
}

function tintOf({ state, queued, error }: S2sStreamReport): Tint {
  if (state === 'up') return 'good';
  if (queued === 0 && error === null) return 'aside';
  return state === 'down' ? 'fault' : 'warning';
}

function connectionDetails({ bidirectional, resumable }: S2sStreamReport): Detail[] {
  return [
    ['connections', bidirectional ? 'one for both directions' : 'one for each direction'],
    ['after a loss', resumable ? 'the stream is resumed' : 'a new stream begins'],
  ];
}
