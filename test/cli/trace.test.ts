import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { tracedLines, withMeaning } from '../../src/cli/trace-lines.ts';
import type { TraceRecord } from '../../src/gateway/report.ts';
import { ControlServer, RequestError } from '../../src/io/control.ts';
import { type Feed, OpenAnswer } from '../../src/io/feed.ts';
import { link, report } from './reports.ts';

/** `fmucd trace`, over a real control socket. */

let directory: string;
let file: string;
let server: ControlServer;
/** Why a trace is refused. */
let refusal: string | undefined;

beforeEach(() => {
  refusal = undefined;
  directory = mkdtempSync(join(tmpdir(), 'fmucd-cli-'));
  file = join(directory, 'fmucd.toml');
  writeFileSync(file, '[gateway]\ndomain = "rooms.denmark.lit"\ncontrol = "control.sock"\n');
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const message: TraceRecord = {
  time: '2026-11-21T07:31:02.123Z',
  peer: 'rooms.wonderland.lit',
  direction: 'out',
  bytes: 213,
  wire: 57,
  xml:
    '<message from="elsinore@rooms.denmark.lit/Hamlet" to="rabbithole@rooms.wonderland.lit" type="groupchat">' +
    '<body>Words, words</body><fmuc xmlns="http://isode.com/protocol/fmuc" from="hamlet@denmark.lit/castle"/></message>',
};
const leave: TraceRecord = {
  ...message,
  direction: 'in',
  bytes: 101,
  wire: null,
  xml: '<presence from="rabbithole@rooms.wonderland.lit/Alice" to="elsinore@rooms.denmark.lit" type="unavailable"/>',
};
const probe: TraceRecord = {
  ...message,
  xml: '<iq from="rooms.denmark.lit" to="rooms.wonderland.lit" type="get" id="1"><ping xmlns="urn:xmpp:ping"/></iq>',
};

/** Serves a gateway with two links, and fills each trace by `fill`. */
async function serve(fill: (feed: Feed, peer: string | undefined) => void, links = [link(), link({ peer: 'b.lit' })]) {
  server = new ControlServer(join(directory, 'control.sock'), ({ command, peer }) => {
    if (command === 'status') return report({ links });
    if (refusal !== undefined) throw new RequestError(refusal);
    return new OpenAnswer({}, (feed) => {
      fill(feed, peer);
      return () => {};
    });
  });
  await server.listen();
}

/** Runs a command, until it has printed so much, if that is said; then the gateway ends. */
async function fmucd(args: readonly string[], lines = Number.POSITIVE_INFINITY) {
  const printed: string[] = [];
  const complained: string[] = [];
  const output = {
    print: (text: string) => {
      printed.push(...text.split('\n'));
      if (printed.length >= lines) server.close();
    },
    complain: (line: string) => void complained.push(line),
    paint: unpainted,
  };
  const status = await dispatch([...args, '-c', file], {}, commands, output);
  return { status, printed, complained };
}

const send = (feed: Feed, ...records: readonly object[]) =>
  records.forEach((record) => feed.send(JSON.stringify(record)));

test('stanzas are shown as they cross, until the gateway ends', async () => {
  const asked: unknown[] = [];
  await serve((feed, peer) => {
    asked.push(peer);
    send(feed, message, leave, { left_out: 12 });
  });
  const { status, printed, complained } = await fmucd(['trace'], 9);
  expect([status, asked]).toEqual([3, [undefined]]);
  expect(complained).toEqual([
    'tracing rooms.wonderland.lit, b.lit (ctrl-C ends it)',
    `fmucd: the gateway has ended (nobody answers at ${join(directory, 'control.sock')} any more)`,
  ]);
  expect(printed.join('\n')).toMatchInlineSnapshot(`
    "07:31:02Z out rooms.wonderland.lit elsinore message, 213 -> 57 bytes
        <message from="elsinore@rooms.denmark.lit/Hamlet"
        to="rabbithole@rooms.wonderland.lit" type="groupchat"><body>Words,
        words</body><fmuc xmlns="http://isode.com/protocol/fmuc"
        from="hamlet@denmark.lit/castle"/></message>
    07:31:02Z in  rooms.wonderland.lit elsinore leave, 101 bytes, with the one above
        <presence from="rabbithole@rooms.wonderland.lit/Alice"
        to="elsinore@rooms.denmark.lit" type="unavailable"/>
    12 stanzas left out: more than could be shown in time"
  `);
});

test('of one link', async () => {
  const asked: unknown[] = [];
  await serve((feed, peer) => {
    asked.push(peer);
    send(feed, probe);
  });
  const { complained, printed } = await fmucd(['trace', 'B.lit'], 3);
  expect([asked, complained[0]]).toEqual([['b.lit'], 'tracing b.lit (ctrl-C ends it)']);
  expect(printed[0]).toBe('07:31:02Z out rooms.wonderland.lit - question, 213 -> 57 bytes');
});

test('--json is one object a line', async () => {
  await serve((feed) => send(feed, message, leave, { left_out: 12 }));
  const { printed } = await fmucd(['trace', '--json'], 3);
  const room = 'elsinore@rooms.denmark.lit';
  expect(printed.map((line): unknown => JSON.parse(line))).toEqual([
    { ...message, room, kind: 'message' },
    { ...leave, room, kind: 'leave' },
    { left_out: 12 },
  ]);
});

describe('one line says what is wrong', () => {
  test('a link that there is not', async () => {
    await serve(() => {});
    expect(await fmucd(['trace', 'rooms.tempest.lit'])).toEqual({
      status: 1,
      printed: [],
      complained: ['fmucd: no link to "rooms.tempest.lit" (rooms.wonderland.lit, b.lit)'],
    });
  });

  test('no links at all', async () => {
    await serve(() => {}, []);
    const complained = ['fmucd: there are no links (add a [[link]] to the file)'];
    expect(await fmucd(['trace'])).toEqual({ status: 1, printed: [], complained });
  });

  test('a gateway that refuses', async () => {
    await serve(() => {});
    refusal = 'too many';
    expect(await fmucd(['trace'])).toEqual({ status: 1, printed: [], complained: ['fmucd: too many'] });
  });

  test('a gateway that is not running', async () => {
    await serve(() => {});
    server.close();
    const path = join(directory, 'control.sock');
    expect(await fmucd(['trace'])).toEqual({
      status: 3,
      printed: [],
      complained: [`fmucd: the gateway isn't running (nobody answers at ${path}): start it with "fmucd run"`],
    });
  });
});

describe('on a console', () => {
  const hostile = '\u001b[2J\u0007\nrooms.denmark.lit: up\u202e\u009b31m';

  test('nothing is obeyed, whatever a stanza holds', () => {
    const xml = `<message to="elsinore@rooms.denmark.lit"><body>${hostile}</body></message>`;
    const lines = tracedLines(withMeaning({ ...message, peer: hostile, xml }));
    expect(lines.join('')).not.toMatch(/\p{C}/u);
    expect(lines.slice(1).every((line) => line.startsWith('  '))).toBe(true);
  });

  test.each([
    ['long', 'x'.repeat(10_000)],
    ['of wide characters', '😀'.repeat(1000)],
  ])('lines fit 80 columns with text that is %s', (_, text) => {
    const xml = `<message from="${text}@rooms.denmark.lit"><body>${text}</body></message>`;
    const lines = tracedLines(withMeaning({ ...message, peer: text.repeat(2), xml }));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    for (const line of lines) expect(() => encodeURIComponent(line)).not.toThrow(); // no character is cut in two
  });

  test('what is no stanza is shown all the same', () => {
    expect(tracedLines(withMeaning({ ...message, xml: '<message <' }))).toEqual([
      '07:31:02Z out rooms.wonderland.lit - unreadable, 213 -> 57 bytes',
      '    <message <',
    ]);
  });
});
