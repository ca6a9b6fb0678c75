import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { keptSecret } from './kept-secret.ts';
import type { Kept } from './records.ts';
import type { Turn } from './turn.ts';

/** The store keeps the key as this note. */
const NOTE = 'secret stanza-id';
/** One block of the cipher, in bytes: a position, and nothing else. */
const BLOCK_BYTES = 16;
/** Of a key, in bytes. */
const KEY_BYTES = 16;
/** Its cipher enciphers that one block as it is. */
const CIPHER = 'aes-128-ecb';
/** The form of an id. */
const ID = /^[\w-]{22}$/;

/**
 * The ids that rooms give to their messages (XEP-0359, and of the archive XEP-0313 §3): a position in the archive, enciphered. So
 * they are unique, nobody can tell the next one or how much is said from them, and no table is needed to find the message.
 */
export class StanzaIds {
  #key = '';

  /** Goes on with the key that the store has, or has it keep one made of `entropy`, 32 bytes that nobody else knows. */
  restore(turn: Turn, kept: Pick<Kept, 'note'>, entropy: Uint8Array): void {
    this.#key = keptSecret(turn, kept, NOTE, entropy);
  }

  /** The id of a room's message at that position of its archive. */
  of(room: string, seq: number): string {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.writeBigUInt64BE(BigInt(seq));
    const cipher = createCipheriv(CIPHER, this.#keyOf(room), null).setAutoPadding(false);
    return cipher.update(block).toString('base64url');
  }

  /** The position of the message that a room has given that id; undefined where it is none of the room's. */
  position(room: string, id: string): number | undefined {
    if (!ID.test(id)) return undefined;
    const decipher = createDecipheriv(CIPHER, this.#keyOf(room), null).setAutoPadding(false);
    const block = decipher.update(Buffer.from(id, 'base64url'));
    const seq = Number(block.readBigUInt64BE());
    return Number.isSafeInteger(seq) && this.of(room, seq) === id ? seq : undefined;
  }

  /** A room's own key, so that the same position has another id in every room. */
  #keyOf(room: string): Buffer {
    return createHmac('sha256', this.#key).update(room).digest().subarray(0, KEY_BYTES);
  }
}
