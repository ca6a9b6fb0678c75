import type { Database } from 'better-sqlite3';
import { RESERVED_NOTE, RETURNS_NOTE, TOLD_NOTE } from '../lib/note-keys.ts';
import { Ranges } from '../lib/ranges.ts';

/*
 * A store as it once was is to go on where another one ends. Others have seen what this one gave since: whatever it gives must be
 * new to them, and what it lost they may bring back.
 */

/** What a store has given away. */
export interface Positions {
  /** The highest position of any kind. */
  readonly last: number;
  /** The last number of each room's own messages, by bare JID. */
  readonly own: ReadonlyMap<string, number>;
  /** What all stores that have come of one another have in common. */
  readonly lineage: string | undefined;
}

/** Reads the index of all messages. */
export function positionsOf(database: Database): Positions {
  const number = (sql: string) => database.prepare<[], number>(sql).pluck().get() ?? 0;
  const own = new Map(
    database
      .prepare<[], [string, number]>(
        'SELECT jid, max(own) FROM room JOIN message ON message.room = room.id WHERE own > 0 GROUP BY room.id',
      )
      .raw()
      .all(),
  );
  for (const [jid, reserved] of notesOf(database, RESERVED_NOTE))
    own.set(jid, Math.max(own.get(jid) ?? 0, Number(reserved) || 0));
  return {
    last: Math.max(
      number('SELECT max(seq) FROM message'),
      number('SELECT max(max(last), max(last_own)) FROM forgotten'),
      ...own.values(),
    ),
    own,
    lineage: database.prepare<[], string>("SELECT value FROM note WHERE key = 'secret stanza-id'").pluck().get(),
  };
}

/**
 * Takes over from the other store, where both have come of one, what is known of other nodes alone: what they have got since isn't
 * sent to them again, and whom they were told of can be taken back.
 */
export function carryOver(database: Database, other: Database): void {
  const update = database.prepare<[Settled]>(
    `UPDATE neighbour SET settled = max(settled, @settled), live = @live, dropped = @dropped, since = @since
     WHERE node = @node AND room = (SELECT id FROM room WHERE jid = @jid)`,
  );
  for (const settled of other
    .prepare<[], Settled>('SELECT jid, node, settled, live, dropped, since FROM neighbour JOIN room ON room.id = room')
    .all())
    update.run(settled);
  database.prepare<[string]>('DELETE FROM note WHERE instr(key, ?) = 1').run(TOLD_NOTE);
  const tell = database.prepare<[string, string]>('INSERT INTO note (key, value) VALUES (?, ?)');
  for (const [rest, told] of notesOf(other, TOLD_NOTE)) tell.run(TOLD_NOTE + rest, told);
}

interface Settled {
  readonly jid: string;
  readonly node: string;
  readonly settled: number;
  readonly live: number;
  readonly dropped: number;
  readonly since: number;
}

/**
 * Notes which messages of its own a room with neighbours may get back: those after the last one that it has, up to the last that it
 * gave, or, where that isn't known, up to `last`.
 */
export function openReturns(database: Database, since: Positions | undefined, last: number): void {
  const { own, lineage } = positionsOf(database);
  const isSame = since !== undefined && since.lineage === lineage;
  const before = new Map(notesOf(database, RETURNS_NOTE));
  const save = database.prepare<[string, string]>('INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)');
  const federated = database
    .prepare<[], string>('SELECT jid FROM room WHERE EXISTS (SELECT * FROM neighbour WHERE neighbour.room = room.id)')
    .pluck();
  for (const jid of federated.all()) {
    const earlier = Ranges.parse(before.get(jid) ?? '') ?? Ranges.empty;
    const returns = earlier.with((own.get(jid) ?? 0) + 1, isSame ? (since.own.get(jid) ?? 0) : last);
    if (!returns.isEmpty) save.run(RETURNS_NOTE + jid, returns.toString());
  }
}

/** From now on positions begin after `last`, and no stream is resumed: what waited on one was sent since, or is out of date. */
export function beginAfter(database: Database, last: number): void {
  database.exec("DELETE FROM session; DELETE FROM unacknowledged; DELETE FROM forgotten WHERE jid = ''");
  // As of a forgotten room without a name.
  database.prepare<[number, number]>("INSERT INTO forgotten (jid, last, last_own) VALUES ('', ?, ?)").run(last, last);
}

/** The notes whose keys begin so, by the rest of the key. */
function notesOf(database: Database, prefix: string): [rest: string, value: string][] {
  return database
    .prepare<[string, string], [string, string]>(
      'SELECT substr(key, length(?) + 1), value FROM note WHERE instr(key, ?) = 1',
    )
    .raw()
    .all(prefix, prefix);
}
