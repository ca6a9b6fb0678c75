import { beforeEach, expect, it } from 'vitest';
import { Journal } from '../../src/lib/journal.ts';
import { Remembered } from '../../src/lib/remembered.ts';

/* What is remembered for a while. */

let journal: Journal;
let remembered: Remembered<string>;

beforeEach(() => {
  journal = new Journal();
  remembered = new Remembered(journal, 2, 100);
  remembered.set('a', 'one', 0);
  journal.commit();
});

it('is there until its time is over', () => {
  expect(remembered.get('a', 99)).toBe('one');
  expect(remembered.get('a', 100)).toBeUndefined();
  expect(remembered.latest(100)).toEqual([]);
});

it('set anew has all its time again', () => {
  remembered.set('a', 'two', 50);
  expect(remembered.get('a', 149)).toBe('two');
});

it('makes room for what is new: the one set longest ago goes', () => {
  remembered.set('b', 'two', 1);
  remembered.set('a', 'three', 2);
  remembered.set('c', 'four', 3);
  expect(remembered.latest(3)).toEqual([
    ['c', 'four'],
    ['a', 'three'],
  ]);
});

it('is taken back with its turn, also what had to make room', () => {
  remembered.set('b', 'two', 1);
  journal.commit();
  remembered.set('c', 'three', 2);
  remembered.delete('b');
  journal.rollback();
  expect(remembered.get('a', 3)).toBe('one');
  expect(remembered.get('b', 3)).toBe('two');
  expect(remembered.get('c', 3)).toBeUndefined();
});
