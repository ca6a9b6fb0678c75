import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { MAX_SEARCH } from '../../src/cli/history.ts';
import { historyLines, Shown } from '../../src/cli/history-lines.ts';
import { unpainted } from '../../src/cli/paint.ts';
import type { HistoryPage, HistoryRecord } from '../../src/gateway/report.ts';
import { type ControlRequest, ControlServer, RequestError } from '../../src/io/control.ts';
import { report, room } from './reports.ts';

/** `fmucd history`, over a real control socket. */

let directory: string;
let file: string;
let server: ControlServer;
/** What was asked for, page by page. */
let asked: ControlRequest[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-cli-'));
  file = join(directory, 'fmucd.toml');
  writeFileSync(file, '[gateway]\ndomain = "rooms.denmark.lit"\ncontrol = "control.sock"\ndata = "data"\n');
  asked = [];
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const ELSINORE = 'elsinore@rooms.denmark.lit';
const RABBITHOLE = 'rabbithole@rooms.wonderland.lit';

const own: HistoryRecord = {
  time: '2026-11-21T07:31:02Z',
  received: '2026-11-21T07:31:02Z',
  nick: 'Hamlet',
  author: 'hamlet@denmark.lit/castle',
  origin: ELSINORE,
  id: `~a@${ELSINORE}`,
  via: null,
  xml: '<message><body>Words, words, words.\nAnd more</body></message>',
};
const theirs: HistoryRecord = {
  ...own,
  time: '2026-11-21T07:32:00.5Z',
  nick: 'Alice',
  author: 'alice@wonderland.lit',
  origin: RABBITHOLE,
  id: `~b@${RABBITHOLE}`,
  via: RABBITHOLE,
  xml: '<message><body>Curiouser &amp; curiouser</body></message>',
};
const relayed: HistoryRecord = {
  ...theirs,
  nick: 'Dorothy',
  author: 'dorothy@oz.lit',
  origin: 'kansas@rooms.oz.lit',
  id: '~c@kansas@rooms.oz.lit',
  xml: '<message><reactions xmlns="urn:xmpp:reactions:0" id="~b@rabbithole@rooms.wonderland.lit"><reaction>👍</reaction></reactions></message>',
};

async function serve(...pages: readonly HistoryPage[]): Promise<void> {
  server = new ControlServer(join(directory, 'control.sock'), (request) => {
    if (request.command === 'status') return report({ rooms: [room()] });
    const page = pages[asked.length];
    asked.push(request);
    if (page === undefined) throw new RequestError('no more');
    return page;
  });
  await server.listen();
}

async function fmucd(...args: readonly string[]) {
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

const twoPages: readonly HistoryPage[] = [
  { messages: [own, theirs], next: 17 },
  { messages: [relayed], next: null },
];

test('the archive is read page by page, oldest first', async () => {
  await serve(...twoPages);
  const { status, printed, complained } = await fmucd('history', 'Elsinore');
  expect([status, complained]).toEqual([0, '']);
  expect(asked).toEqual([
    { command: 'history', room: ELSINORE, after: 0 },
    { command: 'history', room: ELSINORE, after: 17 },
  ]);
  expect(printed).toMatchInlineSnapshot(`
    "2026-11-21T07:31:02Z Hamlet (hamlet@denmark.lit/castle), here
        Words, words, words.
        And more
    2026-11-21T07:32:00.5Z Alice (alice@wonderland.lit), from
      rabbithole@rooms.wonderland.lit
        Curiouser & curiouser
    2026-11-21T07:32:00.5Z Dorothy (dorothy@oz.lit), from kansas@rooms.oz.lit
      through rabbithole@rooms.wonderland.lit
        (reacts 👍 to 2026-11-21T07:32:00.5Z Alice: Curiouser & curiouser)
    "
  `);
});

test('--json is one object', async () => {
  await serve(...twoPages);
  const { printed } = await fmucd('history', ELSINORE, '--json');
  expect(JSON.parse(printed)).toEqual({
    room: ELSINORE,
    messages: [
      { ...own, kind: 'message', about: null, body: 'Words, words, words.\nAnd more' },
      { ...theirs, kind: 'message', about: null, body: 'Curiouser & curiouser' },
      { ...relayed, kind: 'reaction', about: theirs.id, body: null },
    ],
  });
  expect(printed.split('\n')).toHaveLength(6);
});

test('so it is of an archive with nothing in it', async () => {
  await serve({ messages: [], next: null });
  expect(JSON.parse((await fmucd('history', 'elsinore', '--json')).printed)).toEqual({ room: ELSINORE, messages: [] });
});

test('--since is asked of the gateway', async () => {
  await serve({ messages: [], next: null });
  await fmucd('history', 'elsinore', '--since', '2026-11-21T07:30:00Z');
  expect(asked).toEqual([{ command: 'history', room: ELSINORE, after: 0, since: Date.UTC(2026, 10, 21, 7, 30) }]);
});

test('so is whatever else is looked for', async () => {
  await serve({ messages: [], next: null });
  await fmucd(
    'history',
    'elsinore',
    '--until',
    '2026-11-21',
    '--nick',
    'Hamlet',
    '--from',
    'denmark.lit',
    '--search',
    'Wörds',
  );
  const filter = { until: Date.UTC(2026, 10, 21), nick: 'Hamlet', from: 'denmark.lit', text: 'Wörds' };
  expect(asked).toEqual([{ command: 'history', room: ELSINORE, after: 0, ...filter }]);
});

test('--lines is an object a message', async () => {
  await serve(...twoPages);
  const { printed } = await fmucd('history', ELSINORE, '--lines');
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string });
  expect(lines.map(({ kind }) => kind)).toEqual(['message', 'message', 'reaction']);
});

test('--last asks for the newest first, and shows them oldest first', async () => {
  await serve({ messages: [relayed], next: 17 }, { messages: [theirs, own], next: 3 });
  const { printed } = await fmucd('history', 'elsinore', '--last', '2', '--lines');
  expect(asked.map(({ before }) => before)).toEqual([Number.MAX_SAFE_INTEGER, 17]);
  expect(
    printed
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { nick: string }).nick),
  ).toEqual(['Alice', 'Dorothy']);
});

test('export reads the archive twice, and ends where it ended the first time', async () => {
  const correction = {
    ...theirs,
    xml: `<message><replace xmlns="urn:xmpp:message-correct:0" id="${own.id}"/><body>Less</body></message>`,
  };
  await serve({ messages: [own, correction], next: null }, { messages: [own, correction, theirs], next: null });
  const { printed, status } = await fmucd('export', 'elsinore', '--since', '2026-11-21');
  expect([status, asked.length]).toEqual([0, 2]);
  expect(printed.split('\n').slice(3)).toEqual([
    'Messages: 2',
    'Times:    UTC',
    '',
    '== 2026-11-21 ==',
    '',
    '07:31:02 Hamlet: Less [corrected]',
    '',
  ]);
});

describe('one line says what is wrong', () => {
  test.each([
    ['--last', '0', '--last takes no "0" (a number from 1 to 10000)'],
    ['--last', '10001', '--last takes no "10001" (a number from 1 to 10000)'],
    ['--until', 'noon', '--until takes no "noon" (2026-11-21T07:30:00Z, 2026-11-21, or how long ago: 90m, 2h, 3d)'],
    ['--search', 'x'.repeat(MAX_SEARCH + 1), '--search takes 256 characters at most'],
    ['--lines', '--json', '--json is one object and --lines one a message: take one of them'],
  ])('%s %s', async (option, value, line) => {
    await serve();
    expect(await fmucd('history', 'elsinore', option, value)).toEqual({
      status: 64,
      printed: '',
      complained: `fmucd: ${line}\n`,
    });
  });

  test('a time that is none', async () => {
    await serve();
    expect(await fmucd('history', 'elsinore', '--since', 'noon')).toEqual({
      status: 64,
      printed: '',
      complained: 'fmucd: --since takes no "noon" (2026-11-21T07:30:00Z, 2026-11-21, or how long ago: 90m, 2h, 3d)\n',
    });
  });

  test('a room that there is not', async () => {
    await serve();
    expect(await fmucd('history', 'tower')).toEqual({
      status: 1,
      printed: '',
      complained: `fmucd: no room "tower" (${ELSINORE})\n`,
    });
  });

  test('an archive that can’t be read', async () => {
    await serve();
    expect(await fmucd('history', 'elsinore')).toEqual({ status: 1, printed: '', complained: 'fmucd: no more\n' });
  });

  test('a gateway that is not running', async () => {
    await serve();
    server.close();
    expect((await fmucd('history', 'elsinore')).status).toBe(3);
  });
});

test('nothing in a message is obeyed by a terminal, and lines fit 80 columns', () => {
  const hostile = '\u202e\u0085\u2028rooms.denmark.lit: up';
  const xml = `<message><body>${hostile}${'x'.repeat(500)}</body></message>`;
  const escape = '\u001b[2J';
  const lines = historyLines(
    { ...own, nick: hostile + escape, author: escape, origin: hostile, via: escape, xml },
    new Shown(),
  );
  expect(lines.join('')).not.toMatch(/\p{C}/u);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines.slice(1).every((line) => line.startsWith('  '))).toBe(true);
});
