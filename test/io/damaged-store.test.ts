import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/io/sqlite.ts';
import { StoreError } from '../../src/io/store-error.ts';
import { lastWritten, MAX_DAMAGED_STORES, STORE_FILE, setAside, storesAside } from '../../src/io/store-files.ts';
import { Jid } from '../../src/lib/jid.ts';
import { Journal } from '../../src/lib/journal.ts';
import { positionAt } from '../../src/lib/position.ts';
import { MucService } from '../../src/muc/service.ts';
import { Turn } from '../../src/muc/turn.ts';
import { append, elsinore, message, midnight, room } from './store-records.ts';

/** Bytes of a page of the store. */
const PAGE = 1024;
/** 2026-11-21T10:15:00Z */
const quarterPast = Date.UTC(2026, 10, 21, 10, 15);
const NAME = 'fmucd.db.damaged-20261121T101500Z';

let directory: string;
let file: string;
let stores: Store[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  file = join(directory, STORE_FILE);
  stores = [];
});

afterEach(() => {
  for (const store of stores) store.close();
  rmSync(directory, { recursive: true });
});

function open(): Store {
  const store = openStore(directory);
  stores.push(store);
  return store;
}

/** A store with 200 messages, closed in order. */
function makeStore(): void {
  const store = openStore(directory);
  store.commit([{ kind: 'save', record: room() }]);
  for (let seq = 1; seq <= 200; seq += 1) store.commit([append(message(seq))]);
  store.close();
}

/** Overwrites part of the store. */
function garble(from: number, to?: number): void {
  writeFileSync(file, readFileSync(file).fill(0x5a, from, to));
}

function damageOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error.condition;
    throw error;
  }
  return undefined;
}

/** Whatever the gateway reads at its start. */
function readAll(store: Store): void {
  void store.rooms;
  store.origins(elsinore);
  store.entries(elsinore, 0);
  store.referable(elsinore, 512, 1000);
}

describe('damage is told', () => {
  it.each<[string, () => void]>([
    ['in the header', () => garble(0, 100)],
    ['in all of the first page', () => garble(0, PAGE)],
    ['behind the first page', () => garble(PAGE)],
    ['everywhere, so that it is no database at all', () => writeFileSync(file, 'words, words, words\n'.repeat(500))],
    ['by being cut off within the header', () => truncateSync(file, 50)],
    ['by being cut off after some pages', () => truncateSync(file, 5 * PAGE)],
    [
      'by being cut off to nothing, with its log beside',
      () => {
        truncateSync(file, 0);
        writeFileSync(`${file}-wal`, 'what came last');
      },
    ],
    [
      'by being gone, with its log left',
      () => {
        rmSync(file);
        writeFileSync(`${file}-wal`, 'what came last');
      },
    ],
  ])('%s', (_, damage) => {
    makeStore();
    damage();
    expect(damageOf(() => readAll(open()))).toBe('corrupt');
  });

  it('in a page that is read later, from then on, whatever can still be written', () => {
    makeStore();
    const content = readFileSync(file);
    const at = Math.floor(content.indexOf("id='m100'") / PAGE) * PAGE;
    garble(at, at + PAGE);
    const store = open();
    expect(store.problem()).toBeUndefined();
    expect(damageOf(() => store.history({ room: elsinore }))).toBe('corrupt');
    store.commit([{ kind: 'note', key: 'still', value: 'written' }]);
    expect(store.damage).toMatchObject({ condition: 'corrupt' });
    expect(store.problem()).toBe(store.damage);
  });

  it('in the settings of a room', () => {
    makeStore();
    const content = readFileSync(file);
    const at = content.indexOf('"Elsinore"');
    garble(at, at + 10);
    const store = open();
    expect(damageOf(() => store.rooms)).toBe('corrupt');
  });

  it('not of a log that is garbage, whose turns SQLite leaves out', () => {
    makeStore();
    writeFileSync(`${file}-wal`, Buffer.alloc(5000, 0x5a));
    const store = open();
    readAll(store);
    expect([store.count(elsinore), store.damage]).toEqual([200, undefined]);
  });

  it('not of an empty file, in which there is nothing to keep', () => {
    writeFileSync(file, '');
    expect(open().rooms).toEqual([]);
  });
});

describe('a damaged store is set aside', () => {
  it('with all of its files, under a name that tells when', () => {
    for (const part of ['', '-wal', '-shm', '-journal']) writeFileSync(file + part, `what was in ${part}`);
    utimesAll(midnight);
    expect(setAside(directory, quarterPast)).toBe(NAME);
    expect(readdirSync(directory).sort()).toEqual([NAME, `${NAME}-journal`, `${NAME}-shm`, `${NAME}-wal`]);
    expect(readFileSync(join(directory, `${NAME}-wal`), 'utf8')).toBe('what was in -wal');
    expect(storesAside(directory, 'damaged')).toEqual([NAME]);
    expect(open().rooms).toEqual([]);
  });

  it('never over another one', () => {
    for (const content of ['first', 'second']) {
      writeFileSync(file, content);
      utimesAll(midnight);
      setAside(directory, quarterPast);
    }
    expect(storesAside(directory, 'damaged')).toEqual([NAME, `${NAME}.2`]);
    expect(readFileSync(join(directory, NAME), 'utf8')).toBe('first');
  });

  it(`at most ${MAX_DAMAGED_STORES} of them: the oldest goes, with all of its files`, () => {
    const names = [0, 1, 2, 3, 4].map((hour) => {
      for (const part of ['', '-wal']) writeFileSync(file + part, `of ${hour}`);
      utimesAll(midnight);
      return setAside(directory, midnight + hour * 3_600_000);
    });
    expect(storesAside(directory, 'damaged')).toEqual(names.slice(-MAX_DAMAGED_STORES));
    expect(readdirSync(directory)).toHaveLength(2 * MAX_DAMAGED_STORES);
  });

  it('as the newest, also where the clock has lost the time', () => {
    for (let hour = 0; hour < MAX_DAMAGED_STORES; hour += 1) {
      writeFileSync(file, `of ${hour}`);
      utimesAll(midnight);
      setAside(directory, midnight + hour * 3_600_000);
    }
    writeFileSync(file, 'the newest');
    utimesAll(midnight);
    const name = setAside(directory, 1);
    expect(storesAside(directory, 'damaged')).toHaveLength(MAX_DAMAGED_STORES);
    expect(readFileSync(join(directory, name), 'utf8')).toBe('the newest');
  });

  /** Has every file there last written at that time. */
  function utimesAll(time: number): void {
    for (const entry of readdirSync(directory)) utimesSync(join(directory, entry), time / 1000, time / 1000);
  }
});

describe('the newest message', () => {
  it('is there once there is one', () => {
    expect(open().newest()).toBeUndefined();
  });

  it('is the one that came last, whatever its stamp and those before it say', () => {
    const store = open();
    store.commit([append(message(1, { received: midnight + 9000 })), append(message(2, { stamp: quarterPast * 2 }))]);
    expect(store.newest()).toBe(midnight + 2000);
  });
});

describe('no position is given twice', () => {
  const archivesOf = (store: Store): number[] =>
    store.archives.flatMap(({ lastSeq, lastOriginSeq }) => [lastSeq, lastOriginSeq]);

  it('a fresh store knows how far the lost one may have come, by when that was written', () => {
    makeStore();
    const written = lastWritten(directory);
    expect(written).toBeGreaterThan(Date.now() - 60_000);
    setAside(directory, Date.now());
    const store = openStore(directory);
    expect(Math.min(...archivesOf(store))).toBe(positionAt(written ?? 0) + 86_400);
    store.close();
    const again = open();
    expect(Math.min(...archivesOf(again))).toBe(positionAt(written ?? 0) + 86_400);
  });

  it.each(['elsinore', 'made-later'])(
    'whatever the clock says, %s begins after what it may have given before',
    (name) => {
      makeStore();
      const written = lastWritten(directory) ?? 0;
      setAside(directory, 0);
      const journal = new Journal();
      const options = { domain: 'rooms.denmark.lit', name: '', admins: new Set<string>(), version: '', features: [] };
      const service = new MucService({ ...options, createRooms: 'everyone' }, journal);
      const store = open();
      const turn = new Turn(0, journal);
      service.restore(turn, [{ jid: elsinore, keep: { messages: 0, age: 0 } }], store.rooms, store.archives);
      const jid = `${name}@rooms.denmark.lit`;
      const made = service.get(jid) ?? service.create(turn, jid, Jid.parse('hamlet@denmark.lit/castle'), true);
      expect(made?.lastOriginSeq).toBeGreaterThan(positionAt(written));
      expect(made?.lastSeq).toBeGreaterThan(positionAt(written));
    },
  );

  it('a store that stands where nothing has stood begins with none', () => {
    expect(open().archives).toEqual([]);
  });
});
