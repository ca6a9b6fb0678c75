import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openStore } from '../../src/io/sqlite.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import type { StoreWrite } from '../../src/muc/records.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { median } from './median.ts';
import { show } from './rows.ts';
import { writeSection } from './section.ts';
import { table } from './table.ts';

/* What bench.mjs starts for `backup`: how long a backup of a large store takes, and what it holds the gateway up. */

const ROOM = 'elsinore@rooms.denmark.test';
const MESSAGES = 100_000;
/** Messages of one transaction while the store is filled. */
const BATCH = 1000;
const ROUNDS = 3;

const [root = '.'] = process.argv.slice(2);
const program = join(root, 'dist/fmucd.cjs');
try {
  const stalls = join(temporaryFolder(), 'stalls');
  process.env['FMUCD_STALLS'] = stalls;
  const server = await ComponentServer.start(SECRET);
  const file = `${gatewayOf('denmark.test', server)}\n[[room]]\nname = "elsinore"\nkeep = { messages = 0 }\n`;
  const gateway = await Gateway.start(file, [
    process.execPath,
    '--require',
    join(root, 'test/bench/stalls.cjs'),
    program,
  ]);
  await gateway.stop();
  fill(join(gateway.folder, 'data'));
  await gateway.restart();
  const rounds: { readonly seconds: number; readonly size: number; readonly delay: number; readonly work: number }[] =
    [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await longest(gateway, stalls);
    const start = performance.now();
    const { code, output } = await gateway.toEnd('backup', join(gateway.folder, `${round}.db`), '--json');
    if (code !== 0) throw new Error(output.join('\n'));
    const seconds = (performance.now() - start) / 1000;
    const { size } = JSON.parse(output.at(-1) ?? '') as { size: number };
    rounds.push({ seconds, size, ...(await longest(gateway, stalls)) });
  }
  const [seconds, delay, work] = (['seconds', 'delay', 'work'] as const).map((key) =>
    median(rounds.map((round) => round[key])),
  );
  writeSection(join(root, 'dist/bench.json'), 'backup', { date: new Date().toISOString(), messages: MESSAGES, rounds });
  console.log(
    table([
      [`backup of ${MESSAGES} messages while the gateway runs`, 'budget', 'fmucd'],
      ['seconds, the command whole and the copy verified', '', show(seconds)],
      ['longest delay of the event loop, ms', '50', show(delay)],
      ['of it worked, ms', '', show(work)],
      ['bytes', '', show(rounds[0]?.size)],
    ]),
  );
} finally {
  await endAll();
}

function fill(data: string): void {
  const store = openStore(data);
  for (let first = 1; first <= MESSAGES; first += BATCH)
    store.commit(Array.from({ length: BATCH }, (_, index) => message(first + index)));
  store.close();
}

function message(number: number): StoreWrite {
  const stamp = Date.now() - (MESSAGES - number) * 1000;
  const origin = { by: ROOM, id: sequenceId(number) };
  const stanza = `<message id="${number}"><body>${'Words, words, words. '.repeat(1 + (number % 9))}</body></message>`;
  const whose = { nick: 'Hamlet', author: 'hamlet@denmark.test/castle' };
  const record = { room: ROOM, seq: number, originSeq: number, origin, ...whose, stamp, received: stamp, stanza };
  return { kind: 'append', message: record, keep: { messages: 0, age: 0 } };
}

/** What has held the loop up at most since it was last asked, in milliseconds. */
async function longest(gateway: Gateway, stalls: string): Promise<{ readonly delay: number; readonly work: number }> {
  const lines = () => {
    try {
      return readFileSync(stalls, 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  };
  const { length } = lines();
  process.kill(gateway.pid, 'SIGUSR2');
  while (lines().length === length) await setTimeout(10);
  const [delay = Number.NaN, work = Number.NaN] = (lines().at(-1) ?? '').split(' ').map(Number);
  return { delay, work };
}
