import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { endAll, temporaryFolder } from './ending.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const suite = `
import { describe, expect, it } from 'vitest';
import { requires } from '${root}test/support/requires.ts';
requires('prosody')('two servers', () => { it('talk', () => expect(1).toBe(1)); });
describe('a thing', () => { it('stands alone', () => expect(1).toBe(1)); });
`;

afterEach(endAll);

/** `npm test` in a project of that suite alone, on a machine that has no programs. */
function run(ci: string): {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
} {
  const home = temporaryFolder();
  mkdirSync(join(home, 'test'));
  writeFileSync(join(home, 'test/needy.test.ts'), suite);
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const options = [join(root, 'test/run.mjs'), '--root', home, 'needy'];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, {
    env: { CI: ci },
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, lines: stdout.trimEnd().split('\n'), errors: stderr };
}

describe('a suite that needs a program that is missing', () => {
  it('is named at the end', () => {
    const { status, lines } = run('');
    expect(lines).toContain("skipped two servers (can't run here: needs prosody: apt-get install prosody lua-unbound)");
    expect(lines.at(-1)).toBe('tests: 1 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('fails with CI=true', () => {
    const { status, lines, errors } = run('true');
    expect(lines.at(-1)).toBe('tests: 1 passed, 1 failed');
    expect(errors).toContain('two servers needs prosody: apt-get install prosody lua-unbound');
    expect(status).toBe(1);
  });
});
