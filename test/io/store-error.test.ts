import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../src/io/schema.ts';
import { openStore } from '../../src/io/sqlite.ts';
import { guarded, StoreError } from '../../src/io/store-error.ts';
import { append, elsinore, message, rabbithole } from './store-records.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  file = join(directory, 'fmucd.db');
});

afterEach(() => rmSync(directory, { recursive: true }));

function refusal(action: () => unknown): StoreError {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  return expect.fail('nothing was refused');
}

test('the directory is made, for the gateway alone', () => {
  openStore(join(directory, 'a', 'b')).close();
  expect(statSync(join(directory, 'a', 'b')).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'a', 'b', 'fmucd.db')).mode & 0o777).toBe(0o600);
});

test('a full store takes nothing of the turn, and goes on once there is space', () => {
  const store = openStore(directory, { maxBytes: 64 * 1024 });
  store.commit([append(message(1, { room: rabbithole, stanza: 'x'.repeat(20_000) }))]);
  let seq = 0;
  const error = refusal(() => {
    for (;;) store.commit([append(message((seq += 1))), append(message((seq += 1), { stanza: 'x'.repeat(2000) }))]);
  });
  expect(error.condition).toBe('full');
  expect(error.message).toBe(`no space left for ${file}: free some; the gateway goes on by itself once there is`);
  expect(store.history({ room: elsinore })).toHaveLength(seq - 2);
  expect(store.archives).toContainEqual({
    room: elsinore,
    messages: seq - 2,
    lastSeq: seq - 2,
    lastOriginSeq: seq - 2,
  });
  store.commit([{ kind: 'forget', room: rabbithole }]);
  store.commit([append(message(seq - 1)), append(message(seq, { stanza: 'x'.repeat(2000) }))]);
  expect(store.history({ room: elsinore })).toHaveLength(seq);
  store.close();
});

test("another program's database is left as it is", () => {
  const other = new SQLite(file);
  other.exec('CREATE TABLE theirs (x)');
  other.close();
  const before = readFileSync(file);
  expect(refusal(() => openStore(directory))).toMatchObject({
    condition: 'foreign',
    message: `${file} isn't a store of fmucd: move it away, or change "data" in the file`,
  });
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('a store of a newer version is left as it is', () => {
  openStore(directory).close();
  const newer = new SQLite(file);
  newer.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  newer.close();
  expect(refusal(() => openStore(directory))).toMatchObject({
    condition: 'newer',
    message: `${file} was written by a newer fmucd: run that one, or put a backup from before in its place`,
  });
});

test('a directory that is none is out of reach', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(refusal(() => openStore(join(directory, 'file', 'data')))).toMatchObject({ condition: 'unreachable' });
});

test.each([
  ['SQLITE_FULL', 'full'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['SQLITE_IOERR_FSYNC', 'failing'],
  ['SQLITE_READONLY_DBMOVED', 'read-only'],
  ['EROFS', 'read-only'],
  ['SQLITE_CANTOPEN_ISDIR', 'unreachable'],
  ['EACCES', 'unreachable'],
  ['SQLITE_BUSY_SNAPSHOT', 'locked'],
  ['SQLITE_CORRUPT_INDEX', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
])('%s is named: %s', (code, condition) => {
  const cause = Object.assign(new Error('as the system says it'), { code });
  const error = refusal(() =>
    guarded(file, () => {
      throw cause;
    }),
  );
  expect(error).toMatchObject({ condition, cause });
  expect(error.message).toMatch(/^[^\n]+: [^\n]+$|^[^\n]+ \([^\n]+\)$/);
});

test('what is no fault of the store is thrown as it is', () => {
  const bug = new TypeError('no such thing');
  expect(() =>
    guarded(file, () => {
      throw bug;
    }),
  ).toThrow(bug);
});
