// @ts-check
'use strict';

const { connect } = require('node:net');

/*
 * A process of its own that asks a gateway how it stands, as `fmucd status` does, again and again, and prints how many
 * milliseconds each answer took until all of it was there: `node asks.cjs SOCKET TIMES PAUSE`.
 */

const [path = '', times = '1', pause = '100'] = process.argv.slice(2);
/** @type {number[]} */
const took = [];

function ask() {
  const begun = performance.now();
  const socket = connect(path);
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('end', () => {
    took.push(performance.now() - begun);
    if (took.length < Number(times)) setTimeout(ask, Number(pause));
    else process.stdout.write(JSON.stringify(took));
  });
  socket.resume().write('{"command":"status"}\n');
}

ask();
