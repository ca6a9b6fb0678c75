import { describe, expect, test } from 'vitest';
import { Canvas } from '../../src/cli/top/canvas.ts';
import { type Look, rowOf, textOf } from '../../src/cli/top/cells.ts';
import { shortBytes } from '../../src/cli/top/figures.ts';
import { viewOf } from '../../src/cli/top/live.ts';
import { MAX_LOG_LINES } from '../../src/cli/top/log-lines.ts';
import { type Picture, pictureOf, type Size, SMALLEST, thingsOf, type View } from '../../src/cli/top/picture.ts';
import { sparkline } from '../../src/cli/top/sparkline.ts';
import { AT_FIRST, type State } from '../../src/cli/top/state.ts';
import type { StatusReport } from '../../src/gateway/report.ts';
import { crowd, link, noon, report, room, stream, trouble } from './reports.ts';

/* The pictures of `fmucd top`, each looked at, and how many bytes they take. */

const CONSOLE: Size = { columns: 80, rows: 24 };
const LARGE: Size = { columns: 120, rows: 40 };
const PLAIN: Look = { hasUtf8: true, hasColours: false };
const COLOURED: Look = { hasUtf8: true, hasColours: true };
const ASCII: Look = { hasUtf8: false, hasColours: false };

/** An hour with a quiet beginning, a conversation, and an outage. */
const hour = Array.from({ length: 60 }, (_, at) =>
  at < 12 || (at > 40 && at < 46) ? 0 : ((at * 7919) % 1200) * (at % 9),
);
const minutes = { in: hour, out: hour.map((bytes) => Math.floor(bytes / 5)) };

const log = [
  'time=2026-11-21T11:40:00.001Z level=info msg=ready domain=rooms.denmark.lit version=0.1.0',
  'time=2026-11-21T11:41:02.000Z level=info msg="link up" peer=rooms.wonderland.lit',
  'time=2026-11-21T11:52:10.120Z level=warn msg="link not connected" peer=rooms.arden.lit reason="no answer from 10.1.0.2:5270: is the link up?" left=0',
  'time=2026-11-21T11:58:11.120Z level=debug msg="dialect \\"asked\\"" domain=rooms.wonderland.lit',
  'time=2026-11-21T11:59:48.777Z level=error msg="archive not read" room=elsinore@rooms.denmark.lit reason="disk \\u{1b}[2J"',
];

/** A gateway with two links and three rooms, in which people talk. */
const talk = report({
  links: [
    link({
      minutes,
      waiting: 3,
      queued: 2,
      delay: 4.2,
      bytes_in: 145_600,
      bytes_out: 29_120,
      saved: { compression: 540_000, coalescing: 81, trimming: 1234, payloads: 3 },
    }),
    link({ peer: 'rooms.arden.lit', minutes: { in: hour.map((n) => n * 2), out: hour } }),
  ],
  rooms: [
    room(),
    room({
      jid: 'heath@rooms.denmark.lit',
      federate: null,
      state: 'local',
      neighbours: [],
      occupants: { local: 0, remote: 0 },
    }),
    room({ jid: 'court@rooms.denmark.lit', missing: 12 }),
  ],
});

function view(shown: StatusReport, state: Partial<State> = {}, lines: readonly string[] = log): View {
  return { ...viewOf({ report: shown, log: { lines, position: 1 } }, noon), state: { ...AT_FIRST, ...state } };
}

function rowsOf({ lines }: Picture, { columns }: Size, look: Look) {
  return lines.map((line) => rowOf(line, columns, look));
}

/** The picture as text, of which every line is as wide as the screen at most. */
function drawn(shown: View, size: Size = CONSOLE, look: Look = PLAIN): string {
  const picture = pictureOf(shown, size);
  expect(picture.lines).toHaveLength(size.rows);
  const rows = rowsOf(picture, size, look);
  for (const row of rows) expect(row).toHaveLength(size.columns);
  return `${rows.map(textOf).join('\n')}\n`;
}

const opened = (table: 'links' | 'rooms', name: string): Partial<State> => ({ isOpen: true, chosen: { table, name } });

describe('pictures', () => {
  const streams = report({
    component: null,
    links: [],
    s2s: [
      stream(),
      stream({ domain: 'arden.lit', state: 'down', queued: 3, error: 'the certificate is for tempest.lit' }),
    ],
  });
  const pictures: Readonly<Record<string, View>> = {
    talk: view(talk, { chosen: { table: 'rooms', name: 'elsinore@rooms.denmark.lit' } }),
    trouble: view(trouble),
    crowd: view(crowd, { chosen: { table: 'rooms', name: 'room-7@rooms.denmark.lit' } }),
    link: view(talk, opened('links', 'rooms.wonderland.lit')),
    room: view(talk, opened('rooms', 'elsinore@rooms.denmark.lit')),
    streams: view(streams, { isPaused: true }),
    help: view(talk, { isHelping: true }),
    gone: {
      ...view(report({ links: [], rooms: [], problems: ['no space left: free some'] })),
      gone: {
        why: 'the gateway isn\'t running (nobody answers at /run/fmucd/control.sock): start it with "fmucd run"',
        now: noon + 62_000,
      },
    },
  };

  test.each(Object.keys(pictures))('%s, on a console', async (name) => {
    const shown = pictures[name] as View;
    await expect(drawn(shown)).toMatchFileSnapshot(`golden/top-${name}.txt`);
    await expect(drawn(shown, CONSOLE, COLOURED)).toMatchFileSnapshot(`golden/top-${name}.ansi.txt`);
  });

  test.each(['talk', 'trouble', 'link'])('%s, on a larger screen', async (name) => {
    await expect(drawn(pictures[name] as View, LARGE)).toMatchFileSnapshot(`golden/top-${name}-120x40.txt`);
  });

  test('the keys are said without being cut off', () => {
    expect(drawn(pictures['help'] as View)).not.toContain('…');
  });

  test('without UTF-8', async () => {
    const text = drawn(pictures['talk'] as View, CONSOLE, ASCII);
    expect(text).toMatch(/^[\n -~]*$/);
    await expect(text).toMatchFileSnapshot('golden/top-talk.ascii.txt');
  });

  test('whatever the size', () => {
    for (const shown of Object.values(pictures))
      for (let columns = 1; columns < 140; columns += 11)
        for (let rows = 1; rows < 60; rows += 5) drawn(shown, { columns, rows });
    expect(drawn(pictures['crowd'] as View, SMALLEST)).toContain('LINK 1-');
    expect(drawn(pictures['crowd'] as View, { ...SMALLEST, columns: SMALLEST.columns - 1 })).toContain('too small');
  });

  test('nothing from elsewhere is obeyed by the terminal', () => {
    const hostile = '\u001b[2J\u0007\u009b31m\u202e';
    const shown = report({
      domain: hostile,
      version: hostile,
      problems: [hostile],
      component: { server: hostile, state: 'down', since: hostile, error: hostile },
      links: [link({ peer: hostile, state: 'down', since: hostile, error: hostile })],
      s2s: [stream({ domain: `${hostile}2`, error: hostile, since: hostile, state: 'down' })],
      rooms: [room({ jid: hostile, reason: hostile, state: 'rejected' })],
    });
    const states: Partial<State>[] = [{}, ...thingsOf(shown).map(({ table, name }) => opened(table, name))];
    for (const state of states)
      expect(drawn(view(shown, state, [hostile, `time=${hostile} level=warn msg=${hostile}`]))).not.toMatch(
        /[^\P{C}\n]/u,
      );
  });
});

describe('what is shown', () => {
  test('what needs attention comes first, whatever is marked', () => {
    const lines = drawn(view(trouble)).split('\n');
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(at('nobody listens at 127.0.0.1:5347')).toBeLessThan(at('LINK'));
    expect(at('!>rooms.a-station')).toBeLessThan(at('! rooms.wonderland.lit'));
    expect(at('! rooms.wonderland.lit')).toBeLessThan(at('  rooms.arden.lit'));
  });

  test('every link and room can be come to, page by page', () => {
    for (const { table, name } of thingsOf(crowd))
      expect(drawn(view(crowd, { chosen: { table, name } }))).toContain(`>${name}`);
  });

  test('all of what is opened can be scrolled to', () => {
    const state = opened('links', 'rooms.wonderland.lit');
    const { maxScroll } = pictureOf(view(talk, state), CONSOLE);
    expect(maxScroll).toBeGreaterThan(0);
    expect(drawn(view(talk, state))).toContain(`(${maxScroll} more below)`);
    const end = drawn(view(talk, { ...state, scroll: maxScroll }));
    expect(end).toContain('    tls          off');
    expect(end).not.toContain('more below');
    expect(drawn(view(talk, { ...state, scroll: 1000 }))).toBe(end);
  });

  test('of what is opened, the log says what it has of that alone', () => {
    expect(drawn(view(talk, opened('links', 'rooms.arden.lit')))).toContain('link not connected');
    expect(drawn(view(talk, opened('links', 'rooms.arden.lit')))).not.toContain('link up');
  });

  test('what was opened and is no more says so', () => {
    expect(drawn(view(talk, opened('rooms', 'gone@rooms.denmark.lit')))).toContain(
      'gone@rooms.denmark.lit is there no more',
    );
  });

  test('figures are short', () => {
    expect([0, 999, 1000, 9949, 9950, 12_345, 999_499, 999_500, 1.2e12].map(shortBytes)).toEqual([
      '0',
      '999',
      '1.0k',
      '9.9k',
      '10k',
      '12k',
      '999k',
      '1.0M',
      '1.2T',
    ]);
  });

  test('a sparkline has the newest at the right, and tells nothing from little', () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([0, 1, 1000], 5)).toBe('  ·▁█');
    expect(sparkline([9, 0, 0], 2)).toBe('··');
  });

  test('of the log, no more lines are kept than a bound', () => {
    const known = Array.from({ length: MAX_LOG_LINES }, (_, at) => `${at}`);
    const { log: kept } = viewOf({ report: talk, log: { lines: ['new'], position: 1 } }, noon, known);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([MAX_LOG_LINES, '1', 'new']);
  });
});

describe('the bytes of a refresh', () => {
  /** What one view after another takes on a console. */
  function bytes(...views: readonly View[]): number[] {
    const canvas = new Canvas();
    return views.map((shown) => {
      const picture = pictureOf(shown, CONSOLE);
      return Buffer.byteLength(canvas.change(rowsOf(picture, CONSOLE, COLOURED), picture.regions));
    });
  }
  const later = (shown: View, seconds: number, changes: Partial<StatusReport> = {}): View => ({
    ...shown,
    at: shown.at + 1000 * seconds,
    report: { ...shown.report, ...changes },
  });
  const first = view(talk);

  test('the first picture', () => {
    expect(bytes(first)[0]).toBeLessThan(2500);
    expect(bytes(view(trouble))[0]).toBeLessThan(2500);
    expect(bytes(view(crowd))[0]).toBeLessThan(2500);
  });

  test('where nothing happens, the clock alone: two digits of it and how to get there', () => {
    expect(bytes(first, later(first, 2), later(first, 15)).slice(1)).toEqual([
      '\x1b[1;79H2'.length,
      '\x1b[1;78H15'.length,
    ]);
  });

  test('some memory more', () => {
    const more = later(first, 2, { rss: 38_300_000 });
    expect(bytes(first, more)[1]).toBe('\x1b[1;51H3\x1b[27C2'.length);
  });

  test('a message crosses', () => {
    const [one = link(), ...others] = talk.links;
    const crossing = { ...one, minutes: { in: minutes.in.with(59, 9000), out: minutes.out }, queued: 3, delay: 5.1 };
    expect(bytes(first, later(first, 2, { links: [crossing, ...others] }))[1]).toBeLessThan(60);
  });

  test('a line of the log comes, and the others move up', () => {
    const line = 'time=2026-11-21T12:00:01.000Z level=info msg="link up" peer=rooms.arden.lit';
    const lines = Array.from({ length: 30 }, (_, at) => `${log[at % log.length]} line=${at}`);
    const before = view(talk, {}, lines);
    const after = view(talk, {}, [...lines, line]);
    const shown = '  12:00:01 link up peer=rooms.arden.lit';
    expect(bytes(before, after)[1]).toBe('\x1b[16;23r\x1b[23H\n\x1b[r\x1b[23;3H'.length + shown.trim().length);
  });

  test('a minute is over: each sparkline moves', () => {
    const shifted = talk.links.map((each) => ({
      ...each,
      minutes: { in: [...each.minutes.in.slice(1), 5], out: [...each.minutes.out.slice(1), 1] },
    }));
    expect(bytes(first, later(first, 2, { links: shifted }))[1]).toBeLessThan(150);
  });

  test('the mark moves', () => {
    const moved = view(talk, { chosen: { table: 'rooms', name: 'heath@rooms.denmark.lit' } });
    expect(
      bytes(view(talk, { chosen: { table: 'rooms', name: 'elsinore@rooms.denmark.lit' } }), moved)[1],
    ).toBeLessThan(100);
  });
});
