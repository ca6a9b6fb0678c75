import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Day } from '../support/day.ts';
import { endAll } from '../support/ending.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import { type Memory, measureBox, type Subject } from './box.ts';
import { show } from './rows.ts';
import { writeSection } from './section.ts';
import { measureStart } from './start.ts';
import { table } from './table.ts';

/* What bench.mjs starts for `memory`: the executable, and the Node in it. */

const MB = 1024 * 1024;
const [root = '.', executable = '', node = ''] = process.argv.slice(2);

/** The executable on this machine. */
class Here implements Subject {
  readonly host = '127.0.0.1';
  #gateway: Gateway | undefined;

  async start(file: string): Promise<void> {
    this.#gateway = await Gateway.start(file, [executable]);
  }

  async memory(): Promise<Memory> {
    return memoryIn(readFileSync(`/proc/${this.#gateway?.pid}/status`, 'utf8'));
  }
}

/** From `/proc/PID/status`. */
function memoryIn(status: string): Memory {
  const of = (key: string): number => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { resident: of('VmRSS'), anonymous: of('RssAnon') };
}

/** What the heap grows by in the latter half of a day of traffic, once V8 has compiled what it will; garbage doesn't count. */
function growth(): number {
  const day = new Day();
  const kept = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  for (let hour = 1; hour <= 12; hour++) day.hour();
  const before = kept();
  for (let hour = 13; hour <= 24; hour++) day.hour();
  return kept() - before;
}

process.setMaxListeners(0);
const peer: Built = [process.execPath, join(root, 'dist/fmucd.cjs')];
try {
  // Before this process has grown: what it starts begins with a copy of its page tables.
  const start = await measureStart([executable], node);
  const grown = growth();
  const box = await measureBox(new Here(), peer);
  const inMb = ({ resident, anonymous }: Memory): [string, string] => [show(resident / MB), show(anonymous / MB)];
  console.log(
    table([
      ['MB, but for the last', 'budget for ARMv7', process.arch],
      ['idle, resident', '', inMb(box.idle)[0]],
      ['idle, of that anonymous', '', inMb(box.idle)[1]],
      ['after an hour of traffic, resident', '48', inMb(box.afterTraffic)[0]],
      ['after an hour of traffic, of that anonymous', '16', inMb(box.afterTraffic)[1]],
      ['heap of two gateways after 24 hours instead of 12', '0', show(grown / MB)],
      ['ready after start, as a multiple of node -e 0', '2', show(start.ready / start.node)],
    ]),
  );
  writeSection(join(root, 'dist/bench.json'), 'box', {
    date: new Date().toISOString(),
    arch: process.arch,
    ...box,
    start,
    grown,
  });
} finally {
  await endAll();
}
