import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { host, targets } from '../../build/targets.mjs';
import packageFile from '../../package.json' with { type: 'json' };
import { endAll, temporaryFolder } from '../support/ending.ts';
import { type Built, Gateway, runToEnd } from '../support/gateway.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const executableName = `fmucd-${host}`;
const other = Object.keys(targets).find((target) => target !== host) ?? '';

let out: string;

beforeAll(() => {
  out = temporaryFolder();
  expect(build('--out', out).status).toBe(0);
}, 120_000);

afterAll(endAll);

function build(...options: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build/build.mjs'), ...options], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}`.trimEnd() };
}

/** Starts a built program in an empty directory, without environment and so without a PATH to find Node in. */
function alone(command: string, ...args: string[]): Built {
  return ['env', '-i', '-C', temporaryFolder(), command, ...args];
}

const programs: readonly (readonly [name: string, start: () => Built])[] = [
  ['the bundle', () => alone(process.execPath, join(out, 'fmucd.cjs'))],
  ['the executable', () => alone(join(out, executableName))],
];

describe.each(programs)('%s', (_name, start) => {
  it('says its version', async () => {
    const { code, output } = await runToEnd(['version'], start());
    expect(output.join('\n')).toContain(packageFile.version);
    expect(code).toBe(0);
  });

  it('opens a store', async () => {
    const gateway = await Gateway.start(
      '[gateway]\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\n',
      start(),
    );
    expect(readdirSync(join(gateway.folder, 'data'))).not.toEqual([]);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('a build', () => {
  it('gives the same bytes again', () => {
    const again = temporaryFolder();
    expect(build('--out', again).status).toBe(0);
    for (const name of ['fmucd.cjs', executableName])
      expect(readFileSync(join(again, name)).equals(readFileSync(join(out, name))), name).toBe(true);
  }, 60_000);

  it.each(['fmucd.cjs', executableName])('names no path of this machine: %s', (name) => {
    expect(readFileSync(join(out, name)).includes(root)).toBe(false);
  });

  it('leaves nothing but the programs', () => {
    expect(readdirSync(out).toSorted()).toEqual([executableName, 'fmucd.cjs'].toSorted());
  });

  it.each([
    [['--target', other], `build: ${other} can't be built on ${host} yet`],
    [['--target', 'linux-vax'], 'build: no target is called linux-vax '],
    [['--node', '/nowhere/node'], "build: /nowhere/node isn't a Node that runs here: "],
    [['--nodes', 'x'], "build: Unknown option '--nodes'"],
  ])('refuses %j in one line', (options, line) => {
    const folder = join(temporaryFolder(), 'out');
    const { status, said } = build(...options, '--out', folder);
    expect(status).toBe(1);
    expect(said.split('\n')).toEqual([expect.stringContaining(line)]);
    expect(existsSync(join(folder, executableName))).toBe(false);
  });

  it('takes a Node of the builder’s own', async () => {
    const folder = temporaryFolder();
    expect(build('--node', process.execPath, '--out', folder)).toEqual({ status: 0, said: '' });
    expect((await runToEnd(['version'], alone(join(folder, executableName)))).code).toBe(0);
  }, 60_000);
});

describe('a damaged program', () => {
  it('says so', async () => {
    const folder = temporaryFolder();
    expect(build('--bundle', '--out', folder).status).toBe(0);
    const file = join(folder, 'fmucd.cjs');
    truncateSync(file, readFileSync(file).length - 1);
    const gateway = Gateway.run('[gateway]\ndomain = "rooms.denmark.test"\n', alone(process.execPath, file));
    await gateway.log.expect('the damage', (line) => line.includes(`${file} is damaged: install it again`));
    expect((await gateway.exited).code).not.toBe(0);
  });
});
