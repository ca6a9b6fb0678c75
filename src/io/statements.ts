import type { Database } from 'better-sqlite3';
import type { AffiliationRecord } from '../muc/records.ts';
import { NEWEST_BEFORE, OLDEST_AFTER } from './archive-page.ts';
import type { MessageRow } from './message-row.ts';

/** A persistent room's row. */
export interface RoomRow {
  readonly id: number;
  readonly jid: string;
  /** JSON, as is the subject. */
  readonly settings: string;
  readonly subject: string | null;
}

/** What the messages of a room tell. */
export interface ArchiveRow {
  readonly jid: string;
  readonly id: number;
  readonly messages: number;
  readonly last: number;
  readonly lastOwn: number;
  /** Position up to which the origins' ranges tell all. */
  readonly covered: number;
}

/** Where the positions of a forgotten room ended. */
export interface EndRow {
  readonly jid: string;
  readonly last: number;
  readonly lastOwn: number;
}

interface AffiliationRow {
  readonly jid: string;
  readonly affiliation: AffiliationRecord['affiliation'];
  readonly reason: string | null;
  readonly nick: string | null;
}

/** A room's messages but for the newest and the newest own one. */
interface Spare {
  readonly room: number;
  readonly last: number;
  readonly lastOwn: number;
  /** From here on everything stays. */
  readonly needed: number;
}

interface HistoryBounds {
  readonly room: number;
  readonly after: number;
  readonly upTo: number;
  readonly since: number;
  readonly notVia: string;
}

export type OriginRow = Pick<MessageRow, 'origin' | 'origin_id' | 'via'>;
type ReferableRow = OriginRow & Pick<MessageRow, 'seq' | 'foreign_by' | 'foreign_id' | 'nick' | 'author' | 'stanza'>;
type EntryRow = OriginRow & Pick<MessageRow, 'seq' | 'received' | 'stanza'>;

/** Ranges as text. */
interface RangesRow {
  readonly by: string;
  readonly had: string;
  readonly gaps: string;
}

export interface NeighbourRow {
  readonly room: number;
  readonly node: string;
  readonly upward: number;
  readonly settled: number;
  readonly live: number;
  readonly dropped: number;
  readonly since: number;
}

export interface SessionRow {
  readonly id: number;
  readonly domain: string;
  readonly sm_id: string;
  readonly acknowledged: number;
  readonly handled: number;
  readonly until: number;
}

/** A stanza that waits for its acknowledgement. */
export interface UnacknowledgedRow {
  readonly number: number;
  readonly since: number;
  readonly stanza: string;
}

/** The stanzas of a session, by its number. */
const OF_SESSION = 'id > (@session << 32) AND id < ((@session + 1) << 32)';

interface OfSession {
  readonly session: number;
}

type Text = string | null | undefined;

/**
 * When the message that came last came. By the order of coming, not the greatest time: where a clock that was ahead has been
 * set right, the first message since then counts.
 */
export const NEWEST_RECEIVED = 'SELECT received FROM message ORDER BY id DESC LIMIT 1';

export type Statements = ReturnType<typeof prepare>;

/** Every statement of the store, compiled once. */
export function prepare(database: Database) {
  return {
    rooms: database.prepare<[], RoomRow>('SELECT * FROM room WHERE settings IS NOT NULL ORDER BY jid'),
    addRoom: database.prepare<[string]>('INSERT INTO room (jid) VALUES (?)'),
    saveRoom: database.prepare<[string, Text, number]>('UPDATE room SET settings = ?, subject = ? WHERE id = ?'),
    dropRoom: database.prepare<[number]>('DELETE FROM room WHERE id = ?'),

    affiliations: database.prepare<[number], AffiliationRow>(
      'SELECT jid, affiliation, reason, nick FROM affiliation WHERE room = ? ORDER BY jid',
    ),
    // An entry that stays as it is touches no page.
    saveAffiliation: database.prepare<[number, string, string, Text, Text]>(
      `INSERT INTO affiliation (room, jid, affiliation, reason, nick) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET affiliation = excluded.affiliation, reason = excluded.reason, nick = excluded.nick
       WHERE affiliation <> excluded.affiliation OR reason IS NOT excluded.reason OR nick IS NOT excluded.nick`,
    ),
    dropAffiliation: database.prepare<[number, string]>('DELETE FROM affiliation WHERE room = ? AND jid = ?'),

    vcard: database.prepare<[number], string>('SELECT vcard FROM vcard WHERE room = ?').pluck(),
    saveVcard: database.prepare<[number, string]>('INSERT OR REPLACE INTO vcard (room, vcard) VALUES (?, ?)'),
    dropVcard: database.prepare<[number]>('DELETE FROM vcard WHERE room = ?'),

    archives: database.prepare<[], ArchiveRow>(
      `SELECT jid, room.id, count(seq) AS messages, coalesce(max(seq), 0) AS last, coalesce(max(own), 0) AS lastOwn, covered
       FROM room LEFT JOIN message ON message.room = room.id GROUP BY room.id`,
    ),
    insert: database.prepare<[MessageRow]>(
      `INSERT INTO message (room, seq, stamp, own, origin, origin_id, via, received, foreign_by, foreign_id, nick, author,
         unlogged, stanza)
       VALUES (@room, @seq, @stamp, @own, @origin, @origin_id, @via, @received, @foreign_by, @foreign_id, @nick, @author,
         @unlogged, @stanza)`,
    ),
    replace: database.prepare<[string, number, number]>('UPDATE message SET stanza = ? WHERE room = ? AND seq = ?'),
    expire: database.prepare<[Spare & { readonly before: number }], OriginRow>(
      `DELETE FROM message WHERE room = @room AND seq <> @last AND own IS NOT @lastOwn AND seq < @needed
         AND received < @before RETURNING origin, origin_id, via`,
    ),
    trim: database.prepare<[Spare & { readonly excess: number }], OriginRow>(
      `DELETE FROM message WHERE id IN (
         SELECT id FROM message WHERE room = @room AND seq < @last AND own IS NOT @lastOwn AND seq < @needed
         ORDER BY seq LIMIT @excess)
       RETURNING origin, origin_id, via`,
    ),
    dropMessages: database.prepare<[number]>('DELETE FROM message WHERE room = ?'),
    newest: database.prepare<[HistoryBounds], MessageRow>(
      `SELECT * FROM message
       WHERE room = @room AND seq > @after AND seq <= @upTo AND stamp >= @since AND via IS NOT @notVia ORDER BY seq DESC`,
    ),
    newestReceived: database.prepare<[], number>(NEWEST_RECEIVED).pluck(),
    oldestAfter: database.prepare<[number, number], MessageRow>(OLDEST_AFTER),
    newestBefore: database.prepare<[number, number], MessageRow>(NEWEST_BEFORE),
    entries: database.prepare<[number, number], EntryRow>(
      'SELECT seq, origin, origin_id, via, received, stanza FROM message WHERE room = ? AND seq > ? ORDER BY seq',
    ),
    uncovered: database.prepare<[number, number], OriginRow>(
      'SELECT origin, origin_id, via FROM message WHERE room = ? AND seq > ?',
    ),
    foreign: database.prepare<[{ room: number; jid: string; after: number; limit: number }], MessageRow>(
      `SELECT * FROM message WHERE room = @room AND seq > @after AND via IS NOT NULL
         AND (foreign_id IS NOT NULL OR origin = @jid) ORDER BY seq DESC LIMIT @limit`,
    ),
    referable: database.prepare<[{ room: number; limit: number; characters: number }], ReferableRow>(
      `SELECT seq, origin, origin_id, via, foreign_by, foreign_id, nick, author, substr(stanza, 1, @characters) AS stanza
       FROM message WHERE room = @room ORDER BY seq DESC LIMIT @limit`,
    ),
    lastVia: database
      .prepare<[number, string], number>(
        'SELECT stamp FROM message WHERE room = ? AND via = ? ORDER BY seq DESC LIMIT 1',
      )
      .pluck(),

    origins: database.prepare<[number], RangesRow>('SELECT by, had, gaps FROM origin WHERE room = ?'),
    had: database.prepare<[number, string], string>('SELECT had FROM origin WHERE room = ? AND by = ?').pluck(),
    saveHad: database.prepare<[number, string, string]>(
      `INSERT INTO origin (room, by, had, gaps) VALUES (?, ?, ?, '') ON CONFLICT DO UPDATE SET had = excluded.had`,
    ),
    saveGaps: database.prepare<[number, string, string]>(
      `INSERT INTO origin (room, by, had, gaps) VALUES (?, ?, '', ?) ON CONFLICT DO UPDATE SET gaps = excluded.gaps`,
    ),
    dropEmptyOrigin: database.prepare<[number, string]>(
      "DELETE FROM origin WHERE room = ? AND by = ? AND had = '' AND gaps = ''",
    ),
    dropOrigins: database.prepare<[number]>('DELETE FROM origin WHERE room = ?'),
    cover: database.prepare<[number, number]>('UPDATE room SET covered = ? WHERE id = ?'),

    neighbours: database.prepare<[number], NeighbourRow>('SELECT * FROM neighbour WHERE room = ? ORDER BY id'),
    saveNeighbour: database.prepare<[NeighbourRow]>(
      `INSERT OR REPLACE INTO neighbour (room, node, upward, settled, live, dropped, since)
       VALUES (@room, @node, @upward, @settled, @live, @dropped, @since)`,
    ),
    boundNeighbours: database.prepare<[number, number]>(
      'DELETE FROM neighbour WHERE id IN (SELECT id FROM neighbour WHERE room = ? ORDER BY id DESC LIMIT -1 OFFSET ?)',
    ),
    dropNeighbour: database.prepare<[number, string]>('DELETE FROM neighbour WHERE room = ? AND node = ?'),
    dropNeighbours: database.prepare<[number]>('DELETE FROM neighbour WHERE room = ?'),

    forgotten: database.prepare<[], EndRow>('SELECT jid, last, last_own AS lastOwn FROM forgotten'),
    end: database.prepare<[string], EndRow>('SELECT jid, last, last_own AS lastOwn FROM forgotten WHERE jid = ?'),
    rememberEnd: database.prepare<[string, number, number]>(
      'INSERT OR REPLACE INTO forgotten (jid, last, last_own) VALUES (?, ?, ?)',
    ),
    dropEnds: database.prepare<[number]>(
      `DELETE FROM forgotten WHERE id IN (
         SELECT id FROM forgotten WHERE jid <> '' ORDER BY id DESC LIMIT -1 OFFSET ?)`,
    ),

    sessions: database.prepare<[], SessionRow>('SELECT * FROM session ORDER BY id'),
    session: database.prepare<[string], Pick<SessionRow, 'id' | 'sm_id'>>(
      'SELECT id, sm_id FROM session WHERE domain = ?',
    ),
    saveSession: database.prepare<[Omit<SessionRow, 'id'>]>(
      `INSERT INTO session (domain, sm_id, acknowledged, handled, until)
       VALUES (@domain, @sm_id, @acknowledged, @handled, @until)
       ON CONFLICT DO UPDATE SET sm_id = excluded.sm_id, acknowledged = excluded.acknowledged, handled = excluded.handled,
         until = excluded.until`,
    ),
    sessionsBeyond: database
      .prepare<[number], string>('SELECT domain FROM session ORDER BY id DESC LIMIT -1 OFFSET ?')
      .pluck(),
    dropSession: database.prepare<[number]>('DELETE FROM session WHERE id = ?'),
    unacknowledged: database.prepare<[OfSession], UnacknowledgedRow>(
      `SELECT number, since, stanza FROM unacknowledged WHERE ${OF_SESSION} ORDER BY id`,
    ),
    saveUnacknowledged: database.prepare<[OfSession & UnacknowledgedRow]>(
      `INSERT INTO unacknowledged (id, number, since, stanza)
       SELECT coalesce(max(id), @session << 32) + 1, @number, @since, @stanza FROM unacknowledged WHERE ${OF_SESSION}`,
    ),
    // Numbers begin anew after 2^32 - 1.
    dropAcknowledged: database.prepare<[OfSession & { readonly upTo: number }]>(
      `DELETE FROM unacknowledged WHERE ${OF_SESSION} AND ((@upTo - number) & 0xffffffff) < 0x80000000`,
    ),
    boundUnacknowledged: database.prepare<[OfSession & { readonly most: number }]>(
      `DELETE FROM unacknowledged WHERE ${OF_SESSION}
         AND id <= (SELECT max(id) FROM unacknowledged WHERE ${OF_SESSION}) - @most`,
    ),
    dropUnacknowledged: database.prepare<[OfSession]>(`DELETE FROM unacknowledged WHERE ${OF_SESSION}`),

    note: database.prepare<[string], string>('SELECT value FROM note WHERE key = ?').pluck(),
    saveNote: database.prepare<[string, string]>('INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)'),
    dropNotes: database.prepare<[string, number]>(
      'DELETE FROM note WHERE id IN (SELECT id FROM note WHERE instr(key, ?) <> 1 ORDER BY id DESC LIMIT -1 OFFSET ?)',
    ),
  };
}
