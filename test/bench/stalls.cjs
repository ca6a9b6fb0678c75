// @ts-check
'use strict';

const { appendFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

/*
 * Loaded into a program before its own code: at each SIGUSR2 it adds to the file of FMUCD_STALLS how long the event loop
 * has been held up at most since the last one, in milliseconds.
 */

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  appendFileSync(process.env['FMUCD_STALLS'] ?? '', `${delay.max / 1e6}\n`);
  delay.reset();
});
