import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleParts } from '../../build/bundle.mjs';
import { runningNode } from '../../build/node.mjs';
import { host, targets } from '../../build/targets.mjs';
import packageFile from '../../package.json' with { type: 'json' };
import { alone, build, buildWith, root } from '../support/build.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { type Built, Gateway, runToEnd } from '../support/gateway.ts';

const executableName = `fmucd-${host}`;
const other = Object.keys(targets).find((target) => target !== host) ?? '';

let out: string;

beforeAll(() => {
  out = temporaryFolder();
  expect(build('--out', out).status).toBe(0);
}, 120_000);

afterAll(endAll);

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
    for (const name of readdirSync(out))
      expect(readFileSync(join(again, name)).equals(readFileSync(join(out, name))), name).toBe(true);
  }, 60_000);

  it.each(['fmucd.cjs', executableName])('names no path of this machine: %s', (name) => {
    expect(readFileSync(join(out, name)).includes(root)).toBe(false);
  });

  it('leaves nothing but the programs and their manual', () => {
    expect(readdirSync(out).toSorted()).toEqual([executableName, 'fmucd.1', 'fmucd.cjs', 'fmucd.toml.5'].toSorted());
  });

  it.each([
    [['--target', 'linux-vax'], 'build: no target is called linux-vax '],
    [['--node', '/nowhere/node'], 'build: /nowhere/node failed: '],
    [['--node', '/bin/echo'], "build: /bin/echo isn't a Node"],
    [['--target', 'all', '--node', 'x'], 'build: --node is the Node of one target, not of all'],
    [['--nodes', 'x'], "build: Unknown option '--nodes'"],
  ])('refuses %j in one line', (options, line) => {
    const folder = join(temporaryFolder(), 'out');
    const { status, said } = build(...options, '--out', folder);
    expect(status).toBe(1);
    expect(said.split('\n')).toEqual([expect.stringContaining(line)]);
    expect(existsSync(join(folder, executableName))).toBe(false);
  });

  it.each([
    [other, `build: no ${targets[other]?.emulator}: apt-get install qemu-user-static ${targets[other]?.packages}`],
    [host, 'build: no strip: apt-get install build-essential'],
  ])('says what to install for %s', (target, line) => {
    const out = temporaryFolder();
    const bare = { PATH: out };
    expect(buildWith(bare, '--target', target, '--node', process.execPath, '--out', out)).toEqual({
      status: 1,
      said: line,
    });
  });

  it('takes a Node of the builder’s own', async () => {
    const folder = temporaryFolder();
    expect(build('--node', process.execPath, '--out', folder)).toEqual({ status: 0, said: '' });
    expect((await runToEnd(['version'], alone(join(folder, executableName)))).code).toBe(0);
  }, 60_000);
});

/** Of the code that every command loads, a gateway too: what is larger has a dynamic import between it and `main`. */
const MAIN_BYTES = 64_000;

/** What V8 is asked to compile, and whether it took what was compiled before; undefined where nothing was. */
const SPY = `
  const vm = require('node:vm');
  vm.Script = class extends vm.Script {
    constructor(code, options) {
      super(code, options);
      console.log(options.filename, this.cachedDataRejected);
    }
  };
`;

describe('what V8 made of the program', () => {
  const said = async (bounds: string, ...args: string[]) => {
    const spy = join(temporaryFolder(), 'spy.cjs');
    writeFileSync(spy, SPY);
    return (await runToEnd(args, alone(`NODE_OPTIONS=${bounds} -r ${spy}`, join(out, executableName)))).output;
  };

  it.each(['', '--max-old-space-size=64 --max-semi-space-size=2'])('is taken by a gateway, with %j', async (bounds) => {
    expect((await said(bounds, 'run', '-c', '/nowhere')).slice(0, 2)).toEqual([
      'fmucd-main.cjs false',
      'fmucd.cjs false',
    ]);
  });

  it('has no command but run, which alone a gateway keeps', async () => {
    const { main, gateway, commands } = await bundleParts(runningNode);
    const screen = 'nothing is missing';
    expect([main, gateway, commands].map((part) => part.includes(screen))).toEqual([false, false, true]);
    expect(main.length).toBeLessThan(MAIN_BYTES);
  });

  it('is loaded for the command alone that is called', async () => {
    expect(await said('', 'version')).toEqual(['fmucd-main.cjs false', `fmucd ${packageFile.version}`]);
    expect((await said('', 'status', '-c', '/nowhere')).slice(0, 2)).toEqual([
      'fmucd-main.cjs false',
      'fmucd-commands.cjs undefined',
    ]);
  });
});

describe('the SQLite addon', () => {
  it('is unpacked once', async () => {
    const folder = `/dev/shm/fmucd-${process.getuid?.()}`;
    // Other suites unpack theirs at the same time.
    const files = () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.node'))
        .map((name) => `${name} ${statSync(join(folder, name)).ino}`);
    const text = '[gateway]\ndomain = "rooms.denmark.test"\ndata = "data"\ncontrol = "control"\n';
    const start = alone(join(out, executableName));
    const gateway = await Gateway.start(text, start);
    const unpacked = files();
    await gateway.restart();
    expect(unpacked).not.toEqual([]);
    expect(files()).toEqual(expect.arrayContaining(unpacked));
    expect(readdirSync(join(gateway.folder, 'data'))).not.toContain('addon');
  });
});

describe('a damaged program', () => {
  it('says so where its end is missing', async () => {
    const file = join(temporaryFolder(), 'fmucd');
    const whole = readFileSync(join(out, executableName));
    writeFileSync(file, whole.subarray(0, -1), { mode: 0o700 });
    expect(await runToEnd(['version'], alone(file))).toEqual({
      code: 1,
      output: [`${file} is damaged: install it again`],
    });
  });

  it('says so', async () => {
    const folder = temporaryFolder();
    expect(build('--bundle', '--out', folder).status).toBe(0);
    const file = join(folder, 'fmucd.cjs');
    // An addon that nobody has unpacked yet.
    const program = readFileSync(file, 'latin1').replace(
      /(content:{bytes:\d+,sha256:")[\da-f]{64}/,
      `$1${'0'.repeat(64)}`,
    );
    writeFileSync(file, program.slice(0, -1), 'latin1');
    const gateway = Gateway.run('[gateway]\ndomain = "rooms.denmark.test"\n', alone(process.execPath, file));
    await gateway.log.expect('the damage', (line) => line.includes(`${file} is damaged: install it again`));
    expect((await gateway.exited).code).not.toBe(0);
  });
});
