import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/lib/backoff.ts';
import { Random } from '../../src/lib/random.ts';

const BOUNDS = { min: 1000, max: 60_000 };
const delays = (seed: number, count: number) => {
  const backoff = new Backoff(new Random(seed), BOUNDS);
  return Array.from({ length: count }, () => backoff.next());
};

describe('Backoff', () => {
  it('stays within its bounds, and within the doubling ceiling, over 1000 seeds', () => {
    for (let seed = 0; seed < 1000; seed += 1)
      for (const [failure, delay] of delays(seed, 12).entries()) {
        expect(delay).toBeGreaterThanOrEqual(BOUNDS.min);
        expect(delay).toBeLessThanOrEqual(Math.min(BOUNDS.max, BOUNDS.min * 2 ** (failure + 1)));
      }
  });

  it('uses the whole range: seeds disagree, and late delays reach past half of the maximum', () => {
    const tenth = Array.from({ length: 1000 }, (_, seed) => delays(seed, 10).at(-1)!);
    expect(new Set(tenth).size).toBeGreaterThan(900);
    expect(Math.max(...tenth)).toBeGreaterThan(55_000);
    expect(Math.min(...tenth)).toBeLessThan(6000);
  });

  it('starts over after a success', () => {
    const backoff = new Backoff(new Random(1), BOUNDS);
    for (let failure = 0; failure < 10; failure += 1) backoff.next();
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(2 * BOUNDS.min);
  });
});
