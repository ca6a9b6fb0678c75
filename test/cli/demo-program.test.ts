import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Program } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { Terminal } from '../support/terminal.ts';

/** `fmucd demo` as a person meets it: the built program, its gateways, its sockets. */

const bundle = fileURLToPath(new URL('../../dist/fmucd.cjs', import.meta.url));

/** What each test may take: the script needs some 20 s, since that is what its bytes take on the air. */
const PATIENCE = 90_000;

afterEach(endAll);

/** The demo without a terminal; `folder` is where it may leave files. */
function startDemo() {
  const folder = temporaryFolder();
  const demo = new Program('the demo', 'env', [`TMPDIR=${folder}`, process.execPath, bundle, 'demo']);
  const line = (text: string) => demo.lines.expect(text, (line) => line.includes(text), PATIENCE);
  return { folder, demo, line };
}

/** The processes whose command line has this in it. */
function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(text))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it has ended
  }
}

test(
  'without a terminal it plays its script, sees all that was expected and leaves nothing behind',
  async () => {
    const { folder, demo } = startDemo();
    const exit = await demo.exited;
    const lines = demo.lines.all();
    expect(exit, lines.join('\n')).toEqual({ code: 0, signal: null });
    expect(lines.at(-1)).toMatch(/^(\d+) of \1 expectations met$/);
    expect(lines.find((line) => line.includes('Hamlet  Alice  Hi Hamlet, who is there?'))).toBeDefined();
    const said = lines.find((line) => line.includes('<body>Hi Alice</body>'));
    expect(said).toContain('<fmuc xmlns="http://isode.com/protocol/fmuc" from="hamlet@denmark.lit/castle"/>');
    expect(lines).toContainEqual(expect.stringMatching(`→ +message, ${Buffer.byteLength(said?.trim() ?? '')} bytes$`));
    expect(readdirSync(folder)).toEqual([]);
  },
  PATIENCE,
);

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s ends it, its gateways and its files',
  async (signal, code) => {
    const { folder, demo, line } = startDemo();
    await line('Hamlet enters elsinore');
    expect(processesOf(`${folder}/`)).toHaveLength(2);
    expect(await demo.kill(signal)).toEqual({ code, signal: null });
    expect(demo.lines.all()).toContain(`fmucd demo: ended by ${signal}`);
    expect(processesOf(`${folder}/`)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  },
  PATIENCE,
);

test(
  'a gateway that dies ends it with its log and with what is missing',
  async () => {
    const { folder, demo, line } = startDemo();
    await line('Hamlet enters elsinore');
    for (const pid of processesOf('wonderland.toml'))
      if (commandLine(`${pid}`).includes(folder)) process.kill(pid, 'SIGKILL');
    expect(await demo.exited).toEqual({ code: 1, signal: null });
    const lines = demo.lines.all();
    expect(lines).toContain('fmucd demo: the gateway rooms.wonderland.lit ended with SIGKILL');
    expect(lines).toContainEqual(expect.stringContaining('msg=ready domain=rooms.wonderland.lit'));
    expect(lines).toContain('missing: Hamlet sees message Alice Is anybody here?, once');
    expect(readdirSync(folder)).toEqual([]);
  },
  PATIENCE,
);

test('a place where no file can be made is said in one line', async () => {
  const demo = new Program('the demo', 'env', ['TMPDIR=/nowhere', process.execPath, bundle, 'demo']);
  expect((await demo.exited).code).toBe(1);
  expect(demo.lines.all()).toEqual([expect.stringMatching(/^fmucd demo: it can’t be set up: .*\/nowhere/)]);
});

requires('tmux')('on a terminal', () => {
  test(
    'both people talk, the link is cut and mended, and the terminal is given back',
    async () => {
      const folder = temporaryFolder();
      const terminal = new Terminal(`env PS1=shell: TMPDIR=${folder} sh`);
      await terminal.sees(/^shell:/);
      terminal.press(`${process.execPath} ${bundle} demo; echo status $?`, 'Enter');
      await terminal.sees(/^ Six impossible things +│ Six impossible things/);
      expect(terminal.lines[0]).toMatch(/^ fmucd demo/);
      expect(terminal.lines[1]).toBe('▸Hamlet  elsinore@rooms.denmark.lit    │ Alice  rabbithole@rooms.wonderland.lit');
      terminal.press('Hi Alice', 'Enter');
      await terminal.sees(/│ Hamlet {2}Hi Alice/);
      await terminal.sees(/^ → message +\d+ B {2}Hamlet: Hi Alice/);
      terminal.press('Tab', '/nick Duchess', 'Enter');
      await terminal.sees(/^ · Alice is now Duchess +│ · Alice is now Duchess/);
      terminal.press('/cut', 'Enter');
      await terminal.sees(/^── the link is cut ─/);
      terminal.press('Nobody hears', 'Enter');
      await terminal.sees(/│ Duchess {2}Nobody hears/);
      terminal.press('/mend', 'Enter');
      await terminal.sees(/^ \d\d:\d\d Duchess {2}Nobody hears/);
      terminal.resize(100, 30);
      await terminal.sees(/^── the link is up ─+┴─{50}$/);
      terminal.press('/leave', 'Enter');
      await terminal.sees(/^ · Duchess leaves +│ · Duchess leaves/);
      terminal.press('/nick Alice', 'Enter');
      await terminal.sees(/Alice isn’t in the room: \/join/);
      terminal.press('/quit', 'Enter');
      await terminal.sees(/^status 0$/);
      await terminal.sees(/^On the link: → .* air busy/);
      terminal.press('stty -a', 'Enter');
      await terminal.sees(/ icanon .* echo /);
      expect(readdirSync(folder)).toEqual([]);
    },
    PATIENCE,
  );
});
