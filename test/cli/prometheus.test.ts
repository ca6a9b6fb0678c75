import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { MAX_PEERS, MAX_ROOMS, metricsOf } from '../../src/cli/prometheus.ts';
import type { StatusReport } from '../../src/gateway/report.ts';
import { DEBIANS_PYTHON } from '../support/needs.ts';
import { requires } from '../support/requires.ts';
import { certificate, link, report, room, stream, trouble } from './reports.ts';

/* `fmucd status --prometheus`, beside the suite in `golden`, and as Prometheus' own parser for Python reads it. */

const all = report({
  ...trouble,
  problems: ['no space left for /var/lib/fmucd/fmucd.db'],
  s2s: [stream(), stream({ domain: 'norway.lit', state: 'down', proof: null, tls: null, queued: 3 })],
  rooms: [...trouble.rooms, room({ jid: 'moor@rooms.denmark.lit', missing: 150, lost: 1, held: 2 })],
});

const hostileName = 'a"b\\c\nd\u001b[2J\u202e{}';
const hostile = report({
  domain: hostileName,
  links: [link({ peer: hostileName })],
  rooms: [room({ jid: hostileName })],
});

const crowd = report({
  links: Array.from({ length: MAX_PEERS + 3 }, (_, at) => link({ peer: `l${at}.lit` })),
  s2s: Array.from({ length: MAX_PEERS + 2 }, (_, at) => stream({ domain: `s${at}.lit` })),
  rooms: Array.from({ length: MAX_ROOMS + 1 }, (_, at) => room({ jid: `r${at}@rooms.denmark.lit` })),
});

const CASES: readonly (readonly [string, StatusReport | undefined])[] = [
  ['well', report()],
  ['all', all],
  ['bare', report({ component: null, certificate: null, links: [], rooms: [] })],
  ['down', undefined],
  ['hostile', hostile],
];

test.each(CASES)('the metrics of a gateway: %s', async (name, shown) => {
  await expect(metricsOf(shown)).toMatchFileSnapshot(`golden/prometheus-${name}.txt`);
});

describe('by the rules of the format', () => {
  test.each([...CASES, ['crowd', crowd] as const])(
    '%s: each metric is told of once, before its samples',
    (_, shown) => {
      const names: string[] = [];
      for (const block of metricsOf(shown).split(/^(?=# HELP)/m)) {
        const [help = '', type = '', ...samples] = block.trimEnd().split('\n');
        const name = /^# HELP (fmucd_[a-z0-9_]+) \S.*$/.exec(help)?.[1] ?? '';
        expect(name).not.toBe('');
        expect(type).toMatch(new RegExp(`^# TYPE ${name} (?:counter|gauge)$`));
        expect(type.endsWith('counter')).toBe(name.endsWith('_total'));
        expect(samples.length).toBeGreaterThan(0);
        for (const sample of samples)
          expect(sample).toMatch(/^[a-z0-9_]+(?:\{(?:[a-z]+="(?:[^"\\]|\\["\\n])*",?)+\})? -?[\d.e+]+$/);
        for (const sample of samples) expect(sample.startsWith(name)).toBe(true);
        expect(new Set(samples.map((sample) => sample.replace(/ \S+$/, ''))).size).toBe(samples.length);
        names.push(name);
      }
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it('has nothing in it that a terminal would obey', () => {
    expect(metricsOf(hostile).replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });
});

it('tells of so many peers and rooms each, counts all, and says how many it leaves out', () => {
  const lines = metricsOf(crowd).split('\n');
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name}{`));
  expect(of('fmucd_link_up')).toHaveLength(MAX_PEERS);
  expect(of('fmucd_s2s_up')).toHaveLength(MAX_PEERS);
  expect(of('fmucd_room_history_messages')).toHaveLength(MAX_ROOMS);
  expect(of('fmucd_links')).toContain(`fmucd_links{state="up"} ${MAX_PEERS + 3}`);
  expect(of('fmucd_rooms')).toContain(`fmucd_rooms{state="joined"} ${MAX_ROOMS + 1}`);
  expect(of('fmucd_left_out')).toEqual([
    'fmucd_left_out{of="links"} 3',
    'fmucd_left_out{of="s2s"} 2',
    'fmucd_left_out{of="rooms"} 1',
  ]);
});

it('leaves out a time that can not be read', () => {
  expect(metricsOf(report({ certificate: certificate({ expires: 'soon' }) }))).not.toContain('certificate');
});

const PARSE = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]]
                  for f in text_string_to_metric_families(sys.stdin.read())]))
`;
type Parsed = readonly (readonly [string, string, readonly (readonly [string, Record<string, string>, number])[]])[];

requires('prometheus-client')("Prometheus' own parser", () => {
  function parsed(shown: StatusReport | undefined): Parsed {
    const { stdout, stderr } = spawnSync(DEBIANS_PYTHON, ['-c', PARSE], {
      input: `${metricsOf(shown)}\n`,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Parsed;
  }
  const samples = (families: Parsed, sample: string) =>
    families.flatMap(([, , found]) =>
      found.filter(([name]) => name === sample).map(([, labels, value]) => [labels, value]),
    );

  it('reads what is said of a gateway', () => {
    const families = parsed(all);
    expect(families.map(([, type]) => type)).not.toContain('unknown');
    expect(samples(families, 'fmucd_up')).toEqual([[{}, 1]]);
    expect(samples(families, 'fmucd_component_up')).toEqual([[{ server: '127.0.0.1:5347' }, 0]]);
    expect(samples(families, 'fmucd_link_received_bytes_total')).toContainEqual([{ peer: 'rooms.arden.lit' }, 12_345]);
    expect(samples(families, 'fmucd_link_delay_seconds')).toEqual([[{ peer: 'rooms.arden.lit' }, 12.34]]);
    expect(samples(families, 'fmucd_room_missing_messages')).toContainEqual([{ room: 'moor@rooms.denmark.lit' }, 150]);
    expect(samples(families, 'fmucd_certificate_expiry_timestamp_seconds')).toEqual([
      [{}, Date.UTC(2049, 11, 31, 23, 59, 59) / 1000],
    ]);
  });

  it('reads hostile names as they are, but for what a terminal would obey', () => {
    const [first] = samples(parsed(hostile), 'fmucd_link_up');
    expect(first).toEqual([{ peer: 'a"b\\c\nd\\u{1b}[2J\\u{202e}{}' }, 1]);
  });

  it('reads that there is no gateway', () => {
    expect(parsed(undefined)).toEqual([['fmucd_up', 'gauge', [['fmucd_up', {}, 0]]]]);
  });
});
