import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { endAll, temporaryFolder } from './ending.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const needy = `
import { describe, expect, it } from 'vitest';
import { requires } from '${root}test/support/requires.ts';
requires('prosody')('two servers', () => { it('talk', () => expect(1).toBe(1)); });
describe('a thing', () => { it('stands alone', () => expect(1).toBe(1)); });
`;

const broken = `
import { beforeAll, describe, expect, it } from 'vitest';
describe('a thing', () => {
  beforeAll(() => { throw new RangeError('no room'); });
  it('stands alone', () => expect(1).toBe(1));
});
`;

afterEach(endAll);

/** `npm test` in a project of that suite alone, on a machine that has no programs. */
function run(
  suite: string,
  ci: string,
): {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
} {
  const home = temporaryFolder();
  mkdirSync(join(home, 'test'));
  writeFileSync(join(home, 'test/planted.test.ts'), suite);
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const options = [join(root, 'test/run.mjs'), '--root', home, 'planted'];
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
    const { status, lines } = run(needy, '');
    expect(lines).toContain("skipped two servers (can't run here: needs prosody: apt-get install prosody lua-unbound)");
    expect(lines.at(-1)).toBe('tests: 1 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('fails with CI=true', () => {
    const { status, lines, errors } = run(needy, 'true');
    expect(lines.at(-1)).toBe('tests: 1 passed, 1 failed');
    expect(errors).toContain('two servers needs prosody: apt-get install prosody lua-unbound');
    expect(status).toBe(1);
  });
});

describe('a suite that can’t be set up', () => {
  it('is a failure', () => {
    const { status, lines } = run(broken, '');
    expect(lines.at(-1)).toBe('tests: 0 passed, 1 failed');
    expect(status).toBe(1);
  });
});
