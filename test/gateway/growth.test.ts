import { expect, it, vi } from 'vitest';
import { Day } from '../support/day.ts';
import { keptBy } from '../support/kept.ts';

vi.setConfig({ testTimeout: 300_000 });

it.each(['direct', 's2s'] as const)('keeps no more after 24 hours of traffic than after two (%s)', (transport) => {
  const day = new Day(transport);
  const kept = () => [day.near, day.far].map(({ core }) => keptBy(core));
  day.hour();
  const anHour = day.heard;
  day.hour();
  const before = kept();
  for (let hour = 3; hour <= 24; hour++) day.hour();
  expect(kept()).toEqual(before);
  expect(anHour).toBeGreaterThan(500);
  expect(day.heard).toBe(24 * anHour);
});
