import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Loop, type World } from '../../src/app/loop.ts';
import { openStore } from '../../src/io/sqlite.ts';
import { StoreError } from '../../src/io/store-error.ts';
import { STORE_FILE } from '../../src/io/store-files.ts';
import { Random } from '../../src/lib/random.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import type { UnacknowledgedStanza } from '../../src/stream/session-record.ts';
import { StreamManagement } from '../../src/stream/stream-management.ts';
import { VirtualGateway, VirtualWorld } from '../support/virtual.ts';
import { append, elsinore, message, rabbithole, remote, room } from './store-records.ts';

/* Whatever a store has become, the gateway starts with what it can read of it, or says that it is damaged. */

/** Stores that are garbled, each in another way. */
const STORES = 500;

let directory: string;
let whole: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  whole = join(directory, 'whole');
  const store = openStore(directory);
  const subject = { text: 'Denmark', nick: 'hamlet', author: 'hamlet@denmark.lit', stamp: 1 };
  store.commit([
    { kind: 'save', record: room({ subject, affiliations: { 'ophelia@denmark.lit': { affiliation: 'member' } } }) },
  ]);
  for (let seq = 1; seq <= 150; seq += 1) store.commit([append(seq % 3 === 0 ? remote(seq) : message(seq))]);
  const neighbour = { node: rabbithole, isUpward: true, settled: 9, isLive: true, dropped: 0, since: 1 };
  store.commit([
    { kind: 'neighbour', room: elsinore, record: neighbour },
    { kind: 'gaps', room: elsinore, by: rabbithole, gaps: Ranges.of(3, 5) },
    { kind: 'note', key: `dialect ${rabbithole}`, value: 'fmucd' },
    { kind: 'forget', room: 'gone@rooms.denmark.lit' },
    { kind: 'session', record: { domain: 'verona.lit', id: 'one', acknowledged: 0, handled: 2, until: 1 } },
    {
      kind: 'unacknowledged',
      domain: 'verona.lit',
      stanzas: Array.from({ length: 60 }, (_, index) => unacknowledged(index + 1)),
    },
  ]);
  store.close();
  copyFileSync(join(directory, STORE_FILE), whole);
});

afterAll(() => rmSync(directory, { recursive: true }));

function unacknowledged(number: number): UnacknowledgedStanza {
  return { number, xml: message(number).stanza, since: 1 };
}

/** Garbles a few bytes, or a block as flash loses them. */
function garble(random: Random): void {
  const content = readFileSync(whole);
  const below = (end: number) => Math.floor(random.next() * end);
  if (random.next() < 0.5) {
    const at = below(content.length / 512) * 512;
    content.fill(random.next() < 0.5 ? 0xff : below(256), at, at + 512);
  } else for (let count = 1 + below(8); count > 0; count -= 1) content[below(content.length)] = below(256);
  writeFileSync(join(directory, STORE_FILE), content);
}

/** What the first turn has to do with beside the store. */
const bystanders = {
  tcp: { buffered: () => 0, open: () => {}, write: () => {} },
  log: { write: () => {} },
  onRest: () => {},
};

/** Begins a gateway upon the store. */
function start(): string {
  try {
    const store = openStore(directory);
    try {
      const overrides = {
        links: [{ peer: 'rooms.wonderland.lit', connect: { host: '10.1.0.2', port: 5270 } }],
        rooms: [{ name: 'elsinore', federate: [rabbithole] }],
      };
      const { core } = new VirtualGateway(new VirtualWorld(), 'rooms.denmark.lit', overrides);
      const world = { store, now: () => Date.UTC(2026, 10, 21), ...bystanders } as unknown as World;
      new Loop(core, world).start((at) => {
        for (const session of store.sessions()) StreamManagement.restore(session);
        return core.start(store, at);
      });
      return 'starts';
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return error.condition;
    throw error;
  }
}

it(`starts or says that it is damaged, ${STORES} times`, () => {
  const outcomes = new Map<string, number>();
  for (let seed = 1; seed <= STORES; seed += 1) {
    garble(new Random(Uint8Array.of(seed & 255, seed >> 8, ...new Uint8Array(14))));
    rmSync(join(directory, `${STORE_FILE}-wal`), { force: true });
    let outcome: string;
    try {
      outcome = start();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].toSorted()).toEqual(['corrupt', 'starts']);
}, 60_000);
