import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranges } from '../../src/lib/ranges.ts';

/* Sets of numbers, held against sets of numbers. */

const pair = fc.tuple(fc.nat(60), fc.nat(9)).map(([low, length]): [number, number] => [low, low + length]);
const pairs = fc.array(pair, { maxLength: 12 });

const build = (all: readonly [number, number][]): Ranges =>
  all.reduce((ranges, [low, high]) => ranges.with(low, high), Ranges.empty);
const plain = (all: readonly [number, number][]): Set<number> =>
  new Set(all.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, index) => low + index)));
const numbers = (ranges: Ranges): number[] =>
  Array.from({ length: 80 }, (_, index) => index).filter((n) => ranges.has(n));
const sorted = (set: ReadonlySet<number>): number[] => [...set].toSorted((one, other) => one - other);

describe('ranges of numbers', () => {
  it('hold what was put in, and know how many and which is first and last', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const ranges = build(all);
        const expected = sorted(plain(all));
        expect(numbers(ranges)).toEqual(expected);
        expect([ranges.count, ranges.first, ranges.last]).toEqual([expected.length, expected[0], expected.at(-1)]);
      }),
    );
  });

  it('are joined and taken from one another as sets are', () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const [a, b] = [plain(one), plain(other)];
        expect(numbers(build(one).union(build(other)))).toEqual(sorted(new Set([...a, ...b])));
        expect(numbers(build(one).minus(build(other)))).toEqual(sorted(new Set([...a].filter((n) => !b.has(n)))));
      }),
    );
  });

  it('are the same after being written and read', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const text = build(all).toString();
        expect(Ranges.parse(text)?.toString()).toBe(text);
      }),
    );
  });

  it('in fewer parts hold what they held, the lowest holes filled', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 4 }), (all, parts) => {
        const ranges = build(all);
        const fewer = ranges.atMost(parts);
        expect(fewer.parts).toBeLessThanOrEqual(parts);
        expect(ranges.minus(fewer).isEmpty).toBe(true);
        expect(fewer.last).toBe(ranges.last);
      }),
    );
  });

  it.each(['a-', '-a', 'b-a', 'a,a', 'c,a', 'a--b', 'A', ' a', 'a;b', 'a,', '~a', 'a,'.repeat(3000)])(
    'are not %j',
    (text) => {
      expect(Ranges.parse(text)).toBeUndefined();
    },
  );
});
