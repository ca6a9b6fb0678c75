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
export function* unknownKeys(schema: object, value: unknown, path: Path = [], root: Shape = schema): Generator<Remark> {
  const { entries, item, wrapped, pipe }: Shape = schema;
  if (pipe !== undefined) for (const part of pipe) yield* unknownKeys(part, value, path, root);
  else if (wrapped !== undefined) yield* unknownKeys(wrapped, value, path, root);
  else if (item !== undefined && Array.isArray(value))
    for (const [index, member] of value.entries()) yield* unknownKeys(item, member, [...path, index], root);
  else if (entries !== undefined && isTable(value))
    for (const key of Object.keys(value)) {
      const here = [...path, key];
      const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
      if (known !== undefined) yield* unknownKeys(known, value[key], here, root);
      else {
        const said = message(key, value[key], Object.keys(entries), tablesWith(key, root));
        yield { severity: 'error', path: here, part: 'key', message: said };
      }
    }
}

/** The headers of the tables that have such a key. In TOML a key belongs to the last header above it. */
function tablesWith(key: string, root: Shape): string[] {
  return Object.entries(entriesOf(root)).flatMap(([name, table]) => {
    const isMany = partsOf(table).some(({ item }) => item !== undefined);
    if (name === key) return [`a table of its own: ${isMany ? `[[${name}]]` : `[${name}]`}`];
    return Object.hasOwn(entriesOf(table), key) ? [isMany ? `[[${name}]]` : `[${name}]`] : [];
  });
}

function entriesOf(shape: Shape): Readonly<Record<string, Shape>> {
  return partsOf(shape).find(({ entries }) => entries !== undefined)?.entries ?? {};
}

function partsOf(shape: Shape): Shape[] {
  const { item, wrapped, pipe = [] } = shape;
  const within = [...pipe.filter((part) => part !== shape), item, wrapped].filter((part) => part !== undefined);
  return [shape, ...within.flatMap(partsOf)];
}

function message(key: string, value: unknown, known: readonly string[], homes: readonly string[]): string {
  const isSection = isTable(value) || (Array.isArray(value) && value.some(isTable));
  const near = nearest(key, known);
  const [home] = homes;
  const elsewhere = home?.startsWith('[') ? `it belongs under ${homes.join(' or ')}` : home;
  const allowed = near === undefined ? (elsewhere ?? `known: ${known.join(', ')}`) : `did you mean ${near}?`;
  return `unknown ${isSection ? 'table' : 'key'} ${JSON.stringify(key)} (${allowed})`;
}
