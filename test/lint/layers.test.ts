import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../support/requires.ts';

interface Planted {
  readonly folder: string;
  readonly code: string;
}

const layers = 'fmucd(layers)';
const globals = 'eslint(no-restricted-globals)';
const properties = 'eslint(no-restricted-properties)';

/** Each with the rule that it breaks. */
const violations: readonly (Planted & { readonly rule: string })[] = [
  { folder: 'lib', code: "import { own } from '../xml/own.ts'; own();", rule: layers },
  { folder: 'xml', code: "import { own } from '../stanza/own.ts'; own();", rule: layers },
  { folder: 'stanza', code: "import { own } from '../muc/own.ts'; own();", rule: layers },
  { folder: 'stream', code: "import { own } from '../muc/own.ts'; own();", rule: layers },
  { folder: 'stream', code: "import { own } from '../link/own.ts'; own();", rule: layers },
  { folder: 'link', code: "import { own } from '../stream/own.ts'; own();", rule: layers },
  { folder: 'link', code: "import { own } from '../muc/own.ts'; own();", rule: layers },
  { folder: 'muc', code: "import { own } from '../stream/own.ts'; own();", rule: layers },
  { folder: 'muc', code: "import { own } from '../fmuc/own.ts'; own();", rule: layers },
  { folder: 'muc', code: "import type { Own } from '../fmuc/own.ts'; export type Mine = Own;", rule: layers },
  { folder: 'muc', code: "export type Mine = import('../fmuc/own.ts').Own;", rule: layers },
  { folder: 'muc', code: "export * from '../fmuc/own.ts';", rule: layers },
  { folder: 'muc', code: "export { own } from '../fmuc/own.ts';", rule: layers },
  { folder: 'muc/deeper', code: "import { own } from '../../fmuc/own.ts'; own();", rule: layers },
  { folder: 'fmuc', code: "import { own } from '../gateway/own.ts'; own();", rule: layers },
  { folder: 'gateway', code: "import { own } from '../app/own.ts'; own();", rule: layers },
  { folder: 'gateway', code: "import type { Own } from '../io/own.ts'; export type Mine = Own;", rule: layers },
  { folder: 'io', code: "import { own } from '../muc/own.ts'; own();", rule: layers },
  { folder: 'io', code: "import { own } from '../config/own.ts'; own();", rule: layers },
  { folder: 'config', code: "import { own } from '../io/own.ts'; own();", rule: layers },
  { folder: 'config', code: "import { own } from '../gateway/own.ts'; own();", rule: layers },
  { folder: 'app', code: "import { own } from '../cli/own.ts'; own();", rule: layers },
  { folder: 'cli', code: "import { element } from '../../test/own.ts'; element();", rule: layers },
  { folder: 'cli', code: "await import('better-sqlite3');", rule: layers },
  { folder: 'lib', code: "import { readFileSync } from 'node:fs'; readFileSync('x');", rule: layers },
  { folder: 'stanza', code: "import { Element } from 'ltx'; new Element('x').root();", rule: layers },
  { folder: 'gateway', code: "import { createHash } from 'node:crypto'; createHash('sha1');", rule: layers },
  { folder: 'link', code: "import { inflateRawSync } from 'node:zlib'; inflateRawSync('x');", rule: layers },
  { folder: 'nowhere', code: "import { own } from '../lib/own.ts'; own();", rule: layers },
  {
    folder: 'stream',
    code: "import { randomBytes } from 'node:crypto'; randomBytes(1);",
    rule: 'eslint(no-restricted-imports)',
  },
  { folder: 'lib', code: 'export const now = () => new Date();', rule: globals },
  { folder: 'muc', code: 'setTimeout(() => undefined, 1);', rule: globals },
  { folder: 'muc', code: 'setInterval(() => undefined, 1);', rule: globals },
  { folder: 'stream', code: 'setImmediate(() => undefined);', rule: globals },
  { folder: 'link', code: 'queueMicrotask(() => undefined);', rule: globals },
  { folder: 'fmuc', code: 'export const id = () => crypto.randomUUID();', rule: globals },
  { folder: 'xml', code: 'export const since = () => performance.now();', rule: globals },
  { folder: 'gateway', code: 'export const home = () => process.argv;', rule: globals },
  { folder: 'gateway', code: 'export const later = Promise.resolve(1);', rule: globals },
  { folder: 'lib', code: 'export const dice = () => Math.random();', rule: properties },
  { folder: 'stanza', code: 'export const later = async () => 1;', rule: 'oxc(no-async-await)' },
  { folder: 'app', code: 'const answer = async () => 1; answer();', rule: 'typescript(no-floating-promises)' },
  { folder: 'app', code: 'export const loose = (value: any) => value;', rule: 'typescript(no-explicit-any)' },
  {
    folder: 'muc',
    code: "export function say(kind: 'a' | 'b') { switch (kind) { case 'a': break; } }",
    rule: 'typescript(switch-exhaustiveness-check)',
  },
];

const allowed: readonly Planted[] = [
  { folder: 'xml', code: "import { own } from '../lib/own.ts'; own();" },
  { folder: 'stream', code: "import { createHash } from 'node:crypto'; createHash('sha1');" },
  { folder: 'link', code: "import { createHash } from 'node:crypto'; createHash('sha256');" },
  { folder: 'link', code: "import { Inflate } from 'pako'; new Inflate().push(new Uint8Array(0));" },
  { folder: 'stream', code: "import { Inflate } from 'pako'; new Inflate().push(new Uint8Array(0));" },
  { folder: 'fmuc', code: "import { own } from '../muc/own.ts'; own();" },
  { folder: 'config', code: "import type { Own } from '../gateway/own.ts'; export type Mine = Own;" },
  { folder: 'io', code: "import type { Own } from '../muc/own.ts'; export type Mine = Own;" },
  { folder: 'io', code: "import Database from 'better-sqlite3'; new Database('x').close();" },
  { folder: 'app', code: "import { own } from '../io/own.ts'; own();" },
  { folder: 'cli', code: "import { own } from '../app/own.ts'; own();" },
  { folder: 'app', code: 'export const later = async () => Date.now();' },
];

/** The lint rules over planted files, one run for all: file to the codes of the rules that it breaks. */
let broken: Map<string, string[]>;
let home: string;
const fileOf = (planted: Planted, kind: string, index: number) => `src/${planted.folder}/${kind}-${index}.ts`;

function plant(file: string, code: string): void {
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), code);
}

function lint(): Map<string, string[]> {
  const oxlint = join(home, 'node_modules/.bin/oxlint');
  const { stdout } = spawnSync(oxlint, ['--type-aware', '--format=json', 'src'], { cwd: home, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  const rules = new Map<string, string[]>();
  for (const { filename, code } of diagnostics) rules.set(filename, [...(rules.get(filename) ?? []), code]);
  return rules;
}

requires('oxlint')('the lint rules', () => {
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'fmucd-lint-'));
    const root = fileURLToPath(new URL('../..', import.meta.url));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'test/lint/layers.mjs']) {
      mkdirSync(dirname(join(home, file)), { recursive: true });
      copyFileSync(join(root, file), join(home, file));
    }
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
    for (const [index, planted] of violations.entries()) plant(fileOf(planted, 'violation', index), planted.code);
    for (const [index, planted] of allowed.entries()) plant(fileOf(planted, 'allowed', index), planted.code);
    for (const { folder } of [...violations, ...allowed])
      plant(`src/${folder}/own.ts`, 'export type Own = number; export const own = (): Own => 1;');
    plant('src/muc/cycle-a.ts', "import { b } from './cycle-b.ts'; export const a = (): number => b();");
    plant('src/muc/cycle-b.ts', "import { a } from './cycle-a.ts'; export const b = (): number => a();");
    broken = lint();
  });

  afterAll(() => rmSync(home, { recursive: true }));

  for (const [index, planted] of violations.entries())
    it(`refuse in ${planted.folder}: ${planted.code}`, () => {
      expect(broken.get(fileOf(planted, 'violation', index))).toContain(planted.rule);
    });

  for (const [index, planted] of allowed.entries())
    it(`accept in ${planted.folder}: ${planted.code}`, () => {
      expect(broken.get(fileOf(planted, 'allowed', index))).toBeUndefined();
    });

  it('refuse circles', () => {
    expect(broken.get('src/muc/cycle-a.ts')).toContain('import(no-cycle)');
  });
});
