// @ts-check
'use strict';

const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

/*
 * What Node runs first in an executable: it takes the program from the executable's end, code and what V8 made of it when
 * it was built, so that nothing is parsed or compiled at start. build/program.mjs says where that is.
 */

/** MB of memory, as start.c found it, up to which keeping less of it counts for more than speed. */
const LITTLE = 256;

const descriptor = openSync(__filename, 'r');
const code = read(PROGRAM.code).toString('latin1');
const compiled = read(PROGRAM.compiled);
closeSync(descriptor);

if (code.startsWith(PROGRAM.beginning)) {
  for (const flag of PROGRAM.flags) setFlagsFromString(flag);
  const script = new Script(code, { filename: PROGRAM.name, cachedData: compiled });
  // They are none of those that it was compiled under.
  if (Number(process.env['FMUCD_MEMORY']) <= LITTLE) for (const flag of PROGRAM.frugalFlags) setFlagsFromString(flag);
  /** @type {(load: NodeJS.Require, file: string) => void} */ (script.runInThisContext())(require, __filename);
} else {
  process.stderr.write(`${__filename} is damaged: install it again\n`);
  process.exitCode = 1;
}

/** @param {Part} part */
function read({ bytes, fromEnd }) {
  const content = Buffer.allocUnsafeSlow(bytes);
  readSync(descriptor, content, 0, bytes, fstatSync(descriptor).size - fromEnd);
  return content;
}
