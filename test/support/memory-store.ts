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
  Retention,
  RoomRecord,
  StoreWrite,
} from '../../src/muc/records.ts';

/** A room's part of the store, but for its record. */
interface Archive {
  messages: MessageRecord[];
  lastSeq: number;
  lastOriginSeq: number;
  readonly had: Map<string, Ranges>;
  readonly gaps: Map<string, Ranges>;
  readonly neighbours: Map<string, NeighbourRecord>;
}

/** A store as the core sees one, in memory. It outlives the virtual gateways that use it, as a disk does. */
export class MemoryStore implements Kept {
  /** Set to have every commit fail, as on a full disk. */
  full = false;
  readonly #rooms = new Map<string, RoomRecord>();
  readonly #archives = new Map<string, Archive>();
  readonly #notes = new Map<string, string>();

  get rooms(): RoomRecord[] {
    return [...this.#rooms.values()];
  }

  get archives(): ArchiveState[] {
    return [...this.#archives].map(([room, { messages, lastSeq, lastOriginSeq }]) => ({
      room,
      messages: messages.length,
      lastSeq,
      lastOriginSeq,
    }));
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
    return this.messages(room)
      .filter(({ via, origin, foreign }) => via !== undefined && (foreign !== undefined || origin?.by === room))
      .slice(-limit);
  }

  neighbours(room: string): NeighbourRecord[] {
    return [...(this.#archives.get(room)?.neighbours.values() ?? [])];
  }

  entries(room: string, afterSeq: number): ArchiveEntry[] {
    return this.messages(room)
      .filter(({ seq }) => seq > afterSeq)
      .map(({ stanza, ...entry }) => ({ ...entry, characters: stanza.length }));
  }

  lastVia(room: string, node: string): number | undefined {
    return this.messages(room).findLast(({ via }) => via === node)?.stamp;
  }

  note(key: string): string | undefined {
    return this.#notes.get(key);
  }

  /** All or nothing; false where it failed. */
  commit(writes: readonly StoreWrite[]): boolean {
    if (this.full) return false;
    for (const write of writes) this.#write(write);
    return true;
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

  #write(write: StoreWrite): void {
    switch (write.kind) {
      case 'append':
        return this.#append(write.message, write.keep, write.neededFrom);
      case 'save':
        this.#rooms.set(write.record.room, write.record);
        return;
      case 'gaps': {
        const { gaps } = this.#archive(write.room);
        if (write.gaps.isEmpty) gaps.delete(write.by);
        else gaps.set(write.by, write.gaps);
        return;
      }
      case 'neighbour':
        this.#archive(write.room).neighbours.set(write.record.node, write.record);
        return;
      case 'drop-neighbour':
        this.#archives.get(write.room)?.neighbours.delete(write.node);
        return;
      case 'note':
        this.#notes.set(write.key, write.value);
        return;
      case 'forget':
        this.#rooms.delete(write.room);
        this.#archives.delete(write.room);
    }
  }

  #append(message: MessageRecord, keep: Retention, neededFrom = Number.POSITIVE_INFINITY): void {
    const archive = this.#archive(message.room);
    archive.messages.push(message);
    archive.lastSeq = Math.max(archive.lastSeq, message.seq);
    archive.lastOriginSeq = Math.max(archive.lastOriginSeq, message.originSeq ?? 0);
    const oldest = keep.age === 0 ? Number.NEGATIVE_INFINITY : message.received - keep.age * 1000;
    let excess = keep.messages === 0 ? 0 : archive.messages.length - keep.messages;
    archive.messages = archive.messages.filter((one) => {
      const stays = one.seq >= neededFrom || one.seq === archive.lastSeq || one.originSeq === archive.lastOriginSeq;
      if (stays || (one.received >= oldest && excess <= 0)) return true;
      excess -= 1;
      note(archive.had, one);
      return false;
    });
  }

  #archive(room: string): Archive {
    const known = this.#archives.get(room);
    if (known !== undefined) return known;
    const archive: Archive = {
      messages: [],
      lastSeq: 0,
      lastOriginSeq: 0,
      had: new Map(),
      gaps: new Map(),
      neighbours: new Map(),
    };
    this.#archives.set(room, archive);
    return archive;
  }
}

function note(had: Map<string, Ranges>, { origin }: MessageRecord): void {
  const number = origin && sequenceNumber(origin);
  if (origin !== undefined && number !== undefined)
    had.set(origin.by, (had.get(origin.by) ?? Ranges.empty).with(number));
}

function isWanted(wanted: ReadonlyMap<string, Ranges>, { origin }: MessageRecord): boolean {
  const number = origin && sequenceNumber(origin);
  return origin !== undefined && number !== undefined && wanted.get(origin.by)?.has(number) === true;
}
