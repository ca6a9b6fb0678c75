import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLE } from '../../build/manual/file-page.ts';
import { manualPages, reference } from '../../build/manual/pages.ts';
import { commands } from '../../src/cli/commands.ts';
import { fileReference } from '../../src/config/reference.ts';
import { load, said } from '../config/support.ts';
import { root } from '../support/build.ts';
import { requires } from '../support/requires.ts';

/* The manual pages and the reference of the file, as they are made of the commands and the schema. */

const pages = manualPages({ version: '1.2.3', date: Date.UTC(2026, 10, 21) });
const named = Object.entries(pages);

/** What a reader sees of a page on 80 columns. */
function shown(text: string): string {
  const { stdout, status } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou', '-rLL=80n'], {
    input: text,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stdout;
}

requires('mandoc')('mandoc', () => {
  it.each(named)('has nothing against %s', (_, text) => {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning'], { input: text, encoding: 'utf8' });
    expect(stdout + stderr).toBe('');
  });
});

requires('groff')('groff', () => {
  it.each(named)('has nothing against %s, which fits 80 columns', (_, text) => {
    const { stderr } = spawnSync('groff', ['-man', '-ww', '-z'], { input: text, encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const line of shown(text).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('shows every command in fmucd(1), with its options, what it does and an example', () => {
    const text = shown(pages['fmucd.1'] ?? '').replaceAll(/\s+/g, ' ');
    expect(text).toContain('fmucd 1.2.3 2026-11-21');
    for (const { name, options, details, example } of commands) {
      const start = text.search(new RegExp(` fmucd ${name}.{0,400}? ${details.slice(0, 20)}`));
      const entry = text.slice(start, text.indexOf('Example: ', start) + 200);
      expect(start, name).toBeGreaterThan(0);
      expect(entry).toContain(details.replaceAll(/\s+/g, ' '));
      expect(entry).toContain(example);
      for (const option of options)
        expect(entry).toContain(`[${option.name}${option.value === undefined ? '' : ` ${option.value}`}]`);
      for (const option of options.filter((one) => one.name !== '-c' && one.name !== '--json'))
        expect(entry.toLowerCase()).toContain(option.summary.toLowerCase());
    }
  });

  it('shows every key in fmucd.toml(5), with what it may be and its default', () => {
    const text = shown(pages['fmucd.toml.5'] ?? '').replaceAll(/\s+/g, ' ');
    for (const table of fileReference())
      for (const key of table.keys.flatMap((one) => [one, ...one.keys])) {
        const otherwise = key.isRequired ? ' Required.' : key.default === undefined ? '' : ` Default: ${key.default}`;
        const description = key.description.charAt(0).toUpperCase() + key.description.slice(1);
        expect(text).toContain(` ${key.name} ${description}. May be: ${key.allowed}.${otherwise}`);
      }
  });
});

describe('the file of the example', () => {
  it('has no faults', () => {
    expect(said(load(EXAMPLE, undefined, { '/component.secret': 's3cret' }))).toEqual([]);
  });
});

describe('src/config/REFERENCE.md', () => {
  const file = readFileSync(join(root, 'src/config/REFERENCE.md'), 'utf8');

  it('is what the schema gives: else, npm run reference', () => {
    expect(file).toBe(reference());
  });

  it('has every key of the schema, and no other', () => {
    const written = file
      .split(/^## /m)
      .slice(1)
      .flatMap((part) => {
        const [, table] = /^\[+(\w+)\]+\n/.exec(part) ?? [];
        return table === undefined ? [] : [...part.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => `${table}.${key}`);
      });
    const known = fileReference().flatMap(({ name, keys }) =>
      keys.flatMap((key) => [`${name}.${key.name}`, ...key.keys.map((part) => `${name}.${key.name}.${part.name}`)]),
    );
    expect(written).toEqual(known);
  });
});
