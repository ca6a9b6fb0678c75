import { expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const KEYS = ['from', 'connect', 'presence', 'moderate', 'idle', 'name', 'data'];

it.each([
  ['a letter too few', 'prsence', 'presence'],
  ['a letter too many', 'connnect', 'connect'],
  ['another letter', 'moderite', 'moderate'],
  ['two letters swapped', 'form', 'from'],
  ['two slips in a long word', 'presance', 'presence'],
  ['upper case', 'IDLE', 'idle'],
  ['a word of its own', 'colour', undefined],
  ['two slips in a short word', 'dame', 'name'],
  ['nothing', '', undefined],
])('%s: %s', (_, word, expected) => {
  expect(nearest(word, KEYS)).toBe(expected);
});

it('of two equally near, the first', () => {
  expect(nearest('bata', ['data', 'beta'])).toBe('data');
});

it('a swap counts once, two replacements twice', () => {
  expect(nearest('ab', ['ba'])).toBe('ba');
  expect(nearest('ab', ['cd'])).toBeUndefined();
});
