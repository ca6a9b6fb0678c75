import { join } from 'node:path';
import { fileSystemOf } from '../io/file-system.ts';
import type { StoreError } from '../io/store-error.ts';
import { storesAside } from '../io/store-files.ts';
import { formatStamp } from '../lib/stamp.ts';

/** What tells how the gateway as a whole does. */
export interface Health {
  /** The data directory. */
  readonly data: string;
  /** What is wrong with the store now. */
  readonly failure: StoreError | undefined;
  /** What is wrong with our certificate now. */
  readonly certificate: readonly string[];
  /** When the newest message at the start came here, in milliseconds since the epoch, as is `now`. */
  readonly newest: number | undefined;
  readonly now: number;
}

/** What is wrong with the gateway as a whole, the most urgent first: a line each, with what to do. */
export function problemsOf({ data, failure, certificate, newest, now }: Health): string[] {
  return [
    ...(failure === undefined ? [] : [failure.message]),
    ...certificate,
    ...clockProblems(newest, now),
    ...damageProblems(data),
    ...memoryProblems(data),
  ];
}

function clockProblems(newest: number | undefined, now: number): string[] {
  if (newest === undefined || now >= newest) return [];
  const says = `the clock says ${formatStamp(now)}, and the newest message came at ${formatStamp(newest)}`;
  return [`${says}: set the clock (messages are stamped by it)`];
}

/** A store that was set aside is told of until the operator has taken it away. */
function damageProblems(data: string): string[] {
  const kept = storesAside(data, 'damaged');
  const newest = kept.at(-1);
  if (newest === undefined) return [];
  const others = kept.length === 1 ? '' : ` (and older ones: ${kept.length - 1})`;
  const file = join(data, newest);
  return [`the store was damaged, and a fresh one goes on: it is kept as ${file}${others}; remove it once looked at`];
}

function memoryProblems(data: string): string[] {
  if (fileSystemOf(data)?.isInMemory !== true) return [];
  return [`${data} is in memory: what is kept is gone at power-off (put "data" on a disk)`];
}
