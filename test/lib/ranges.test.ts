import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ranges } from '../../src/lib/ranges.ts';

/* Ranges are a set of numbers: whatever is done to them is done to a `Set` too, and both hold the same. */

/** Close enough together that ranges touch, meet and swallow each other. */
const number = fc.nat({ max: 60 });
const pairs = fc.array(fc.tuple(number, fc.nat({ max: 8 })), { maxLength: 12 });

function rangesOf(list: readonly (readonly [low: number, length: number])[]): Ranges {
  return list.reduce((ranges, [low, length]) => ranges.with(low, low + length), Ranges.empty);
}

function setOf(list: readonly (readonly [low: number, length: number])[]): Set<number> {
  return new Set(list.flatMap(([low, length]) => Array.from({ length: length + 1 }, (_, index) => low + index)));
}

function numbersOf(ranges: Ranges): number[] {
  return Array.from({ length: 80 }, (_, index) => index).filter((one) => ranges.has(one));
}

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((one, other) => one - other);
}

/** How many runs of consecutive numbers there are. */
function runs(numbers: ReadonlySet<number>): number {
  return [...numbers].filter((one) => !numbers.has(one - 1)).length;
}

function expectHolds(ranges: Ranges, numbers: ReadonlySet<number>): void {
  const all = sorted(numbers);
  expect(numbersOf(ranges)).toEqual(all);
  expect(ranges.count).toBe(all.length);
  expect(ranges.parts).toBe(runs(numbers));
  expect(ranges.isEmpty).toBe(all.length === 0);
  expect(ranges.first).toBe(all[0]);
  expect(ranges.last).toBe(all.at(-1));
}

describe('as a set', () => {
  test('with', () => {
    fc.assert(fc.property(pairs, (list) => expectHolds(rangesOf(list), setOf(list))));
  });

  test('of', () => {
    fc.assert(
      fc.property(number, fc.nat({ max: 8 }), (low, more) =>
        expectHolds(Ranges.of(low, low + more), setOf([[low, more]])),
      ),
    );
    expectHolds(Ranges.of(7), new Set([7]));
  });

  test('union', () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) =>
        expectHolds(rangesOf(one).union(rangesOf(other)), new Set([...setOf(one), ...setOf(other)])),
      ),
    );
  });

  test('minus', () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const gone = setOf(other);
        expectHolds(rangesOf(one).minus(rangesOf(other)), new Set([...setOf(one)].filter((each) => !gone.has(each))));
      }),
    );
  });

  test('whatever is done to it, a set stays as it was', () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const [left, right] = [rangesOf(one), rangesOf(other)];
        const before = [left.toString(), right.toString()];
        for (const made of [left.union(right), left.minus(right), left.with(5, 50), left.atMost(1)]) made.with(3, 33);
        expect([left.toString(), right.toString()]).toEqual(before);
      }),
    );
  });

  test('what ends before it begins is nothing', () => {
    expect(Ranges.of(5, 4)).toBe(Ranges.empty);
    expectHolds(Ranges.of(1, 9).with(5, 4), setOf([[1, 8]]));
    expectHolds(Ranges.empty.with(7, 3), new Set());
  });
});

describe('atMost fills the lowest holes', () => {
  test('until there are so many parts, and no more', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 6 }), (list, parts) => {
        const [ranges, numbers] = [rangesOf(list), setOf(list)];
        const fewer = ranges.atMost(parts);
        expect(fewer.parts).toBe(Math.min(ranges.parts, parts));
        expect(ranges.minus(fewer).isEmpty).toBe(true);
        expect([fewer.first, fewer.last]).toEqual([ranges.first, ranges.last]);
        const filled = numbersOf(fewer).filter((one) => !numbers.has(one));
        const left = numbersOf(Ranges.of(ranges.first ?? 0, ranges.last ?? 0).minus(fewer));
        expect(Math.max(-1, ...filled)).toBeLessThan(Math.min(80, ...left));
      }),
    );
  });

  test('for example', () => {
    const ranges = rangesOf([
      [1, 1],
      [5, 0],
      [8, 2],
      [20, 0],
    ]);
    expect(ranges.atMost(4)).toBe(ranges);
    expect(ranges.atMost(3).toString()).toBe('1-5,8-a,k');
    expect(ranges.atMost(2).toString()).toBe('1-a,k');
    expect(ranges.atMost(1).toString()).toBe('1-k');
  });
});

describe('as text', () => {
  test('comes back', () => {
    const large = fc.tuple(fc.nat({ max: 1e12 }), fc.nat({ max: 1e12 }));
    fc.assert(
      fc.property(fc.array(large, { maxLength: 20 }), (list) => {
        const ranges = rangesOf(list);
        expect(Ranges.parse(ranges.toString())?.toString()).toBe(ranges.toString());
      }),
    );
  });

  test('whatever the text, it is refused, or read as what it says', () => {
    const bits = fc.constantFrom('1', '2', 'a', 'z', '10', '-', ',', ' ', 'A', '+', '.', '٣', '\n');
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (list) => {
        const ranges = Ranges.parse(list.join(''));
        if (ranges === undefined) return;
        expect(Ranges.parse(ranges.toString())?.toString()).toBe(ranges.toString());
        expect(list.join('')).toMatch(/^[0-9a-z,-]*$/);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['', 0, 0],
    ['0', 1, 1],
    ['2k-9z,a3', 268 + 1, 2],
    ['1-2,3-4', 4, 1],
    ['zzzzzzzzzz', 1, 1],
  ])('"%s" is read', (text, count, parts) => {
    expect(Ranges.parse(text)).toMatchObject({ count, parts });
  });

  test.each([
    ' ',
    ',',
    '1,',
    ',1',
    '1,,3',
    '-',
    '1-',
    '-1',
    '3-2',
    '1-2-3',
    '5,4',
    '1-5,5',
    '1-5,3-9',
    '7,7',
    'A',
    '1 ,3',
    '1.5',
    '1\n',
    'zzzzzzzzzzz',
    '٣',
  ])('"%s" is refused', (text) => {
    expect(Ranges.parse(text)).toBeUndefined();
  });

  test('of more than any peer may need is refused', () => {
    const many = Array.from({ length: 2000 }, (_, index) => (2 * index).toString(36)).join(',');
    expect(many.length).toBeGreaterThan(4096);
    expect(Ranges.parse(many)).toBeUndefined();
    expect(Ranges.parse(many.slice(0, many.lastIndexOf(',', 4096)))).toBeDefined();
  });
});
