import type { Kept } from '../../src/gateway/gateway.ts';
import type {
  ArchiveState,
  HistoryQuery,
  MessageRecord,
  Origin,
  RoomRecord,
  StoreWrite,
} from '../../src/muc/records.ts';

/** A store as the core sees one, in memory. It outlives the virtual gateways that use it, as a disk does. */
export class MemoryStore implements Kept {
  /** Set to have every commit fail, as on a full disk. */
  full = false;
  readonly #rooms = new Map<string, RoomRecord>();
  readonly #messages = new Map<string, MessageRecord[]>();

  get rooms(): RoomRecord[] {
    return [...this.#rooms.values()];
  }

  get archives(): ArchiveState[] {
    return [...this.#messages].map(([room, messages]) => ({
      room,
      messages: messages.length,
      lastSeq: messages.at(-1)?.seq ?? 0,
      lastOriginSeq: Math.max(0, ...messages.map((message) => message.originSeq ?? 0)),
    }));
  }

  messages(room: string): readonly MessageRecord[] {
    return this.#messages.get(room) ?? [];
  }

  origins(room: string): Origin[] {
    return this.messages(room).flatMap((message) => (message.origin === undefined ? [] : [message.origin]));
  }

  /** All or nothing; false where it failed. */
  commit(writes: readonly StoreWrite[]): boolean {
    if (this.full) return false;
    for (const write of writes)
      switch (write.kind) {
        case 'append': {
          const { room } = write.message;
          const all = [...this.messages(room), write.message];
          this.#messages.set(room, write.keep.messages === 0 ? all : all.slice(-write.keep.messages));
          break;
        }
        case 'save':
          this.#rooms.set(write.record.room, write.record);
          break;
        case 'forget':
          this.#rooms.delete(write.room);
          this.#messages.delete(write.room);
      }
    return true;
  }

  history(query: HistoryQuery): MessageRecord[] {
    const found: MessageRecord[] = [];
    let characters = 0;
    for (const message of this.messages(query.room).toReversed()) {
      if (query.since !== undefined && message.stamp < query.since) continue;
      if (query.afterSeq !== undefined && message.seq <= query.afterSeq) break;
      if (query.notVia !== undefined && message.via === query.notVia) continue;
      characters += message.stanza.length;
      if (query.maxChars !== undefined && characters > query.maxChars) break;
      if (query.maxMessages !== undefined && found.length >= query.maxMessages) break;
      found.push(message);
    }
    return found.reverse();
  }
}
