import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../src/io/sqlite.ts';
import { COVER_AFTER, MAX_FORGOTTEN, MAX_NEIGHBOURS, MAX_NOTES, RETENTION_PARTS } from '../../src/io/store-bounds.ts';
import { STORE_FILE } from '../../src/io/store-files.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import type { HistoryQuery, MessageRecord, NeighbourRecord, StoreWrite } from '../../src/muc/records.ts';
import { append, elsinore, message, midnight, rabbithole, remote, room } from './store-records.ts';

let directory: string;
let store: Store;
let options: StoreOptions;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  options = { now: () => midnight };
  store = openStore(directory, options);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

function reopen(): void {
  store.close();
  store = openStore(directory, options);
}

function history(query: Partial<HistoryQuery> = {}): MessageRecord[] {
  return store.history({ room: elsinore, ...query });
}

function positions(query: Partial<HistoryQuery> = {}): number[] {
  return history(query).map(({ seq }) => seq);
}

describe('rooms', () => {
  const full = room({
    subject: { text: 'To be', nick: 'hamlet', author: 'hamlet@denmark.lit', stamp: midnight },
    affiliations: {
      'gertrude@denmark.lit': { affiliation: 'owner' },
      'laertes@denmark.lit': { affiliation: 'outcast', reason: 'duels' },
    },
  });

  test('come back as they were saved', () => {
    store.commit([{ kind: 'save', record: full }]);
    reopen();
    expect(store.rooms).toEqual([full]);
  });

  test('saving again replaces all of it', () => {
    store.commit([{ kind: 'save', record: full }]);
    const changed = room({
      settings: { ...full.settings, moderated: true },
      affiliations: { 'gertrude@denmark.lit': { affiliation: 'admin', reason: 'abdicated' } },
    });
    store.commit([{ kind: 'save', record: changed }]);
    expect(store.rooms).toEqual([changed]);
  });

  test('a domain whose name every object has is kept and dropped like another one', () => {
    const affiliations = Object.fromEntries(
      ['__proto__', 'constructor'].map((jid) => [jid, { affiliation: 'outcast' } as const]),
    );
    store.commit([{ kind: 'save', record: room({ affiliations }) }]);
    reopen();
    expect(Object.keys(store.rooms[0]?.affiliations ?? {}).toSorted()).toEqual(['__proto__', 'constructor']);
    store.commit([{ kind: 'save', record: room({ affiliations: {} }) }]);
    expect(Object.keys(store.rooms[0]?.affiliations ?? {})).toEqual([]);
  });

  test('a room known by its messages only is no persistent room', () => {
    store.commit([append(message(1))]);
    expect(store.rooms).toEqual([]);
    expect(positions()).toEqual([1]);
  });

  test('a forgotten room leaves its positions alone', () => {
    store.commit([{ kind: 'save', record: full }, append(message(1)), append(remote(2))]);
    store.commit([{ kind: 'forget', room: elsinore }]);
    const ended = { room: elsinore, messages: 0, lastSeq: 2, lastOriginSeq: 1 };
    expect(store.rooms).toEqual([]);
    expect(history()).toEqual([]);
    expect(store.archives).toEqual([ended]);
    reopen();
    expect(store.archives).toEqual([ended]);
    store.commit([{ kind: 'save', record: room() }]);
    expect(store.rooms).toEqual([room()]);
    expect(store.archives).toEqual([ended]);
    reopen();
    expect(store.archives).toEqual([ended]);
  });

  test(`positions of at most ${MAX_FORGOTTEN} forgotten rooms are kept, the latest`, () => {
    const names = Array.from({ length: MAX_FORGOTTEN + 1 }, (_, index) => `r${index}@rooms.denmark.lit`);
    store.commit(
      names.flatMap((name) => [append(message(1, { room: name })), { kind: 'forget', room: name } as const]),
    );
    const kept = store.archives.map((archive) => archive.room);
    expect(kept).toHaveLength(MAX_FORGOTTEN);
    expect(kept).not.toContain(names[0]);
    expect(kept).toContain(names.at(-1));
  });

  test('forgetting an unknown room is nothing', () => {
    store.commit([{ kind: 'forget', room: elsinore }]);
    expect(store.archives).toEqual([]);
  });
});

describe('messages', () => {
  test('come back whole, of every kind', () => {
    const { origin: _, ...plain } = message(4);
    const records = [
      message(1),
      remote(2),
      remote(3, { origin: { by: 'forest@rooms.arden.lit', id: 'a/1' } }),
      plain,
      message(5, { origin: { by: rabbithole, id: '00123' } }),
      remote(6, { origin: { by: elsinore, id: '6' }, nick: "'; --", stanza: '<message><body>ünï ☃</body></message>' }),
    ];
    store.commit(records.map((record) => append(record)));
    reopen();
    expect(history()).toEqual(records);
    expect(store.archives).toEqual([{ room: elsinore, messages: 6, lastSeq: 6, lastOriginSeq: 5 }]);
  });

  test('rooms are kept apart', () => {
    const other = message(1, { room: rabbithole, stamp: midnight });
    store.commit([append(message(1)), append(other), append(message(2))]);
    expect(positions()).toEqual([1, 2]);
    expect(store.history({ room: rabbithole })).toEqual([other]);
    expect(store.history({ room: 'nowhere@rooms.denmark.lit' })).toEqual([]);
  });

  test('an id of another kind is kept beside ours', () => {
    const record = remote(1, { foreign: { by: rabbithole, id: 'a/1' } });
    store.commit([append(record)]);
    reopen();
    expect(history()).toEqual([record]);
  });
});

describe('history: the newest that satisfy every bound, oldest first', () => {
  beforeEach(() => {
    store.commit([1, 2, 3, 4, 5, 6].map((seq) => append(seq % 2 === 0 ? remote(seq) : message(seq))));
  });

  test.each<[Partial<HistoryQuery>, number[]]>([
    [{}, [1, 2, 3, 4, 5, 6]],
    [{ maxMessages: 2 }, [5, 6]],
    [{ maxMessages: 0 }, []],
    [{ since: midnight + 4000 }, [4, 5, 6]],
    [{ since: midnight + 9000 }, []],
    [{ afterSeq: 4 }, [5, 6]],
    [{ notVia: rabbithole }, [1, 3, 5]],
    [{ notVia: rabbithole, maxMessages: 2 }, [3, 5]],
    [{ since: midnight + 2000, afterSeq: 1, maxMessages: 4, notVia: 'forest@rooms.arden.lit' }, [3, 4, 5, 6]],
    [{ maxChars: 0 }, []],
  ])('%j', (query, expected) => {
    expect(positions(query)).toEqual(expected);
  });

  test('maxChars counts whole stanzas', () => {
    const length = message(6).stanza.length;
    expect(positions({ maxChars: 2 * length })).toEqual([5, 6]);
    expect(positions({ maxChars: 2 * length - 1 })).toEqual([6]);
  });

  test('a late arrival is found by its stamp, at its position', () => {
    store.commit([append(remote(7, { stamp: midnight })), append(message(8))]);
    expect(positions({ since: midnight + 5000 })).toEqual([5, 6, 8]);
    expect(positions({ maxMessages: 2 })).toEqual([7, 8]);
  });
});

describe('retention', () => {
  test('keeps the newest messages', () => {
    for (let seq = 1; seq <= 10; seq += 1) store.commit([append(message(seq), { messages: 3, age: 0 })]);
    expect(positions()).toEqual([8, 9, 10]);
    expect(store.archives[0]).toMatchObject({ messages: 3, lastSeq: 10 });
  });

  test('lags behind a large bound by a part of it, and no more', () => {
    const keep = { messages: 4 * RETENTION_PARTS, age: 0 };
    const counts = new Set<number>();
    for (let seq = 1; seq <= 2 * keep.messages; seq += 1) {
      store.commit([append(message(seq), keep)]);
      counts.add(store.archives[0]!.messages);
    }
    expect(Math.max(...counts)).toBe(keep.messages + 4);
    expect(positions()).toHaveLength(store.archives[0]!.messages);
  });

  test('keeps what came late enough, whatever the stamps say', () => {
    let instant = midnight;
    options = { now: () => instant };
    reopen();
    const keep = { messages: 0, age: 10 };
    store.commit([
      append(message(1), keep),
      append(message(20), keep),
      append(remote(21, { stamp: midnight + 1e12, received: midnight }), keep),
    ]);
    instant = midnight + 11_001;
    store.commit([append(message(22), keep)]);
    expect(positions()).toEqual([20, 22]);
    expect(store.archives[0]).toMatchObject({ messages: 2 });
  });

  test('lags behind a large age by a part of it, and no more', () => {
    let instant = midnight;
    options = { now: () => instant };
    reopen();
    const keep = { messages: 0, age: RETENTION_PARTS };
    const say = (seq: number) => store.commit([append(remote(seq, { stamp: 0, received: instant }), keep)]);
    say(1);
    instant = midnight + keep.age * 1000; // looks, and takes nothing yet
    say(2);
    instant += 999;
    say(3);
    expect(positions()).toEqual([1, 2, 3]);
    instant += 1;
    say(4);
    expect(positions()).toEqual([2, 3, 4]);
  });

  test('never takes the newest of our own, however old', () => {
    options = { now: () => midnight + 1e9 };
    reopen();
    store.commit([message(1), message(2), remote(3), remote(4)].map((record) => append(record)));
    store.commit([append(remote(5), { messages: 0, age: 1 })]);
    expect(positions()).toEqual([2, 5]);
  });

  test('never takes the newest, nor the newest of our own', () => {
    options = { now: () => midnight + 1e9 };
    reopen();
    const keep = { messages: 1, age: 1 };
    for (const record of [message(1), message(2), remote(3), remote(4)]) store.commit([append(record, keep)]);
    expect(positions()).toEqual([2, 4]);
    reopen();
    expect(store.archives).toEqual([{ room: elsinore, messages: 2, lastSeq: 4, lastOriginSeq: 2 }]);
  });

  test('a clock that was never set takes nothing away', () => {
    options = { now: () => 5000 };
    reopen();
    store.commit([append(message(1), { messages: 0, age: 60 }), append(message(2), { messages: 0, age: 60 })]);
    expect(positions()).toEqual([1, 2]);
  });
});

describe('one turn', () => {
  test('is kept whole or not at all, in memory as on disk', () => {
    store.commit([append(message(1))]);
    const before = store.archives;
    const twice = [append(message(2)), append(message(3, { room: rabbithole })), append(message(2))];
    expect(() => store.commit(twice)).toThrow('UNIQUE constraint failed');
    expect(store.archives).toEqual(before);
    expect(positions()).toEqual([1]);
    store.commit([append(message(2)), append(message(3, { room: rabbithole }))]);
    reopen();
    expect(store.archives.map((archive) => archive.lastSeq)).toEqual([2, 3]);
  });

  test('costs little flash, retention included', () => {
    const log = join(directory, `${STORE_FILE}-wal`);
    const rooms = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@rooms.denmark.lit`);
    const keep = { messages: 100, age: 86_400 };
    const say = (seq: number) => {
      for (const name of rooms) store.commit([append(message(seq, { room: name }), keep)]);
    };
    let seq = 0;
    while (seq < 150) say((seq += 1));
    reopen(); // starts a new log
    const before = statSync(log).size;
    const turns = 20;
    for (const end = seq + turns; seq < end; ) say((seq += 1));
    expect((statSync(log).size - before) / (turns * rooms.length)).toBeLessThan(6000);
  });
});

test('notes are remembered, the latest of them', () => {
  const note = (key: string, value: string) => store.commit([{ kind: 'note', key, value }]);
  expect(store.note('dialect rooms.wonderland.lit')).toBeUndefined();
  note('dialect rooms.wonderland.lit', 'xep');
  note('dialect rooms.wonderland.lit', 'fmucd');
  reopen();
  expect(store.note('dialect rooms.wonderland.lit')).toBe('fmucd');
  store.commit(
    Array.from({ length: MAX_NOTES }, (_, index) => ({ kind: 'note', key: `k${index}`, value: 'x' }) as const),
  );
  expect(store.note('dialect rooms.wonderland.lit')).toBeUndefined();
  expect(store.note('k0')).toBe('x');
});

describe('what other nodes have, and we of them', () => {
  const all = { messages: 0, age: 0 };
  const origins = () =>
    Object.fromEntries(
      store.origins(elsinore).map(({ by, had, gaps }) => [by, `${had.toString()}|${gaps.toString()}`]),
    );

  test('what was had is known after a restart, also what retention has taken out', () => {
    const keep = { messages: 3, age: 0 };
    for (let seq = 1; seq <= 10; seq++)
      store.commit([append(seq % 2 ? message(seq) : remote(seq, numbered(seq)), keep)]);
    expect(positions()).toEqual([8, 9, 10]);
    const expected = { [elsinore]: '1,3,5,7,9|', [rabbithole]: '2,4,6,8,a|' };
    expect(origins()).toEqual(expected);
    reopen();
    expect(origins()).toEqual(expected);
  });

  test('a start reads no more messages than came since it was noted what was had', () => {
    for (let seq = 1; seq <= 2 * COVER_AFTER + 5; seq++) store.commit([append(message(seq), all)]);
    reopen();
    expect(origins()).toEqual({ [elsinore]: `1-${(2 * COVER_AFTER + 5).toString(36)}|` });
  });

  test('what somebody still needs stays, whatever its number and age', () => {
    options = { now: () => midnight + 1e9 };
    reopen();
    const keep = { messages: 2, age: 10 };
    for (let seq = 1; seq <= 6; seq++)
      store.commit([{ ...append(remote(seq, numbered(seq)), keep), neededFrom: 3 } as StoreWrite]);
    expect(positions()).toEqual([3, 4, 5, 6]);
  });

  test('gaps are kept until they are closed', () => {
    store.commit([append(message(1)), { kind: 'gaps', room: elsinore, by: rabbithole, gaps: Ranges.of(3, 7) }]);
    reopen();
    expect(origins()).toEqual({ [elsinore]: '1|', [rabbithole]: '|3-7' });
    store.commit([{ kind: 'gaps', room: elsinore, by: rabbithole, gaps: Ranges.empty }]);
    reopen();
    expect(origins()).toEqual({ [elsinore]: '1|' });
  });

  test('wanted messages alone are found, the newest first', () => {
    for (let seq = 1; seq <= 9; seq++) store.commit([append(seq % 2 ? message(seq) : remote(seq, numbered(seq)), all)]);
    const wanted = new Map([
      [elsinore, Ranges.of(1, 5)],
      [rabbithole, Ranges.of(4)],
    ]);
    const found = (query: Partial<HistoryQuery>) =>
      store.history({ room: elsinore, wanted, ...query }).map(({ seq }) => seq);
    expect(found({})).toEqual([1, 3, 4, 5]);
    expect(found({ maxMessages: 2 })).toEqual([4, 5]);
    expect(found({ upToSeq: 4 })).toEqual([1, 3, 4]);
    expect(found({ afterSeq: 1, upToSeq: 4 })).toEqual([3, 4]);
    expect(found({ wanted: new Map() })).toEqual([]);
  });

  test('entries tell the way of each message', () => {
    store.commit([append(message(1), all), append(remote(2, numbered(2)), all)]);
    reopen();
    const { stanza, received } = remote(2);
    expect(store.entries(elsinore, 1)).toEqual([
      { seq: 2, origin: numbered(2).origin, via: rabbithole, received, characters: stanza.length },
    ]);
    expect(store.lastVia(elsinore, rabbithole)).toBe(remote(2).stamp);
    expect(store.lastVia(elsinore, 'nowhere@rooms.denmark.lit')).toBeUndefined();
  });

  test('messages without a number of their own are remembered by what they are', () => {
    const foreign = { by: rabbithole, id: 'a/1' };
    const plain = remote(2, { origin: { by: elsinore, id: sequenceId(2) }, originSeq: 2 });
    store.commit([
      append(message(1), all),
      append(plain, all),
      append(remote(3, { ...numbered(3), foreign }), all),
      append(remote(4, numbered(4)), all),
    ]);
    reopen();
    const { author, stamp, stanza } = plain;
    expect(store.foreign(elsinore, 9)).toEqual([
      { author, stamp, stanza },
      expect.objectContaining({ foreign, stamp: remote(3).stamp }),
    ]);
    expect(store.foreign(elsinore, 1)).toHaveLength(1);
  });

  test('neighbours are kept until they are dropped, the latest of them', () => {
    const record: NeighbourRecord = {
      node: rabbithole,
      isUpward: true,
      settled: 7,
      isLive: false,
      dropped: 2,
      since: 5,
    };
    store.commit([{ kind: 'neighbour', room: elsinore, record }]);
    reopen();
    expect(store.neighbours(elsinore)).toEqual([record]);
    store.commit([{ kind: 'neighbour', room: elsinore, record: { ...record, settled: 9, isLive: true } }]);
    expect(store.neighbours(elsinore)).toEqual([{ ...record, settled: 9, isLive: true }]);
    store.commit([{ kind: 'drop-neighbour', room: elsinore, node: rabbithole }]);
    expect(store.neighbours(elsinore)).toEqual([]);
    store.commit(
      Array.from({ length: MAX_NEIGHBOURS + 1 }, (_, index) => ({
        kind: 'neighbour',
        room: elsinore,
        record: { ...record, node: `n${index}@rooms.denmark.lit` },
      })),
    );
    expect(store.neighbours(elsinore)).toHaveLength(MAX_NEIGHBOURS);
    expect(store.neighbours(elsinore)[0]?.node).toBe('n1@rooms.denmark.lit');
    store.commit([{ kind: 'forget', room: elsinore }]);
    expect(store.neighbours(elsinore)).toEqual([]);
  });
});

/** An origin at rabbithole with that number. */
function numbered(number: number) {
  return { origin: { by: rabbithole, id: sequenceId(number) } };
}
