// @ts-check
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Everything below a folder as paths from it, and which of it are folders. Links aren't followed.
 *
 * @param {string} folder
 * @param {string} [below]
 * @returns {Promise<{ readonly path: string, readonly isFolder: boolean }[]>}
 */
export async function treeOf(folder, below = '') {
  const found = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    found.push({ path, isFolder: entry.isDirectory() });
    if (entry.isDirectory()) found.push(...(await treeOf(folder, path)));
  }
  return found;
}

/**
 * Has everything in a folder say that it was written when time began, so that the same content gives the same bytes.
 *
 * @param {string} folder
 */
export async function forgetTimes(folder) {
  await promisify(execFile)('find', [folder, '-exec', 'touch', '-h', '-d', '@0', '{}', '+']);
}
