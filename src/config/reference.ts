/** What there is to be said of every table and key of the operator's file, read from its schema: for its documentation. */

import * as v from 'valibot';
import { fileSchema } from './schema.ts';
import { toml } from './toml-text.ts';

export interface TableReference {
  /** Such as `gateway`, or `link` for every `[[link]]`. */
  readonly name: string;
  /** Whether there may be several, each headed `[[name]]`. */
  readonly isMany: boolean;
  readonly isRequired: boolean;
  readonly description: string;
  readonly keys: readonly KeyReference[];
}

export interface KeyReference {
  readonly name: string;
  readonly description: string;
  /** What it may be, in words; of a table its keys tell. */
  readonly allowed: string;
  /** As the file writes it. Undefined: there is none, and the key is required or means something by its absence. */
  readonly default: string | undefined;
  readonly isRequired: boolean;
  /** Those of an inline table whose keys are known, in a fixed order; empty elsewhere. */
  readonly keys: readonly KeyReference[];
}

/** Every table of the file, in the order in which the documentation has them. */
export function fileReference(): TableReference[] {
  return Object.entries(entriesOf(fileSchema)).map(([name, schema]) => {
    const item = itemOf(schema);
    return {
      name,
      isMany: item !== undefined,
      isRequired: !isOptional(schema),
      description: v.getDescription(schema) ?? '',
      keys: keysOf(item ?? schema),
    };
  });
}

/** The parts of valibot's schemas that lead from one to the next. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly pipe?: readonly Shape[];
  readonly default?: unknown;
}

type Schema = v.GenericSchema & Shape;

function keysOf(schema: Schema): KeyReference[] {
  return Object.entries(entriesOf(schema)).map(([name, key]) => {
    const keys = keysOf(key);
    return {
      name,
      description: v.getDescription(key) ?? '',
      allowed: allowedIn(key) ?? (keys.length > 0 ? 'a table' : ''),
      default: defaultOf(key, keys),
      isRequired: !isOptional(key),
      keys,
    };
  });
}

/** The schema itself, and everything that it is made of on the same level. */
function* layers(schema: Schema): Generator<Schema> {
  yield schema;
  for (const part of schema.pipe ?? []) if (part !== schema) yield* layers(part as Schema);
  if (schema.wrapped !== undefined) yield* layers(schema.wrapped as Schema);
}

function first<T>(schema: Schema, read: (layer: Schema) => T | undefined): T | undefined {
  for (const layer of layers(schema)) {
    const found = read(layer);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entriesOf(schema: v.GenericSchema): Readonly<Record<string, Schema>> {
  return (first(schema as Schema, ({ entries }) => entries) ?? {}) as Readonly<Record<string, Schema>>;
}

function itemOf(schema: Schema): Schema | undefined {
  const item = first(schema, (layer) => layer.item) as Schema | undefined;
  return item !== undefined && Object.keys(entriesOf(item)).length > 0 ? item : undefined;
}

function isOptional(schema: Schema): boolean {
  return first(schema, ({ type }) => (type === 'optional' ? true : undefined)) ?? false;
}

function allowedIn(schema: Schema): string | undefined {
  return first(schema, (layer) => {
    const { allowed } = layer.pipe === undefined ? {} : (v.getMetadata(layer) as { readonly allowed?: unknown });
    return typeof allowed === 'string' ? allowed : undefined;
  });
}

function defaultOf(schema: Schema, keys: readonly KeyReference[]): string | undefined {
  const value = first(schema, (layer) => (layer.type === 'optional' ? layer.default : undefined));
  if (keys.length > 0) return `{ ${keys.map((key) => `${key.name} = ${key.default}`).join(', ')} }`;
  return value === undefined ? undefined : toml(value);
}
