import { describe, expect, it } from 'vitest';
import { BURST, MAX_PAUSE, MIN_PAUSE, STANZAS_A_SECOND, Throttle } from '../../src/stream/throttle.ts';

const midnight = Date.UTC(2026, 10, 21);

function take(throttle: Throttle, count: number, now: number): void {
  for (let taken = 0; taken < count; taken++) throttle.take(now);
}

describe('stanzas a second', () => {
  it('a burst comes without any pause, and the next once as much time has passed', () => {
    const throttle = new Throttle();
    expect(throttle.pauseUntil(midnight)).toBeUndefined();
    take(throttle, BURST, midnight);
    expect(throttle.pauseUntil(midnight)).toBeUndefined();
    const later = midnight + (1000 * BURST) / STANZAS_A_SECOND;
    take(throttle, BURST, later);
    expect(throttle.pauseUntil(later)).toBeUndefined();
    take(throttle, 1, later);
    expect(throttle.pauseUntil(later)).toBe(later + MIN_PAUSE);
  });

  it('what is beyond pauses reading for as long as it should have taken', () => {
    const throttle = new Throttle();
    take(throttle, BURST + STANZAS_A_SECOND, midnight);
    expect(throttle.pauseUntil(midnight)).toBe(midnight + 1000);
    expect(throttle.pauseUntil(midnight + 400)).toBe(midnight + 1000);
    expect(throttle.pauseUntil(midnight + 1000)).toBeUndefined();
    take(throttle, 1, midnight + 1000);
    expect(throttle.pauseUntil(midnight + 1000)).toBe(midnight + 1000 + MIN_PAUSE);
  });

  it('steadily so many a second are never held back, and more are to that rate', () => {
    const steady = new Throttle();
    for (let second = 0; second < 60; second++) {
      take(steady, STANZAS_A_SECOND, midnight + second * 1000);
      expect(steady.pauseUntil(midnight + second * 1000)).toBeUndefined();
    }
    const greedy = new Throttle();
    let now = midnight;
    let taken = 0;
    for (; now < midnight + 60_000; now = greedy.pauseUntil(now) ?? now + 1) {
      take(greedy, 50, now);
      taken += 50;
    }
    expect(taken).toBeGreaterThanOrEqual(60 * STANZAS_A_SECOND);
    expect(taken).toBeLessThanOrEqual(60 * STANZAS_A_SECOND + BURST + 50);
  });

  it('no pause is longer than so much, whatever came', () => {
    const throttle = new Throttle();
    take(throttle, BURST + 100 * STANZAS_A_SECOND, midnight);
    expect(throttle.pauseUntil(midnight)).toBe(midnight + MAX_PAUSE);
    expect(throttle.pauseUntil(midnight + MAX_PAUSE)).toBeUndefined();
  });

  it('nor where the clock was set back, and then once', () => {
    const throttle = new Throttle();
    take(throttle, BURST + 1, midnight);
    const earlier = midnight - 86_400_000;
    expect(throttle.pauseUntil(earlier)).toBe(earlier + MAX_PAUSE);
    throttle.take(earlier + MAX_PAUSE);
    expect(throttle.pauseUntil(earlier + 2 * MAX_PAUSE)).toBeUndefined();
  });
});
