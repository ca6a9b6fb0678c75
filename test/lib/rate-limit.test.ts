import { expect, test } from 'vitest';
import { OncePer } from '../../src/lib/rate-limit.ts';

test('passes once an interval for each key, and counts what it held back', () => {
  const limit = new OncePer(60_000, 10);
  expect(limit.allow('a', 0)).toBe(0);
  expect(limit.allow('a', 1)).toBe(false);
  expect(limit.allow('b', 1)).toBe(0);
  expect(limit.allow('a', 59_999)).toBe(false);
  expect(limit.allow('a', 60_000)).toBe(2);
  expect(limit.allow('a', 60_001)).toBe(false);
  expect(limit.allow('a', 120_000)).toBe(1);
});

test('remembers as many keys as it may, and forgets the one that passed longest ago', () => {
  const limit = new OncePer(60_000, 2);
  limit.allow('a', 0);
  limit.allow('b', 1);
  limit.allow('a', 60_000);
  limit.allow('c', 60_001);
  expect(limit.allow('a', 60_002)).toBe(false);
  expect(limit.allow('c', 60_002)).toBe(false);
  expect(limit.allow('b', 60_003)).toBe(0);
});
