import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';
import { FAULTS, OPERATORS, PEOPLE } from './script.ts';

/* Operators change files while people talk: links connect anew or go, rooms stand alone for a while. */

it('once the files are as they were, it is the same everywhere, and nothing is lost', () => {
  const counts = assertAllWell(7001, 100, { kinds: [...PEOPLE, ...OPERATORS] });
  expect(counts['reload']).toBeGreaterThan(100);
}, 120_000);

it('also with everything else that may befall nodes and links', () => {
  const counts = assertAllWell(7101, 100, { kinds: [...PEOPLE, ...FAULTS, ...OPERATORS] });
  expect(counts['reload']).toBeGreaterThan(100);
}, 120_000);
