import { join } from 'node:path';
import { isOnPath } from '../../build/on-path.mjs';
import { endAll } from '../support/ending.ts';
import { measureCrowd, PHASES } from './crowd.ts';
import { measureFanout } from './fanout.ts';
import { show } from './rows.ts';
import { writeSection } from './section.ts';
import { table } from './table.ts';

/* What bench.mjs starts for `fanout`. */

/** The least multiple of Prosody's rate, and the longest that the event loop may be held up, in milliseconds. */
const LEAST = 2;
const LONGEST = 50;

const [root = '.', only] = process.argv.slice(2);
const program = [process.execPath, join(root, 'dist/fmucd.cjs')] as const;
process.setMaxListeners(0);
try {
  const lines = [['', 'budget', 'fmucd', 'Prosody', 'ratio']];
  if (only !== 'crowd') {
    const fanout = await measureFanout(program, isOnPath('prosody'));
    console.log(JSON.stringify(fanout.rounds));
    lines.push([
      'stanzas delivered a second, one room, 100 occupants, one S2S stream',
      `${LEAST} ×`,
      show(fanout.ours),
      show(fanout.prosody),
      show(fanout.ratio),
    ]);
    writeSection(join(root, 'dist/bench.json'), 'fanout', { date: new Date().toISOString(), ...fanout });
  }
  await endAll();
  if (only !== 'rate') {
    const crowd = await measureCrowd(program, join(root, 'test/bench/stalls.cjs'));
    for (const phase of PHASES) {
      const { delay, work } = crowd[phase];
      const row = `500 occupants, ${phase}: longest delay of the event loop, ms`;
      lines.push([row, phase === 'idle' ? '' : `${LONGEST}`, show(delay), '', '']);
      lines.push([`of it worked, ms`, '', show(work), '', '']);
    }
    writeSection(join(root, 'dist/bench.json'), 'crowd', { date: new Date().toISOString(), ...crowd });
  }
  console.log(table(lines));
} finally {
  await endAll();
}
