// @ts-check
import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError } from '../build/error.mjs';
import { layout } from './layout.mjs';
import { forgetTimes, treeOf } from './tree.mjs';

const run = promisify(execFile);

const BLOCK = 4096;

/**
 * Makes the file system of a slot out of a system's folder: everything is root's, and nothing of it tells when it was made.
 *
 * @param {string} folder
 * @param {string} file
 */
export async function writeSlot(folder, file) {
  await forgetTimes(folder);
  const tree = await treeOf(folder);
  const bytes = await Promise.all(tree.map(async ({ path }) => (await lstat(join(folder, path))).size));
  // The blocks of a larger file take further blocks that say where they are.
  const blocks = bytes.reduce((sum, size) => sum + Math.ceil(size / BLOCK) + Math.ceil(size / BLOCK / 1000), 0);
  const size = Math.ceil(blocks * 1.01) + Math.ceil(tree.length / 16) + 256;
  if (size * BLOCK > layout.slotA.size)
    throw new BuildError(`the system takes ${size * BLOCK} bytes, more than a slot has (${layout.slotA.size})`);
  const options = ['-B', BLOCK, '-b', size, '-N', tree.length + 64, '-m', 0, '-U', '-f', '-d', folder, file];
  await run('genext2fs', options.map(String));
}
