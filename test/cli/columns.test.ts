import { expect, test } from 'vitest';
import { columnsOf, fitting, padded } from '../../src/cli/columns.ts';
import { wrap } from '../../src/cli/format.ts';

test.each([
  ['', 0],
  ['elsinore', 8],
  ['grüße', 5],
  ['salo\u0301n', 5],
  ['茶室', 4],
  ['ﾎﾃﾙ', 3],
  ['서울', 4],
  ['\u1112\u1161\u11ab', 2],
  ['😀', 2],
  ['🇩🇰', 2],
  ['ελσινόρη', 8],
])('%j takes %d columns', (text, columns) => expect(columnsOf(text)).toBe(columns));

test('as much of a text as fits ends before what is half in', () => {
  expect([1, 2, 3, 4].map((columns) => fitting('a茶室', columns))).toEqual([1, 1, 2, 2]);
  expect(fitting('e\u0301e\u0301', 1)).toBe(2);
});

test('a field is as wide as it is, whatever stands in it', () => {
  expect([padded('茶室', 6), padded('茶室', 6, 'right'), padded('tea', 2)]).toEqual(['茶室  ', '  茶室', 'tea']);
});

test('lines of wide characters break before the edge', () => {
  expect(wrap('茶室茶室 茶', 5)).toEqual(['茶室', '茶室', '茶']);
});
