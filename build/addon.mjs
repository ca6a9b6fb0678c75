// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { kept } from './cache.mjs';
import { BuildError } from './error.mjs';
import { inRoot } from './files.mjs';
import { host, sqlitePackage, targets } from './targets.mjs';
import { runTool, toolName } from './tools.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

const run = promisify(execFile);

/** Small rather than quick: most of a turn's time is spent waiting for flash. */
const FLAGS = '-Os -ffunction-sections -fdata-sections';

/** What of SQLite no statement of ours asks for, of what better-sqlite3 has turned on: it takes half of the addon. */
const UNUSED = [
  'ENABLE_DBSTAT_VTAB',
  'ENABLE_FTS3',
  'ENABLE_FTS3_PARENTHESIS',
  'ENABLE_FTS4',
  'ENABLE_FTS5',
  'ENABLE_GEOPOLY',
  'ENABLE_MATH_FUNCTIONS',
  'ENABLE_PERCENTILE',
  'ENABLE_RTREE',
  'ENABLE_STAT4',
  'SOUNDEX',
];

/**
 * The file of the SQLite addon for one Node: the package's own where it has one for that machine, the one that the
 * installation compiled where it fits, else one compiled now.
 *
 * @param {NodeBinary} node
 * @returns {Promise<string>}
 */
export async function addonFor(node) {
  const { target, abi } = node;
  const name = sqlitePackage(node.version);
  const brought = inRoot(`node_modules/${name}/prebuilds/${target}.node`);
  if (existsSync(brought)) return brought;
  const installed = inRoot(`node_modules/${name}/build/Release/better_sqlite3.node`);
  if (target === host && abi === process.versions.modules && existsSync(installed)) return installed;

  const headers = dirname(dirname(node.file));
  if (!existsSync(join(headers, 'include/node/node.h')))
    throw new BuildError(`${node.file} has no headers beside it, as in Node's own archives (bin/node, include/node)`);
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(await readFile(inRoot(`node_modules/${name}/package.json`), 'utf8'))
  );
  const inputs = [await readFile(new URL(import.meta.url), 'utf8'), version, node.version, abi];
  inputs.push(await runTool(target, 'g++', ['--version']));
  return kept(`better-sqlite3-${target}`, inputs, (folder) => compile(node, name, headers, folder));
}

/**
 * @param {NodeBinary} node
 * @param {string} name of the package
 * @param {string} headers the folder that holds `include/node`
 * @param {string} folder
 */
async function compile({ target, version }, name, headers, folder) {
  const source = join(folder, 'source');
  const original = inRoot(`node_modules/${name}`);
  const isSource = (/** @type {string} */ path) => !/^(?:build|prebuilds)(?:$|\/)/.test(relative(original, path));
  await cp(original, source, { recursive: true, filter: isSource });
  const [compiler, archiver] = [toolName(target, 'g++'), toolName(target, 'ar')];
  const prefix = `-ffile-prefix-map=${source}=.`;
  const options = ['--release', `--arch=${targets[target]?.gypArch}`, `--target=${version.slice(1)}`];
  try {
    await run('npm', ['exec', '--offline', '--call', `node-gyp rebuild ${options.join(' ')}`], {
      cwd: source,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        npm_config_nodedir: headers,
        CC: toolName(target, 'gcc'),
        CXX: compiler,
        LINK: compiler,
        AR: archiver,
        // Neither a path nor a digest over one: the same commit gives the same bytes.
        CFLAGS: [prefix, FLAGS, ...UNUSED.map((name) => `-USQLITE_${name}`)].join(' '),
        CXXFLAGS: `${prefix} ${FLAGS}`,
        LDFLAGS: '-Wl,--build-id=none,--gc-sections',
      },
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const reason = said.split('\n').find((line) => /error/i.test(line)) ?? said.split('\n')[0];
    throw new BuildError(`${name} doesn't compile for ${target} (node-gyp needs make and python3): ${reason}`);
  }
  const addon = join(folder, 'better_sqlite3.node');
  await runTool(target, 'strip', ['-o', addon, join(source, 'build/Release/better_sqlite3.node')]);
  return addon;
}
