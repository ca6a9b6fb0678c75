import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let wall: number;
let elapsed: number;
let now: () => number;

beforeEach(async () => {
  [wall, elapsed] = [1_000_000, 500];
  vi.spyOn(Date, 'now').mockImplementation(() => wall);
  vi.spyOn(process, 'hrtime').mockImplementation(() => [0, elapsed * 1e6]);
  vi.resetModules();
  ({ now } = await import('../../src/io/clock.ts'));
});

afterEach(() => vi.restoreAllMocks());

test('goes with the system', () => {
  expect(now()).toBe(1_000_000);
  [wall, elapsed] = [1_000_010, 510.7];
  expect(now()).toBe(1_000_010);
});

test('follows when the clock is set forward', () => {
  [wall, elapsed] = [9_000_000, 501];
  expect(now()).toBe(9_000_000);
});

test('goes on from where it was when the clock is set back, until that has caught up', () => {
  [wall, elapsed] = [900_000, 600];
  expect(now()).toBe(1_000_100);
  elapsed = 700;
  expect(now()).toBe(1_000_200);
  [wall, elapsed] = [1_000_300, 750];
  expect(now()).toBe(1_000_300);
});
