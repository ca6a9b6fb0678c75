// @ts-check
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inRoot, replaceFile } from './files.mjs';
import { sourceDate } from './source-date.mjs';

/**
 * What `manual/pages.ts` makes of the sources.
 *
 * @returns {Promise<typeof import('./manual/pages.ts')>}
 */
async function loadPages() {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(inRoot('package.json'), 'utf8')));
  const file = inRoot(`dist/.manual.${process.pid}.mjs`);
  try {
    await build({
      absWorkingDir: inRoot('.'),
      entryPoints: ['build/manual/pages.ts'],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      define: { __FMUCD_VERSION__: JSON.stringify(version), __FMUCD_BUILT__: JSON.stringify(sourceDate()) },
      logLevel: 'warning',
    });
    return /** @type {typeof import('./manual/pages.ts')} */ (await import(pathToFileURL(file).href));
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Writes fmucd(1) and fmucd.toml(5).
 *
 * @param {string} folder
 */
export async function writeManual(folder) {
  const { manualPages } = await loadPages();
  for (const [name, text] of Object.entries(manualPages())) await replaceFile(join(folder, name), text);
}

/** Writes the reference of the operator's file, where it is read. */
export async function writeReference() {
  const { reference } = await loadPages();
  await replaceFile(inRoot('src/config/REFERENCE.md'), reference());
}
