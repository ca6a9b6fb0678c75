import { expect, it } from 'vitest';
import { report, simulate } from './simulate.ts';
import type { Options } from './simulation.ts';

/* Runs that once ended badly, by seed, and what went wrong. */

const FAILED: readonly (readonly [seed: number, what: string, options?: Options])[] = [
  [4309, 'what was said while a plain join was under way counted as sent, and came after later words'],
  [5578, 'the same, where the node above lost power before it answered'],
];

it.each(FAILED)('seed %i: %s', (seed, _, options = {}) => {
  expect(simulate(seed, options).problems, report(seed, options)).toEqual([]);
});
