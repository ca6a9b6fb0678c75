import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { ControlServer } from '../../src/io/control.ts';
import { link, report, room } from './reports.ts';

/** The commands that ask a running gateway, over a real control socket. */

let directory: string;
let file: string;
let server: ControlServer | undefined;

const shown = report({
  links: [link(), link({ peer: 'rooms.arden.lit', state: 'down', error: 'the peer closed the connection' })],
  rooms: [room(), room({ jid: 'heath@rooms.denmark.lit', state: 'local', federate: null })],
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-cli-'));
  file = join(directory, 'fmucd.toml');
  writeFileSync(file, '[gateway]\ndomain = "rooms.denmark.lit"\ncontrol = "control.sock"\n');
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

async function serve(answer: () => unknown = () => shown): Promise<void> {
  server = new ControlServer(join(directory, 'control.sock'), answer);
  await server.listen();
}

async function fmucd(...args: string[]) {
  let printed = '';
  let complained = '';
  const output = {
    print: (text: string) => (printed += `${text}\n`),
    complain: (line: string) => (complained += `${line}\n`),
    paint: unpainted,
  };
  const status = await dispatch([...args, '-c', file], {}, commands, output);
  return { status, printed, complained };
}

describe('--json is one object', () => {
  test.each<[string[], unknown]>([
    [['status'], shown],
    [['links'], { links: shown.links, s2s: shown.s2s }],
    [['links', 'rooms.arden.lit'], { links: [shown.links[1]], s2s: [] }],
    [['rooms'], { rooms: shown.rooms }],
    [['rooms', 'heath@rooms.denmark.lit'], { rooms: [shown.rooms[1]] }],
    [['rooms', 'Heath'], { rooms: [shown.rooms[1]] }],
  ])('%j', async (args, expected) => {
    await serve();
    const { status, printed, complained } = await fmucd(...args, '--json');
    expect([status, complained]).toEqual([0, '']);
    expect(JSON.parse(printed)).toEqual(expected);
  });
});

describe('--prometheus', () => {
  test('prints metrics that end with a line', async () => {
    await serve();
    const { status, printed, complained } = await fmucd('status', '--prometheus');
    expect([status, complained]).toEqual([0, '']);
    expect(printed).toMatch(/^# HELP fmucd_up [^\n]+\n# TYPE fmucd_up gauge\nfmucd_up 1\n/);
    expect(printed).toMatch(/\nfmucd_link_up\{peer="rooms\.arden\.lit"\} 0\n(?:.*\n)+$/);
  });

  test('where no gateway runs it says so to whoever collects it, and ends with 3', async () => {
    const { status, printed, complained } = await fmucd('status', '--prometheus');
    expect(status).toBe(3);
    expect(printed).toMatch(/^# HELP .*\n# TYPE .*\nfmucd_up 0\n$/);
    expect(complained).toContain("the gateway isn't running");
  });

  test('where the gateway refuses, too', async () => {
    await serve(() => {
      throw new Error('no');
    });
    const { status, printed } = await fmucd('status', '--prometheus');
    expect([status, printed.endsWith('\nfmucd_up 0\n')]).toEqual([1, true]);
  });

  test('is one thing, and JSON another', async () => {
    const { status, printed, complained } = await fmucd('status', '--prometheus', '--json');
    expect([status, printed]).toEqual([64, '']);
    expect(complained).toBe('fmucd: either --json or --prometheus (fmucd help status)\n');
  });
});

test('screens show all, or the one that is meant', async () => {
  await serve();
  expect((await fmucd('status')).printed).toContain('! rooms.arden.lit');
  expect((await fmucd('links')).printed).toContain('rooms.wonderland.lit');
  const one = await fmucd('links', 'rooms.arden.lit');
  expect(one.printed).toContain('last error  the peer closed the connection');
  expect(one.printed).not.toContain('rooms.wonderland.lit');
  expect((await fmucd('rooms', 'elsinore')).printed).toContain('812 messages');
});

describe('one line says what is wrong', () => {
  test("a peer or room that isn't there", async () => {
    await serve();
    expect(await fmucd('links', 'rooms.tempest.lit')).toEqual({
      status: 1,
      printed: '',
      complained: 'fmucd: no link to "rooms.tempest.lit" (rooms.wonderland.lit, rooms.arden.lit)\n',
    });
    expect((await fmucd('rooms', 'tower')).complained).toBe(
      'fmucd: no room "tower" (elsinore@rooms.denmark.lit, heath@rooms.denmark.lit)\n',
    );
  });

  test('nothing to choose from, or too much', async () => {
    let links = shown.links.slice(0, 0);
    await serve(() => ({ ...shown, links }));
    expect((await fmucd('links', 'x')).complained).toBe('fmucd: no link to "x" (there are none)\n');
    links = Array.from({ length: 12 }, (_, at) => link({ peer: `p${at}` }));
    expect((await fmucd('links', 'x')).complained).toBe(
      'fmucd: no link to "x" (p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 2 more)\n',
    );
  });

  test("a gateway that isn't running", async () => {
    const path = join(directory, 'control.sock');
    expect(await fmucd('status')).toEqual({
      status: 3,
      printed: '',
      complained: `fmucd: the gateway isn't running (nobody answers at ${path}): start it with "fmucd run"\n`,
    });
  });

  test('a gateway that fails to answer', async () => {
    await serve(() => expect.fail('a bug'));
    expect(await fmucd('status')).toEqual({
      status: 1,
      printed: '',
      complained: 'fmucd: the gateway failed to answer: a bug\n',
    });
  });
});

describe('the file', () => {
  test('may have got faults since the gateway started', async () => {
    writeFileSync(
      file,
      '[gateway]\ndomain = 3\nfrobnicate = true\ncontrol = "control.sock"\n[[link]]\nbandwidth = -1\n',
    );
    await serve();
    expect((await fmucd('status')).status).toBe(0);
  });

  test('may have got faults of syntax since: as much of it is read as can be', async () => {
    writeFileSync(file, '[gateway]\ncontrol = "control.sock"\ndomain = "a"\n[[link\npeer = "b"\nfrom = [\n');
    await serve();
    expect((await fmucd('status')).status).toBe(0);
  });

  test('whose faults leave nothing to read is told as check tells it, where no gateway answers by default', async () => {
    writeFileSync(file, '[gateway\n');
    const { status, complained } = await fmucd('status');
    expect(status).toBe(3);
    expect(complained).toMatch(
      new RegExp(`^${file}:1:\\d+: .+\nfmucd: .+ \\(nobody answers at /run/fmucd/control.sock\\).+\n$`),
    );
  });

  test("that isn't there", async () => {
    rmSync(file);
    const { status, complained } = await fmucd('status');
    expect(status).toBe(2);
    expect(complained).toBe(`${file}: no such file or directory\n`);
  });
});
