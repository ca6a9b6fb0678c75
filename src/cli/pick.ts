import { visible } from './format.ts';
import type { Output } from './output.ts';

/** Names in a line that says which there are. */
const MAX_NAMES = 10;

/** Those of `all` that are called `wanted`, or all where nothing is wanted. Undefined, and said, where there is none. */
export function pick<T>(
  all: readonly T[],
  wanted: string | undefined,
  namesOf: (item: T) => readonly [string, ...string[]],
  what: string,
  output: Output,
): readonly T[] | undefined {
  if (wanted === undefined) return all;
  const found = all.filter((item) => namesOf(item).includes(wanted.toLowerCase()));
  if (found.length > 0) return found;
  const names = all.map((item) => namesOf(item)[0]);
  const excess = names.length - MAX_NAMES;
  const list = names.slice(0, MAX_NAMES).join(', ') + (excess > 0 ? ` and ${excess} more` : '');
  output.complain(
    visible(`fmucd: no ${what} ${JSON.stringify(wanted)} (${names.length === 0 ? 'there are none' : list})`),
  );
  return undefined;
}
