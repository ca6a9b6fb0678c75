/** What the file may ask for and this version doesn't do. It is said, never ignored; a row goes when its work is done. */

import { type Draft, valueAt } from './draft.ts';
import { show } from './fields.ts';
import type { Remark } from './finding.ts';
import type { Path } from './positions.ts';

interface Unbuilt {
  /** `section.key`, or `section`. */
  readonly key: string;
  /** Which values ask for it. */
  readonly asks: (value: unknown) => boolean;
  /** An error where running without it would betray what was asked for. */
  readonly severity: Remark['severity'];
  /** What there is, or what happens, instead. */
  readonly instead: string;
}

const is = (word: string) => (value: unknown) => value === word;

const UNBUILT: readonly Unbuilt[] = [
  { key: 'link.transport', asks: is('s2s'), severity: 'error', instead: 'direct' },
  { key: 's2s', asks: () => true, severity: 'warning', instead: 'no such stream is opened or accepted' },
];

/** Says of each thing written in the file that this version doesn't do it. Defaults aren't mentioned. */
export function* unbuilt(draft: Draft): Generator<Remark> {
  for (const { key, asks, severity, instead } of UNBUILT)
    for (const path of pathsOf(key, draft)) {
      const value = valueAt(draft.values, path);
      if (value === undefined || !draft.written(path) || !asks(value)) continue;
      const what = path.length === 1 ? `[${key}]` : `${String(path.at(-1))} = ${show(value)}`;
      yield { severity, path, part: 'value', message: `${what} isn't in this version yet (${instead})` };
    }
}

/** Where a row's key may stand: once in a table, once in each table of an array. */
function pathsOf(key: string, draft: Draft): Path[] {
  const [section = '', ...rest] = key.split('.');
  const table = valueAt(draft.values, [section]);
  return Array.isArray(table) ? Array.from(table.keys(), (index) => [section, index, ...rest]) : [[section, ...rest]];
}
