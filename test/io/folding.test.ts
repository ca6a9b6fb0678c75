import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  FIRST_HOLD,
  Folding,
  HOLD_GROWTH,
  LONGEST_HOLD,
  type LogEvent,
  MAX_AT_ONCE,
  MAX_RECENT,
} from '../../src/io/folding.ts';

/* What happens again and again in the log, in virtual time. */

const SECOND = 1000;
const DAY = 86_400 * SECOND;

let said: string[];
let folding: Folding;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12) });
  said = [];
  folding = new Folding(({ message, fields }) => said.push([message, JSON.stringify(fields)].join(' ')), Date.now);
});
afterEach(() => {
  folding.flush();
  vi.useRealTimers();
});

function happens(message: string, fields: LogEvent['fields'] = {}, level: LogEvent['level'] = 'warn'): void {
  folding.take({ level, message, fields });
}

/** What has been said since the last look, each with how often that was. */
function saidNow(): string[] {
  return said.splice(0).map((line) => {
    const [, message = '', fields = ''] = /^(.*?) (\{.*)$/.exec(line) ?? [];
    const { repeated } = JSON.parse(fields) as { repeated?: number };
    return repeated === undefined ? message : `${message} × ${repeated}`;
  });
}

it('says the first at once, and its repeats as one with their number and the time of the last', () => {
  happens('a', { peer: 'x' });
  expect(said).toEqual(['a {"peer":"x"}']);
  for (let n = 0; n < 17; n += 1) {
    vi.advanceTimersByTime(SECOND);
    happens('a', { peer: 'x' });
  }
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(FIRST_HOLD - 17 * SECOND - 1);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said[1]).toBe('a {"peer":"x","repeated":17,"last":"2026-11-21T12:00:17.000Z"}');
});

it('says them before something new, so that the order is told', () => {
  for (const message of ['a', 'a', 'a', 'b', 'b', 'c']) happens(message);
  expect(saidNow()).toEqual(['a', 'a × 2', 'b', 'b × 1', 'c']);
});

it('says what comes and goes a few times as it does, and then in one', () => {
  const up = () => happens('link up', {}, 'info');
  for (let n = 0; n < MAX_AT_ONCE; n += 1) {
    up();
    happens('link lost');
  }
  const each = Array.from({ length: MAX_AT_ONCE }, () => ['link up', 'link lost']).flat();
  expect(saidNow()).toEqual(each);
  for (let n = 0; n < 5; n += 1) {
    up();
    happens('link lost');
  }
  expect(saidNow()).toEqual([]);
  vi.advanceTimersByTime(FIRST_HOLD);
  expect(saidNow()).toEqual(['link up × 5', 'link lost × 5']);
});

it('tells apart what differs in level or field, but not in how many or when it is tried again', () => {
  happens('a', { room: 'x', count: 1, retry_in: '1 s' });
  happens('a', { room: 'x', count: 3, retry_in: '2 s' });
  happens('a', { room: 'y', count: 3, retry_in: '2 s' });
  happens('a', { room: 'y', count: 3, retry_in: '2 s' }, 'error');
  expect(saidNow()).toEqual(['a', 'a × 1', 'a', 'a']);
});

it('counts what was held back before it came here', () => {
  happens('a');
  happens('a', { suppressed: 4 });
  folding.flush();
  expect(said[1]).toMatch(/^a \{"repeated":5,"last":"[^"]+"\}$/);
});

it('says what goes on less and less often, however much else there is', () => {
  happens('link up', {}, 'info');
  happens('link lost');
  for (let second = 0; second < DAY / SECOND; second += 1) {
    vi.advanceTimersByTime(SECOND);
    happens('link up', {}, 'info');
    happens('link lost');
    if (second % 600 === 0) happens('else', { second });
  }
  folding.flush();
  const times = said.filter((line) => line.startsWith('link lost'));
  expect(times.length).toBeLessThan(MAX_AT_ONCE + 5 + DAY / LONGEST_HOLD);
  const all = times.map((line) => Number(/"repeated":(\d+)/.exec(line)?.[1] ?? 1));
  expect(all.reduce((sum, each) => sum + each)).toBe(1 + DAY / SECOND);
});

it('waits longer each time, up to a bound', () => {
  happens('a');
  const waits: number[] = [];
  let before = Date.now();
  said.length = 0;
  for (let second = 0; second < DAY / SECOND && waits.length < 6; second += 1) {
    happens('a');
    vi.advanceTimersByTime(SECOND);
    if (said.splice(0).length === 0) continue;
    waits.push(Date.now() - before);
    before = Date.now();
  }
  expect(waits.slice(0, 3)).toEqual([FIRST_HOLD, FIRST_HOLD * HOLD_GROWTH, FIRST_HOLD * HOLD_GROWTH ** 2]);
  expect(waits.slice(3)).toEqual([LONGEST_HOLD, LONGEST_HOLD, LONGEST_HOLD]);
});

it('folds what comes and goes slowly, too', () => {
  for (let n = 0; n < 60; n += 1) {
    happens('link up', {}, 'info');
    happens('link lost');
    vi.advanceTimersByTime(FIRST_HOLD / 3);
  }
  expect(said.filter((line) => line.startsWith('link lost')).length).toBeLessThan(MAX_AT_ONCE + 4);
});

it('says at once what has not been for a while', () => {
  for (let n = 0; n < 4; n += 1) {
    happens('a');
    vi.advanceTimersByTime(FIRST_HOLD);
  }
  expect(saidNow()).toEqual(['a', 'a', 'a', 'a']);
});

it('never holds back that the gateway is ready, nor what is asked for with debug', () => {
  for (let n = 0; n < 3; n += 1) {
    happens('ready', { domain: 'x' }, 'info');
    happens('detail', {}, 'debug');
  }
  expect(said).toHaveLength(6);
});

describe('nothing is lost', () => {
  it('at the end', () => {
    happens('a');
    happens('a');
    happens('b');
    happens('b');
    happens('b');
    folding.flush();
    expect(saidNow()).toEqual(['a', 'a × 1', 'b', 'b × 2']);
    vi.advanceTimersByTime(DAY);
    expect(said).toEqual([]);
  });

  it('where more different things repeat than are remembered', () => {
    const names = Array.from({ length: MAX_RECENT + 1 }, (_, at) => `e${at}`);
    for (const name of names) happens(name);
    expect(saidNow()).toEqual(names);
    for (let n = 1; n < MAX_AT_ONCE; n += 1) for (const name of names.slice(1)) happens(name);
    saidNow();
    for (const name of names.slice(1)) happens(name);
    expect(saidNow()).toEqual([]); // the first alone is forgotten
    happens('e0');
    expect(saidNow()).toEqual([...names.slice(1).map((name) => `${name} × 1`), 'e0']);
    happens('e1');
    expect(saidNow()).toEqual(['e1']);
  });
});

it('has no timer where nothing is held back', () => {
  happens('a');
  expect(vi.getTimerCount()).toBe(0);
  happens('a');
  happens('a');
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(FIRST_HOLD);
  expect(vi.getTimerCount()).toBe(0);
});
