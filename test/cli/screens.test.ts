import { describe, expect, test } from 'vitest';
import { linkScreen, linksScreen } from '../../src/cli/links.ts';
import { reloadScreen } from '../../src/cli/reload.ts';
import { roomScreen, roomsScreen } from '../../src/cli/rooms.ts';
import { s2sScreen, streamScreen } from '../../src/cli/s2s.ts';
import { statusScreen } from '../../src/cli/status.ts';
import { waysScreen } from '../../src/cli/ways.ts';
import { certificate, crowd, link, neighbour, noon, report, room, stream, trouble } from './reports.ts';

describe('status', () => {
  test('all is well', () => {
    expect(statusScreen(report(), noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
        component of 127.0.0.1:5347: up, 3 min ago
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK                  STATE  SINCE         IN    OUT  QUEUED  DELAY
        rooms.wonderland.lit  up     3 h ago  12.3 kB  678 B       0    0 s

        ROOM                        STATE   LOCAL  REMOTE  HISTORY
        elsinore@rooms.denmark.lit  joined      2       5      812"
    `);
  });

  test('what needs attention comes first, with the reason', () => {
    expect(statusScreen(trouble, noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
      ! component of 127.0.0.1:5347: down, 12 s ago
          nobody listens at 127.0.0.1:5347: is the server there running and its port
          open?
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK                     STATE       SINCE            IN    OUT  QUEUED  DELAY
      ! rooms.a-station-with-a-very-long-name.somewhere-in-the-arctic.lit
                                 down        40 min ago  12.3 kB  678 B       0      -
          no answer from 10.1.0.2:5270: is the link up, and does a firewall let this
          port through?
      ! rooms.wonderland.lit     connecting  3 d ago     45.6 MB  678 B    1204      -
        rooms.arden.lit          up          3 h ago     12.3 kB  678 B       0   12 s

        ROOM                        STATE         LOCAL  REMOTE  HISTORY
      ! tower@rooms.denmark.lit     rejected          2       5      812
          rooms.wonderland.lit: This room does not federate with rooms.denmark.lit
      ! court@rooms.denmark.lit     out-of-reach      2       5      812
          the link to rooms.wonderland.lit is down
        elsinore@rooms.denmark.lit  joined            2       5      812
        heath@rooms.denmark.lit     local             0       0      812"
    `);
  });

  test('what is wrong with the gateway as a whole comes before everything', () => {
    const problems = [
      'no space left for /var/lib/fmucd/fmucd.db: free some; the gateway goes on by itself once there is',
      '/var/lib/fmucd is in memory: \u001b[2Jwhat is kept is gone at power-off (put "data" on a disk)',
    ];
    expect(statusScreen(report({ problems }), noon)).toMatchInlineSnapshot(`
      "! no space left for /var/lib/fmucd/fmucd.db: free some; the gateway goes on by
        itself once there is
      ! /var/lib/fmucd is in memory:  [2Jwhat is kept is gone at power-off (put "data"
        on a disk)
      rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
        component of 127.0.0.1:5347: up, 3 min ago
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK                  STATE  SINCE         IN    OUT  QUEUED  DELAY
        rooms.wonderland.lit  up     3 h ago  12.3 kB  678 B       0    0 s

        ROOM                        STATE   LOCAL  REMOTE  HISTORY
        elsinore@rooms.denmark.lit  joined      2       5      812"
    `);
  });

  test('with all of that, too, it fits a console', () => {
    const problems = Array.from({ length: 4 }, (_, at) => `problem ${at} of the gateway `.repeat(5));
    const lines = statusScreen({ ...crowd, problems }, noon).split('\n');
    expect(lines.filter((line) => line.startsWith('! problem'))).toHaveLength(4);
    expect(lines.length).toBeLessThanOrEqual(24);
  });

  test('streams with other servers, and which way each domain goes', () => {
    const shown = report({
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
    expect(statusScreen(shown, noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
        certificate until 2027-03-01; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK                  STATE  SINCE         IN    OUT  QUEUED  DELAY
        rooms.wonderland.lit  up     3 h ago  12.3 kB  678 B       0    0 s

        S2S                   STATE       SINCE     PROOF     TLS      QUEUED
      ! arden.lit             connecting  12 s ago  -         -            12
          the certificate is for rooms.tempest.lit and not for arden.lit
        rooms.wonderland.lit  up          1 h ago   pin       TLSv1.3       0
        france.lit            up          1 h ago   dialback  -             0
        norway.lit            down        1 h ago   -         -             0

        DOMAIN                WAY
        rooms.wonderland.lit  link
        wonderland.lit        link to rooms.wonderland.lit
        denmark.lit           component of 127.0.0.1:5347
        france.lit            s2s

        ROOM                        STATE   LOCAL  REMOTE  HISTORY
        elsinore@rooms.denmark.lit  joined      2       5      812"
    `);
  });

  test('no links, but other servers', () => {
    const shown = report({
      component: null,
      links: [],
      s2s: [stream()],
      ways: [{ domain: 'france.lit', way: 's2s', via: null }],
    });
    expect(statusScreen(shown, noon)).not.toContain('no links');
  });

  test('tables that are too much together leave each some lines, and the rest to who has more', () => {
    const shown = report({
      links: Array.from({ length: 9 }, (_, at) => link({ peer: `l${at}.lit` })),
      s2s: [stream()],
      ways: Array.from({ length: 30 }, (_, at) => ({ domain: `l${at}.lit`, way: 'link' as const, via: null })),
    });
    expect(statusScreen(shown, noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
        component of 127.0.0.1:5347: up, 3 min ago
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK    STATE  SINCE         IN    OUT  QUEUED  DELAY
        l0.lit  up     3 h ago  12.3 kB  678 B       0    0 s
        l1.lit  up     3 h ago  12.3 kB  678 B       0    0 s
        l2.lit  up     3 h ago  12.3 kB  678 B       0    0 s
        and 6 more: fmucd links

        S2S         STATE  SINCE    PROOF        TLS      QUEUED
        france.lit  up     1 h ago  certificate  TLSv1.3       0

        DOMAIN   WAY
        l0.lit   link
        l1.lit   link
        l2.lit   link
        l3.lit   link
        and 26 more: fmucd links

        ROOM                        STATE   LOCAL  REMOTE  HISTORY
        elsinore@rooms.denmark.lit  joined      2       5      812"
    `);
  });

  test('a new gateway', () => {
    const fresh = report({ uptime: 2, component: null, links: [], rooms: [] });
    expect(statusScreen(fresh, noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 2 s, 38.2 MB of memory
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        no links: rooms are shared with nobody (add a [[link]] to the file)

        no rooms yet"
    `);
  });

  test('what is too much is counted', () => {
    expect(statusScreen(crowd, noon)).toMatchInlineSnapshot(`
      "rooms.denmark.lit: fmucd 0.1.0, up 3 h, 38.2 MB of memory
      ! component of 127.0.0.1:5347: down, 12 s ago
          nobody listens at 127.0.0.1:5347: is the server there running and its port
          open?
        certificate until 2049-12-31, self-signed; its SHA-256:
          fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210

        LINK                  STATE  SINCE         IN    OUT  QUEUED  DELAY
      ! rooms.station-0.lit   down   3 h ago  12.3 kB  678 B       0      -
          no route to it: is the network interface up?
      ! rooms.station-1.lit   down   3 h ago  12.3 kB  678 B       0      -
          no route to it: is the network interface up?
        and 28 more: fmucd links

        ROOM                        STATE         LOCAL  REMOTE  HISTORY
      ! room-0@rooms.denmark.lit    out-of-reach      2       5      812
          the link is down
      ! room-1@rooms.denmark.lit    out-of-reach      2       5      812
          the link is down
      ! room-2@rooms.denmark.lit    out-of-reach      2       5      812
          the link is down
        and 297 more: fmucd rooms"
    `);
  });
});

describe('links and rooms', () => {
  test('links', () =>
    expect(linksScreen(trouble.links, noon)).toMatchInlineSnapshot(`
      "  LINK                     STATE       SINCE            IN    OUT  QUEUED  DELAY
      ! rooms.a-station-with-a-very-long-name.somewhere-in-the-arctic.lit
                                 down        40 min ago  12.3 kB  678 B       0      -
          no answer from 10.1.0.2:5270: is the link up, and does a firewall let this
          port through?
      ! rooms.wonderland.lit     connecting  3 d ago     45.6 MB  678 B    1204      -
        rooms.arden.lit          up          3 h ago     12.3 kB  678 B       0   12 s"
    `));
  test('one link', () =>
    expect(linkScreen(trouble.links[2]!)).toMatchInlineSnapshot(`
      "rooms.a-station-with-a-very-long-name.somewhere-in-the-arctic.lit
        state       down since 2026-11-21T11:20:00Z
        transport   direct
        in          12.3 kB, 81 stanzas
        out         678 B, 1 stanza
        queued      0 messages
        waiting     0 stanzas
        delay       nothing crosses now
        last error  no answer from 10.1.0.2:5270: is the link up, and does a firewall
                    let this port through?
        saved by
          compression  0 B
          coalescing   0 presence stanzas
          trimming     0 B, 0 payloads
        in the file
          bandwidth    0: nothing is paced
          compression  false
          presence     availability
          coalesce     0: each presence at once
          tls          off"
    `));
  test('one link that is slow', () =>
    expect(linkScreen(trouble.links[0]!)).toMatchInlineSnapshot(`
      "rooms.arden.lit
        state       up since 2026-11-21T09:00:00Z
        transport   direct
        in          12.3 kB, 81 stanzas
        out         678 B, 1 stanza
        queued      0 messages
        waiting     203 stanzas
        delay       12 s until a message is across
        last error  none
        saved by
          compression  45.6 kB
          coalescing   81 presence stanzas
          trimming     1.2 kB, 1 payload
        in the file
          bandwidth    300 bit/s
          compression  true
          presence     availability
          coalesce     10 s
          tls          pinned: the peer has the certificate with this SHA-256
            0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    `));
  test('the streams with a domain', () =>
    expect(streamScreen(stream({ error: 'the peer dropped the connection' }))).toMatchInlineSnapshot(`
      "france.lit
        state         up since 2026-11-21T11:00:00Z
        transport     s2s
        proof         certificate
        tls           TLSv1.3
        connections   one for both directions
        after a loss  the stream is resumed
        in            12.3 kB, 81 stanzas
        out           678 B, 1 stanza
        queued        0 stanzas
        last error    the peer dropped the connection"
    `));
  test('the streams with a domain that is out of reach', () =>
    expect(
      streamScreen(
        stream({ state: 'down', proof: null, tls: null, bidirectional: false, resumable: false, queued: 1 }),
      ),
    ).toMatchInlineSnapshot(`
      "france.lit
        state       down since 2026-11-21T11:00:00Z
        transport   s2s
        proof       none: no stream stands
        tls         none
        in          12.3 kB, 81 stanzas
        out         678 B, 1 stanza
        queued      1 stanza
        last error  none"
    `));
  test('a way through names that are long', () => {
    const via = `rooms.${'x'.repeat(60)}.lit`;
    expect(waysScreen([{ domain: 'arden.lit', way: 'link', via }])).toMatchInlineSnapshot(`
      "  DOMAIN     WAY
        arden.lit  link
          to rooms.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.lit"
    `);
  });
  test('rooms', () =>
    expect(roomsScreen(trouble.rooms)).toMatchInlineSnapshot(`
      "  ROOM                        STATE         LOCAL  REMOTE  HISTORY
      ! tower@rooms.denmark.lit     rejected          2       5      812
          rooms.wonderland.lit: This room does not federate with rooms.denmark.lit
      ! court@rooms.denmark.lit     out-of-reach      2       5      812
          the link to rooms.wonderland.lit is down
        elsinore@rooms.denmark.lit  joined            2       5      812
        heath@rooms.denmark.lit     local             0       0      812"
    `));
  test('one room, and what each neighbour has of it', () =>
    expect(
      roomScreen(
        room({
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
          ],
        }),
        noon,
      ),
    ).toMatchInlineSnapshot(`
      "elsinore@rooms.denmark.lit
        state      joined
        mode       primary-primary
        joins      rabbithole@rooms.wonderland.lit
        occupants  2 local, 5 remote
        history    812 messages
        missing    150 messages: left behind on their way here: fmucd fetch ROOM asks
                   for them
        lost       1 message: asked for, and nobody has them any more
        held       2 messages: waiting for the node that puts them in order
        occupants by node
          elsinore@rooms.denmark.lit       2
          rabbithole@rooms.wonderland.lit  5
        joined rabbithole@rooms.wonderland.lit
          state        here, 1 h ago
          speaks       fmucd
          has          812 messages
          unconfirmed  3 messages: sent, and not yet known to be there
        joined by tower@rooms.arden.lit
          state    away, 1 h ago
          speaks   fmucd
          has      800 messages
          misses   12 messages: waiting until it is back
          dropped  7 messages: more than its queue or its join allowed
          refused  1 stanza: ignored, and the log says why"
    `));
  test('one room', () =>
    expect(roomScreen(trouble.rooms[2]!, noon)).toMatchInlineSnapshot(`
      "tower@rooms.denmark.lit
        state      rejected: rooms.wonderland.lit: This room does not federate with
                   rooms.denmark.lit
        mode       primary-primary
        joins      rabbithole@rooms.wonderland.lit
        occupants  2 local, 5 remote
        history    812 messages
        occupants by node
          elsinore@rooms.denmark.lit       2
          rabbithole@rooms.wonderland.lit  5
        joined rabbithole@rooms.wonderland.lit
          state   here, 1 h ago
          speaks  fmucd
          has     812 messages"
    `));
});

const manyStreams = Array.from({ length: 30 }, (_, at) =>
  stream({ domain: `s${at}.lit`, state: 'down', queued: 1, error: 'no route to it: is the network interface up?' }),
);
const manyWays = manyStreams.map(({ domain }) => ({ domain, way: 's2s' as const, via: null }));

test('ways are left out where the screen is too small, and shown by links', () => {
  const text = statusScreen({ ...crowd, s2s: manyStreams, ways: manyWays }, noon);
  expect(text).toContain('and 29 more: fmucd links');
  expect(text).not.toContain('DOMAIN');
  const shown = statusScreen({ ...report(), s2s: manyStreams.slice(0, 1), ways: manyWays.slice(0, 1) }, noon);
  expect(shown).toContain('DOMAIN');
});

test.each([
  ['well', report()],
  ['in trouble', trouble],
  ['crowded', crowd],
  ['crowded by other servers too', { ...crowd, s2s: manyStreams, ways: manyWays }],
])('a gateway that is %s fits 80 columns and 24 lines', (_, shown) => {
  const lines = statusScreen(shown, noon).split('\n');
  expect(lines.length).toBeLessThanOrEqual(23); // and the prompt
  const every = [
    ...lines,
    ...linksScreen(shown.links, noon).split('\n'),
    ...s2sScreen(shown.s2s, noon).split('\n'),
    ...shown.s2s.flatMap((each) => streamScreen(each).split('\n')),
    ...waysScreen(shown.ways).split('\n'),
    ...shown.links.flatMap((each) => linkScreen(each).split('\n')),
    ...roomsScreen(shown.rooms).split('\n'),
    ...shown.rooms.flatMap((each) => roomScreen(each, noon).split('\n')),
  ];
  expect(Math.max(...every.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('names and reasons of any length leave the screen in shape', () => {
  const long = 'x'.repeat(3000);
  const shown = report({
    component: { server: 'x', state: 'down', since: '', error: long },
    links: [link({ state: 'down', error: long })],
    rooms: [room({ state: 'rejected', reason: long, nodes: { [long]: 1 } })],
  });
  const lines = statusScreen(shown, noon).split('\n');
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(roomScreen(shown.rooms[0]!, noon)).toMatch(/^ {4}x{3000} +1$/m);
});

test("a peer's words do nothing to the terminal", () => {
  const hostile = '\u001b[2J\u0007\nrooms.denmark.lit: up\u202e';
  const shown = report({
    domain: hostile,
    certificate: certificate({ sha256: hostile, expires: hostile }),
    s2s: [stream({ domain: hostile, state: 'down', since: hostile, tls: hostile, error: hostile })],
    ways: [{ domain: hostile, way: 'link', via: hostile }],
    component: { server: hostile, state: 'down', since: hostile, error: hostile },
    links: [
      link({ peer: hostile, state: 'down', since: hostile, error: hostile, file: { ...link().file, pin: hostile } }),
    ],
    rooms: [room({ jid: hostile, federate: hostile, state: 'rejected', reason: hostile, nodes: { [hostile]: 1 } })],
  });
  const text = [
    statusScreen(shown, noon),
    streamScreen(shown.s2s[0]!),
    linkScreen(shown.links[0]!),
    roomScreen(shown.rooms[0]!, noon),
  ].join('\n');
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(text).not.toMatch(/^rooms\.denmark\.lit: up/m);
});

test('reload: no more than a console shows', () => {
  const changes = Array.from({ length: 20 }, (_, at) => `room r${at}: added`);
  const lines = reloadScreen({ file: 'f', isTaken: true, findings: [], changes, restart: ['gateway.data'] }).split(
    '\n',
  );
  expect([lines[0], lines.at(-3), lines.at(-2), lines.at(-1)]).toEqual([
    'f: taken over',
    '  room r15: added',
    '  and 4 more: the log has them all',
    '! gateway.data: needs a restart',
  ]);
});
