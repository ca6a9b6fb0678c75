import { expect } from 'vitest';
import { report, simulate } from './simulate.ts';
import type { Options } from './simulation.ts';

/** That many runs leave nothing to complain of; of what fails, the first is told in full. */
export function assertAllWell(from: number, count: number, options: Options = {}): Record<string, number> {
  const failed: number[] = [];
  const counts: Record<string, number> = {};
  for (let seed = from; seed < from + count; seed++) {
    const outcome = simulate(seed, options);
    if (outcome.problems.length > 0) failed.push(seed);
    for (const [what, times] of Object.entries(outcome.counts)) counts[what] = (counts[what] ?? 0) + times;
  }
  const [first] = failed;
  expect(failed, first === undefined ? '' : report(first, options)).toEqual([]);
  return counts;
}
