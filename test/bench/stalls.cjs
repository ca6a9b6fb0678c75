// @ts-check
'use strict';

const { appendFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

/*
 * Loaded into a program before its own code. At each SIGUSR2 it adds a line to the file of FMUCD_STALLS: how long the event
 * loop has been held up at most since the last one, and how much the process has worked in one go at most, both in
 * milliseconds. The former counts also what other processes take of the machine, the latter what V8's other threads do.
 */

/** Milliseconds between two looks at what was worked. */
const STEP = 1;

const delay = monitorEventLoopDelay({ resolution: STEP });
let before = process.cpuUsage();
let longest = 0;

setInterval(() => {
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  longest = Math.max(longest, (user + system) / 1000);
}, STEP).unref();
delay.enable();
process.on('SIGUSR2', () => {
  appendFileSync(process.env['FMUCD_STALLS'] ?? '', `${delay.max / 1e6} ${longest}\n`);
  delay.reset();
  longest = 0;
});
