import { join } from 'node:path';
import { endAll } from '../support/ending.ts';
import { measureAnswer, type Waits } from './answer.ts';
import { show } from './rows.ts';
import { writeSection } from './section.ts';
import { table } from './table.ts';

/* What bench.mjs starts for `answer`. */

/** Milliseconds in which the gateway has to answer, whatever else it does. */
const BUDGET = 200;

const [root = '.'] = process.argv.slice(2);
process.setMaxListeners(0);
try {
  const program = [process.execPath, join(root, 'dist/fmucd.cjs')] as const;
  const found = await measureAnswer(program, join(root, 'test/bench/asks.cjs'));
  const row = (name: string, budget: string, { median, longest }: Waits) => [name, budget, show(median), show(longest)];
  console.log(
    table([
      ['1,000 rooms, 100,000 messages, 20 links, 500 occupants: ms', 'budget', 'median', 'longest'],
      row('the answer to "status", nothing else to do', `${BUDGET}`, found.idle),
      row('the answer to "status", all of them hear all that is said', `${BUDGET}`, found.busy),
      row('fmucd status meanwhile, from its start to its end', '', found.program),
    ]),
  );
  writeSection(join(root, 'dist/bench.json'), 'answer', { date: new Date().toISOString(), ...found });
} finally {
  await endAll();
}
