// @ts-check
'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

/*
 * Has V8 compile a program, each function of it, for load.cjs: build/executable.mjs runs it under the Node that the
 * program is for.
 *
 *   node --random-seed=1 compile.cjs CODE COMPILED FLAG…
 */

const [, , code = '', compiled = '', ...flags] = process.argv;
for (const flag of [...flags, '--no-lazy']) setFlagsFromString(flag);
const script = new Script(readFileSync(code, 'latin1'));
setFlagsFromString('--lazy');
writeFileSync(compiled, script.createCachedData());
