import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';

/* Links that gather presence over windows of their own, of up to a minute, and carry all of it or availability alone. */

it('who is there comes to be the same everywhere, and nothing else is touched', () => {
  const counts = assertAllWell(3001, 100, { isGathering: true });
  for (const kind of ['rename', 'show', 'leave', 'kick', 'outage']) expect(counts[kind], kind).toBeGreaterThan(30);
}, 120_000);
