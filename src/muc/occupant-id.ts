import { createHmac } from 'node:crypto';
import { type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Source } from './events.ts';
import { keptSecret } from './kept-secret.ts';
import type { Kept } from './records.ts';
import { ownerOf } from './referable.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most ids that are remembered once they are computed; of more, the one computed first is computed anew. */
export const MAX_REMEMBERED_IDS = 4096;
/** What is taken of the hash, in bytes: nobody makes another person's id, nor finds the person of an id. */
const ID_BYTES = 16;
/** The store keeps the secret as this note. */
const NOTE = 'secret occupant-id';

/**
 * Who is who in the rooms of the service without a word of who that is (XEP-0421 §4.1): the same for all nicks, clients and
 * visits of a bare JID, another one in every room, and made with a secret that the store keeps.
 */
export class OccupantIds {
  #secret = '';
  readonly #remembered = new Map<string, string>();

  /** Goes on with the secret that the store has, or has it keep one made of `entropy`, 32 bytes that nobody else knows. */
  restore(turn: Turn, kept: Pick<Kept, 'note'>, entropy: Uint8Array): void {
    this.#secret = keptSecret(turn, kept, NOTE, entropy);
  }

  /** How many are remembered. */
  get remembered(): number {
    return this.#remembered.size;
  }

  /** The id of that person (a bare JID, mostly: `ownerOf`) in that room. */
  of(room: string, person: string): string {
    const key = `${room}\0${person}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const hash = createHmac('sha256', this.#secret).update(key).digest();
    const id = hash.subarray(0, ID_BYTES).toString('base64url');
    const [first] = this.#remembered.keys();
    if (this.#remembered.size >= MAX_REMEMBERED_IDS && first !== undefined) this.#remembered.delete(first);
    this.#remembered.set(key, id);
    return id;
  }
}

/** The id in that room of whoever has that real JID, and is here or came through that node. */
function occupantIdOf(room: Room, jid: string, source: Source): string {
  return room.service.occupantIds.of(room.jid, ownerOf(jid, source));
}

/** `<occupant-id/>`, which presence and messages of occupants bear, each one (XEP-0421 §4). */
export function occupantIdElement(room: Room, jid: string, source: Source): Element {
  return element('occupant-id', { xmlns: NS.occupantId, id: occupantIdOf(room, jid, source) });
}
