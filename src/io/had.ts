import { sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import type { Origin } from '../muc/records.ts';
import { type MessageRow, originOf } from './message-row.ts';
import { MAX_KEPT_PARTS } from './store-bounds.ts';

/* The numbers of messages, by origin, as the store keeps and asks for them. */

type Numbers = ReadonlyMap<string, Ranges>;

/** The numbers of the messages of some rows. */
export function numbersOf(
  rows: Iterable<Pick<MessageRow, 'origin' | 'origin_id' | 'via'>>,
  room: string,
): Map<string, Ranges> {
  const numbers = new Map<string, Ranges>();
  for (const row of rows) {
    const origin = originOf(row, room);
    const number = origin && sequenceNumber(origin);
    if (origin !== undefined && number !== undefined)
      numbers.set(origin.by, (numbers.get(origin.by) ?? Ranges.empty).with(number));
  }
  return numbers;
}

/** Kept text and further numbers together; an origin without any is left out. */
export function merge(kept: readonly (readonly [by: string, text: string])[], more: Numbers): Map<string, Ranges> {
  const merged = new Map<string, Ranges>();
  for (const [by, text] of kept) {
    const ranges = Ranges.parse(text);
    if (ranges !== undefined && !ranges.isEmpty) merged.set(by, ranges);
  }
  for (const [by, ranges] of more)
    merged.set(by, (merged.get(by) ?? Ranges.empty).union(ranges).atMost(MAX_KEPT_PARTS));
  return merged;
}

/** Whether a query asks for the message of an origin. */
export function isWanted(wanted: Numbers, origin: Origin | undefined): boolean {
  const number = origin && sequenceNumber(origin);
  return origin !== undefined && number !== undefined && wanted.get(origin.by)?.has(number) === true;
}

/** How many messages a query can find at most. */
export function countOf(wanted: Numbers | undefined): number {
  if (wanted === undefined) return Number.POSITIVE_INFINITY;
  let count = 0;
  for (const ranges of wanted.values()) count += ranges.count;
  return count;
}
