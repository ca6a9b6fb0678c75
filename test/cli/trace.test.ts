import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { type Paint, painted, unpainted } from '../../src/cli/paint.ts';
import { tracedLines } from '../../src/cli/trace-lines.ts';
import type { TraceRecord } from '../../src/gateway/report.ts';
import { ControlServer, RequestError } from '../../src/io/control.ts';
import { type Feed, OpenAnswer } from '../../src/io/feed.ts';
import { WITHHELD, type WithheldReason } from '../../src/stanza/withheld.ts';

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
  room: 'elsinore@rooms.denmark.lit',
  kind: 'message',
  who: 'Hamlet',
  verdict: 'crossed',
  reason: null,
  why: null,
  count: 1,
  bytes: 213,
  wire: 57,
  xml:
    '<message from="elsinore@rooms.denmark.lit/Hamlet" to="rabbithole@rooms.wonderland.lit" type="groupchat">' +
    '<body>Words, words</body><fmuc xmlns="http://isode.com/protocol/fmuc" from="hamlet@denmark.lit/castle"/></message>',
  withheld: null,
};
const leave: TraceRecord = {
  ...message,
  direction: 'in',
  kind: 'leave',
  who: 'Alice',
  bytes: 101,
  wire: null,
  xml: '<presence from="rabbithole@rooms.wonderland.lit/Alice" to="elsinore@rooms.denmark.lit" type="unavailable"/>',
};
const probe: TraceRecord = {
  ...message,
  room: null,
  kind: 'question',
  who: null,
  xml: '<iq from="rooms.denmark.lit" to="rooms.wonderland.lit" type="get" id="1"><ping xmlns="urn:xmpp:ping"/></iq>',
};

/** Something of Hamlet's that hasn't crossed. */
function withheld(reason: WithheldReason, changes: Partial<TraceRecord> = {}): TraceRecord {
  const { verdict, text } = WITHHELD[reason];
  return { ...message, verdict, reason, why: text, bytes: 0, wire: 0, xml: '', withheld: null, ...changes };
}

/** What an operator sees who wonders why a message hasn't arrived. */
const story: readonly (TraceRecord | { readonly left_out: number })[] = [
  message,
  leave,
  {
    ...message,
    kind: 'error',
    direction: 'in',
    who: null,
    reason: 'item-not-found',
    why: 'There is no such room here.',
  },
  withheld('payloads', { bytes: 55, why: `${WITHHELD.payloads.text}: active (chatstates)` }),
  withheld('waits-turn', {
    bytes: 397,
    why: `${WITHHELD['waits-turn'].text}: 3 wait, about 25 s`,
    withheld: message.xml,
  }),
  withheld('link-down'),
  withheld('gathered', { kind: 'occupant', who: 'Ophelia', why: `${WITHHELD.gathered.text}: 10 s` }),
  withheld('cancelled-out', { kind: 'leave', who: 'Ophelia', count: 2 }),
  withheld('left-behind', { kind: 'history', who: null, count: 12 }),
  withheld('not-trusted', {
    direction: 'in',
    kind: 'occupant',
    who: 'Mallory',
    why: `${WITHHELD['not-trusted'].text}: it may not speak for mallory@evil.lit`,
  }),
  { left_out: 12 },
];

/** Serves a gateway that fills each trace by `fill`, and notes what it was asked. */
async function serve(fill: (feed: Feed) => void): Promise<unknown[]> {
  const asked: unknown[] = [];
  server = new ControlServer(join(directory, 'control.sock'), (request) => {
    asked.push(request);
    if (refusal !== undefined) throw new RequestError(refusal);
    return new OpenAnswer({ peers: ['rooms.wonderland.lit', 'b.lit'] }, (feed) => {
      fill(feed);
      return () => {};
    });
  });
  await server.listen();
  return asked;
}

/** Runs a command, until it has printed so much, if that is said; then the gateway ends. */
async function fmucd(args: readonly string[], lines = Number.POSITIVE_INFINITY, paint: Paint = unpainted) {
  const printed: string[] = [];
  const complained: string[] = [];
  const output = {
    print: (text: string) => {
      printed.push(...text.split('\n'));
      if (printed.length >= lines) server.close();
    },
    complain: (line: string) => void complained.push(line),
    paint,
  };
  const status = await dispatch([...args, '-c', file], {}, commands, output);
  return { status, printed, complained };
}

const send = (feed: Feed, ...records: readonly object[]) =>
  records.forEach((record) => feed.send(JSON.stringify(record)));

/** Every line fits the console, and so do all. */
function fits(printed: readonly string[]): void {
  expect(printed.length, printed.join('\n')).toBeLessThanOrEqual(24);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are control characters
  for (const line of printed) expect(line.replace(/\u001b\[[\d;]*m/g, '').length, line).toBeLessThanOrEqual(80);
}

test('what crosses is shown as it crosses, and what does not, until the gateway ends', async () => {
  const asked = await serve((feed) => send(feed, ...story));
  const { status, printed, complained } = await fmucd(['trace'], 20);
  expect([status, asked]).toEqual([3, [{ command: 'trace' }]]);
  expect(complained).toEqual([
    'tracing rooms.wonderland.lit, b.lit (ctrl-C ends it)',
    `fmucd: the gateway has ended (nobody answers at ${join(directory, 'control.sock')} any more)`,
  ]);
  fits(printed);
  await expect(printed.join('\n')).toMatchFileSnapshot('golden/trace.txt');
});

test('in colour, the way and the verdict have theirs', async () => {
  await serve((feed) => send(feed, ...story));
  const { printed } = await fmucd(['trace'], 20, painted);
  fits(printed);
  await expect(printed.join('\n')).toMatchFileSnapshot('golden/trace.ansi.txt');
});

test('with --xml each stanza stands beneath', async () => {
  await serve((feed) =>
    send(feed, message, leave, withheld('waits-turn', { bytes: 213, withheld: message.xml }), withheld('link-down')),
  );
  const { printed } = await fmucd(['trace', '--xml'], 17);
  fits(printed);
  await expect(printed.join('\n')).toMatchFileSnapshot('golden/trace-xml.txt');
});

test('the gateway is asked for one link, one room, one kind', async () => {
  const asked = await serve((feed) => send(feed, probe));
  const { complained, printed } = await fmucd(['trace', 'B.lit', '--room', 'elsinore', '--kind', 'question'], 2);
  expect(asked).toEqual([{ command: 'trace', peer: 'B.lit', room: 'elsinore', kind: 'question' }]);
  expect(complained[0]).toBe('tracing rooms.wonderland.lit, b.lit (ctrl-C ends it)');
  expect(printed[1]).toBe('07:31:02 out   213      57 question -, -, rooms.wonderland.lit');
});

test('--json is one object a line; what has not crossed is in none, but with --xml', async () => {
  await serve((feed) => send(feed, ...story));
  const { printed } = await fmucd(['trace', '--json', '--xml'], story.length);
  expect(printed.map((line): unknown => JSON.parse(line))).toEqual(story);
});

test('--json alone has the XML of what has crossed, and nowhere else', async () => {
  await serve((feed) => send(feed, message, withheld('waits-turn', { withheld: message.xml })));
  const { printed } = await fmucd(['trace', '--json'], 2);
  expect(printed.map((line) => line.includes('Words, words'))).toEqual([true, false]);
  expect(printed.map((line) => 'withheld' in (JSON.parse(line) as object))).toEqual([false, false]);
});

describe('one line says what is wrong', () => {
  test('a kind that there is not', async () => {
    await serve(() => {});
    const complained = (hint: string) => [`fmucd: no kind ${hint}`];
    const near = await fmucd(['trace', '--kind', 'mesage']);
    expect(near).toEqual({ status: 64, printed: [], complained: complained('"mesage" (did you mean message?)') });
    const far = await fmucd(['trace', '--kind', 'stanza\u001b[2J']);
    expect([far.status, far.complained[0]]).toEqual([
      64,
      expect.stringMatching(/^fmucd: no kind "[^\u001b]+" \(message, private, history, /),
    ]);
  });

  test('a gateway that refuses', async () => {
    await serve(() => {});
    refusal = 'no link to "rooms.tempest.lit" (rooms.wonderland.lit, b.lit)';
    expect(await fmucd(['trace', 'rooms.tempest.lit'])).toEqual({
      status: 1,
      printed: [],
      complained: [`fmucd: ${refusal}`],
    });
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
    const lines = tracedLines(
      { ...message, peer: hostile, who: hostile, room: `${hostile}@b`, why: hostile, xml },
      { hasXml: true },
    );
    expect(lines.join('')).not.toMatch(/\p{C}/u);
    expect(lines.slice(1).every((line) => line.startsWith('  '))).toBe(true);
  });

  test.each([
    ['long', 'x'.repeat(10_000)],
    ['of wide characters', '😀'.repeat(1000)],
  ])('lines fit 80 columns with text that is %s', (_, text) => {
    const xml = `<message from="${text}@rooms.denmark.lit"><body>${text}</body></message>`;
    const lines = tracedLines(
      { ...message, peer: text.repeat(2), who: text, why: text, xml },
      { paint: unpainted, hasXml: true },
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    for (const line of lines) expect(() => encodeURIComponent(line)).not.toThrow(); // no character is cut in two
  });
});
