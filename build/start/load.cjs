// @ts-check
'use strict';

const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

/*
 * What Node runs first in an executable: it takes the program from the executable's end, each part of it as it is asked for. Beside what
 * a gateway runs stands what V8 made of it when it was built, so that nothing is parsed or compiled at its start. build/program.mjs says
 * where all that is.
 */

/** MB of memory, as start.c found it, up to which keeping less of it counts for more than speed. */
const LITTLE = 256;

/** Bytes out of which small buffers are cut, instead of Node's 8192: whole pieces of that size wait for the garbage collector. */
const POOL = 1024;

/** A part's code. @typedef {(load: (name: string) => unknown, filename: string, module: { exports: Modules }) => void} Start */

/** What a part leaves: functions that load modules, by what `main` calls them. @typedef {Record<string, () => unknown>} Modules */

/** @type {Record<string, Modules>} */
const loaded = {};

/** @type {Readonly<Record<string, () => Modules>>} */
const parts = {
  gateway() {
    const modules = run('fmucd.cjs', read(PROGRAM.gateway), read(PROGRAM.gatewayCompiled));
    if (Number(process.env['FMUCD_MEMORY']) <= LITTLE) {
      // They are none of those that it was compiled under.
      for (const flag of PROGRAM.frugalFlags) setFlagsFromString(flag);
      Buffer.poolSize = POOL;
    }
    return modules;
  },
  commands() {
    /** @type {typeof import('node:zlib')} */
    const { brotliDecompressSync } = require('node:zlib');
    return run('fmucd-commands.cjs', brotliDecompressSync(read(PROGRAM.commands)));
  },
};

for (const flag of PROGRAM.flags) setFlagsFromString(flag);
const main = read(PROGRAM.main);
if (main.toString('latin1', 0, PROGRAM.beginning.length) === PROGRAM.beginning)
  run('fmucd-main.cjs', main, read(PROGRAM.mainCompiled));
else {
  process.stderr.write(`${__filename} is damaged: install it again\n`);
  process.exitCode = 1;
}

/**
 * Runs a part.
 *
 * @param {string} filename what stack traces call it
 * @param {Buffer} code
 * @param {Buffer} [cachedData] what V8 made of it
 */
function run(filename, code, cachedData) {
  const script = new Script(code.toString('latin1'), { filename, ...(cachedData !== undefined && { cachedData }) });
  const module = { exports: /** @type {Modules} */ ({}) };
  const start = /** @type {Start} */ (script.runInThisContext());
  start(load, __filename, module);
  return module.exports;
}

/**
 * @param {string} name
 * @returns {unknown}
 */
function load(name) {
  const [part = ''] = name.split(':', 1);
  const make = parts[part];
  if (make === undefined) return require(name);
  loaded[part] ??= make();
  return loaded[part][name]?.();
}

/** @param {Piece} piece */
function read({ bytes, fromEnd }) {
  const content = Buffer.allocUnsafeSlow(bytes);
  const descriptor = openSync(__filename, 'r');
  readSync(descriptor, content, 0, bytes, fstatSync(descriptor).size - fromEnd);
  closeSync(descriptor);
  return content;
}
