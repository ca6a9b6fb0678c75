// @ts-check
'use strict';

const fs = require('node:fs');

/*
 * Loaded into a program before its own code: it is killed as by a power cut right before so many steps have been taken (FMUCD_KILL_AT, from
 * 1) that change what files there are or make that durable. With fewer steps it goes its way.
 */

let left = Number(process.env['FMUCD_KILL_AT']);

/**
 * @param {unknown} module
 * @param {readonly string[]} names
 */
function count(module, names) {
  const functions = /** @type {Record<string, (...args: unknown[]) => unknown>} */ (module);
  for (const name of names) {
    const original = functions[name];
    functions[name] = (...args) => {
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      return original?.(...args);
    };
  }
}

count(fs, ['renameSync', 'fsyncSync', 'rmSync', 'chownSync']);
count(fs.promises, ['rename', 'open', 'rm']);
