// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { inRoot } from './files.mjs';
import { runFor } from './tools.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

/** What load.cjs calls the program with, and it finds in a bundle. */
const beginning = '(function(require,__filename){';

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
async function compile({ target, file }, program, folder) {
  const [code, compiled] = [join(folder, 'program.cjs'), join(folder, 'program.compiled')];
  await writeFile(code, program);
  await runFor(target, file, ['--random-seed=1', inRoot('build/start/compile.cjs'), code, compiled]);
  return readFile(compiled);
}
