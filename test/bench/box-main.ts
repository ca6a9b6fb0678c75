import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Day } from '../support/day.ts';
import { endAll } from '../support/ending.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import { type BoxResult, type Memory, measureBox, memoryIn, type Subject } from './box.ts';
import { buildImage, Guest, withoutGuest } from './guest.ts';
import { show } from './rows.ts';
import { writeSection } from './section.ts';
import { measureStart } from './start.ts';
import { table } from './table.ts';

/* What bench.mjs starts for `memory`: the executable, and the Node in it. */

const MB = 1024 * 1024;
/** MB that the board has, and that the gateway takes this machine to have. */
const MACHINE = 128;
/** MB of the least board. */
const LEAST = 64;
const [root = '.', executable = '', node = ''] = process.argv.slice(2);

/** Says what is measured now: it all takes ten minutes, and longer beside other work. */
function tell(what: string): void {
  console.log(`after ${Math.round(performance.now() / 1000)} s: ${what}`);
}

/** The executable on this machine. */
class Here implements Subject {
  readonly host = '127.0.0.1';
  #gateway: Gateway | undefined;

  async start(file: string): Promise<void> {
    this.#gateway = await Gateway.start(file.replace('[gateway]', `[gateway]\nmemory = ${MACHINE}`), [executable]);
  }

  async memory(): Promise<Memory> {
    return memoryIn(readFileSync(`/proc/${this.#gateway?.pid}/status`, 'utf8'));
  }
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

/** The image on boards with that many megabytes, one after the other; nothing of one on which it doesn't get through. */
async function measureGuests(peer: Built, ...sizes: readonly number[]): Promise<readonly (BoxResult | undefined)[]> {
  const reason = withoutGuest();
  if (reason !== undefined) {
    console.log(`no ARMv7 board is measured; it needs ${reason}`);
    return [];
  }
  tell('the image is built');
  const image = buildImage(root);
  const results: (BoxResult | undefined)[] = [];
  for (const megabytes of sizes) results.push(await measureGuest(image, megabytes, peer));
  return results;
}

async function measureGuest(image: string, megabytes: number, peer: Built): Promise<BoxResult | undefined> {
  tell(`a board of ${megabytes} MB`);
  try {
    const guest = await Guest.switchOn(image, megabytes);
    const result = await measureBox(guest, peer);
    await guest.switchOff();
    return result;
  } catch (error) {
    console.log(
      `a board of ${megabytes} MB doesn't get through: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

process.setMaxListeners(0);
const peer: Built = [process.execPath, join(root, 'dist/fmucd.cjs')];
try {
  tell('starts');
  // Before this process has grown: what it starts begins with a copy of its page tables.
  const start = await measureStart([executable], node);
  tell('a day of virtual time');
  const grown = growth();
  tell('an hour of traffic here');
  const here = await measureBox(new Here(), peer);
  const [guest, least] = await measureGuests(peer, MACHINE, LEAST);
  const row = (name: string, budget: string, of: (result: BoxResult) => number): readonly string[] => [
    name,
    budget,
    ...[guest, least, here].map((result) => (result === undefined ? '' : show(of(result) / MB))),
  ];
  console.log(
    table([
      ['MB, but for the last', 'budget', `ARMv7, ${MACHINE} MB`, `${LEAST} MB`, process.arch],
      row('idle, resident', '', ({ idle }) => idle.resident),
      row('idle, of that anonymous', '', ({ idle }) => idle.anonymous),
      row('after an hour of traffic, resident', '48', ({ afterTraffic }) => afterTraffic.resident),
      row('after an hour of traffic, of that anonymous', '16', ({ afterTraffic }) => afterTraffic.anonymous),
      ['heap of two gateways after 24 hours instead of 12', '0', '', '', show(grown / MB)],
      ['ready after start, as a multiple of node -e 0', '2', '', '', show(start.ready / start.node)],
    ]),
  );
  writeSection(join(root, 'dist/bench.json'), 'box', {
    date: new Date().toISOString(),
    arch: process.arch,
    ...here,
    guest,
    least,
    start,
    grown,
  });
} finally {
  await endAll();
}
