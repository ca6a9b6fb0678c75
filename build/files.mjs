// @ts-check
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A path in the repository.
 *
 * @param {string} path
 */
export const inRoot = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Puts a file in its place whole: whoever reads it at the same time sees the old or the new one.
 *
 * @param {string} file
 * @param {string} content
 */
export async function replaceFile(file, content) {
  const temporary = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
