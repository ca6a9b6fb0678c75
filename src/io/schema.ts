import type { Database } from 'better-sqlite3';
import { StoreError } from './store-error.ts';

/**
 * The store's layout. Each entry brings it from the version before to its own (`PRAGMA user_version`); none is ever
 * changed once released, a new one is added.
 *
 * What a message costs decides the layout, since flash wears and each page that a turn touches is written whole:
 *
 * - messages lie in the order in which they came, all rooms' together, so that each goes to the last page;
 * - one index finds a room's. It holds all that retention, `since` and the start of the gateway ask, so that they read no
 *   message;
 * - a room's JID is written once and numbered, and a node's is left out where it can be told from the rest of the row.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    jid TEXT NOT NULL UNIQUE,
    settings TEXT,             -- JSON; NULL: the room is known by its messages only
    subject TEXT               -- JSON
  );
  CREATE TABLE affiliation (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    jid TEXT NOT NULL,
    affiliation TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (room, jid)
  ) WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,      -- position in the room's archive
    stamp INTEGER NOT NULL,
    own INTEGER,               -- position among the room's own messages
    origin TEXT,               -- empty: the node that it came through; where there is none, the room itself
    origin_id TEXT,            -- NULL: there is no origin
    via TEXT,
    nick TEXT NOT NULL,
    author TEXT NOT NULL,
    stanza TEXT NOT NULL
  );
  CREATE UNIQUE INDEX message_of_room ON message (room, seq, stamp, own);
  CREATE TABLE forgotten (     -- where the positions of rooms that are gone ended
    id INTEGER PRIMARY KEY,
    jid TEXT NOT NULL UNIQUE,
    last INTEGER NOT NULL,
    last_own INTEGER NOT NULL
  );
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  // What there is to know of other nodes. A message's age counts from when it came: its stamp is by somebody else's clock.
  `
  ALTER TABLE message ADD COLUMN received INTEGER;
  ALTER TABLE message ADD COLUMN foreign_by TEXT;
  ALTER TABLE message ADD COLUMN foreign_id TEXT;
  UPDATE message SET received = stamp;
  DROP INDEX message_of_room;
  CREATE UNIQUE INDEX message_of_room ON message (room, seq, received, own);
  ALTER TABLE room ADD COLUMN covered INTEGER NOT NULL DEFAULT 0; -- position up to which origin.had tells all
  CREATE TABLE origin (
    room INTEGER NOT NULL,
    by TEXT NOT NULL,
    had TEXT NOT NULL,         -- ranges, as is gaps
    gaps TEXT NOT NULL,
    PRIMARY KEY (room, by)
  ) WITHOUT ROWID;
  CREATE TABLE neighbour (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    node TEXT NOT NULL,
    upward INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    live INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    since INTEGER NOT NULL,
    UNIQUE (room, node)
  );
  DROP TABLE meta;
  CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
  );
  `,
  // Streams that may be resumed. Their stanzas lie in the order of sending, each session's together without an index: all go to
  // the same page, and whatever is acknowledged frees whole ones.
  `
  CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    sm_id TEXT NOT NULL,
    acknowledged INTEGER NOT NULL,
    handled INTEGER NOT NULL,
    until INTEGER NOT NULL
  );
  CREATE TABLE unacknowledged (
    id INTEGER PRIMARY KEY,    -- the session's in the higher 32 bits, its place in the lower
    number INTEGER NOT NULL,
    since INTEGER NOT NULL,
    stanza TEXT NOT NULL
  );
  `,
  // What users read of the archive is looked for by the time that a message says of itself.
  `
  ALTER TABLE message ADD COLUMN unlogged INTEGER NOT NULL DEFAULT 0;
  DROP INDEX message_of_room;
  CREATE UNIQUE INDEX message_of_room ON message (room, seq, received, own, stamp, unlogged);
  ALTER TABLE affiliation ADD COLUMN nick TEXT;
  CREATE TABLE vcard (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    vcard TEXT NOT NULL
  );
  `,
];

/** Marks the file as ours (`PRAGMA application_id`): "fmuc". */
export const APPLICATION_ID = 0x666d7563;

/** What this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Makes sure that the file is new or ours, before anything in it is changed.
 * @throws {StoreError} `newer` where a later fmucd wrote it, `foreign` where something else did.
 */
export function recognise(database: Database): void {
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  const owner = database.pragma('application_id', { simple: true });
  if (owner !== APPLICATION_ID && !isEmpty) throw new StoreError('foreign', database.name);
  if (versionOf(database) > SCHEMA_VERSION) throw new StoreError('newer', database.name);
}

/**
 * Brings a recognised store to SCHEMA_VERSION, each step in a transaction of its own. In a new one positions begin after
 * `lost`, the last that a store which stood in its place may have given.
 */
export function migrate(database: Database, lost = 0): void {
  for (const [step, sql] of [...MIGRATIONS.entries()].slice(versionOf(database)))
    database.transaction(() => {
      database.exec(sql);
      // As of a forgotten room without a name.
      if (step === 0 && lost > 0)
        database.prepare("INSERT INTO forgotten (jid, last, last_own) VALUES ('', ?, ?)").run(lost, lost);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${step + 1}`);
    })();
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
