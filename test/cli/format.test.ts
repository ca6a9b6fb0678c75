import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAge, formatBytes, formatDelay, wrap } from '../../src/cli/format.ts';
import { noon } from './reports.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345, '12.3 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [4_500_000_000, '4.5 GB'],
])('%d bytes are %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

test.each([
  ['2026-11-21T12:00:00Z', 'just now'],
  ['2026-11-21T12:00:05Z', 'just now'],
  ['2026-11-21T11:59:01Z', '59 s ago'],
  ['2026-11-21T11:57:00Z', '3 min ago'],
  ['2026-11-21T10:00:01Z', '1 h ago'],
  ['2026-11-19T12:00:01Z', '47 h ago'],
  ['2026-11-19T12:00:00Z', '2 d ago'],
  ['whenever', 'whenever'],
])('%s was %s', (stamp, expected) => expect(formatAge(stamp, noon)).toBe(expected));

test.each([
  [null, '-'],
  [0, '0 s'],
  [0.01, '0.1 s'],
  [1.26, '1.3 s'],
  [9.96, '10 s'],
  [75, '1 min'],
])('a delay of %s seconds is %s', (seconds, expected) => expect(formatDelay(seconds)).toBe(expected));

test('wrapping keeps every word, and lines short', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 40 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const lines = wrap(text, width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
  expect(wrap('to be or not to be', 9)).toEqual(['to be or', 'not to be']);
});

test('wrapping cuts no character in two', () => {
  expect(wrap('😀😀😀', 3)).toEqual(['😀', '😀', '😀']);
  expect(wrap('😀', 1).join('')).toBe('😀');
});
