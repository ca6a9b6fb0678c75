import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { MESSAGES, SEEDS } from '../support/corpus.ts';
import { EMULATIONS, type Emulation } from './air.ts';
import { chart } from './chart.ts';
import type { Measured } from './measure.ts';
import { type Row, rowsOf, show } from './rows.ts';
import { readSection } from './section.ts';
import { table } from './table.ts';

export interface About {
  /** The repository. */
  readonly root: string;
  readonly emulation: Emulation;
  readonly hasProsody: boolean;
  /** How long it took. */
  readonly seconds: number;
}

/** Prints the table, and writes `bench.json`, `bench.md` and `bench.svg` into `dist`. */
export function report(results: readonly Measured[], { root, emulation, hasProsody, seconds }: About): void {
  const rows = rowsOf(results);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  const versions = {
    fmucd: version,
    node: process.version,
    prosody: hasProsody ? first('dpkg-query', '-W', '-f=${Version}', 'prosody') || 'of unknown version' : null,
    kernel: release(),
  };
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory: totalmem(), arch: arch() };
  const git = (...args: readonly string[]): string => first('git', '-C', root, ...args);
  const changes = git('status', '--porcelain') === '' ? '' : ' with changes';
  const commit = `${git('rev-parse', '--short=10', 'HEAD') || 'unknown'}${changes}`;
  const seed = SEEDS.measured;
  const about = [
    `Commit ${commit}, corpus of ${MESSAGES} messages with seed ${seed}, Node ${versions.node}`,
    `Prosody ${versions.prosody ?? 'not at hand'}, ${machine.cores} × ${machine.cpu} (${machine.arch}), Linux ${versions.kernel}`,
    `Emulation: ${EMULATIONS[emulation]}`,
  ];

  const dist = (name: string): string => join(root, 'dist', name);
  const date = new Date().toISOString();
  const all = {
    date,
    commit,
    seed,
    versions,
    machine,
    emulation,
    seconds: Math.round(seconds),
    rows,
    workloads: results,
    box: readSection(dist('bench.json'), 'box'),
    fanout: readSection(dist('bench.json'), 'fanout'),
    crowd: readSection(dist('bench.json'), 'crowd'),
  };
  writeFileSync(dist('bench.json'), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(dist('bench.md'), `${markdown(rows)}\n\n${about.join('. ')}.\n`);
  writeFileSync(dist('bench.svg'), chart(rows, `Commit ${commit}.`));

  console.log(`\n${table([HEAD, ...rows.map(cells)])}\n\n${about.join('\n')}`);
  for (const { name, what, ours, prosody } of results) {
    console.log(`${name}: ${what}`);
    for (const [who, outcome] of Object.entries({ ours, Prosody: prosody }))
      if ('failed' in outcome) console.log(`  ${who}: ${outcome.failed}`);
  }
  const unmet = rows.filter(({ isMet }) => isMet === false);
  const met = rows.filter(({ isMet }) => isMet === true);
  console.log(`\n${met.length} budgets are met, ${unmet.length} are not${unmet.length > 0 ? ':' : ''}`);
  for (const { row, ours, budget } of unmet) console.log(`  ${row}: ${show(ours)} instead of ${show(budget)}`);
  console.log(`in ${Math.round(seconds)} s; dist/bench.json, dist/bench.md, dist/bench.svg`);
}

const HEAD = ['', 'budget', 'fmucd', 'Prosody', 'ratio', 'met'];

function cells(row: Row): string[] {
  const ratio = row.ratio === undefined ? '' : show(row.ratio);
  const met = row.isMet === undefined ? '' : row.isMet ? 'yes' : 'no';
  const budget = row.budget === undefined ? '' : show(row.budget);
  return [row.row, budget, show(row.ours), show(row.prosody), ratio, met];
}

function markdown(rows: readonly Row[]): string {
  const line = (of: readonly string[]): string => `| ${of.join(' | ')} |`;
  return [
    line(HEAD),
    line(['---', '---:', '---:', '---:', '---:', '---']),
    ...rows.map((row) => line(cells(row))),
  ].join('\n');
}

/** What that command writes, or nothing. */
function first(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
}
