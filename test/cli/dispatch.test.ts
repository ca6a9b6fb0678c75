import { describe, expect, test } from 'vitest';
import type { Command, Invocation } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { unpainted } from '../../src/cli/paint.ts';

/** The real commands, each replaced by one that only notes how it was called. */
async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const called: (Omit<Invocation, 'output'> & { name: string })[] = [];
  const printed: string[] = [];
  const complained: string[] = [];
  const notes = commands.map((command): Command => {
    if (command.run === undefined) return command;
    return {
      ...command,
      run({ output: _, ...invocation }) {
        called.push({ name: command.name, ...invocation });
        return 7;
      },
    };
  });
  const output = {
    print: (text: string) => printed.push(text),
    complain: (line: string) => complained.push(line),
    paint: unpainted,
  };
  const status = await dispatch(args, environment, notes, output);
  return { status, called, printed: printed.join('\n'), complained: complained.join('\n') };
}

describe('a command', () => {
  const plain = { file: '/etc/fmucd/fmucd.toml', operands: [], json: false, options: {} };

  test.each<[string, object]>([
    ['run', { ...plain, name: 'run' }],
    ['status --json', { ...plain, name: 'status', json: true }],
    [
      '-c a.toml --json links rooms.arden.lit',
      { ...plain, name: 'links', file: 'a.toml', operands: ['rooms.arden.lit'], json: true },
    ],
    [
      'links rooms.arden.lit --json -c a.toml',
      { ...plain, name: 'links', file: 'a.toml', operands: ['rooms.arden.lit'], json: true },
    ],
    [
      'history elsinore --since 2h --json',
      { ...plain, name: 'history', operands: ['elsinore'], json: true, options: { '--since': '2h' } },
    ],
    ['run --last-good b.toml', { ...plain, name: 'run', options: { '--last-good': 'b.toml' } }],
    ['--version', { ...plain, name: 'version' }],
    ['demo', { ...plain, name: 'demo' }],
  ])('%s', async (line, expected) => {
    expect(await run(line.split(' '))).toEqual({ status: 7, called: [expected], printed: '', complained: '' });
  });

  test('takes the file from the environment, and -c before it', async () => {
    const environment = { FMUCD_CONFIG: 'env.toml' };
    expect((await run(['status'], environment)).called[0]?.file).toBe('env.toml');
    expect((await run(['status', '-c', 'a.toml'], environment)).called[0]?.file).toBe('a.toml');
    expect((await run(['status'], { FMUCD_CONFIG: '' })).called[0]?.file).toBe('/etc/fmucd/fmucd.toml');
  });
});

describe('a wrong command line is answered in one line', () => {
  test.each([
    ['stauts', 'fmucd: unknown command "stauts" (did you mean status?)'],
    ['frobnicate', 'fmucd: unknown command "frobnicate" (see "fmucd help")'],
    ['help romos', 'fmucd: unknown command "romos" (did you mean rooms?)'],
    ['status --jsno', 'fmucd: unknown option "--jsno" (did you mean --json?)'],
    ['-x status', 'fmucd: unknown option "-x" (did you mean -c?)'],
    ['run -c', 'fmucd: -c needs its FILE'],
    ['-c', 'fmucd: -c needs its FILE'],
    ['history elsinore --since', 'fmucd: --since needs its T'],
    ['rooms --since 2h', 'fmucd: rooms has no --since (fmucd help rooms)'],
    ['run --last-good', 'fmucd: --last-good needs its COPY'],
    ['status --last-good b.toml', 'fmucd: status has no --last-good (fmucd help status)'],
    ['history', 'fmucd: history needs its ROOM'],
    ['status now', 'fmucd: status takes no "now" (fmucd help status)'],
    ['rooms a b', 'fmucd: rooms takes no "b" (fmucd help rooms)'],
    ['run --json', 'fmucd: run has no --json (fmucd help run)'],
    ['version -c a.toml', 'fmucd: version has no -c (fmucd help version)'],
  ])('%s', async (line, expected) => {
    expect(await run(line.split(' '))).toEqual({ status: 64, called: [], printed: '', complained: expected });
  });

  test.each(['backup FILE'])('%s is for another version', async (line) => {
    const complained = `fmucd: ${line.split(' ')[0]} isn't in this version`;
    expect(await run(line.split(' '))).toEqual({ status: 1, called: [], printed: '', complained });
  });
});

describe('help', () => {
  test('on all', async () => {
    const { status, printed, complained } = await run(['help']);
    expect([status, complained]).toEqual([0, '']);
    expect(printed).toMatchInlineSnapshot(`
      "fmucd federates chat rooms (XMPP MUC and FMUC) over slow networks.

        fmucd run                    run the gateway
        fmucd check                  check the file and what it needs of this machine
        fmucd status [--json]        the gateway, its links and its rooms at a glance
        fmucd links [PEER] [--json]  each link: state, traffic, queue, delay
        fmucd rooms [ROOM] [--json]  each room: state, occupants, history
        fmucd fetch ROOM [--json]    ask for messages that were left behind
        fmucd top                    links, rooms and log, live
        fmucd trace [PEER] [--json]  the stanzas that cross a link, as they cross
        fmucd history ROOM [--json]  the messages in a room's archive
        fmucd clock                  the time that this machine must be past
        fmucd reload                 take a changed file in
        fmucd demo                   two gateways, a slow link, two people
        fmucd version                the version of this program
        fmucd help [COMMAND]         this list, or all about one command

      Not in this version: backup.

      -c FILE    the operator's file (else $FMUCD_CONFIG, else /etc/fmucd/fmucd.toml)
      --json     one JSON object instead of a screen
      --help     help on the command
      Exit status: 0 fine, 1 failed, 2 no such file, 3 not running, 64 wrong usage."
    `);
    expect((await run(['--help'])).printed).toBe(printed);
    expect(await run([])).toEqual({ status: 64, called: [], printed: '', complained: printed });
  });

  test('on one', async () => {
    const { status, printed } = await run(['help', 'links']);
    expect(status).toBe(0);
    expect(printed).toMatchInlineSnapshot(`
      "fmucd links [PEER] [--json]

      Shows every link of the running gateway, those that are down first, then the
      streams with other servers and which way each domain goes; with PEER, all about
      that one, also what compression, coalescing and trimming have saved.

      Example: fmucd links rooms.wonderland.lit"
    `);
    expect((await run(['links', '--help'])).printed).toBe(printed);
    expect((await run(['-h', 'links', 'more'])).printed).toBe(printed);
  });

  test.each(commands.map(({ name, example }) => [name, example]))(
    'on %s has an example that works',
    async (name, example) => {
      expect((await run(['help', name])).printed).toContain(`Example: ${example}`);
      expect((await run(example.split(' ').slice(1))).status).not.toBe(64);
    },
  );

  test('fits the console', async () => {
    const lines = (await run(['help'])).printed.split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
