// @ts-check
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inRoot } from './files.mjs';

/**
 * What was made from these inputs, a file or a folder, made now where it isn't kept yet. It is kept in `dist`, because
 * `npm ci` empties `node_modules`.
 *
 * @param {string} name
 * @param {readonly string[]} inputs all that its content depends on
 * @param {(folder: string) => Promise<string>} make makes it in an empty folder and says where
 * @returns {Promise<string>} its path
 */
export async function kept(name, inputs, make) {
  const path = inRoot(`dist/.cache/${name}-${digestOf(JSON.stringify(inputs)).slice(0, 16)}`);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(`${path}-`);
  try {
    await rename(await make(folder), path);
  } catch (error) {
    // Another build may have made it at the same time.
    if (!existsSync(path)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path;
}

/**
 * SHA-256 in hex.
 *
 * @param {string | Uint8Array} content
 */
export function digestOf(content) {
  return createHash('sha256').update(content).digest('hex');
}
