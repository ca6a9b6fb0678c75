// @ts-check
import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundleParts } from './bundle.mjs';
import { digestOf, kept } from './cache.mjs';
import { BuildError } from './error.mjs';
import { inRoot } from './files.mjs';
import { programOf } from './program.mjs';
import { withStart } from './start.mjs';
import { runFor, runTool } from './tools.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

const run = promisify(execFile);

/** The mark by which a Node binary finds the script inside it. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Writes the single executable for one Node: the binary without its symbols, in it the start, at its end the program and
 * the SQLite addon.
 *
 * @param {NodeBinary} node
 * @param {string} file
 */
export async function writeExecutable(node, file) {
  const binary = await readFile(node.file);
  if (!binary.includes(`${fuse}:0`))
    throw new BuildError(`${node.file} has no place for a program in it, as Node's own builds have`);
  const parts = await bundleParts(node);
  await mkdir(dirname(file), { recursive: true });
  const folder = await mkdtemp(`${file}-`);
  try {
    const made = join(folder, 'fmucd');
    await copyFile(await stripped(node, binary), made);
    const { main, end } = await programOf(node, parts, folder);
    const postject = [made, 'NODE_SEA_BLOB', await blob(node, main, folder), '--sentinel-fuse', fuse];
    await run(inRoot('node_modules/.bin/postject'), postject);
    await writeFile(made, await withStart(node.target, await readFile(made)));
    await appendFile(made, end);
    await rename(made, file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * The binary without its symbols.
 *
 * @param {NodeBinary} node
 * @param {Buffer} binary
 */
async function stripped({ target, file }, binary) {
  const inputs = [digestOf(binary), await runTool(target, 'strip', ['--version'])];
  return kept(`node-${target}`, inputs, async (folder) => {
    const made = join(folder, 'node');
    await runTool(target, 'strip', ['-o', made, file]);
    return made;
  });
}

/**
 * What Node reads its main script from, with words as wide as the target's. It records the path of the script's file: a
 * relative one, the same everywhere.
 *
 * @param {NodeBinary} node
 * @param {string} main
 * @param {string} folder
 * @returns the file it is in
 */
async function blob({ target, file }, main, folder) {
  await writeFile(join(folder, 'main.cjs'), main);
  const configuration = { main: 'main.cjs', output: 'fmucd.blob', disableExperimentalSEAWarning: true };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
  await runFor(target, file, ['--experimental-sea-config', 'sea.json'], folder);
  return join(folder, configuration.output);
}
