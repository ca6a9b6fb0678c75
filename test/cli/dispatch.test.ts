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
});

describe('the beginning of a name is enough', () => {
  test.each([
    ['st', 'status'],
    ['s --json', 'status'],
    ['li', 'links'],
    ['hist elsinore', 'history'],
    ['ch -c a.toml', 'check'],
  ])('%s, for a command that only looks', async (line, name) => {
    const { status, called } = await run(line.split(' '));
    expect([status, called[0]?.name]).toEqual([7, name]);
  });

  test.each([
    ['rel', 'fmucd: "rel" is short for reload, which is to be written in full'],
    ['fet elsinore', 'fmucd: "fet" is short for fetch, which is to be written in full'],
    ['c', 'fmucd: "c" may be check, clock or completion'],
    ['he', 'fmucd: unknown command "he" (see "fmucd help")'],
  ])('%s, not for others nor where there are several', async (line, complained) => {
    expect(await run(line.split(' '))).toEqual({ status: 64, called: [], printed: '', complained });
  });
});
