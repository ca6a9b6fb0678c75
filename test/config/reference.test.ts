import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { fileReference, type KeyReference } from '../../src/config/reference.ts';

const tables = fileReference();
const all = tables.flatMap(({ name, keys }) => keys.map((key): [string, KeyReference] => [`${name}.${key.name}`, key]));
const nested = all.flatMap(([name, { keys }]) =>
  keys.map((key): [string, KeyReference] => [`${name}.${key.name}`, key]),
);

test('has every table, those of which there may be several apart', () => {
  expect(tables.map(({ name, isMany, isRequired }) => [name, isMany, isRequired])).toEqual([
    ['gateway', false, true],
    ['log', false, false],
    ['component', false, false],
    ['s2s', false, false],
    ['link', true, false],
    ['room', true, false],
  ]);
});

test('knows what has to be there', () => {
  expect(all.filter(([, { isRequired }]) => isRequired).map(([name]) => name)).toEqual([
    'gateway.domain',
    'link.peer',
    'room.name',
  ]);
});

describe('every key', () => {
  test.each([...all, ...nested])('%s says what it is for and what it may be', (_, { description, allowed }) => {
    expect(description).not.toBe('');
    expect(allowed).not.toBe('');
  });

  test.each([...all, ...nested].filter(([, key]) => key.default !== undefined))(
    '%s has its default as the file writes it',
    (_, key) => {
      expect(() => parse(`value = ${key.default}`)).not.toThrow();
    },
  );
});

test('tables within a line have their keys, and are written with all of them', () => {
  const history = all.find(([name]) => name === 'link.history')?.[1];
  expect(history?.keys.map(({ name }) => name)).toEqual(['messages', 'bytes', 'age']);
  expect(history?.default).toBe('{ messages = 50, bytes = 8192, age = 86400 }');
});
