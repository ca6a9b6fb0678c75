import { copyFileSync, existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { backUp } from '../../src/io/backup.ts';
import { type CopyCondition, CopyError, carefully, READING, WRITING } from '../../src/io/copy-error.ts';
import { prepareRestore } from '../../src/io/prepare-restore.ts';
import { readStore } from '../../src/io/read-store.ts';
import { isPrepared, replaceStore } from '../../src/io/replace-store.ts';
import { openStore, type Store } from '../../src/io/sqlite.ts';
import { MAX_REPLACED_STORES, STORE_FILE, storesAside } from '../../src/io/store-files.ts';
import { gistOf } from '../../src/io/store-gist.ts';
import { RETURNS_NOTE, TOLD_NOTE } from '../../src/lib/note-keys.ts';
import type { MessageRecord, NeighbourRecord } from '../../src/muc/records.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { append, elsinore, message } from './store-records.ts';

/* A store is copied, and a copy takes the place of a store. */

const RABBITHOLE = 'rabbithole@rooms.wonderland.lit';
const NOW = Date.UTC(2026, 10, 21, 7, 30);

let directory: string;
let file: string;
let store: Store;

beforeEach(() => {
  directory = temporaryFolder();
  file = join(temporaryFolder(), 'backup.db');
  store = openStore(directory);
});

afterEach(async () => {
  store.close();
  await endAll();
});

const copying = { onProgress: () => {}, signal: new AbortController().signal };

function own(seq: number, more: Partial<MessageRecord> = {}) {
  return append(message(seq, { originSeq: seq, origin: { by: elsinore, id: `~${seq.toString(36)}` }, ...more }));
}

function neighbour(record: Partial<NeighbourRecord> = {}) {
  const whole = { node: RABBITHOLE, isUpward: true, settled: 0, isLive: false, dropped: 0, since: NOW, ...record };
  return { kind: 'neighbour', room: elsinore, record: whole } as const;
}

const note = (key: string, value: string) => ({ kind: 'note', key, value }) as const;

/** Copies the store as a gateway has it done that runs. */
async function backup(): Promise<void> {
  const held = store.hold();
  await backUp(directory, file, held, copying);
  store.release();
}

/** Puts the copy in the place of the store, and opens it. */
async function restore(now = NOW): Promise<string | undefined> {
  store.close();
  const { name } = await prepareRestore(directory, file, copying);
  const kept = replaceStore(directory, name, now);
  store = openStore(directory);
  return kept;
}

describe('a store that is held', () => {
  it('is copied as it was when that began, whatever is written meanwhile', async () => {
    store.commit([own(1), own(2)]);
    const held = store.hold();
    store.commit([own(3)]);
    expect(await backUp(directory, file, held, copying)).toMatchObject({ rooms: 1, messages: 2 });
    store.release();
    await restore();
    expect(store.count(elsinore)).toBe(2);
  });

  it('is held no longer than its log has room: then the copy is none', async () => {
    store.commit([own(1)]);
    const held = store.hold();
    let seq = 1;
    const stanza = `<message><body>${'x'.repeat(1000)}</body></message>`;
    const writing = {
      ...copying,
      onProgress: () => store.commit(Array.from({ length: 3000 }, () => own((seq += 1), { stanza }))),
    };
    await expect(backUp(directory, file, held, writing)).rejects.toThrow('changes faster than it can be copied');
    expect(existsSync(file)).toBe(false);
    store.release();
  });

  it('goes on as before once nobody holds it', () => {
    store.hold();
    store.hold();
    store.release();
    const stanza = `<message><body>${'x'.repeat(1000)}</body></message>`;
    const size = () => statSync(join(directory, STORE_FILE)).size;
    const before = size();
    for (let seq = 1; seq <= 100; seq += 1)
      store.commit(Array.from({ length: 10 }, (_, n) => own(seq * 10 + n, { stanza })));
    expect(size()).toBe(before);
    store.release();
    store.commit([own(2000)]);
    expect(size()).toBeGreaterThan(before + 1_000_000);
  });
});

test('an interrupted copy leaves nothing behind', async () => {
  store.commit([own(1)]);
  const end = new AbortController();
  end.abort();
  await expect(backUp(directory, file, store.hold(), { ...copying, signal: end.signal })).rejects.toThrow(
    'interrupted',
  );
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('a copy that is not what was counted is not kept', async () => {
  store.commit([own(1)]);
  const held = { ...store.hold(), messages: 2 };
  await expect(backUp(directory, file, held, copying)).rejects.toThrow('the copy of');
  expect(existsSync(file)).toBe(false);
});

test('what another process has left behind goes once that is gone', async () => {
  writeFileSync(`${file}.new-999999999`, 'words');
  writeFileSync(`${file}.new-${process.ppid}`, 'words');
  store.commit([own(1)]);
  await backup();
  expect(readdirSync(join(file, '..')).sort()).toEqual(['backup.db', `backup.db.new-${process.ppid}`]);
});

describe('after a restore', () => {
  it('no position is given twice: of the other store, where it can be read', async () => {
    store.commit([own(1)]);
    await backup();
    store.commit([own(5_000_000_000), note(`reserved ${elsinore}`, '6000000000')]);
    await restore();
    expect(Math.max(...store.archives.map(({ lastSeq }) => lastSeq))).toBeGreaterThanOrEqual(6_000_000_000);
  });

  it('and a day of seconds after it was last written where it cannot', async () => {
    store.commit([own(1)]);
    await backup();
    store.close();
    writeFileSync(join(directory, STORE_FILE), 'no database '.repeat(99));
    await restore(0);
    const seconds = (Date.now() - Date.UTC(2020)) / 1000;
    expect(Math.max(...store.archives.map(({ lastSeq }) => lastSeq))).toBeGreaterThan(seconds + 86_000);
  });

  it('a room with neighbours may get back what it gave since, and no more', async () => {
    store.commit([own(1), own(2), neighbour()]);
    store.commit([append(message(9, { room: 'alone@rooms.denmark.lit', originSeq: 9 }))]);
    await backup();
    store.commit([own(3), own(4), append(message(10, { room: 'alone@rooms.denmark.lit', originSeq: 10 }))]);
    await restore();
    expect(store.note(RETURNS_NOTE + elsinore)).toBe('3-4');
    expect(store.note(`${RETURNS_NOTE}alone@rooms.denmark.lit`)).toBeUndefined();
    store.commit([own(5)]);
    await restore();
    expect(store.note(RETURNS_NOTE + elsinore)).toBe('3-5');
  });

  it('nothing that a neighbour has got since waits for it once more', async () => {
    store.commit([own(1), own(2), neighbour({ settled: 0 }), note('secret stanza-id', 'key')]);
    store.commit([note(`${TOLD_NOTE}${elsinore} ${RABBITHOLE}`, '[["a@b/c","A"]]')]);
    await backup();
    store.commit([neighbour({ settled: 2, isLive: true }), note(`${TOLD_NOTE}${elsinore} ${RABBITHOLE}`, '[]')]);
    await restore();
    expect(store.neighbours(elsinore)).toEqual([
      expect.objectContaining({ node: RABBITHOLE, settled: 2, isLive: true }),
    ]);
    expect(store.note(`${TOLD_NOTE}${elsinore} ${RABBITHOLE}`)).toBe('[]');
  });

  it('no stream is resumed', async () => {
    const record = { domain: 'denmark.lit', id: 'sm', acknowledged: 0, handled: 0, until: NOW };
    store.commit([
      own(1),
      { kind: 'session', record },
      { kind: 'unacknowledged', domain: 'denmark.lit', stanzas: [{ number: 1, since: NOW, xml: '<message/>' }] },
    ]);
    expect(store.sessions()).toHaveLength(1);
    await backup();
    await restore();
    expect(store.sessions()).toEqual([]);
  });

  it(`the other stores are kept, ${MAX_REPLACED_STORES} at most, whatever the clock says`, async () => {
    store.commit([own(1)]);
    await backup();
    const names = [];
    for (let count = 0; count <= MAX_REPLACED_STORES; count += 1) names.push(await restore(NOW));
    expect(storesAside(directory, 'before-restore')).toEqual(names.slice(-MAX_REPLACED_STORES));
  });

  it('a store that was copied with its log is whole', async () => {
    store.commit([own(1), own(2)]);
    for (const part of ['', '-wal']) copyFileSync(join(directory, STORE_FILE + part), file + part);
    await restore();
    expect(store.count(elsinore)).toBe(2);
  });
});

describe('power that goes while one store takes the place of the other', () => {
  it.each([
    ['before anything was renamed', []],
    ['with the store still there', []],
    ['with the store aside and its log still there', ['']],
    ['with all of it aside', ['', '-wal']],
  ])('%s', async (when, moved) => {
    store.commit([own(1)]);
    await backup();
    store.commit([own(2)]);
    // A copy with its log, as a power cut leaves it.
    for (const part of ['', '-wal']) copyFileSync(join(directory, STORE_FILE + part), `${file}${part}.saved`);
    store.close();
    for (const part of ['', '-wal']) renameSync(`${file}${part}.saved`, join(directory, STORE_FILE + part));
    const kept = `${STORE_FILE}.before-restore-20261121T073000Z`;
    const { name } = await prepareRestore(directory, file, copying);
    if (when !== 'before anything was renamed')
      renameSync(join(directory, name), join(directory, `${STORE_FILE}.restored-as-${kept}`));
    for (const part of moved) renameSync(join(directory, STORE_FILE + part), join(directory, kept + part));
    store = openStore(directory);
    if (when === 'before anything was renamed') return expect(store.count(elsinore)).toBe(2);
    expect(store.count(elsinore)).toBe(1);
    expect(readStore(directory, gistOf, kept)).toMatchObject({ messages: 2 });
    expect(readdirSync(directory).filter((entry) => entry.includes('restored-as'))).toEqual([]);
  });
});

test('only what was prepared takes the place of a store', () => {
  expect(isPrepared(`${STORE_FILE}.restoring-17`)).toBe(true);
  for (const name of ['../x', `${STORE_FILE}.restoring-`, `${STORE_FILE}.restoring-1/../x`, STORE_FILE]) {
    expect(isPrepared(name)).toBe(false);
    expect(() => replaceStore(directory, name, NOW)).toThrow(CopyError);
  }
  expect(() => replaceStore(directory, `${STORE_FILE}.restoring-17`, NOW)).toThrow("isn't there any more");
});

describe('what the system refuses is said', () => {
  it.each<[string, string, Readonly<Record<string, CopyCondition>>, RegExp]>([
    ['EACCES', 'reading', READING, /can't be read by this user: run this as the gateway's user or as root$/],
    [
      'EACCES',
      'writing',
      WRITING,
      /can't be written by this user: name a place where it may write, or run this as root$/,
    ],
    ['EROFS', 'writing', WRITING, /can't be written by this user/],
    ['ENOSPC', 'writing', WRITING, /^no space left for \/x: nothing has changed/],
    ['EIO', 'reading', READING, /is the storage worn out or gone\?/],
  ])('%s when %s', async (code, _, conditions, line) => {
    const failing = carefully('/x', conditions, () => Promise.reject(Object.assign(new Error(code), { code })));
    await expect(failing).rejects.toThrow(line);
  });

  it('and what is no answer of the system is passed on', async () => {
    await expect(carefully('/x', READING, () => Promise.reject(new TypeError('ours')))).rejects.toThrow(TypeError);
  });
});
