import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, Operand } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway, runToEnd } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { present, said } from '../support/stanzas.ts';
import { pageAt, pages } from './pages.ts';

/* Every command that the documentation has: it is one, and does what it is to do at a gateway that runs. */

/** `fmucd` at the beginning of what is typed. */
const TYPED = /(?:^|\$\(|\/usr\/local\/bin\/)fmucd (?!login:)([a-z][^#>|)"]*)/;

/** What is typed after `fmucd`, wherever it stands, each once; operands that may be left out are there. */
const documented: readonly string[] = [
  ...new Set(
    [
      ...pages.flatMap(({ spans }) => spans),
      ...pages.flatMap(({ blocks }) =>
        blocks.flatMap(({ language, text }) => (['sh', 'ini'].includes(language) ? text.split('\n') : [])),
      ),
      ...commands.flatMap(({ details, example }) => [example, ...(/\bfmucd [^.)"]+/.exec(details) ?? [])]),
    ].flatMap((text) => {
      const [, line] = TYPED.exec(text.trim()) ?? [];
      return line === undefined
        ? []
        : [
            line
              .replace(/\[([A-Z]+).*$/, '$1')
              .replace('COMMAND', 'status')
              .trim(),
          ];
    }),
  ),
];

/** The commands with nothing behind them that would do anything. */
async function isTaken(line: string): Promise<[status: number, complaint: string]> {
  const complained: string[] = [];
  const output = { print: () => {}, complain: (text: string) => complained.push(text), paint: unpainted };
  const harmless = commands.map((command): Command => ({ ...command, run: () => 0 }));
  return [await dispatch(line.split(' '), {}, harmless, output), complained.join('\n')];
}

describe('what is documented', () => {
  it('is found', () => {
    expect(documented.length).toBeGreaterThan(25);
    expect(documented).toContain('run --last-good /var/lib/fmucd/last-good.toml');
    expect(documented).toContain('clock');
  });

  it.each(documented)('fmucd %s', async (line) => {
    expect(await isTaken(line)).toEqual([0, '']);
  });

  it('is every command, with what it may be given', () => {
    const { text } = pageAt('README.md');
    const rows = [...text.matchAll(/^\| `fmucd ([^`]+)` \|/gm)].map(([, row = '']) => row);
    const usages = commands.map(({ name, operand }) => name + usageOf(operand));
    expect(rows.filter((row) => !row.startsWith('help ')).toSorted()).toEqual(usages.toSorted());
    expect(rows).toContainEqual(expect.stringMatching(/^help \[COMMAND /));
  });
});

function usageOf(operand: Operand | undefined): string {
  if (operand === undefined) return '';
  const name = operand.name + (operand.isMany === true ? '...' : '');
  return operand.isRequired === true ? ` ${name}` : ` [${name}]`;
}

/** As it was agreed with those who will type them. */
describe('what was promised to operators', () => {
  it.each([
    'run -c FILE',
    'check -c FILE',
    'status --json',
    'links PEER --json',
    'rooms ROOM --json',
    'top',
    'trace PEER',
    'history ROOM --since T --json',
    'reload',
    'backup FILE',
    'demo',
    'version',
    'help',
    'help status',
  ])('fmucd %s', async (line) => {
    expect(await isTaken(line)).toEqual([0, '']);
  });
});

describe('at a gateway that runs', () => {
  let denmark: Gateway;
  let wonderland: Gateway;

  beforeAll(async () => {
    const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
    const port = await freePort('127.0.0.1');
    wonderland = await Gateway.start(`
      ${gatewayOf('wonderland.lit', wonderlandish)}
      ${linkTo('denmark.lit', `listen = "127.0.0.1:${port}"`, 'from = ["127.0.0.1"]')}
      [[room]]
      name = "rabbithole"
      accept = ["elsinore@rooms.denmark.lit"]
    `);
    denmark = await Gateway.start(`
      ${gatewayOf('denmark.lit', danish)}
      ${linkTo('wonderland.lit', `connect = "127.0.0.1:${port}"`)}
      [[room]]
      name = "elsinore"
      federate = "rabbithole@rooms.wonderland.lit"
    `);
    const alice = wonderlandish.user('alice@wonderland.lit/garden');
    const hamlet = danish.user('hamlet@denmark.lit/castle');
    await alice.join('rabbithole@rooms.wonderland.lit', 'Alice');
    await hamlet.join('elsinore@rooms.denmark.lit', 'Hamlet');
    await hamlet.expect('Alice', present('elsinore@rooms.denmark.lit', 'Alice'));
    await hamlet.say('elsinore@rooms.denmark.lit', 'The boat is here');
    await alice.expect('his words', said('rabbithole@rooms.wonderland.lit', 'Hamlet', 'The boat is here'));
  });
  afterAll(endAll);

  /** The words of a line, with what those in capitals and other machines' folders stand for. */
  function typed(line: string): string[] {
    const meant: Readonly<Record<string, string>> = {
      PEER: 'rooms.wonderland.lit',
      DOMAIN: 'rooms.wonderland.lit',
      ROOM: 'elsinore',
      SHELL: 'bash',
      FILE: join(temporaryFolder(), 'backup.db'),
      OTHER: wonderland.file,
      'wonderland.toml': wonderland.file,
    };
    const words = line.replace(/ -c \S+/, '').split(' ');
    return words.map((word) => meant[word] ?? word.replace(/^\/(?:var\/backups|mnt\/usb)(?=\/)/, temporaryFolder));
  }

  /** These stay until they are ended, ask a person, or are the gateway itself: suites of their own show them. */
  const STAYING = /^(?:run|trace|top|demo|init|pair|restore)\b/;

  it.each(documented.filter((line) => !STAYING.test(line)))('fmucd %s', async (line) => {
    const words = typed(line);
    const [name = ''] = words;
    const readsFile = commands.some(
      (command) => command.name.startsWith(name) && command.options.some((option) => option.name === '-c'),
    );
    const { code, output } = await (readsFile ? denmark.toEnd(...words) : runToEnd(words));
    expect([code, output.join('\n')]).toEqual([0, expect.stringMatching(/\S/)]);
  });

  it.each(documented.filter((line) => line.startsWith('trace')))('fmucd %s, until ctrl-C', async (line) => {
    const trace = denmark.command(...typed(line));
    await trace.lines.expect('to trace', (text) => text.startsWith('tracing '));
    expect(await trace.kill('SIGINT')).toEqual({ code: 0, signal: null });
  });
});
