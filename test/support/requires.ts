import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lintersNeed, lintersRun } from '../lint/linters.mjs';
import { isOnPath } from './on-path.ts';

interface Need {
  readonly isMet: boolean;
  readonly remedy: string;
}

/** What a suite may need of the machine. */
const needs = {
  prosody: program('prosody', 'prosody lua-unbound'),
  tmux: program('tmux', 'tmux'),
  'arm-linux-gnueabihf-g++': program('arm-linux-gnueabihf-g++', 'gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf'),
  'qemu-arm-static': program('qemu-arm-static', 'qemu-user-static'),
  'aarch64-linux-gnu-g++': program('aarch64-linux-gnu-g++', 'gcc-aarch64-linux-gnu g++-aarch64-linux-gnu'),
  'qemu-aarch64-static': program('qemu-aarch64-static', 'qemu-user-static'),
  'a file system of its own': {
    isMet: spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
    remedy: 'a kernel that lets `unshare -rm` mount a tmpfs',
  },
  oxlint: { isMet: lintersRun, remedy: lintersNeed },
} satisfies Record<string, Need>;

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

/** A program on the PATH, and the Debian packages that bring it. */
function program(name: string, packages: string): Need {
  return { isMet: isOnPath(name), remedy: `apt-get install ${packages}` };
}
