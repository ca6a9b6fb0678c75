import { describe, expect, it } from 'vitest';
import { MAX_TRACERS, Tracers } from '../../src/app/tracers.ts';
import { RequestError } from '../../src/io/control.ts';
import type { Feed } from '../../src/io/feed.ts';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import { ALICE, enters, HAMLET, pair, RABBITHOLE, says } from '../support/nodes.ts';

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
  const look = (peer?: string) => {
    const seen: unknown[] = [];
    const feed = { send: (line: string) => seen.push(JSON.parse(line)) } as unknown as Feed;
    const { result, attach } = tracers.open(peer);
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
    const record = { time: '2026-11-21T12:00:00Z', direction: 'out', bytes: 5, xml: '<iq/>' };
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
    expect(() => look('rooms.tempest.lit')).toThrow(new RequestError('no link to "rooms.tempest.lit"'));
    expect(() => new Tracers({ links: [] }, () => NOON).open(undefined)).toThrow(new RequestError('no links'));
  });
});

it('shows a conversation both ways, from the moment on', () => {
  const { denmark, wonderland, traced } = scene();
  const seen: string[] = [];
  denmark.onCrossed = ({ direction, xml }) => seen.push(`${direction} ${xml}`);
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, 'elsinore@rooms.denmark.lit', 'Hamlet'));
  expect([seen, traced()]).toEqual([[], []]);
  for (const { stream } of denmark.core.links) stream.isTraced = true;
  denmark.say(says(HAMLET, 'elsinore@rooms.denmark.lit', 'Words'));
  wonderland.say(says(ALICE, RABBITHOLE, 'What words?'));
  expect(seen.map((line) => /^(in|out) .*<body>(.*)<\/body>/.exec(line)?.slice(1))).toEqual([
    ['out', 'Words'],
    ['in', 'What words?'],
  ]);
});
