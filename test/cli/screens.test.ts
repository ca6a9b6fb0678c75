import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../src/cli/columns.ts';
import { linkScreen, linksScreen } from '../../src/cli/links.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { reloadScreen } from '../../src/cli/reload.ts';
import { roomScreen, roomsScreen } from '../../src/cli/rooms.ts';
import { s2sScreen, streamScreen } from '../../src/cli/s2s.ts';
import { statusScreen } from '../../src/cli/status.ts';
import { type Frame, frameFor } from '../../src/cli/table.ts';
import { waysScreen } from '../../src/cli/ways.ts';
import type { StatusReport } from '../../src/gateway/report.ts';
import { CONSOLE_LINES, expectGolden, expectGoldenConsole } from './golden.ts';
import { certificate, crowd, link, neighbour, noon, report, room, stream, trouble } from './reports.ts';

/* What the screens show, beside the suite in `golden`: as it is in a file or a pipe, and with colours (`.ansi.txt`). */

const problems = [
  'no space left for /var/lib/fmucd/fmucd.db: free some; the gateway goes on by itself once there is',
  '/var/lib/fmucd is in memory: \u001b[2Jwhat is kept is gone at power-off (put "data" on a disk)',
];

/** Some stream with another server in every state, and each kind of way. */
const servers = report({
  component: null,
  certificate: certificate({ self_signed: false, expires: '2027-03-01T00:00:00Z' }),
  links: [link({ transport: 's2s' })],
  s2s: [
    stream({ domain: 'rooms.wonderland.lit', proof: 'pin' }),
    stream({ proof: 'dialback', tls: null }),
    stream({ domain: 'norway.lit', state: 'down', proof: null, tls: null }),
    stream({
      domain: 'arden.lit',
      state: 'connecting',
      since: '2026-11-21T11:59:48Z',
      proof: null,
      tls: null,
      queued: 12,
      error: 'the certificate is for rooms.tempest.lit and not for arden.lit',
    }),
  ],
  ways: [
    { domain: 'rooms.wonderland.lit', way: 'link', via: null },
    { domain: 'wonderland.lit', way: 'link', via: 'rooms.wonderland.lit' },
    { domain: 'denmark.lit', way: 'component', via: '127.0.0.1:5347' },
    { domain: 'france.lit', way: 's2s', via: null },
  ],
});

const manyStreams = Array.from({ length: 30 }, (_, at) =>
  stream({ domain: `s${at}.lit`, state: 'down', queued: 1, error: 'no route to it: is the network interface up?' }),
);
const manyWays = manyStreams.map(({ domain }) => ({ domain, way: 's2s' as const, via: null }));

/** Rooms and peers whose names take more columns than they have characters, or fewer. */
const wide = report({
  domain: 'rooms.日本.lit',
  links: [
    link({ peer: 'rooms.日本.lit' }),
    link({ peer: 'rooms.서울.lit', state: 'down', delay: null, error: '接続できません'.repeat(12) }),
  ],
  rooms: [
    room({ jid: '茶室@rooms.日本.lit', nodes: { '茶室@rooms.日本.lit': 2, 'salo\u0301n@rooms.madrid.lit': 5 } }),
    room({ jid: 'salo\u0301n@rooms.日本.lit', state: 'out-of-reach', reason: 'the link to rooms.서울.lit is down' }),
  ],
});

const hostileText = '\u001b[2J\u0007\nrooms.denmark.lit: up\u202e';
/** Every text in it is somebody's who would take the terminal over. */
const hostile = report({
  domain: hostileText,
  problems: [hostileText],
  certificate: certificate({ sha256: hostileText, expires: hostileText }),
  s2s: [stream({ domain: hostileText, state: 'down', since: hostileText, tls: hostileText, error: hostileText })],
  ways: [{ domain: hostileText, way: 'link', via: hostileText }],
  component: { server: hostileText, state: 'down', since: hostileText, error: hostileText },
  links: [
    link({
      peer: hostileText,
      state: 'down',
      since: hostileText,
      error: hostileText,
      file: { ...link().file, pin: hostileText },
    }),
  ],
  rooms: [
    room({
      jid: hostileText,
      federate: hostileText,
      state: 'rejected',
      reason: hostileText,
      nodes: { [hostileText]: 1 },
      neighbours: [neighbour({ node: hostileText, since: hostileText })],
    }),
  ],
});

const status = (shown: StatusReport) => (frame: Frame) => statusScreen(shown, noon, frame);

describe('status', () => {
  test.each<[string, StatusReport]>([
    ['well', report()],
    ['new', report({ uptime: 2, component: null, links: [], rooms: [] })],
    ['trouble', trouble],
    ['problems', report({ problems })],
    ['servers', servers],
    ['crowded', crowd],
    ['hostile', hostile],
    ['wide-characters', wide],
    // Tables that are too much together leave each some lines, and the rest to who has more.
    [
      'many-links',
      report({
        links: Array.from({ length: 9 }, (_, at) => link({ peer: `l${at}.lit` })),
        s2s: [stream()],
        ways: Array.from({ length: 30 }, (_, at) => ({ domain: `l${at}.lit`, way: 'link' as const, via: null })),
      }),
    ],
  ])('that is %s', (name, shown) => expectGoldenConsole(`status-${name}`, status(shown)));

  test('on a screen that is narrow, or wide', async () => {
    await expectGoldenConsole('status-trouble-40', status(trouble), 40);
    await expectGoldenConsole('status-trouble-132', status(trouble), 132);
  });

  test('with more problems than there is room for', async () => {
    const many = Array.from({ length: 9 }, (_, at) => `problem ${at} of the gateway `.repeat(5));
    await expectGoldenConsole('status-many-problems', status({ ...crowd, problems: many, s2s: manyStreams }));
  });

  test('says nothing of links where there are other servers', () => {
    const shown = { ...servers, links: [] };
    expect(statusScreen(shown, noon)).not.toContain('no links');
  });

  test('leaves ways out where the screen is too small: links shows them', () => {
    const text = statusScreen({ ...crowd, s2s: manyStreams, ways: manyWays }, noon);
    expect(text).toContain('and 29 more: fmucd links');
    expect(text).not.toContain('DOMAIN');
    const shown = statusScreen({ ...report(), s2s: manyStreams.slice(0, 1), ways: manyWays.slice(0, 1) }, noon);
    expect(shown).toContain('DOMAIN');
  });
});

describe('links', () => {
  test('all', () => expectGolden('links', (frame) => linksScreen(trouble.links, noon, frame)));
  test('all, on a narrow screen', () =>
    expectGolden('links-40', (frame) => linksScreen(trouble.links, noon, frame), 40));
  test('one that is down', () =>
    expectGoldenConsole('link-down', (frame) => linkScreen(trouble.links[2]!, noon, frame)));
  test('one that is slow', () =>
    expectGoldenConsole('link-slow', (frame) => linkScreen(trouble.links[0]!, noon, frame)));
  test('one, on a narrow screen', () =>
    expectGolden('link-slow-40', (frame) => linkScreen(trouble.links[0]!, noon, frame), 40));
  test('the streams with a domain', () =>
    expectGoldenConsole('stream-up', (frame) =>
      streamScreen(stream({ error: 'the peer dropped the connection' }), noon, frame),
    ));
  test('the streams with a domain that is out of reach', () => {
    const down = stream({ state: 'down', proof: null, tls: null, bidirectional: false, resumable: false, queued: 1 });
    return expectGoldenConsole('stream-down', (frame) => streamScreen(down, noon, frame));
  });
  test('a way through names that are long', () =>
    expectGolden('way-long', (frame) =>
      waysScreen([{ domain: 'arden.lit', way: 'link', via: `rooms.${'x'.repeat(60)}.lit` }], frame),
    ));
});

describe('rooms', () => {
  const busy = room({
    missing: 150,
    lost: 1,
    held: 2,
    neighbours: [
      neighbour({ unconfirmed: 3 }),
      neighbour({
        node: 'tower@rooms.arden.lit',
        side: 'joining',
        state: 'away',
        has: 800,
        misses: 12,
        dropped: 7,
        refused: 1,
      }),
      neighbour({ node: 'heath@rooms.scotland.lit', side: 'joining', state: 'returning', since: null }),
    ],
  });
  test('all', () => expectGolden('rooms', (frame) => roomsScreen([...trouble.rooms, busy], frame)));
  test('all, on a narrow screen', () => expectGolden('rooms-40', (frame) => roomsScreen(trouble.rooms, frame), 40));
  test('one, and what each neighbour has of it', () =>
    expectGolden('room-neighbours', (frame) => roomScreen(busy, noon, frame)));
  test('one that was rejected', () =>
    expectGoldenConsole('room-rejected', (frame) => roomScreen(trouble.rooms[2]!, noon, frame)));
  test('one with names in other scripts', () =>
    expectGoldenConsole('room-wide-characters', (frame) => roomScreen(wide.rooms[0]!, noon, frame)));
});

describe('reload', () => {
  const taken = {
    file: '/etc/fmucd/fmucd.toml',
    isTaken: true,
    findings: [],
    changes: ['log.level: changed', 'link rooms.france.lit: changed, connects anew', 'room elsinore: changed'],
    restart: ['gateway.data', 's2s'],
  };
  test('what has changed, and what needs a restart', () =>
    expectGoldenConsole('reload', (frame) => reloadScreen(taken, frame)));
  test('nothing has', () =>
    expectGoldenConsole('reload-nothing', (frame) => reloadScreen({ ...taken, changes: [], restart: [] }, frame)));
  test('no more than a console shows', () => {
    const changes = Array.from({ length: 20 }, (_, at) => `room r${at}: added`);
    return expectGoldenConsole('reload-much', (frame) => reloadScreen({ ...taken, changes }, frame));
  });
});

/** Every screen of a report. */
function screensOf(shown: StatusReport, frame: Frame = {}): string[] {
  return [
    statusScreen(shown, noon, frame),
    linksScreen(shown.links, noon, frame),
    s2sScreen(shown.s2s, noon, frame),
    ...shown.s2s.map((each) => streamScreen(each, noon, frame)),
    waysScreen(shown.ways, frame),
    ...shown.links.map((each) => linkScreen(each, noon, frame)),
    roomsScreen(shown.rooms, frame),
    ...shown.rooms.map((each) => roomScreen(each, noon, frame)),
  ];
}

describe.each([40, 41, 57, 80, 132])('on a screen of %d columns', (width) => {
  const long = 'x'.repeat(3000);
  const endless = report({
    domain: 'd'.repeat(250),
    component: { server: 'x', state: 'down', since: '', error: long },
    links: [link({ state: 'down', peer: long, error: long })],
    rooms: [room({ jid: long, state: 'rejected', reason: long, nodes: { [long]: 1 } })],
  });
  test.each([
    ['well', report()],
    ['in trouble', trouble],
    ['crowded', crowd],
    ['crowded by other servers too', { ...crowd, s2s: manyStreams, ways: manyWays }],
    ['full of problems', { ...crowd, s2s: manyStreams, problems: Array.from({ length: 9 }, () => 'x y '.repeat(60)) }],
    ['of other scripts', wide],
    ['of endless names', endless],
  ])('a gateway that is %s fits', (_, shown) => {
    expect(statusScreen(shown, noon, { width }).split('\n').length).toBeLessThanOrEqual(CONSOLE_LINES);
    const lines = screensOf(shown, { width }).join('\n').split('\n');
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(width);
  });
});

test("a peer's words do nothing to the terminal", () => {
  const text = screensOf(hostile).join('\n');
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(text).not.toMatch(/^rooms\.denmark\.lit: up/m);
});

test.each([
  [undefined, 80],
  [80, 80],
  [200, 200],
  [20, 40],
  [0, 80],
])('a terminal of %s columns is drawn for %d', (columns, width) => {
  expect(frameFor({ paint: unpainted, columns }).width).toBe(width);
});
