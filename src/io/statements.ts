import type { Database } from 'better-sqlite3';
import type { AffiliationRecord } from '../muc/records.ts';
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
}

/** A room's messages but for the newest and the newest own one. */
interface Spare {
  readonly room: number;
  readonly last: number;
  readonly lastOwn: number;
}

interface HistoryBounds {
  readonly room: number;
  readonly after: number;
  readonly since: number;
  readonly notVia: string;
  readonly limit: number;
}

type OriginRow = Pick<MessageRow, 'origin' | 'origin_id' | 'via'>;
type Text = string | null | undefined;

export type Statements = ReturnType<typeof prepare>;

/** Every statement of the store, compiled once. */
export function prepare(database: Database) {
  return {
    rooms: database.prepare<[], RoomRow>('SELECT * FROM room WHERE settings IS NOT NULL ORDER BY jid'),
    addRoom: database.prepare<[string]>('INSERT INTO room (jid) VALUES (?)'),
    saveRoom: database.prepare<[string, Text, number]>('UPDATE room SET settings = ?, subject = ? WHERE id = ?'),
    dropRoom: database.prepare<[number]>('DELETE FROM room WHERE id = ?'),

    affiliations: database.prepare<[number], AffiliationRow>(
      'SELECT jid, affiliation, reason FROM affiliation WHERE room = ? ORDER BY jid',
    ),
    // An entry that stays as it is touches no page.
    saveAffiliation: database.prepare<[number, string, string, Text]>(
      `INSERT INTO affiliation (room, jid, affiliation, reason) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET affiliation = excluded.affiliation, reason = excluded.reason
       WHERE affiliation <> excluded.affiliation OR reason IS NOT excluded.reason`,
    ),
    dropAffiliation: database.prepare<[number, string]>('DELETE FROM affiliation WHERE room = ? AND jid = ?'),

    archives: database.prepare<[], ArchiveRow>(
      `SELECT jid, room.id, count(seq) AS messages, coalesce(max(seq), 0) AS last, coalesce(max(own), 0) AS lastOwn
       FROM room LEFT JOIN message ON message.room = room.id GROUP BY room.id`,
    ),
    insert: database.prepare<[MessageRow]>(
      `INSERT INTO message (room, seq, stamp, own, origin, origin_id, via, nick, author, stanza)
       VALUES (@room, @seq, @stamp, @own, @origin, @origin_id, @via, @nick, @author, @stanza)`,
    ),
    expire: database.prepare<[Spare & { readonly before: number }]>(
      'DELETE FROM message WHERE room = @room AND seq <> @last AND own IS NOT @lastOwn AND stamp < @before',
    ),
    trim: database.prepare<[Spare & { readonly excess: number }]>(
      `DELETE FROM message WHERE id IN (
         SELECT id FROM message WHERE room = @room AND seq < @last AND own IS NOT @lastOwn ORDER BY seq LIMIT @excess)`,
    ),
    dropMessages: database.prepare<[number]>('DELETE FROM message WHERE room = ?'),
    newest: database.prepare<[HistoryBounds], MessageRow>(
      `SELECT * FROM message WHERE room = @room AND seq > @after AND stamp >= @since AND via IS NOT @notVia
       ORDER BY seq DESC LIMIT @limit`,
    ),
    origins: database.prepare<[number, number], OriginRow>(
      'SELECT origin, origin_id, via FROM message WHERE room = ? AND origin IS NOT NULL ORDER BY seq DESC LIMIT ?',
    ),

    forgotten: database.prepare<[], EndRow>('SELECT jid, last, last_own AS lastOwn FROM forgotten'),
    end: database.prepare<[string], EndRow>('SELECT jid, last, last_own AS lastOwn FROM forgotten WHERE jid = ?'),
    rememberEnd: database.prepare<[string, number, number]>(
      'INSERT OR REPLACE INTO forgotten (jid, last, last_own) VALUES (?, ?, ?)',
    ),
    dropEnds: database.prepare<[number]>('DELETE FROM forgotten WHERE id <= (SELECT max(id) FROM forgotten) - ?'),

    meta: database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck(),
    setMeta: database.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
  };
}
