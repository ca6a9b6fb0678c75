import { expect, test } from 'vitest';
import { parseSince } from '../../src/cli/since.ts';
import { noon } from './reports.ts';

const HOUR = 3_600_000;

test.each([
  ['2026-11-21T07:30:00Z', noon - 4.5 * HOUR],
  ['2026-11-21T07:30:00.5+01:00', noon - 5.5 * HOUR + 500],
  ['2026-11-21', noon - 12 * HOUR],
  ['0s', noon],
  ['90m', noon - 1.5 * HOUR],
  ['2h', noon - 2 * HOUR],
  ['3d', noon - 72 * HOUR],
  ['1w', noon - 168 * HOUR],
])('%s', (text, expected) => expect(parseSince(text, noon)).toBe(expected));

test.each(['', 'h', '2', '2y', '-2h', '2h ', '1.5h', '2026-02-30', '2026-11-21T07:30:00', 'yesterday', '9999999d'])(
  'not %s',
  (text) => expect(parseSince(text, noon)).toBeUndefined(),
);
