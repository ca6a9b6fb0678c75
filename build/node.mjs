// @ts-check
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { kept } from './cache.mjs';
import { BuildError, reasonOf } from './error.mjs';
import { host, targets } from './targets.mjs';
import { runFor } from './tools.mjs';

const run = promisify(execFile);

/**
 * A Node to build for.
 *
 * @typedef {object} NodeBinary
 * @property {string} target
 * @property {string} file
 * @property {string} version as `v20.11.0`
 * @property {string} abi what addons are compiled for (NODE_MODULE_VERSION)
 */

/** @type {NodeBinary} */
export const runningNode = {
  target: host,
  file: process.execPath,
  version: process.version,
  abi: process.versions.modules,
};

/**
 * The Node to build a target with: the builder's own, or the target's npm package, or else, for this machine, the
 * running one.
 *
 * @param {string} target
 * @param {string | undefined} file
 * @returns {Promise<NodeBinary>}
 */
export async function nodeFor(target, file) {
  if (file !== undefined) return nodeAt(target, resolve(file));
  const row = targets[target];
  if (row === undefined) return runningNode;
  const name = `${row.nodePackage}@${row.nodeVersion}`;
  /** @type {string} */
  let folder;
  try {
    folder = await kept(name, [row.integrity], (empty) => fetchPackage(name, row.integrity, empty));
  } catch (error) {
    if (error instanceof BuildError) throw error;
    if (target !== host)
      throw new BuildError(`no ${name} (${reasonOf(error)}): give a Node for ${target} with --node FILE`);
    console.warn(`build: no ${name} (${reasonOf(error)}); taking the running Node, ${process.version}`);
    return runningNode;
  }
  return nodeAt(target, join(folder, 'bin/node'));
}

/**
 * A Node binary that runs on this machine, by itself or emulated.
 *
 * @param {string} target
 * @param {string} file
 * @returns {Promise<NodeBinary>}
 */
async function nodeAt(target, file) {
  const said = await runFor(target, file, ['-p', 'process.version + " " + process.versions.modules']);
  const [version = '', abi = ''] = said.trim().split(' ');
  if (!/^v\d+\.\d+\.\d+/.test(version)) throw new BuildError(`${file} isn't a Node`);
  return { target, file, version, abi };
}

/**
 * @param {string} name
 * @param {string} integrity
 * @param {string} folder
 * @returns the folder in which it then stands
 */
async function fetchPackage(name, integrity, folder) {
  const { stdout } = await run('npm', ['pack', name, '--silent', '--fetch-retries=1'], { cwd: folder });
  const archive = join(folder, stdout.trim());
  const digest = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (integrity !== `sha512-${digest}`)
    throw new BuildError(`${name} isn't the one that this build knows: sha512-${digest}`);
  await run('tar', ['-xzf', archive, '-C', folder]);
  return join(folder, 'package');
}
