import { Jid } from '../lib/jid.ts';
import type { Journal } from '../lib/journal.ts';
import type { RoomMessage } from '../muc/message.ts';
import { bodyOf } from '../muc/message.ts';
import type { Origin } from '../muc/records.ts';

/** How many messages a room remembers by identity. */
export const MAX_SEEN = 4096;
/** How much of a body tells messages without an id apart, in characters. */
const BODY_PREFIX = 256;

/** The messages that a room has had, by identity, the latest of them. Here loops and resent stanzas die. */
export class SeenMessages {
  readonly #keys = new Set<string>();

  get size(): number {
    return this.#keys.size;
  }

  /** Remembers an origin that the store kept. */
  restore(origin: Origin): void {
    this.#remember(keyOfOrigin(origin));
  }

  /** Whether the message is new; if so it no longer is. */
  isNew(message: RoomMessage, journal: Journal): boolean {
    const key = keyOf(message);
    if (key === undefined) return true;
    if (this.#keys.has(key)) return false;
    journal.record(() => this.#keys.delete(key));
    this.#remember(key);
    return true;
  }

  #remember(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size <= MAX_SEEN) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      break;
    }
  }
}

function keyOf(message: RoomMessage): string | undefined {
  if (message.origin !== undefined) return keyOfOrigin(message.origin);
  if (message.delayedBy === undefined) return undefined;
  const author = Jid.tryParse(message.author)?.bare ?? message.author;
  return `~ ${author} ${message.stamp} ${bodyOf(message.content).slice(0, BODY_PREFIX)}`;
}

function keyOfOrigin(origin: Origin): string {
  return `${origin.by} ${origin.id}`;
}
