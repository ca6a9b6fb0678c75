import { isTable } from './fields.ts';
import type { Remark } from './finding.ts';
import { nearest } from './nearest.ts';
import type { Path } from './positions.ts';

/** What of a schema leads to the keys that it knows. */
interface Shape {
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly pipe?: readonly Shape[];
}

/** Every key and table of `value` that `schema` has no entry for, with the nearest name that it does have. */
export function* unknownKeys(schema: object, value: unknown, path: Path = []): Generator<Remark> {
  const { entries, item, wrapped, pipe }: Shape = schema;
  if (pipe !== undefined) for (const part of pipe) yield* unknownKeys(part, value, path);
  else if (wrapped !== undefined) yield* unknownKeys(wrapped, value, path);
  else if (item !== undefined && Array.isArray(value))
    for (const [index, member] of value.entries()) yield* unknownKeys(item, member, [...path, index]);
  else if (entries !== undefined && isTable(value))
    for (const key of Object.keys(value)) {
      const here = [...path, key];
      const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
      if (known !== undefined) yield* unknownKeys(known, value[key], here);
      else
        yield { severity: 'error', path: here, part: 'key', message: message(key, value[key], Object.keys(entries)) };
    }
}

function message(key: string, value: unknown, known: readonly string[]): string {
  const isSection = isTable(value) || (Array.isArray(value) && value.some(isTable));
  const near = nearest(key, known);
  const allowed = near === undefined ? `known: ${known.join(', ')}` : `did you mean ${near}?`;
  return `unknown ${isSection ? 'table' : 'key'} ${JSON.stringify(key)} (${allowed})`;
}
