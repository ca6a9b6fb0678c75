// @ts-check
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from './bundle.mjs';
import { BuildError, reasonOf } from './error.mjs';
import { inRoot } from './files.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

const run = promisify(execFile);

/** The mark by which a Node binary finds the program inside it. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Writes the single executable for one Node: the binary without its symbols, the code inside it, the SQLite addon at its
 * end.
 *
 * @param {NodeBinary} node
 * @param {string} file
 */
export async function writeExecutable(node, file) {
  if (!(await readFile(node.file)).includes(`${fuse}:0`))
    throw new BuildError(`${node.file} has no place for a program in it, as Node's own builds have`);
  const { code, addon } = await bundle(node);
  await mkdir(dirname(file), { recursive: true });
  const folder = await mkdtemp(`${file}-`);
  try {
    const made = join(folder, 'fmucd');
    await strip(node.file, made);
    const postject = [made, 'NODE_SEA_BLOB', await blob(node, code, folder), '--sentinel-fuse', fuse];
    await run(inRoot('node_modules/.bin/postject'), postject);
    await appendFile(made, addon);
    await rename(made, file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
async function strip(from, to) {
  try {
    await run('strip', ['-o', to, from]);
  } catch (error) {
    throw new BuildError(`strip (Debian's binutils) failed: ${reasonOf(error)}`);
  }
}

/**
 * What Node reads the program from. It records the path of the program's file: a relative one, the same everywhere.
 *
 * @param {NodeBinary} node
 * @param {string} code
 * @param {string} folder
 * @returns the file it is in
 */
async function blob(node, code, folder) {
  await writeFile(join(folder, 'fmucd.cjs'), code);
  const configuration = { main: 'fmucd.cjs', output: 'fmucd.blob', disableExperimentalSEAWarning: true };
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration));
  await run(node.file, ['--experimental-sea-config', 'sea.json'], { cwd: folder });
  return join(folder, configuration.output);
}
