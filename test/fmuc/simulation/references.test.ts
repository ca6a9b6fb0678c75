import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';

/* People correct, reply and retract, and every client finds what is meant, by the ids that it has been given. */

it.each([
  ['everyone puts in order what is said there', false],
  ['the topmost node puts all in order', true],
])(
  'where %s',
  (_, isReplicated) => {
    const counts = assertAllWell(3001, 50, { hasReferences: true, isReplicated });
    expect(counts['reference found']).toBeGreaterThan(1000);
    expect(counts['retracted']).toBeGreaterThan(100);
  },
  300_000,
);
