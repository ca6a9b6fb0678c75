// @ts-check
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError, reasonOf } from './error.mjs';
import { inRoot } from './files.mjs';
import { targets } from './targets.mjs';

const run = promisify(execFile);

/**
 * A Node to build for.
 *
 * @typedef {object} NodeBinary
 * @property {string} file
 * @property {string} version as `v20.11.0`
 * @property {string} abi what addons are compiled for (NODE_MODULE_VERSION)
 */

/** @type {NodeBinary} */
export const runningNode = { file: process.execPath, version: process.version, abi: process.versions.modules };

/**
 * The Node to build a target with: the builder's own, or the target's npm package, or else the running one.
 *
 * @param {string} target
 * @param {string | undefined} file
 * @returns {Promise<NodeBinary>}
 */
export async function nodeFor(target, file) {
  if (file !== undefined) return nodeAt(file);
  const folder = await packageFolder(target);
  return folder === undefined ? runningNode : nodeAt(join(folder, 'bin/node'));
}

/**
 * A Node binary that has to run on this machine.
 *
 * @param {string} file
 * @returns {Promise<NodeBinary>}
 */
async function nodeAt(file) {
  try {
    const { stdout } = await run(file, ['-p', 'process.version + " " + process.versions.modules']);
    const [version = '', abi = ''] = stdout.trim().split(' ');
    return { file, version, abi };
  } catch (error) {
    throw new BuildError(`${file} isn't a Node that runs here: ${reasonOf(error)}`);
  }
}

/**
 * Where a target's npm package stands, fetched once; undefined where it can't be had.
 *
 * @param {string} target
 */
async function packageFolder(target) {
  const row = targets[target];
  if (row === undefined) return undefined;
  const name = `${row.nodePackage}@${row.nodeVersion}`;
  const kept = inRoot(`node_modules/.cache/fmucd/${name}`);
  if (existsSync(kept)) return kept;
  await mkdir(dirname(kept), { recursive: true });
  const temporary = await mkdtemp(`${kept}-`);
  try {
    const archive = await npmPack(name, temporary);
    if (archive === undefined) return undefined;
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (row.integrity !== `sha512-${digest}`)
      throw new BuildError(`${name} isn't the one that this build knows: sha512-${digest}`);
    await run('tar', ['-xzf', archive, '-C', temporary]);
    await rename(join(temporary, 'package'), kept);
    return kept;
  } finally {
    await rm(temporary, { recursive: true });
  }
}

/**
 * @param {string} name
 * @param {string} folder
 * @returns the archive's path
 */
async function npmPack(name, folder) {
  try {
    const { stdout } = await run('npm', ['pack', name, '--silent', '--fetch-retries=1'], { cwd: folder });
    return join(folder, stdout.trim());
  } catch (error) {
    console.warn(`build: no ${name} (${reasonOf(error)}); taking the running Node, ${process.version}`);
    return undefined;
  }
}
