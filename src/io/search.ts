import type { Database } from 'better-sqlite3';
import type { ArchiveFilter, Found, Search } from '../muc/search.ts';
import { fromRow, type MessageRow, stanzaOf } from './message-row.ts';

/* Looks into a room's archive (`muc/search.ts`). None reads a row that the index doesn't ask for. */

/** The part of an archive that one look takes in hand, without its ends. */
interface Window {
  readonly room: number;
  readonly after: number;
  readonly before: number;
}

interface Bounds extends Window {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly nick: string | null;
  readonly author: string | null;
  readonly bare: string | null;
}

const WINDOW = 'room = @room AND seq > @after AND seq < @before';

/** What the index tells comes first: a row is read only where that fits. */
const FITS = `stamp >= @startsAt AND stamp <= @endsAt AND unlogged = 0
  AND (@nick IS NULL OR nick = @nick) AND (@author IS NULL OR author = @author)
  AND (@bare IS NULL OR author = @bare OR substr(author, 1, length(@bare) + 1) = @bare || '/')`;

/** A list of positions, as JSON. */
const LISTED = 'seq IN (SELECT value FROM json_each(@seqs))';

export type SearchStatements = ReturnType<typeof prepareSearch>;

export function prepareSearch(database: Database) {
  const edge = (order: string) =>
    database
      .prepare<[Window & { readonly rows: number }], number>(
        `SELECT seq FROM message WHERE ${WINDOW} ORDER BY seq ${order} LIMIT 1 OFFSET @rows - 1`,
      )
      .pluck();
  const page = (order: string) =>
    database.prepare<[Bounds], MessageRow>(`SELECT * FROM message WHERE ${WINDOW} AND ${FITS} ORDER BY seq ${order}`);
  return {
    edge: edge('ASC'),
    edgeBackwards: edge('DESC'),
    page: page('ASC'),
    pageBackwards: page('DESC'),
    count: database.prepare<[Bounds], number>(`SELECT count(*) FROM message WHERE ${WINDOW} AND ${FITS}`).pluck(),
    listed: database.prepare<[Bounds & { readonly seqs: string }], MessageRow>(
      `SELECT * FROM message WHERE ${LISTED} AND ${WINDOW} AND ${FITS} ORDER BY seq`,
    ),
    at: database.prepare<[{ readonly room: number; readonly seqs: string }], MessageRow>(
      `SELECT * FROM message WHERE room = @room AND ${LISTED} ORDER BY seq`,
    ),
    named: database.prepare<[Window & { readonly jid: string; readonly origins: string }], MessageRow>(
      `SELECT * FROM message WHERE ${WINDOW} AND (origin_id, CASE origin WHEN '' THEN coalesce(via, @jid) ELSE origin END)
         IN (SELECT value ->> 'id', value ->> 'by' FROM json_each(@origins)) ORDER BY seq`,
    ),
  };
}

/** One look into the archive of the room that has that number. */
export function look(statements: SearchStatements, room: number, search: Search): Found {
  switch (search.kind) {
    case 'page':
      return lookForPage(statements, room, search);
    case 'count':
      return lookForCount(statements, room, search);
    case 'recall':
      return recall(statements, room, search);
  }
}

function lookForPage(statements: SearchStatements, room: number, search: Search & { kind: 'page' }): Found {
  const { filter, isBackwards, from, rows } = search;
  const bounds = boundsOf(room, filter);
  if (filter.seqs !== undefined) {
    const listed = statements.listed.all({ ...bounds, seqs: JSON.stringify(filter.seqs) });
    return pageOf(isBackwards ? listed.reverse() : listed, search, undefined);
  }
  if (isBackwards) {
    const before = Math.min(bounds.before, from ?? bounds.before);
    const next = statements.edgeBackwards.get({ room, after: bounds.after, before, rows });
    const after = next === undefined ? bounds.after : next - 1;
    return pageOf(statements.pageBackwards.iterate({ ...bounds, after, before }), search, next);
  }
  const after = Math.max(bounds.after, from ?? bounds.after);
  const next = statements.edge.get({ room, after, before: bounds.before, rows });
  const before = next === undefined ? bounds.before : next + 1;
  return pageOf(statements.page.iterate({ ...bounds, after, before }), search, next);
}

function pageOf(rows: Iterable<MessageRow>, search: Search & { kind: 'page' }, next: number | undefined): Found {
  const { maxMessages, maxCharacters, room } = search;
  const messages = [];
  let characters = 0;
  for (const row of rows) {
    if (messages.length >= maxMessages || characters >= maxCharacters)
      return { messages, count: messages.length, isFull: true, next: undefined };
    messages.push(fromRow(row, room));
    characters += stanzaOf(row).length;
  }
  return { messages, count: messages.length, isFull: false, next };
}

function lookForCount(statements: SearchStatements, room: number, search: Search & { kind: 'count' }): Found {
  const { filter, from, rows } = search;
  const bounds = boundsOf(room, filter);
  if (filter.seqs !== undefined) {
    const count = statements.listed.all({ ...bounds, seqs: JSON.stringify(filter.seqs) }).length;
    return { messages: [], count, isFull: false, next: undefined };
  }
  const after = Math.max(bounds.after, from ?? bounds.after);
  const next = statements.edge.get({ room, after, before: bounds.before, rows });
  const before = next === undefined ? bounds.before : next + 1;
  const count = statements.count.get({ ...bounds, after, before }) ?? 0;
  return { messages: [], count, isFull: false, next };
}

function recall(statements: SearchStatements, room: number, search: Search & { kind: 'recall' }): Found {
  const { seqs, origins, upToSeq = Number.MAX_SAFE_INTEGER - 1, rows, room: jid } = search;
  const found = seqs.length === 0 ? [] : statements.at.all({ room, seqs: JSON.stringify(seqs) });
  if (origins.length > 0) {
    const before = upToSeq + 1;
    const oldest = statements.edgeBackwards.get({ room, after: 0, before, rows });
    const after = oldest === undefined ? 0 : oldest - 1;
    found.push(...statements.named.all({ room, after, before, jid, origins: JSON.stringify(origins) }));
  }
  const messages = found.map((row) => fromRow(row, jid));
  return { messages, count: messages.length, isFull: false, next: undefined };
}

function boundsOf(room: number, { startsAt, endsAt, afterSeq, beforeSeq, by }: ArchiveFilter): Bounds {
  return {
    room,
    after: afterSeq ?? 0,
    before: beforeSeq ?? Number.MAX_SAFE_INTEGER,
    startsAt: startsAt ?? Number.MIN_SAFE_INTEGER,
    endsAt: endsAt ?? Number.MAX_SAFE_INTEGER,
    nick: by !== undefined && 'nick' in by ? by.nick : null,
    author: by !== undefined && 'author' in by ? by.author : null,
    bare: by !== undefined && 'bare' in by ? by.bare : null,
  };
}
