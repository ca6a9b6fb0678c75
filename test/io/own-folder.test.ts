import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepIn } from '../../src/io/own-folder.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';

const content = Buffer.from('an addon');
const sha256 = createHash('sha256').update(content).digest('hex');
const kept = { bytes: content.length, sha256 };
let parent: string;
let folder: string;
let made: number;

beforeEach(() => {
  parent = temporaryFolder();
  folder = join(parent, 'ours');
  made = 0;
});
afterEach(endAll);

const keep = () =>
  keepIn(folder, 'addon', kept, () => {
    made++;
    return content;
  });

it('makes the file once, for its user alone', () => {
  const file = keep();
  expect(readFileSync(file)).toEqual(content);
  expect(keep()).toBe(file);
  expect(made).toBe(1);
  expect(readdirSync(folder)).toHaveLength(1);
});

it('makes one that was cut short again', () => {
  const file = keep();
  chmodSync(file, 0o700);
  writeFileSync(file, content.subarray(1));
  expect(readFileSync(keep())).toEqual(content);
});

it.each([
  ['a link to elsewhere', () => symlinkSync(temporaryFolder(), folder)],
  ['a file', () => writeFileSync(folder, '')],
  ['open to the group', () => (mkdirSync(folder), chmodSync(folder, 0o770))],
  ['open to all', () => (mkdirSync(folder), chmodSync(folder, 0o777))],
])('takes no folder that is %s', (_, prepare) => {
  prepare();
  expect(keep).toThrow(`${folder} isn't a directory of ours alone`);
  expect(made).toBe(0);
});

it('removes what earlier versions left, but nothing fresh and nothing else', () => {
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['addon-old.node', 'addon-fresh.node', 'other']) writeFileSync(join(folder, name), '');
  for (const name of ['addon-old.node', 'other']) utimesSync(join(folder, name), 0, 0);
  keep();
  expect(readdirSync(folder).sort()).toEqual([`addon-${sha256.slice(0, 16)}.node`, 'addon-fresh.node', 'other'].sort());
});
