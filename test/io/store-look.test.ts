import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../../src/io/sqlite.ts';
import { lookAtStore } from '../../src/io/store-look.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { append, message } from './store-records.ts';

/* What there is to see of a store from outside. */

afterEach(endAll);

function made(): string {
  const folder = temporaryFolder();
  openStore(folder).close();
  return folder;
}

it('that there is none', () => {
  expect(lookAtStore(temporaryFolder(), false)).toMatchObject({
    bytes: undefined,
    mode: 0,
    problem: undefined,
    damaged: [],
  });
  expect(lookAtStore('/nowhere', false)).toMatchObject({ bytes: undefined, problem: undefined });
});

it('when its newest message came, leaving an empty log at most', () => {
  const folder = temporaryFolder();
  const store = openStore(folder, { now: () => 1_700_000_000_000 });
  store.commit([append(message(1))]);
  store.close();
  const before = statSync(join(folder, 'fmucd.db'));
  const look = lookAtStore(folder, false);
  expect(look).toMatchObject({ problem: undefined, bytes: statSync(join(folder, 'fmucd.db')).size });
  expect(look.newest).toBeGreaterThan(0);
  expect(look.mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'fmucd.db')).mtimeMs).toBe(before.mtimeMs);
  const others = readdirSync(folder).filter((name) => name !== 'fmucd.db');
  expect(others.map((name) => statSync(join(folder, name)).size).filter((size) => size > 0)).toEqual([]);
});

it('that it is in use', () => {
  const folder = temporaryFolder();
  const store = openStore(folder);
  expect(lookAtStore(folder, false).problem?.condition).toBe('locked');
  const { size } = statSync(join(folder, 'fmucd.db'));
  const look = lookAtStore(folder, true);
  expect(look).toMatchObject({ problem: undefined, newest: undefined });
  expect(look.bytes).toBe(size + statSync(join(folder, 'fmucd.db-wal')).size);
  expect(look.bytes).toBeGreaterThan(size);
  store.close();
});

it('that a newer version wrote it, or somebody else', () => {
  const folder = made();
  const database = new SQLite(join(folder, 'fmucd.db'));
  database.pragma('user_version = 99');
  database.close();
  expect(lookAtStore(folder, false).problem?.condition).toBe('newer');
  const other = temporaryFolder();
  const foreign = new SQLite(join(other, 'fmucd.db'));
  foreign.exec('CREATE TABLE t (x)');
  foreign.close();
  expect(lookAtStore(other, false).problem?.condition).toBe('foreign');
});

it('that it is no database, is empty, or lost its beginning', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'fmucd.db');
  writeFileSync(file, 'no database at all, but a long text that says so'.repeat(100));
  expect(lookAtStore(folder, false).problem?.condition).toBe('corrupt');
  writeFileSync(file, '');
  expect(lookAtStore(folder, false).problem).toBeUndefined();
  writeFileSync(`${file}-wal`, 'x');
  expect(lookAtStore(folder, false).problem?.condition).toBe('corrupt');
});

it('who may read it, and what was set aside', () => {
  const folder = made();
  chmodSync(join(folder, 'fmucd.db'), 0o644);
  writeFileSync(join(folder, 'fmucd.db.damaged-20261121T010203Z'), '');
  const { mode, damaged } = lookAtStore(folder, false);
  expect([mode & 0o777, damaged]).toEqual([0o644, ['fmucd.db.damaged-20261121T010203Z']]);
});
