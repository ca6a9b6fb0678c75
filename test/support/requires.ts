import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The programs that a suite may need of the machine, and the Debian packages that bring them. */
const packages = {
  prosody: 'prosody lua-unbound',
  tmux: 'tmux',
} as const;

type Program = keyof typeof packages;

/**
 * `describe` for a suite that needs programs of the machine: `requires('prosody')('two servers', () => { … })`. Where one
 * is missing the suite is skipped and named at the end of the run; with `CI=true` it fails.
 */
export function requires(...programs: readonly Program[]): (name: string, suite: () => void) => void {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length === 0) return describe;
  const remedy = `needs ${missing.join(', ')}: apt-get install ${missing.map((program) => packages[program]).join(' ')}`;
  if (process.env['CI'] === 'true')
    return (name) => describe(name, () => it('can run here', () => expect.fail(`${name} ${remedy}`)));
  return (name, suite) => describe.skip(`${name} (can't run here: ${remedy})`, suite);
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
