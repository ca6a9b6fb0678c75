import { describe, expect, it } from 'vitest';
import { needs } from './needs.ts';

/**
 * `describe` for a suite that needs something of the machine: `requires('prosody')('two servers', () => { … })`. Where it
 * is missing the suite is skipped and named at the end of the run; with `CI=true` it fails.
 */
export function requires(...names: readonly (keyof typeof needs)[]): (name: string, suite: () => void) => void {
  const missing = names.filter((name) => !needs[name].isMet);
  if (missing.length === 0) return describe;
  const reason = missing.map((name) => `needs ${name}: ${needs[name].remedy}`).join('; ');
  if (process.env['CI'] === 'true')
    return (name) => describe(name, () => it('can run here', () => expect.fail(`${name} ${reason}`)));
  return (name, suite) => describe.skip(`${name} (can't run here: ${reason})`, suite);
}
