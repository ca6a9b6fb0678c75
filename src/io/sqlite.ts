import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

import { Journal, JournaledMap } from '../lib/journal.ts';
import { positionAt } from '../lib/position.ts';
import { Ranges } from '../lib/ranges.ts';
import type {
  AffiliationRecord,
  ArchiveEntry,
  ArchiveState,
  ForeignMessage,
  HistoryQuery,
  Kept,
  MessageRecord,
  NeighbourRecord,
  OriginRecord,
  ReferableRecord,
  Retention,
  RoomRecord,
  RoomSettings,
  StoreWrite,
  SubjectRecord,
} from '../muc/records.ts';
import type { Found, Search } from '../muc/search.ts';
import type { KeptSession, KeptSessions, SessionWrite } from '../stream/session-record.ts';
import { type ArchivePage, type ArchivePageRequest, firstPage } from './archive-page.ts';
import { now } from './clock.ts';
import { openDatabase } from './database.ts';
import { countOf, isWanted, merge, numbersOf } from './had.ts';
import { foreignOf, fromRow, originOf, referableOf, stanzaOf, toRow } from './message-row.ts';
import { finishReplacing } from './replace-store.ts';
import { migrate, recognise } from './schema.ts';
import { look, prepareSearch, type SearchStatements } from './search.ts';
import { readSessions, writeSession } from './sessions.ts';
import { type OriginRow, prepare, type RoomRow, type Statements } from './statements.ts';
import {
  COVER_AFTER,
  FOREIGN_SPAN,
  LASTING_NOTE,
  LOST_POSITIONS,
  MAX_FORGOTTEN,
  MAX_KEPT_PARTS,
  MAX_NEIGHBOURS,
  MAX_NOTES,
  RETENTION_PARTS,
} from './store-bounds.ts';
import { guarded, StoreError } from './store-error.ts';
import { inodeOf, lastWritten, refuseLogAlone, STORE_FILE } from './store-files.ts';
import type { StoreGist } from './store-gist.ts';

/** Bytes a page. Small, since a page is the least that a turn writes. */
const PAGE_BYTES = 1024;

/** KiB of pages in memory: those at the end of what grows, and the way there. The system keeps the others as well. */
const CACHE_KIB = 256;

/** Pages in the write-ahead log before they go to their places: enough for the same page to go there once for many turns. */
const CHECKPOINT_PAGES = 512;

/** Bytes that the log keeps on the disk after one large turn. */
const LOG_BYTES = 1024 * 1024;

/** The same while the store is held still: beyond, whoever copies it has to begin anew. */
const HELD_CHECKPOINT_PAGES = 2048;

/** Milliseconds to wait for a process that is just ending to let go of the store. */
const LOCK_WAIT_MS = 1000;

/**
 * A note that is written to see whether there is space: longer than a block of any file system, since the last one that the log has
 * may have some left.
 */
const TRIAL = ['trial', 'x'.repeat(5000)] as const;

export interface StoreOptions {
  /** Milliseconds since the epoch, against which a message's age counts. */
  readonly now?: () => number;
  /** The most that the file may take; beyond, the store is full. Default: what the disk has. */
  readonly maxBytes?: number;
}

/**
 * What outlives the process. Every method throws a StoreError where the store can't do it, and then nothing was done;
 * once the cause is gone (there is space again), the same store goes on.
 */
export interface Store extends Kept, KeptSessions {
  /** Makes the writes durable, all or none. */
  commit(writes: readonly (StoreWrite | SessionWrite)[]): void;
  history(query: HistoryQuery): MessageRecord[];
  /** One look into a room's archive, as far as it goes at once. */
  search(search: Search): Found;
  /** How many messages a room's archive has. */
  count(room: string): number;
  /** When the newest message came here, by our clock of then, in milliseconds since the epoch. */
  newest(): number | undefined;
  /** Set once anything in the store has been found damaged. */
  readonly damage: StoreError | undefined;
  /** Notes that something that was read can't be what was written, for that reason; gives back the damage. */
  foundDamaged(cause: unknown): StoreError;
  /** What is wrong with the store now: where the last turn or read failed, it is tried whether anything can be written. */
  problem(): StoreError | undefined;
  /**
   * Has the first file of the store hold all of it, and leaves that as it is until it is released, or until more is written
   * meanwhile than the log is to hold: long enough for another process to copy it. Gives back what it holds.
   */
  hold(): StoreGist;
  release(): void;
  /** A page of a room's archive. */
  page(room: string, request: ArchivePageRequest): ArchivePage;
  close(): void;
}

/**
 * Opens the store in `directory`, which is made where it is missing. One process at a time: the file stays locked. Where
 * there is no space just now, one that can be read is opened all the same.
 * @throws {StoreError} Where it can't be read and written.
 */
export function openStore(directory: string, options: StoreOptions = {}): Store {
  const file = join(directory, STORE_FILE);
  return guarded(file, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    finishReplacing(directory);
    refuseLogAlone(file);
    const before = lastWritten(directory);
    createPrivate(file);
    const inode = inodeOf(file);
    const database = openDatabase(file, directory, { timeout: LOCK_WAIT_MS });
    try {
      // Before anything is read: a store whose log is read without it gets shared memory, which a full disk has no room for.
      database.pragma('locking_mode = EXCLUSIVE');
      recognise(database);
      if (inodeOf(file) !== inode) throw new StoreError('locked', file);
      configure(database, options.maxBytes);
      migrate(database, before === undefined ? 0 : positionAt(before) + LOST_POSITIONS);
      const store = new SqliteStore(database, options.now ?? now);
      const problem = store.tryWriting();
      if (problem !== undefined && problem.condition !== 'full') throw problem;
      return store;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Messages and room passwords are for the gateway's user alone. */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * The order counts: a page's size comes before the first page. There is no vacuum: pages that retention frees are used again, and moving them would only wear the flash.
 */
function configure(database: Database, maxBytes: number | undefined): void {
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('auto_vacuum = NONE');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`journal_size_limit = ${LOG_BYTES}`);
  database.pragma('temp_store = MEMORY');
  database.pragma('foreign_keys = ON');
  if (maxBytes !== undefined) database.pragma(`max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
}

/** A room's archive in memory. The store is ours alone, so this is what the file says. */
interface Archive {
  readonly id: number;
  messages: number;
  last: number;
  lastOwn: number;
  /** Position up to which it is noted what has been had. */
  covered: number;
  /** Messages after it. */
  uncovered: number;
  /** When its messages' age is looked at next. */
  nextExpiry: number;
}

class SqliteStore implements Store {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #statements: Statements;
  readonly #searchStatements: SearchStatements;
  readonly #journal = new Journal();
  readonly #archives = new JournaledMap<string, Archive>(this.#journal);
  #problem: StoreError | undefined;
  /** How many want the store held still. */
  #holds = 0;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#now = clock;
    this.#statements = prepare(database);
    this.#searchStatements = prepareSearch(database);
    for (const { jid, ...archive } of this.#statements.archives.all())
      this.#archives.set(jid, this.#continued(jid, { ...archive, uncovered: COVER_AFTER, nextExpiry: 0 }));
    this.#journal.commit();
  }

  get rooms(): RoomRecord[] {
    return this.#guarded(() => this.#statements.rooms.all().map((row) => this.#record(row)));
  }

  get archives(): ArchiveState[] {
    return this.#guarded(() => {
      const states = new Map<string, ArchiveState>();
      for (const { jid, last, lastOwn } of this.#statements.forgotten.all())
        states.set(jid, { room: jid, messages: 0, lastSeq: last, lastOriginSeq: lastOwn });
      for (const [room, { messages, last, lastOwn }] of this.#archives)
        states.set(room, { room, messages, lastSeq: last, lastOriginSeq: lastOwn });
      return [...states.values()];
    });
  }

  commit(writes: readonly (StoreWrite | SessionWrite)[]): void {
    if (writes.length === 0) return;
    try {
      this.#guarded(() => this.#database.transaction(() => writes.forEach((write) => this.#write(write)))());
      this.#journal.commit();
      this.#recover();
    } catch (error) {
      this.#journal.rollback();
      throw error;
    }
  }

  history(query: HistoryQuery): MessageRecord[] {
    const archive = this.#archives.get(query.room);
    if (archive === undefined) return [];
    const most = Math.min(query.maxMessages ?? Number.POSITIVE_INFINITY, countOf(query.wanted));
    if (most <= 0) return [];
    return this.#guarded(() => {
      const newest = this.#statements.newest.iterate({
        room: archive.id,
        after: query.afterSeq ?? 0,
        upTo: query.upToSeq ?? Number.MAX_SAFE_INTEGER,
        since: query.since ?? Number.MIN_SAFE_INTEGER,
        notVia: query.notVia ?? '',
      });
      const messages: MessageRecord[] = [];
      let left = query.maxChars ?? Number.POSITIVE_INFINITY;
      for (const row of newest) {
        if (query.wanted !== undefined && !isWanted(query.wanted, originOf(row, query.room))) continue;
        left -= stanzaOf(row).length;
        if (left < 0) break;
        messages.push(fromRow(row, query.room));
        if (messages.length >= most) break;
      }
      return messages.reverse();
    });
  }

  search(search: Search): Found {
    const archive = this.#archives.get(search.room);
    if (archive === undefined) return { messages: [], count: 0, isFull: false, next: undefined };
    return this.#guarded(() => look(this.#searchStatements, archive.id, search));
  }

  count(room: string): number {
    return this.#archives.get(room)?.messages ?? 0;
  }

  newest(): number | undefined {
    return this.#guarded(() => this.#statements.newestReceived.get());
  }

  get damage(): StoreError | undefined {
    return this.#problem?.condition === 'corrupt' ? this.#problem : undefined;
  }

  foundDamaged(cause: unknown): StoreError {
    this.#problem = new StoreError('corrupt', this.#database.name, cause);
    return this.#problem;
  }

  hold(): StoreGist {
    return this.#guarded(() => {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
      this.#database.pragma(`wal_autocheckpoint = ${HELD_CHECKPOINT_PAGES}`);
      this.#holds += 1;
      let messages = 0;
      for (const archive of this.#archives.values()) messages += archive.messages;
      return { rooms: this.#archives.size, messages, newest: this.newest() ?? null };
    });
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && this.#database.open) this.#database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  }

  problem(): StoreError | undefined {
    return this.#problem === undefined ? undefined : this.tryWriting();
  }

  /** Changes nothing that is read, and shows whether as much could be written as a message takes. */
  tryWriting(): StoreError | undefined {
    try {
      this.#guarded(() => this.#statements.saveNote.run(...TRIAL));
      this.#recover();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    return this.#problem;
  }

  page(room: string, { filter, after = 0, before }: ArchivePageRequest): ArchivePage {
    const archive = this.#archives.get(room);
    if (archive === undefined) return { messages: [], next: undefined };
    const { oldestAfter, newestBefore } = this.#statements;
    const rows = () =>
      before === undefined ? oldestAfter.iterate(archive.id, after) : newestBefore.iterate(archive.id, before);
    return this.#guarded(() => firstPage(rows(), room, filter));
  }

  origins(room: string): OriginRecord[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    return this.#guarded(() => {
      const rows = this.#statements.origins.all(archive.id);
      const had = merge(
        rows.map(({ by, had: ranges }) => [by, ranges]),
        numbersOf(this.#statements.uncovered.iterate(archive.id, archive.covered), room),
      );
      const gaps = merge(
        rows.map(({ by, gaps: ranges }) => [by, ranges]),
        new Map(),
      );
      return [...new Set([...had.keys(), ...gaps.keys()])].map((by) => ({
        by,
        had: had.get(by) ?? Ranges.empty,
        gaps: gaps.get(by) ?? Ranges.empty,
      }));
    });
  }

  foreign(room: string, limit: number): ForeignMessage[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    const span = { room: archive.id, jid: room, after: archive.last - FOREIGN_SPAN, limit };
    return this.#guarded(() =>
      this.#statements.foreign
        .all(span)
        .map((row) => ({ ...foreignOf(row), author: row.author, stamp: row.stamp, stanza: stanzaOf(row) }))
        .reverse(),
    );
  }

  neighbours(room: string): NeighbourRecord[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    const rows = this.#guarded(() => this.#statements.neighbours.all(archive.id));
    return rows.map(({ node, upward, settled, live, dropped, since }) => ({
      node,
      isUpward: upward === 1,
      settled,
      isLive: live === 1,
      dropped,
      since,
    }));
  }

  entries(room: string, afterSeq: number): ArchiveEntry[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    return this.#guarded(() =>
      Array.from(this.#statements.entries.iterate(archive.id, afterSeq), (row) => {
        const origin = originOf(row, room);
        return {
          seq: row.seq,
          received: row.received,
          characters: stanzaOf(row).length,
          ...(origin !== undefined && { origin }),
          ...(row.via !== null && { via: row.via }),
        };
      }),
    );
  }

  referable(room: string, limit: number, characters: number): ReferableRecord[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    const newest = { room: archive.id, limit, characters };
    return this.#guarded(() =>
      this.#statements.referable
        .all(newest)
        .map((row) => referableOf(row, room))
        .reverse(),
    );
  }

  lastVia(room: string, node: string): number | undefined {
    const archive = this.#archives.get(room);
    return archive && this.#guarded(() => this.#statements.lastVia.get(archive.id, node));
  }

  vcard(room: string): string | undefined {
    const archive = this.#archives.get(room);
    return archive && this.#guarded(() => this.#statements.vcard.get(archive.id));
  }

  note(key: string): string | undefined {
    return this.#guarded(() => this.#statements.note.get(key));
  }

  sessions(): KeptSession[] {
    return this.#guarded(() => readSessions(this.#statements));
  }

  close(): void {
    this.#guarded(() => this.#database.close());
  }

  #guarded<T>(action: () => T): T {
    try {
      return guarded(this.#database.name, action);
    } catch (error) {
      if (error instanceof StoreError && this.damage === undefined) this.#problem = error;
      throw error;
    }
  }

  /** The store could be written. Damage stays, wherever else it can be. */
  #recover(): void {
    if (this.damage === undefined) this.#problem = undefined;
  }

  /** What was kept as JSON. */
  #parse(text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw this.foundDamaged(error);
    }
  }

  #write(write: StoreWrite | SessionWrite): void {
    switch (write.kind) {
      case 'append':
        return this.#append(write.message, write.keep, write.neededFrom);
      case 'save':
        return this.#save(write.record);
      case 'replace':
        this.#statements.replace.run(write.stanza, this.#archives.get(write.room)?.id ?? 0, write.seq);
        return;
      case 'vcard':
        return this.#saveVcard(this.#archive(write.room).id, write.vcard);
      case 'gaps':
        return this.#saveGaps(this.#archive(write.room).id, write.by, write.gaps.atMost(MAX_KEPT_PARTS));
      case 'neighbour':
        return this.#saveNeighbour(this.#archive(write.room).id, write.record);
      case 'drop-neighbour':
        this.#statements.dropNeighbour.run(this.#archives.get(write.room)?.id ?? 0, write.node);
        return;
      case 'note':
        this.#statements.saveNote.run(write.key, write.value);
        this.#statements.dropNotes.run(LASTING_NOTE, MAX_NOTES);
        return;
      case 'forget':
        return this.#forget(write.room);
      case 'session':
      case 'unacknowledged':
      case 'acknowledged':
      case 'drop-session':
        return writeSession(this.#statements, write);
    }
  }

  #append(message: MessageRecord, keep: Retention, neededFrom: number | undefined): void {
    const archive = this.#archive(message.room);
    this.#statements.insert.run(toRow(message, archive.id));
    this.#journal.set(archive, 'messages', archive.messages + 1);
    this.#journal.set(archive, 'last', Math.max(archive.last, message.seq));
    this.#journal.set(archive, 'lastOwn', Math.max(archive.lastOwn, message.originSeq ?? 0));
    this.#journal.set(archive, 'uncovered', archive.uncovered + 1);
    if (archive.uncovered >= COVER_AFTER) this.#cover(archive, message.room);
    this.#prune(archive, message.room, keep, neededFrom ?? Number.MAX_SAFE_INTEGER);
  }

  /** Notes what has been had up to now. */
  #cover(archive: Archive, room: string): void {
    this.#addHad(archive, numbersOf(this.#statements.uncovered.iterate(archive.id, archive.covered), room));
    this.#statements.cover.run(archive.last, archive.id);
    this.#journal.set(archive, 'covered', archive.last);
    this.#journal.set(archive, 'uncovered', 0);
  }

  #addHad({ id }: Archive, numbers: ReadonlyMap<string, Ranges>): void {
    for (const [by, ranges] of numbers) {
      const before = this.#statements.had.get(id, by) ?? '';
      const after = merge([[by, before]], new Map([[by, ranges]])).get(by);
      if (after !== undefined && after.toString() !== before) this.#statements.saveHad.run(id, by, after.toString());
    }
  }

  #saveVcard(room: number, vcard: string | undefined): void {
    if (vcard === undefined) this.#statements.dropVcard.run(room);
    else this.#statements.saveVcard.run(room, vcard);
  }

  #saveGaps(room: number, by: string, gaps: Ranges): void {
    this.#statements.saveGaps.run(room, by, gaps.toString());
    this.#statements.dropEmptyOrigin.run(room, by);
  }

  #saveNeighbour(room: number, record: NeighbourRecord): void {
    const { node, settled, dropped, since } = record;
    const flags = { upward: record.isUpward ? 1 : 0, live: record.isLive ? 1 : 0 };
    this.#statements.saveNeighbour.run({ room, node, settled, dropped, since, ...flags });
    this.#statements.boundNeighbours.run(room, MAX_NEIGHBOURS);
  }

  /** The newest message and the newest of our own always stay: positions are read from them at start. */
  #prune(archive: Archive, room: string, keep: Retention, needed: number): void {
    const spare = { room: archive.id, last: archive.last, lastOwn: archive.lastOwn, needed };
    const gone: OriginRow[] = [];
    const instant = this.#now();
    const age = keep.age * 1000;
    if (age > 0 && instant >= archive.nextExpiry) {
      gone.push(...this.#statements.expire.all({ ...spare, before: instant - age }));
      this.#journal.set(archive, 'nextExpiry', instant + age / RETENTION_PARTS);
    }
    const excess = keep.messages > 0 ? archive.messages - gone.length - keep.messages : 0;
    if (excess > keep.messages / RETENTION_PARTS) gone.push(...this.#statements.trim.all({ ...spare, excess }));
    if (gone.length === 0) return;
    this.#journal.set(archive, 'messages', archive.messages - gone.length);
    this.#addHad(archive, numbersOf(gone, room));
  }

  #save({ room, settings, subject, affiliations }: RoomRecord): void {
    const { id } = this.#archive(room);
    const { saveRoom, saveAffiliation, dropAffiliation } = this.#statements;
    saveRoom.run(JSON.stringify(settings), subject && JSON.stringify(subject), id);
    for (const { jid } of this.#statements.affiliations.all(id))
      if (!Object.hasOwn(affiliations, jid)) dropAffiliation.run(id, jid);
    for (const [jid, { affiliation, reason, nick }] of Object.entries(affiliations))
      saveAffiliation.run(id, jid, affiliation, reason, nick);
  }

  #forget(room: string): void {
    const archive = this.#archives.get(room);
    if (archive === undefined) return;
    const { id, last, lastOwn } = archive;
    const { dropMessages, dropRoom, rememberEnd, dropEnds } = this.#statements;
    dropMessages.run(id);
    this.#statements.dropOrigins.run(id);
    this.#statements.dropNeighbours.run(id);
    dropRoom.run(id);
    rememberEnd.run(room, last, lastOwn);
    dropEnds.run(MAX_FORGOTTEN);
    this.#archives.delete(room);
  }

  /** The archive of a room, numbered where it is new. */
  #archive(room: string): Archive {
    const known = this.#archives.get(room);
    if (known !== undefined) return known;
    const id = Number(this.#statements.addRoom.run(room).lastInsertRowid);
    const archive = this.#continued(room, {
      id,
      messages: 0,
      last: 0,
      lastOwn: 0,
      covered: 0,
      uncovered: 0,
      nextExpiry: 0,
    });
    this.#archives.set(room, archive);
    return archive;
  }

  /** An archive whose positions go on where those of a forgotten room of that name ended. */
  #continued(room: string, archive: Archive): Archive {
    const ended = this.#statements.end.get(room);
    if (ended === undefined) return archive;
    return {
      ...archive,
      last: Math.max(archive.last, ended.last),
      lastOwn: Math.max(archive.lastOwn, ended.lastOwn),
    };
  }

  #record(row: RoomRow): RoomRecord {
    const affiliations = this.#statements.affiliations
      .all(row.id)
      .map(({ jid, affiliation, reason, nick }): [string, AffiliationRecord] => [
        jid,
        { affiliation, ...(reason !== null && { reason }), ...(nick !== null && { nick }) },
      ]);
    return {
      room: row.jid,
      settings: this.#parse(row.settings) as RoomSettings,
      ...(row.subject !== null && { subject: this.#parse(row.subject) as SubjectRecord }),
      affiliations: Object.fromEntries(affiliations),
    };
  }
}
