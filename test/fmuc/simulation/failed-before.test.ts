import { expect, it } from 'vitest';
import { report, simulate } from './simulate.ts';
import type { Options } from './simulation.ts';

/* Runs that once ended badly, and what went wrong in them. */

interface Failed {
  readonly seed: number;
  readonly what: string;
  readonly options?: Options;
}

const FAILED: readonly Failed[] = [
  { seed: 4309, what: 'what was said while a plain join was under way counted as sent, and came after later words' },
  {
    seed: 543,
    what: 'a subject that overtook the answer to a join gave way to the older one in it',
    options: { isPaced: true },
  },
  { seed: 5578, what: 'the same, where the node above lost power before it answered' },
];

it.each(FAILED)('seed $seed: $what', ({ seed, options = {} }) => {
  expect(simulate(seed, options).problems, report(seed, options)).toEqual([]);
});
