// @ts-check
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { addonFor } from './addon.mjs';
import { digestOf } from './cache.mjs';
import { BuildError } from './error.mjs';
import { inRoot, replaceFile } from './files.mjs';
import { runningNode } from './node.mjs';
import { sourceDate } from './source-date.mjs';
import { sqlitePackage } from './targets.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

/**
 * The program for one Node: its code in a single CommonJS file, and the SQLite addon as text that goes to the end of
 * whatever file carries the code (`src/io/sqlite-addon.ts` reads it from there). All of it is ASCII.
 *
 * @param {NodeBinary} node
 * @returns {Promise<{ code: string, addon: string }>}
 */
export async function bundle(node) {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(inRoot('package.json'), 'utf8')));
  const content = await readFile(await addonFor(node));
  const addon = brotliCompressSync(content).toString('base64');
  const { outputFiles } = await build({
    absWorkingDir: inRoot('.'),
    entryPoints: ['src/cli/main.ts'],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.11',
    // A single executable has no loader for import(): it becomes require().
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    alias: { 'better-sqlite3': sqlitePackage(node.version) },
    // With this better-sqlite3 12 finds its addon, which a carried one never needs.
    external: ['bindings'],
    define: {
      __FMUCD_VERSION__: JSON.stringify(version),
      __FMUCD_BUILT__: JSON.stringify(sourceDate()),
      __FMUCD_ADDON__: JSON.stringify({
        length: addon.length,
        sha256: digestOf(addon),
        content: { bytes: content.length, sha256: digestOf(content) },
        node: node.version.split('.')[0],
      }),
    },
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  });
  const code = outputFiles.map((file) => file.text).join('');
  // With one character that isn't, V8 keeps two bytes of each, and takes longer to read them.
  const foreign = /[^\0-\x7f]/.exec(code);
  if (foreign !== null) throw new BuildError(`not in ASCII: ${code.slice(foreign.index - 40, foreign.index + 1)}`);
  return { code, addon };
}

/**
 * Writes the program for the running Node as one file.
 *
 * @param {string} [file]
 */
export async function writeBundle(file = inRoot('dist/fmucd.cjs')) {
  const { code, addon } = await bundle(runningNode);
  await replaceFile(file, `${code}//${addon}`);
}
