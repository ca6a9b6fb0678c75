import { expect, it } from 'vitest';
import { assertAllWell } from './runs.ts';
import { FAULTS } from './script.ts';

/* Links that are cut and gateways that die: 300 of the seeds. */

it('whatever happens meanwhile, in the end everybody has everything once', () => {
  const counts = assertAllWell(1201, 100);
  for (const kind of FAULTS) expect(counts[kind], kind).toBeGreaterThan(30);
}, 120_000);
