import { createHmac } from 'node:crypto';
import type { Kept } from './records.ts';
import type { Turn } from './turn.ts';

/**
 * A secret that outlives the process: the one that the store has as that note, or one made of `entropy`, 32 bytes that nobody else
 * knows, which the store keeps from this turn on. Notes whose key begins with `secret ` are never pushed out by others.
 */
export function keptSecret(
  turn: Turn,
  kept: Pick<Kept, 'note'>,
  note: `secret ${string}`,
  entropy: Uint8Array,
): string {
  const known = kept.note(note);
  if (known !== undefined) return known;
  const value = createHmac('sha256', entropy).update(note).digest('base64url');
  turn.write({ kind: 'note', key: note, value });
  return value;
}
