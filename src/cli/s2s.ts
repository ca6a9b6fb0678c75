import type { S2sStreamReport } from '../gateway/report.ts';
import { count, formatAge, formatBytes, visible } from './format.ts';
import { type Column, details, type Frame, type Row, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'S2S' },
  { title: 'STATE' },
  { title: 'SINCE' },
  { title: 'PROOF' },
  { title: 'TLS' },
  { title: 'QUEUED', align: 'right' },
];

const URGENCY: Readonly<Record<S2sStreamReport['state'], number>> = { up: 0, connecting: 1, down: 2 };

/** The streams with each domain, a line each. `now` is in milliseconds since the epoch. */
export function s2sScreen(all: readonly S2sStreamReport[], now: number, frame: Frame = {}): string {
  const rows = all.map(
    ({ domain, state, since, proof, tls, queued, error }): Row => ({
      cells: [visible(domain), state, formatAge(since, now), proof ?? '-', visible(tls ?? '-'), String(queued)],
      note: state === 'up' || error === null ? undefined : visible(error),
      // Streams come and go: one that is gone and that nothing waits for is no trouble.
      urgency: queued === 0 && error === null ? 0 : URGENCY[state],
    }),
  );
  return table(COLUMNS, rows, { ...frame, more: 'fmucd links' }).join('\n');
}

/** All about the streams with one domain. */
export function streamScreen(stream: S2sStreamReport): string {
  const { domain, state, since, proof, tls, queued, error } = stream;
  return [
    visible(domain),
    ...details([
      ['state', `${state} since ${visible(since)}`],
      ['transport', 's2s'],
      ['proof', proof ?? 'none: no stream stands'],
      ['tls', visible(tls ?? 'none')],
      ...(state === 'up' ? connectionLines(stream) : []),
      ['in', `${formatBytes(stream.bytes_in)}, ${count(stream.stanzas_in, 'stanza')}`],
      ['out', `${formatBytes(stream.bytes_out)}, ${count(stream.stanzas_out, 'stanza')}`],
      ['queued', count(queued, 'stanza')],
      ['last error', visible(error ?? 'none')],
    ]),
  ].join('\n');
}

function connectionLines({ bidirectional, resumable }: S2sStreamReport): [string, string][] {
  return [
    ['connections', bidirectional ? 'one for both directions' : 'one for each direction'],
    ['after a loss', resumable ? 'the stream is resumed' : 'a new stream begins'],
  ];
}
