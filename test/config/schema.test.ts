import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { fileSchema } from '../../src/config/schema.ts';

/** What leads from a schema to the keys in it. */
interface Shape {
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly pipe?: readonly v.GenericSchema[];
}

/** The schemas that a schema is made of, itself first, without those of its keys. */
function* layers(schema: v.GenericSchema): Generator<v.GenericSchema & Shape> {
  const { pipe = [], wrapped }: v.GenericSchema & Shape = schema;
  yield schema;
  for (const inside of wrapped === undefined ? pipe : [wrapped, ...pipe])
    if (inside.kind === 'schema') yield* layers(inside);
}

function* keysOf(schema: v.GenericSchema, path: string): Generator<[path: string, schema: v.GenericSchema]> {
  for (const { entries = {}, item } of layers(schema)) {
    if (item !== undefined) yield* keysOf(item, path);
    for (const [key, inside] of Object.entries(entries)) {
      yield [`${path}.${key}`, inside];
      yield* keysOf(inside, `${path}.${key}`);
    }
  }
}

const keys = new Map(keysOf(fileSchema, ''));

/** Every key of a parsed file, tables of an array as one. */
function writtenKeys(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => writtenKeys(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => [`${path}.${key}`, ...writtenKeys(inside, `${path}.${key}`)]);
}

it('has the keys of the manual and no others', () => {
  const sample = parse(readFileSync(new URL('sample.toml', import.meta.url), 'utf8'));
  const written = writtenKeys(sample, '').filter((key) => !key.startsWith('.s2s.hosts.'));
  expect([...keys.keys()].sort()).toEqual([...written, '.component.secret_file'].sort());
});

it.each([...keys])('%s has its line for the documentation', (_, schema) => {
  expect(v.getDescription(schema)).toMatch(/^\S.{5,}[^.]$/);
});

const leaves = [...keys].filter(([, schema]) =>
  [...layers(schema)].every(({ entries, type }) => entries === undefined && type !== 'record'),
);

it.each(leaves)('%s says what it allows', (_, schema) => {
  const allowed = new Set([...layers(schema)].flatMap((layer) => v.getMetadata(layer)['allowed'] ?? []));
  expect([...allowed]).toEqual([expect.stringMatching(/\S/)]);
});
