// @ts-check
'use strict';

const fs = require('node:fs');

/*
 * Loaded into a program before its own code: it is killed as by a power cut right before so many steps have been taken (FMUCD_KILL_AT, from
 * 1) that change what files there are or make that durable. With fewer steps it goes its way.
 */

let left = Number(process.env['FMUCD_KILL_AT']);

/** @param {any} module @param {string} name */
function count(module, name) {
  const original = module[name];
  module[name] = (/** @type {any[]} */ ...args) => {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}

for (const name of ['renameSync', 'fsyncSync', 'rmSync', 'chownSync']) count(fs, name);
for (const name of ['rename', 'open', 'rm']) count(fs.promises, name);
