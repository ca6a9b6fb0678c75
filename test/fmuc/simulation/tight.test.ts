import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';

/* Links that bring little across: what is left behind may be missing, and nothing else. */

it('what comes across comes once, in order, and everybody knows who is there', () => {
  const counts = assertAllWell(2001, 100, { isTight: true });
  expect(counts['outage']).toBeGreaterThan(30);
}, 120_000);
