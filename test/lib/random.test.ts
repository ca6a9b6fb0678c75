import { describe, expect, it } from 'vitest';
import { Random } from '../../src/lib/random.ts';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  it('repeats itself from the same seed', () => {
    expect(draw(new Random(7), 20)).toEqual(draw(new Random(7), 20));
    expect(new Random(new Uint8Array([1, 2, 3])).token(12)).toBe(new Random(new Uint8Array([1, 2, 3])).token(12));
  });

  it('tells seeds apart, whichever byte differs', () => {
    const seed = new Uint8Array(32);
    const tokens = new Set([new Random(seed).token(16)]);
    for (let at = 0; at < seed.length; at += 1)
      tokens.add(new Random(seed.map((byte, i) => (i === at ? 1 : byte))).token(16));
    for (const other of [0, 1, -1, 0.5, 2 ** 40]) tokens.add(new Random(other).token(16));
    tokens.add(new Random(new Uint8Array(0)).token(16));
    expect(tokens.size).toBe(39);
  });

  it('is uniform in [0, 1)', () => {
    const buckets = Array<number>(10).fill(0);
    for (const value of draw(new Random(1), 10_000)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      buckets[Math.floor(value * 10)]! += 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('makes tokens of the asked length from letters and digits', () => {
    const random = new Random(3);
    expect(random.token(0)).toBe('');
    expect(random.token(24)).toMatch(/^[a-z2-7]{24}$/);
    expect(new Set(Array.from({ length: 1000 }, () => random.token(8))).size).toBe(1000);
  });
});
