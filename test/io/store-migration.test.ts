import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../src/io/schema.ts';
import { openStore } from '../../src/io/sqlite.ts';
import { COVER_AFTER } from '../../src/io/store-bounds.ts';
import { STORE_FILE } from '../../src/io/store-files.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import { append, elsinore, message, midnight, rabbithole, room } from './store-records.ts';

/* Stores that earlier versions wrote are read, and go on. */

/** As version 1 laid it out, to the letter. */
const VERSION_1 = `
  CREATE TABLE room (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, settings TEXT, subject TEXT);
  CREATE TABLE affiliation (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, jid TEXT NOT NULL, affiliation TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (room, jid)
  ) WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, stamp INTEGER NOT NULL, own INTEGER, origin TEXT,
    origin_id TEXT, via TEXT, nick TEXT NOT NULL, author TEXT NOT NULL, stanza TEXT NOT NULL
  );
  CREATE UNIQUE INDEX message_of_room ON message (room, seq, stamp, own);
  CREATE TABLE forgotten (
    id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, last INTEGER NOT NULL, last_own INTEGER NOT NULL
  );
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = 0x666d7563;
  PRAGMA user_version = 1;
`;

/** As version 2 laid it out. */
const VERSION_2 = `
  CREATE TABLE room (
    id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, settings TEXT, subject TEXT, covered INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE affiliation (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, jid TEXT NOT NULL, affiliation TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (room, jid)
  ) WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, stamp INTEGER NOT NULL, own INTEGER, origin TEXT,
    origin_id TEXT, via TEXT, nick TEXT NOT NULL, author TEXT NOT NULL, stanza TEXT NOT NULL, received INTEGER,
    foreign_by TEXT, foreign_id TEXT
  );
  CREATE UNIQUE INDEX message_of_room ON message (room, seq, received, own);
  CREATE TABLE forgotten (
    id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, last INTEGER NOT NULL, last_own INTEGER NOT NULL
  );
  CREATE TABLE origin (
    room INTEGER NOT NULL, by TEXT NOT NULL, had TEXT NOT NULL, gaps TEXT NOT NULL, PRIMARY KEY (room, by)
  ) WITHOUT ROWID;
  CREATE TABLE neighbour (
    id INTEGER PRIMARY KEY, room INTEGER NOT NULL, node TEXT NOT NULL, upward INTEGER NOT NULL, settled INTEGER NOT NULL,
    live INTEGER NOT NULL, dropped INTEGER NOT NULL, since INTEGER NOT NULL, UNIQUE (room, node)
  );
  CREATE TABLE note (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
  PRAGMA application_id = 0x666d7563;
  PRAGMA user_version = 2;
`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A file of version 1 with that many messages, every other one from rabbithole. */
function writeVersion1(messages: number): void {
  const file = new SQLite(join(directory, STORE_FILE));
  file.pragma('page_size = 1024');
  file.exec(VERSION_1);
  file.prepare('INSERT INTO room VALUES (7, ?, ?, NULL)').run(elsinore, JSON.stringify(room().settings));
  file.prepare(`INSERT INTO affiliation VALUES (7, 'gertrude@denmark.lit', 'owner', NULL)`).run();
  file.prepare(`INSERT INTO forgotten VALUES (1, 'old@rooms.denmark.lit', 12, 5)`).run();
  const insert = file.prepare(
    `INSERT INTO message (room, seq, stamp, own, origin, origin_id, via, nick, author, stanza)
     VALUES (7, @seq, @stamp, @own, '', @id, @via, 'hamlet', 'hamlet@denmark.lit', '<message/>')`,
  );
  file.transaction(() => {
    for (let seq = 1; seq <= messages; seq++) {
      const number = Math.ceil(seq / 2);
      const place = seq % 2 === 1 ? { own: number, via: null } : { own: null, via: rabbithole };
      insert.run({ seq, stamp: midnight + seq * 1000, id: sequenceId(number), ...place });
    }
  })();
  file.close();
}

test('a store of version 1 is read, what came when its stamp says', () => {
  writeVersion1(4);
  const store = openStore(directory);
  expect(store.rooms).toEqual([room({ affiliations: { 'gertrude@denmark.lit': { affiliation: 'owner' } } })]);
  expect(store.archives).toEqual([
    { room: 'old@rooms.denmark.lit', messages: 0, lastSeq: 12, lastOriginSeq: 5 },
    { room: elsinore, messages: 4, lastSeq: 4, lastOriginSeq: 2 },
  ]);
  const common = { room: elsinore, nick: 'hamlet', author: 'hamlet@denmark.lit', stanza: '<message/>' };
  const at = (seconds: number) => ({ stamp: midnight + seconds * 1000, received: midnight + seconds * 1000 });
  expect(store.history({ room: elsinore, maxMessages: 2 })).toEqual([
    { ...common, ...at(3), seq: 3, originSeq: 2, origin: { by: elsinore, id: '~2' } },
    { ...common, ...at(4), seq: 4, via: rabbithole, origin: { by: rabbithole, id: '~2' } },
  ]);
  expect(store.neighbours(elsinore)).toEqual([]);
  store.close();
});

test('it goes on as if this version had written it', () => {
  const count = 2 * COVER_AFTER;
  writeVersion1(count);
  let store = openStore(directory, { now: () => midnight });
  const had = () => store.origins(elsinore).map((origin) => [origin.by, origin.had.first, origin.had.last]);
  expect(had()).toEqual([
    [elsinore, 1, COVER_AFTER],
    [rabbithole, 1, COVER_AFTER],
  ]);
  const next = message(count + 1, { origin: { by: elsinore, id: sequenceId(COVER_AFTER + 1) } });
  store.commit([append(next, { messages: 10, age: 0 }), { kind: 'note', key: 'a', value: 'b' }]);
  store.close();

  store = openStore(directory);
  expect(store.history({ room: elsinore })).toHaveLength(10);
  expect(had()).toEqual([
    [elsinore, 1, COVER_AFTER + 1],
    [rabbithole, 1, COVER_AFTER],
  ]);
  expect(store.note('a')).toBe('b');
  store.close();
});

test('a migration that is broken off has changed nothing', () => {
  writeVersion1(2000);
  const file = join(directory, STORE_FILE);
  const size = statSync(file).size;
  expect(() => openStore(directory, { maxBytes: size })).toThrow('no space left');
  const after = new SQLite(file);
  expect(after.pragma('user_version', { simple: true })).toBe(1);
  expect(after.prepare('SELECT count(*) FROM message').pluck().get()).toBe(2000);
  after.close();
  openStore(directory).close();
  const migrated = new SQLite(file);
  expect(migrated.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
  migrated.close();
});

test('a store of version 2 is read, and keeps sessions of streams', () => {
  const file = new SQLite(join(directory, STORE_FILE));
  file.exec(VERSION_2);
  file.prepare('INSERT INTO room (id, jid, settings) VALUES (7, ?, ?)').run(elsinore, JSON.stringify(room().settings));
  file
    .prepare(
      `INSERT INTO message (room, seq, stamp, own, origin, origin_id, nick, author, stanza, received)
       VALUES (7, @seq, @stamp, @originSeq, '', '~1', @nick, @author, @stanza, @received)`,
    )
    .run(message(1));
  file.prepare(`INSERT INTO note (key, value) VALUES ('a', 'b')`).run();
  file.close();

  let store = openStore(directory);
  expect(store.rooms).toEqual([room()]);
  expect(store.history({ room: elsinore })).toEqual([message(1)]);
  expect(store.note('a')).toBe('b');
  expect(store.sessions()).toEqual([]);
  const record = { domain: 'verona.lit', id: 'one', acknowledged: 2 ** 32 - 1, handled: 3, until: midnight };
  const stanzas = [{ number: 0, xml: '<presence/>', since: midnight }];
  store.commit([
    { kind: 'session', record },
    { kind: 'unacknowledged', domain: 'verona.lit', stanzas },
  ]);
  store.close();
  store = openStore(directory);
  expect(store.sessions()).toEqual([{ ...record, stanzas }]);
  store.close();
});
