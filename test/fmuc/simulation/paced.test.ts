import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';

/* Links so slow that what is urgent overtakes the rest. */

it('everybody has everything once, and knows who is there, whatever has overtaken what', () => {
  const counts = assertAllWell(3001, 100, { isPaced: true });
  expect(counts['outage']).toBeGreaterThan(30);
}, 120_000);
