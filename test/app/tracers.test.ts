import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MAX_TRACERS, Tracers } from '../../src/app/tracers.ts';
import type { TraceRecord } from '../../src/gateway/report.ts';
import { RequestError } from '../../src/io/control.ts';
import { Feed } from '../../src/io/feed.ts';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import { WITHHELD } from '../../src/stanza/withheld.ts';
import { ALICE, enters, HAMLET, pair, RABBITHOLE, says } from '../support/nodes.ts';
import { pairOverS2s } from '../support/over-s2s.ts';

/* Whoever looks on at what crosses the links of a gateway. */

const NOON = Date.UTC(2026, 10, 21, 12);
const WONDERLAND = 'rooms.wonderland.lit';
const FRANCE = 'rooms.france.lit';

/** Two links, and those who look on at them. */
function scene() {
  const detour = { peer: FRANCE, connect: { host: 'far', port: 7009 } };
  const elsinore = { peer: WONDERLAND, domains: ['wonderland.lit'], connect: { host: '127.0.0.1', port: 7000 } };
  const { denmark, wonderland } = pair({ links: [elsinore, detour] });
  const tracers = new Tracers(denmark.core, () => NOON);
  const traced = () => denmark.core.links.filter(({ stream }) => stream.isTraced).map(({ peer }) => peer);
  /** Someone who looks on, what they see, and how they end. */
  const look = (peer?: string, only: { readonly room?: string; readonly kind?: string } = {}) => {
    const seen: unknown[] = [];
    const feed = { send: (line: string) => seen.push(JSON.parse(line)) } as unknown as Feed;
    const { result, attach } = tracers.open({ ...(peer !== undefined && { peer }), ...only });
    return { seen, result, end: attach(feed) };
  };
  return { denmark, wonderland, tracers, traced, look };
}

const crossed = (peer: string, wire?: number): CrossedEffect => ({
  kind: 'crossed',
  peer,
  direction: 'out',
  xml: '<iq/>',
  bytes: 5,
  wire,
});

describe('looking on', () => {
  it('makes a link tell of what crosses, and only while somebody does', () => {
    const { traced, look } = scene();
    expect(traced()).toEqual([]);
    const one = look(WONDERLAND);
    expect(traced()).toEqual([WONDERLAND]);
    const all = look();
    expect([one.result, all.result]).toEqual([{ peers: [WONDERLAND] }, { peers: [WONDERLAND, FRANCE] }]);
    expect(traced()).toEqual([WONDERLAND, FRANCE]);
    one.end();
    expect(traced()).toEqual([WONDERLAND, FRANCE]);
    all.end();
    expect(traced()).toEqual([]);
  });

  it('brings what crosses the links that are meant, with its size on the wire at the first of those that left together', () => {
    const { tracers, look } = scene();
    const one = look(FRANCE);
    const all = look();
    tracers.tell(crossed(WONDERLAND, 9));
    tracers.tell(crossed(FRANCE, 7));
    tracers.tell(crossed(FRANCE));
    const record = {
      time: '2026-11-21T12:00:00Z',
      direction: 'out',
      room: null,
      kind: 'question',
      who: null,
      verdict: 'crossed',
      reason: null,
      why: null,
      count: 1,
      bytes: 5,
      xml: '<iq/>',
      withheld: null,
    };
    const ofFrance = [
      { ...record, peer: FRANCE, wire: 7 },
      { ...record, peer: FRANCE, wire: null },
    ];
    expect(one.seen).toEqual(ofFrance);
    expect(all.seen).toEqual([{ ...record, peer: WONDERLAND, wire: 9 }, ...ofFrance]);
  });

  it('goes on with links that another file adds or has connect anew, as far as they are meant', () => {
    const { denmark, tracers, traced, look } = scene();
    look(WONDERLAND);
    const dials = { connect: { host: 'far', port: 7009 } };
    denmark.reload({
      links: [
        { peer: WONDERLAND, ...dials },
        { peer: FRANCE, ...dials },
        { peer: 'rooms.arden.lit', ...dials },
      ],
    });
    tracers.settle();
    expect(traced()).toEqual([WONDERLAND]);
    look();
    expect(traced()).toEqual([WONDERLAND, FRANCE, 'rooms.arden.lit']);
  });

  it('is for so many, and for links that there are', () => {
    const { look } = scene();
    const lookers = Array.from({ length: MAX_TRACERS }, () => look());
    expect(() => look()).toThrow(new RequestError('4 traces are under way, and no more may be: end one of them'));
    lookers[0]?.end();
    look();
    expect(() => look('rooms.tempest.lit')).toThrow(
      new RequestError('no link to "rooms.tempest.lit" (rooms.wonderland.lit, rooms.france.lit)'),
    );
    expect(() => look(WONDERLAND, { room: 'moor' })).toThrow(new RequestError('no room "moor" (elsinore)'));
  });

  it('is refused where there is nothing to look at', () => {
    const { denmark } = pair({ links: [], rooms: [] });
    const tracers = new Tracers(denmark.core, () => NOON);
    expect(() => tracers.open({})).toThrow(new RequestError('there are no links (add a [[link]] to the file)'));
    expect(() => tracers.open({ peer: 'b.lit' })).toThrow(new RequestError('no link to "b.lit" (there are none)'));
  });

  it('is for a link by any domain that it leads to, and for the domain of a node over ordinary streams', () => {
    const { look } = scene();
    expect(look('Wonderland.lit').result).toEqual({ peers: [WONDERLAND] });
    const { denmark } = pairOverS2s();
    const tracers = new Tracers(denmark.core, () => NOON);
    expect(tracers.open({ peer: WONDERLAND }).result).toEqual({ peers: [WONDERLAND] });
    expect(tracers.open({}).result).toEqual({ peers: [WONDERLAND] });
    expect(() => tracers.open({ peer: 'rooms.tempest.lit' })).toThrow(RequestError);
  });
});

describe('of what crosses', () => {
  const message = (room: string, body: string): string =>
    `<message from="${room}@rooms.denmark.lit/Hamlet" to="rabbithole@rooms.wonderland.lit" type="groupchat"><body>${body}</body></message>`;
  const tellOf = (xml: string, peer = WONDERLAND): CrossedEffect => ({ ...crossed(peer, 9), xml });
  const kept = (about: 'message' | 'history' | 'occupant', room: string | null = 'elsinore@rooms.denmark.lit') =>
    ({ kind: 'withheld', peer: WONDERLAND, room, reason: 'link-down', about, who: 'Hamlet' }) as const;
  const briefly = (seen: readonly unknown[]) =>
    (seen as TraceRecord[]).map(({ kind, room, verdict }) => `${verdict} ${kind} ${room?.split('@')[0] ?? '-'}`);

  it('only a room, by its name or JID, and only a kind are shown, to each as they asked', () => {
    const { tracers, look } = scene();
    const all = look();
    const room = look(undefined, { room: 'Elsinore' });
    const sameRoom = look(WONDERLAND, { room: 'elsinore@rooms.denmark.lit' });
    const kind = look(undefined, { kind: 'message' });
    tracers.tell(tellOf(message('elsinore', 'Words')));
    tracers.tell(tellOf(message('moor', 'Words'), FRANCE));
    tracers.tell(tellOf('<iq/>'));
    tracers.tell(kept('message'));
    tracers.tell(kept('occupant'));
    tracers.tell(kept('history', null));
    expect(briefly(all.seen)).toEqual([
      'crossed message elsinore',
      'crossed message moor',
      'crossed question -',
      'held message elsinore',
      'held occupant elsinore',
      'held history -',
    ]);
    const ofElsinore = ['crossed message elsinore', 'held message elsinore', 'held occupant elsinore'];
    expect([briefly(room.seen), briefly(sameRoom.seen)]).toEqual([ofElsinore, ofElsinore]);
    expect(briefly(kind.seen)).toEqual([
      'crossed message elsinore',
      'crossed message moor',
      'held message elsinore',
      'held history -',
    ]);
  });

  it('what is withheld has its verdict, its reason and that in words', () => {
    const { tracers, look } = scene();
    const { seen } = look();
    tracers.tell({ ...kept('message'), count: 3, bytes: 120, detail: 'said long ago' });
    expect(seen).toEqual([
      {
        time: '2026-11-21T12:00:00Z',
        peer: WONDERLAND,
        direction: 'out',
        room: 'elsinore@rooms.denmark.lit',
        kind: 'message',
        who: 'Hamlet',
        verdict: 'held',
        reason: 'link-down',
        why: `${WITHHELD['link-down'].text}: said long ago`,
        count: 3,
        bytes: 120,
        wire: 0,
        xml: '',
        withheld: null,
      },
    ]);
  });

  it('an error has its condition and what it says', () => {
    const { tracers, look } = scene();
    const { seen } = look();
    tracers.tell(
      tellOf(
        '<message from="elsinore@rooms.denmark.lit" to="x@wonderland.lit" type="error"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">There is no such room.</text></error></message>',
      ),
    );
    expect(seen).toMatchObject([{ kind: 'error', reason: 'item-not-found', why: 'There is no such room.' }]);
  });

  it('what cannot be read is neither shown nor does it bring anything down', () => {
    const { tracers, look } = scene();
    const { seen } = look();
    tracers.tell(tellOf('<message <password>s3cret</password>'));
    expect(seen).toMatchObject([{ kind: 'unreadable', xml: '', bytes: 5, wire: 9 }]);
    expect(JSON.stringify(seen)).not.toContain('s3cret');
  });

  it('no password is shown, of what crosses or of what does not', () => {
    const { tracers, look } = scene();
    const { seen } = look();
    const xml =
      '<presence from="x@wonderland.lit/y" to="elsinore@rooms.denmark.lit/X"><x xmlns="http://jabber.org/protocol/muc"><password>s3cret</password></x></presence>';
    tracers.tell(tellOf(xml));
    tracers.tell({ ...kept('occupant'), xml });
    const shown = (seen as readonly TraceRecord[]).map((record) => record.withheld ?? record.xml);
    expect(shown.map((text) => text.includes('<password>***</password>'))).toEqual([true, true]);
    expect(JSON.stringify(seen)).not.toContain('s3cret');
  });

  it('a reader that is too slow misses lines of every sort, and is told how many', async () => {
    const { tracers } = scene();
    const answer = tracers.open({});
    const [reader, writer] = await socketPair();
    const end = answer.attach(new Feed(writer));
    const large = message('elsinore', 'x'.repeat(10_000));
    for (let number = 0; number < 400; number++) {
      tracers.tell(tellOf(large));
      tracers.tell({ ...kept('message'), xml: large });
    }
    let text = '';
    reader.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    await expect.poll(() => text.includes('left_out'), { timeout: 20_000 }).toBe(true);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Partial<TraceRecord> & { readonly left_out?: number });
    const leftOut = lines.reduce((sum, { left_out = 0 }) => sum + left_out, 0);
    expect(new Set(lines.map(({ verdict }) => verdict))).toEqual(new Set(['crossed', 'held', undefined]));
    expect(lines.filter(({ verdict }) => verdict !== undefined).length + leftOut).toBe(800);
    end();
    reader.destroy();
    writer.destroy();
  });
});

/** Both ends of a connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [writer] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [reader, writer];
}

it('shows a conversation both ways, from the moment on', () => {
  const { denmark, wonderland, traced } = scene();
  const seen: string[] = [];
  denmark.onCrossed = ({ direction, xml }) => seen.push(`${direction} ${xml}`);
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, 'elsinore@rooms.denmark.lit', 'Hamlet'));
  expect([seen, traced()]).toEqual([[], []]);
  denmark.core.watch.follow([undefined]);
  denmark.say(says(HAMLET, 'elsinore@rooms.denmark.lit', 'Words'));
  wonderland.say(says(ALICE, RABBITHOLE, 'What words?'));
  expect(seen.map((line) => /^(in|out) .*<body>(.*)<\/body>/.exec(line)?.slice(1))).toEqual([
    ['out', 'Words'],
    ['in', 'What words?'],
  ]);
});
