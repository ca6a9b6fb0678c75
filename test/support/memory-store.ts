import {
  FOREIGN_SPAN,
  LASTING_NOTE,
  MAX_FORGOTTEN,
  MAX_KEPT_PARTS,
  MAX_NEIGHBOURS,
  MAX_NOTES,
  MAX_SESSION_STANZAS,
  MAX_SESSIONS,
  RETENTION_PARTS,
} from '../../src/io/store-bounds.ts';
import { sequenceNumber } from '../../src/lib/message-id.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import type {
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
  StoreWrite,
} from '../../src/muc/records.ts';
import type { ArchiveFilter, Found, Search } from '../../src/muc/search.ts';
import type { KeptSession, KeptSessions, SessionWrite } from '../../src/stream/session-record.ts';

/** A room's part of the store, but for its record. */
interface Archive {
  messages: MessageRecord[];
  lastSeq: number;
  lastOriginSeq: number;
  /** When its messages' age is looked at next. */
  nextExpiry: number;
  /** Of what retention has taken out. */
  readonly had: Map<string, Ranges>;
  readonly gaps: Map<string, Ranges>;
  readonly neighbours: Map<string, NeighbourRecord>;
}

/** A store as the core sees one, in memory. It outlives the virtual gateways that use it, as a disk does. */
export class MemoryStore implements Kept, KeptSessions {
  /** Set to have every commit fail, as on a full disk. */
  full = false;
  /** How many looks into archives there have been. */
  looks = 0;
  readonly #rooms = new Map<string, RoomRecord>();
  readonly #archives = new Map<string, Archive>();
  /** Where the positions of rooms that are gone ended. */
  readonly #ended = new Map<string, ArchiveState>();
  readonly #notes = new Map<string, string>();
  readonly #vcards = new Map<string, string>();
  /** The one stored first is the first. */
  readonly #sessions = new Map<string, KeptSession>();

  get rooms(): RoomRecord[] {
    return [...this.#rooms.values()].sort((one, other) => (one.room < other.room ? -1 : 1));
  }

  get archives(): ArchiveState[] {
    const states = new Map(this.#ended);
    for (const [room, { messages, lastSeq, lastOriginSeq }] of this.#archives)
      states.set(room, { room, messages: messages.length, lastSeq, lastOriginSeq });
    return [...states.values()];
  }

  messages(room: string): readonly MessageRecord[] {
    return this.#archives.get(room)?.messages ?? [];
  }

  origins(room: string): OriginRecord[] {
    const archive = this.#archives.get(room);
    if (archive === undefined) return [];
    const had = new Map(archive.had);
    for (const message of archive.messages) note(had, message);
    const all = new Set([...had.keys(), ...archive.gaps.keys()]);
    return [...all].map((by) => ({
      by,
      had: had.get(by) ?? Ranges.empty,
      gaps: archive.gaps.get(by) ?? Ranges.empty,
    }));
  }

  foreign(room: string, limit: number): ForeignMessage[] {
    const after = (this.#archives.get(room)?.lastSeq ?? 0) - FOREIGN_SPAN;
    return this.messages(room)
      .filter(({ seq, via }) => seq > after && via !== undefined)
      .filter(({ origin, foreign }) => foreign !== undefined || origin?.by === room)
      .slice(limit === 0 ? Number.POSITIVE_INFINITY : -limit)
      .map(({ foreign, author, stamp, stanza }) => ({ ...(foreign && { foreign }), author, stamp, stanza }));
  }

  neighbours(room: string): NeighbourRecord[] {
    return [...(this.#archives.get(room)?.neighbours.values() ?? [])];
  }

  entries(room: string, afterSeq: number): ArchiveEntry[] {
    return this.messages(room)
      .filter(({ seq }) => seq > afterSeq)
      .map(({ seq, origin, via, received, stanza }) => ({
        seq,
        received,
        characters: stanza.length,
        ...(origin && { origin }),
        ...(via !== undefined && { via }),
      }));
  }

  referable(room: string, limit: number, characters: number): ReferableRecord[] {
    return this.messages(room)
      .slice(limit === 0 ? Number.POSITIVE_INFINITY : -limit)
      .map(({ seq, origin, foreign, nick, author, via, stanza }) => ({
        seq,
        ...(origin && { origin }),
        ...(foreign && { foreign }),
        nick,
        author,
        ...(via !== undefined && { via }),
        stanza: [...stanza].slice(0, characters).join(''),
      }));
  }

  lastVia(room: string, node: string): number | undefined {
    return this.messages(room).findLast(({ via }) => via === node)?.stamp;
  }

  vcard(room: string): string | undefined {
    return this.#vcards.get(room);
  }

  note(key: string): string | undefined {
    return this.#notes.get(key);
  }

  sessions(): KeptSession[] {
    return [...this.#sessions.values()];
  }

  /** All or nothing; false where it failed. */
  commit(writes: readonly (StoreWrite | SessionWrite)[]): boolean {
    if (this.full) return false;
    for (const write of writes) this.#write(write);
    return true;
  }

  /** As after a restart: what isn't kept on a disk is gone. */
  restart(): void {
    for (const archive of this.#archives.values()) archive.nextExpiry = 0;
  }

  history(query: HistoryQuery): MessageRecord[] {
    const found: MessageRecord[] = [];
    let characters = 0;
    for (const message of this.messages(query.room).toReversed()) {
      if (query.since !== undefined && message.stamp < query.since) continue;
      if (query.afterSeq !== undefined && message.seq <= query.afterSeq) break;
      if (query.upToSeq !== undefined && message.seq > query.upToSeq) continue;
      if (query.notVia !== undefined && message.via === query.notVia) continue;
      if (query.wanted !== undefined && !isWanted(query.wanted, message)) continue;
      characters += message.stanza.length;
      if (query.maxChars !== undefined && characters > query.maxChars) break;
      if (query.maxMessages !== undefined && found.length >= query.maxMessages) break;
      found.push(message);
    }
    return found.reverse();
  }

  search(search: Search): Found {
    const { room, rows, from } = search;
    this.looks += 1;
    const all = this.messages(room);
    if (search.kind === 'recall') {
      const { seqs, origins, upToSeq = Number.POSITIVE_INFINITY } = search;
      const named = all.filter(({ seq }) => seqs.includes(seq));
      const looked = all.filter(({ seq }) => seq <= upToSeq).slice(-rows);
      const meant = looked.filter(({ origin }) => origins.some(({ by, id }) => origin?.by === by && origin.id === id));
      const messages = [...named, ...(origins.length === 0 ? [] : meant)];
      return { messages, count: messages.length, isFull: false, next: undefined };
    }
    const { filter } = search;
    const isBackwards = search.kind === 'page' && search.isBackwards;
    const { afterSeq = 0, beforeSeq = Number.POSITIVE_INFINITY } = filter;
    const inOrder = (isBackwards ? all.toReversed() : all).filter(({ seq }) => seq > afterSeq && seq < beforeSeq);
    const isWhole = from === undefined || filter.seqs !== undefined;
    const left = inOrder.filter(({ seq }) => isWhole || (isBackwards ? seq < from : seq > from));
    const inHand = filter.seqs === undefined ? left.slice(0, rows) : left;
    const next = inHand.length === rows && filter.seqs === undefined ? inHand.at(-1)?.seq : undefined;
    const fitting = inHand.filter((message) => fits(message, filter));
    if (search.kind === 'count') return { messages: [], count: fitting.length, isFull: false, next };
    const messages: MessageRecord[] = [];
    let characters = 0;
    for (const message of fitting) {
      if (messages.length >= search.maxMessages || characters >= search.maxCharacters)
        return { messages, count: messages.length, isFull: true, next: undefined };
      messages.push(message);
      characters += message.stanza.length;
    }
    return { messages, count: messages.length, isFull: false, next };
  }

  #write(write: StoreWrite | SessionWrite): void {
    switch (write.kind) {
      case 'append':
        return this.#append(write.message, write.keep, write.neededFrom);
      case 'save':
        this.#archive(write.record.room);
        this.#rooms.set(write.record.room, write.record);
        return;
      case 'replace': {
        const archive = this.#archives.get(write.room);
        const at = archive?.messages.findIndex(({ seq }) => seq === write.seq) ?? -1;
        const message = archive?.messages[at];
        if (archive !== undefined && message !== undefined) archive.messages[at] = { ...message, stanza: write.stanza };
        return;
      }
      case 'vcard':
        this.#archive(write.room);
        if (write.vcard === undefined) this.#vcards.delete(write.room);
        else this.#vcards.set(write.room, write.vcard);
        return;
      case 'gaps': {
        const { gaps } = this.#archive(write.room);
        if (write.gaps.isEmpty) gaps.delete(write.by);
        else gaps.set(write.by, write.gaps.atMost(MAX_KEPT_PARTS));
        return;
      }
      case 'neighbour':
        return setNewest(this.#archive(write.room).neighbours, write.record.node, write.record, MAX_NEIGHBOURS);
      case 'drop-neighbour':
        this.#archives.get(write.room)?.neighbours.delete(write.node);
        return;
      case 'note':
        setNewest(this.#notes, write.key, write.value, Number.POSITIVE_INFINITY);
        return dropOldest(this.#notes, MAX_NOTES, (key) => key.startsWith(LASTING_NOTE));
      case 'forget':
        return this.#forget(write.room);
      case 'session': {
        const before = this.#sessions.get(write.record.domain);
        const stanzas = before?.id === write.record.id ? before.stanzas : [];
        this.#sessions.set(write.record.domain, { ...write.record, stanzas });
        return dropOldest(this.#sessions, MAX_SESSIONS);
      }
      case 'unacknowledged':
        return this.#keepStanzas(write.domain, (stanzas) => [...stanzas, ...write.stanzas].slice(-MAX_SESSION_STANZAS));
      case 'acknowledged':
        return this.#keepStanzas(write.domain, (stanzas) =>
          stanzas.filter(({ number }) => (write.upTo - number) >>> 0 >= 2 ** 31),
        );
      case 'drop-session':
        this.#sessions.delete(write.domain);
    }
  }

  #keepStanzas(domain: string, change: (stanzas: KeptSession['stanzas']) => KeptSession['stanzas']): void {
    const session = this.#sessions.get(domain);
    if (session !== undefined) this.#sessions.set(domain, { ...session, stanzas: change(session.stanzas) });
  }

  #append(message: MessageRecord, keep: Retention, neededFrom = Number.POSITIVE_INFINITY): void {
    const archive = this.#archive(message.room);
    archive.messages.push(message);
    archive.lastSeq = Math.max(archive.lastSeq, message.seq);
    archive.lastOriginSeq = Math.max(archive.lastOriginSeq, message.originSeq ?? 0);
    const maySpare = ({ seq, originSeq }: MessageRecord) =>
      seq < neededFrom && seq !== archive.lastSeq && originSeq !== archive.lastOriginSeq;
    const age = keep.age * 1000;
    if (age > 0 && message.received >= archive.nextExpiry) {
      const oldest = message.received - age;
      takeOut(archive, (one) => one.received < oldest && maySpare(one));
      archive.nextExpiry = message.received + age / RETENTION_PARTS;
    }
    let excess = keep.messages > 0 ? archive.messages.length - keep.messages : 0;
    if (excess > keep.messages / RETENTION_PARTS) takeOut(archive, (one) => maySpare(one) && excess-- > 0);
  }

  #forget(room: string): void {
    const archive = this.#archives.get(room);
    if (archive === undefined) return;
    const { lastSeq, lastOriginSeq } = archive;
    this.#rooms.delete(room);
    this.#vcards.delete(room);
    this.#archives.delete(room);
    setNewest(this.#ended, room, { room, messages: 0, lastSeq, lastOriginSeq }, MAX_FORGOTTEN);
  }

  #archive(room: string): Archive {
    const known = this.#archives.get(room);
    if (known !== undefined) return known;
    const archive: Archive = {
      messages: [],
      lastSeq: this.#ended.get(room)?.lastSeq ?? 0,
      lastOriginSeq: this.#ended.get(room)?.lastOriginSeq ?? 0,
      nextExpiry: 0,
      had: new Map(),
      gaps: new Map(),
      neighbours: new Map(),
    };
    this.#archives.set(room, archive);
    return archive;
  }
}

function fits(message: MessageRecord, { startsAt, endsAt, seqs, by }: ArchiveFilter): boolean {
  const { stamp, seq, nick, author, unlogged } = message;
  if (unlogged === true || (startsAt !== undefined && stamp < startsAt) || (endsAt !== undefined && stamp > endsAt))
    return false;
  if (seqs !== undefined && !seqs.includes(seq)) return false;
  if (by === undefined) return true;
  if ('nick' in by) return nick === by.nick;
  return 'author' in by ? author === by.author : author.split('/')[0] === by.bare;
}

/** Takes messages out, which stay noted as had. */
function takeOut(archive: Archive, isSpare: (message: MessageRecord) => boolean): void {
  archive.messages = archive.messages.filter((message) => {
    if (!isSpare(message)) return true;
    note(archive.had, message);
    return false;
  });
}

/** Sets an entry, the newest of all from now on; beyond so many the oldest goes. */
function setNewest<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  dropOldest(map, most);
}

function dropOldest(map: Map<string, unknown>, most: number, isLasting = (_: string): boolean => false): void {
  const passing = [...map.keys()].filter((key) => !isLasting(key));
  for (const oldest of passing.slice(0, Math.max(0, passing.length - most))) map.delete(oldest);
}

function note(had: Map<string, Ranges>, { origin }: MessageRecord): void {
  const number = origin && sequenceNumber(origin);
  if (origin !== undefined && number !== undefined)
    had.set(origin.by, (had.get(origin.by) ?? Ranges.empty).with(number).atMost(MAX_KEPT_PARTS));
}

function isWanted(wanted: ReadonlyMap<string, Ranges>, { origin }: MessageRecord): boolean {
  const number = origin && sequenceNumber(origin);
  return origin !== undefined && number !== undefined && wanted.get(origin.by)?.has(number) === true;
}
