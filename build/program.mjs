// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { inRoot } from './files.mjs';
import { runFor } from './tools.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

/** What load.cjs calls the program with, and finds at its beginning. */
const beginning = '(function(require,__filename){';

/**
 * V8 takes only what was compiled under the same flags, and before Node 24 the bounds of the heap are among those that count.
 * Once the heap has taken them, they can be set back.
 *
 * @param {NodeBinary} node
 */
const flagsFor = (node) => (isBefore24(node) ? ['--max-old-space-size=0', '--max-semi-space-size=0'] : []);

/**
 * What has V8 keep less, where there is little memory: no code of its quick compiler, which is large, and of the other one only what
 * runs ten times as often as it would ask for.
 *
 * @param {NodeBinary} node
 */
const frugalFlagsFor = (node) => [
  '--optimize-for-size',
  '--no-sparkplug',
  ...(isBefore24(node) ? ['--interrupt-budget=1000000'] : ['--no-maglev', '--invocation-count-for-turbofan=30000']),
];

/** @param {NodeBinary} node */
const isBefore24 = ({ version }) => Number.parseInt(version.slice(1), 10) < 24;

/**
 * The program of an executable: what Node runs first, and what has to stand at the executable's end.
 *
 * @param {NodeBinary} node
 * @param {{ readonly code: string, readonly addon: string }} bundle
 * @param {string} folder to work in
 * @returns {Promise<{ readonly main: string, readonly end: Buffer }>}
 */
export async function programOf(node, { code, addon }, folder) {
  const program = Buffer.from(`${beginning}${code}\n})`);
  const compiled = await compile(node, program, folder);
  const fromEnd = compiled.length + addon.length;
  const place = {
    name: 'fmucd.cjs',
    beginning,
    flags: flagsFor(node),
    frugalFlags: frugalFlagsFor(node),
    code: { bytes: program.length, fromEnd: program.length + fromEnd },
    compiled: { bytes: compiled.length, fromEnd },
  };
  const loader = await readFile(inRoot('build/start/load.cjs'), 'utf8');
  const { code: main } = await transform(loader, { define: { PROGRAM: JSON.stringify(place) }, minify: true });
  return { main, end: Buffer.concat([program, compiled, Buffer.from(addon)]) };
}

/**
 * What V8 makes of a program. Which bytes that is depends on chance, for which there is a seed.
 *
 * @param {NodeBinary} node
 * @param {Buffer} program
 * @param {string} folder
 */
async function compile(node, program, folder) {
  const [code, compiled] = [join(folder, 'program.cjs'), join(folder, 'program.compiled')];
  await writeFile(code, program);
  const script = inRoot('build/start/compile.cjs');
  await runFor(node.target, node.file, ['--random-seed=1', script, code, compiled, ...flagsFor(node)]);
  return readFile(compiled);
}
