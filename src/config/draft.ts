import { isTable } from './fields.ts';
import type { Path } from './positions.ts';
import type { Document } from './schema.ts';

/**
 * A file of which some values may be faulty. Those are left out here, from lists as holes (which `forEach`, `filter` and
 * `Object.values` pass over), so that rules about several values judge the good ones and every fault is found in one run.
 */
export interface Draft {
  readonly values: DraftValues;
  /** Whether the file itself has that key, good or faulty. */
  readonly written: (path: Path) => boolean;
  /** The keys that the file itself has in a table, as it writes them. */
  readonly keys: (path: Path) => readonly string[];
}

type DraftValues = {
  readonly [K in keyof Document]?:
    | (Document[K] extends readonly (infer T)[] ? readonly Partial<T>[] : Partial<Document[K]>)
    | undefined;
};

export type DraftLink = Partial<Document['link'][number]>;
export type DraftRoom = Partial<Document['room'][number]>;

/** Takes the values at `faulty` out of what the schema made of the file, changing it. */
export function draftOf(output: unknown, faulty: readonly Path[], raw: unknown): Draft {
  for (const path of faulty) {
    const parent = valueAt(output, path.slice(0, -1));
    if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
  return {
    values: output as DraftValues,
    written: (path) => valueAt(raw, path) !== undefined,
    keys: (path) => {
      const table = valueAt(raw, path);
      return isTable(table) ? Object.keys(table) : [];
    },
  };
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Readonly<Record<string | number, unknown>>)[step]
        : undefined,
    root,
  );
}

/** A list's members and their places, its holes left out. */
export function present<T>(list: readonly T[]): [number, T][] {
  return Object.entries(list).map(([index, member]) => [Number(index), member]);
}

export function hasHoles(list: readonly unknown[]): boolean {
  return Object.keys(list).length < list.length;
}
