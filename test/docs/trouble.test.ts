import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/build.ts';
import { pageAt } from './pages.ts';

/* What src/cli/TROUBLE.md has the screens and the log say is what they say. */

const page = pageAt('src/cli/TROUBLE.md');

/** Every source with `…` for what is filled in, so that a message reads as the page has it. */
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .map((text) => text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').replaceAll(/\\(['"`])/g, '$1'));

/** The first column, which has the words. */
const said = page.text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, words = '']) => words));

/** Values of states, and names of streams' errors with a text by whoever sent it. */
function parts(words: string): string[] {
  return words
    .replace(/^(?:rejected|out-of-reach): /, '')
    .split('…')
    .map((part) => part.trim())
    .filter((part) => /\w{2}/.test(part));
}

it('has words to look for', () => {
  expect(said.length).toBeGreaterThan(50);
});

it.each(said)('%s', (words) => {
  const own = words.replace(/^(?:rejected|out-of-reach): /, '').replaceAll(/: …$/g, '');
  const isWhole = sources.some((text) => text.includes(own.replace(/^… ?/, '')));
  const inOneFile = sources.some((text) => parts(words).every((part) => text.includes(part.replace(/:$/, ''))));
  expect(isWhole || inOneFile, words).toBe(true);
});
