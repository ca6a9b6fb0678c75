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
  { seed: 5578, what: 'the same, where the node above lost power before it answered' },
  {
    seed: 160,
    what: 'who left before a list was asked for, and was named by the join, stayed listed',
    options: { isGathering: true },
  },
];

it.each(FAILED)('seed $seed: $what', ({ seed, options = {} }) => {
  expect(simulate(seed, options).problems, report(seed, options)).toEqual([]);
});
