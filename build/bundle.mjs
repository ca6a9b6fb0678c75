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

/** What `fmucd run` loads, as src/cli/commands.ts names it. */
const GATEWAY = '../app/run.ts';

/**
 * What the executable for one Node carries: the code that takes a command line apart, and what that loads once it knows
 * the command. Nothing is in the memory of a gateway that other commands alone need. The code is ASCII.
 *
 * @typedef {object} Parts
 * @property {string} main
 * @property {string} gateway what `run` loads; it leaves an object of functions that load modules, each by its name in `main`
 * @property {string} commands what the other commands load, in the same way
 * @property {Buffer} addon the SQLite addon, compressed
 */

/**
 * @param {NodeBinary} node
 * @returns {Promise<Parts>}
 */
export async function bundleParts(node) {
  const { addon, facts } = await carriedAddon(node, 'binary');
  /** @type {Set<string>} */
  const loaded = new Set();
  /** @type {import('esbuild').Plugin} */
  const apart = {
    name: 'apart',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\./ }, ({ kind, path, importer }) => {
        if (kind !== 'dynamic-import' || !importer.startsWith(inRoot('src/cli/'))) return undefined;
        loaded.add(path);
        return { path: partOf(path), external: true };
      });
    },
  };
  const main = await codeOf(node, facts, { entryPoints: ['src/cli/main.ts'], plugins: [apart] });
  const [gateway, commands] = await Promise.all(
    [[GATEWAY], [...loaded].filter((path) => path !== GATEWAY).toSorted()].map((paths) => {
      const functions = paths.map((path) => `${JSON.stringify(partOf(path))}: () => require(${JSON.stringify(path)})`);
      const contents = `module.exports = { ${functions.join(', ')} };`;
      return codeOf(node, facts, { stdin: { contents, resolveDir: inRoot('src/cli') } });
    }),
  );
  return { main, gateway: gateway ?? '', commands: commands ?? '', addon };
}

/**
 * What `main` asks load.cjs for.
 *
 * @param {string} path
 */
const partOf = (path) => `${path === GATEWAY ? 'gateway' : 'commands'}:${path}`;

/**
 * Writes the program for the running Node as one file, the addon as text in its last line.
 *
 * @param {string} [file]
 */
export async function writeBundle(file = inRoot('dist/fmucd.cjs')) {
  const { addon, facts } = await carriedAddon(runningNode, 'base64');
  const code = await codeOf(runningNode, facts, { entryPoints: ['src/cli/main.ts'] });
  await replaceFile(file, `${code}//${addon.toString('latin1')}`);
}

/**
 * The SQLite addon as it stands at the end of whatever file carries the code, and what `src/io/sqlite-addon.ts`, which
 * reads it from there, has to know of it.
 *
 * @param {NodeBinary} node
 * @param {'base64' | 'binary'} encoding
 */
async function carriedAddon(node, encoding) {
  const content = await readFile(await addonFor(node));
  const packed = brotliCompressSync(content);
  const addon = encoding === 'binary' ? packed : Buffer.from(packed.toString(encoding));
  const facts = {
    length: addon.length,
    sha256: digestOf(addon),
    encoding,
    content: { bytes: content.length, sha256: digestOf(content) },
    node: node.version.split('.')[0],
  };
  return { addon, facts };
}

/**
 * @param {NodeBinary} node
 * @param {object} addon
 * @param {import('esbuild').BuildOptions} entry
 */
async function codeOf(node, addon, entry) {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(inRoot('package.json'), 'utf8')));
  const { outputFiles } = await build({
    ...entry,
    absWorkingDir: inRoot('.'),
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
      __FMUCD_ADDON__: JSON.stringify(addon),
    },
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  });
  const code = outputFiles.map((file) => file.text).join('');
  // With one character that isn't, V8 keeps two bytes of each, and takes longer to read them.
  const foreign = /[^\0-\x7f]/.exec(code);
  if (foreign !== null) throw new BuildError(`not in ASCII: ${code.slice(foreign.index - 40, foreign.index + 1)}`);
  return code;
}
