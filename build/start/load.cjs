// @ts-check
'use strict';

const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

/*
 * What Node runs first in an executable: it takes the program from the executable's end, code and what V8 made of it when
 * it was built, so that nothing is parsed or compiled at start. build/program.mjs says where that is.
 */

const descriptor = openSync(__filename, 'r');
const code = read(PROGRAM.code).toString('latin1');
const compiled = read(PROGRAM.compiled);
closeSync(descriptor);

if (code.startsWith(PROGRAM.beginning)) {
  // V8 takes only what was compiled under the same flags, and before Node 24 the heap's bounds are among those that count.
  // The heap has taken them by now.
  for (const flag of ['--max-old-space-size=0', '--max-semi-space-size=0']) setFlagsFromString(flag);
  const script = new Script(code, { filename: PROGRAM.name, cachedData: compiled });
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
