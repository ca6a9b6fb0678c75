import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileReference } from '../../src/config/reference.ts';
import { load, said } from '../config/support.ts';
import { root } from '../support/build.ts';
import { CERTIFICATE, KEY } from '../support/certificates.ts';
import { type Page, pageAt, pages } from './pages.ts';

/* What the pages of the documentation lead to, and what they have of the operator's file. */

const readme = pageAt('README.md');

describe.each(pages)('$path', (page) => {
  it('leads to files and headings that there are', () => {
    for (const target of linksOf(page)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page.path : normalize(join(dirname(page.path), path));
      expect(existsSync(join(root, file)), target).toBe(true);
      if (anchor !== undefined) expect(pageAt(file).anchors, target).toContain(anchor);
    }
  });

  it('names keys of the file that there are', () => {
    for (const span of page.spans) expectKnown(span);
  });
});

function linksOf({ prose }: Page): string[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !target.includes(':'));
}

const tables = new Map(fileReference().map(({ name, keys }) => [name, keys]));
const keys = new Set([...tables.values()].flat().map(({ name }) => name));

/** `key = value` is of any table; `[table] key` of that one. */
function expectKnown(span: string): void {
  const [, table, key] = /^\[+([a-z0-9_]+)\]+ ([a-z0-9_]+)$/.exec(span) ?? [];
  if (table !== undefined) {
    expect([...tables.keys()], span).toContain(table);
    expect(
      tables.get(table)?.map(({ name }) => name),
      span,
    ).toContain(key);
  }
  const [, assigned] = /^([a-z_0-9]+) += /.exec(span) ?? [];
  if (assigned !== undefined) expect([...keys, ...NOT_OURS], span).toContain(assigned);
}

/** Keys of other programs' files. */
const NOT_OURS = ['component_interfaces'];

describe('each part of a file', () => {
  const parts = pages.flatMap((page) =>
    page.blocks
      .filter(({ language }) => language === 'toml')
      .map((block) => ({ of: `${page.path}, ${block.section}`, ...block })),
  );

  it('is there', () => {
    expect(parts.length).toBeGreaterThan(8);
  });

  it.each(parts)('$of has no faults', ({ text }) => {
    expect(said(load(wholeFile(text), undefined, files)).filter((line) => !line.includes(': warning: '))).toEqual([]);
  });
});

const files = { '/etc/fmucd/cert.pem': CERTIFICATE, '/etc/fmucd/key.pem': KEY };

/** A part with what a file needs around it to be one. */
function wholeFile(part: string): string {
  const has = (table: string): boolean => new RegExp(`^\\[+${table}\\]`, 'm').test(part);
  const isOfLink = !/^\[/m.test(part);
  const here = part.includes('peer    = "rooms.denmark.lit"') ? 'wonderland' : 'denmark';
  return [
    has('gateway') ? '' : `[gateway]\ndomain = "rooms.${here}.lit"`,
    has('component') || has('s2s') ? '' : '[component]\nsecret = "s3cret"',
    part.includes('transport = "s2s"') && !has('s2s') ? '[s2s]\nlisten = ["0.0.0.0:5269"]' : '',
    isOfLink ? '[[link]]\npeer = "rooms.arden.lit"\nconnect = "10.1.0.4:5270"' : '',
    part.replaceAll(/"the 64 digits[^"]*"/g, `"${'0'.repeat(64)}"`),
  ].join('\n');
}

it('README.md links the whole file, what to do when, and the description for programs', () => {
  const targets = linksOf(readme);
  for (const path of ['src/config/REFERENCE.md', 'src/cli/TROUBLE.md', 'src/fmucd.doap'])
    expect(targets).toContain(path);
});
