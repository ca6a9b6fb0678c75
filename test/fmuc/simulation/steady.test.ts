import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';
import { PEOPLE } from './script.ts';

/* Links that hold: late, lossy, and never cut. */

it('who comes, goes and speaks is the same everywhere', () => {
  const counts = assertAllWell(1, 100, { kinds: ['say', 'leave', 'rename'], isGathered: true, hasOwnNicks: true });
  expect(counts['reflected']).toBeGreaterThan(2000);
}, 120_000);

it('whatever people do, it is the same everywhere', () => {
  const counts = assertAllWell(101, 100, { kinds: PEOPLE });
  for (const kind of PEOPLE) expect(counts[kind], kind).toBeGreaterThan(50);
}, 120_000);
