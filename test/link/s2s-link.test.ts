import { beforeEach, describe, expect, it } from 'vitest';
import type { LinkEffect } from '../../src/link/link-effects.ts';
import { MAX_BATCH_CHARACTERS } from '../../src/link/pace.ts';
import { type HeldStream, MAX_HELD, MAX_HELD_CHARACTERS, S2sLink } from '../../src/link/s2s-link.ts';
import type { S2sReport } from '../../src/stream/s2s-types.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { posting } from './network.ts';

/* A link over a stream that the test plays. */

const PEER = 'rooms.wonderland.lit';
const START = 1_000_000;

class Streams implements HeldStream {
  state: S2sReport['state'] = 'up';
  isHeld = true;
  isFull = false;
  bytesIn = 0;
  bytesOut = 0;
  error: string | undefined;

  isReachable = (domain: string) => domain === PEER && this.isHeld;
  isCongested = () => this.isFull;
  report = (domain: string): S2sReport | undefined =>
    domain !== PEER
      ? undefined
      : {
          domain,
          state: this.state,
          since: START,
          error: this.error,
          proof: undefined,
          tls: undefined,
          isBidirectional: false,
          isResumable: true,
          bytesIn: this.bytesIn,
          bytesOut: this.bytesOut,
          stanzasIn: 0,
          stanzasOut: 0,
          queued: 0,
          savedBytes: 3,
        };
}

let streams: Streams;

function linkAt(bandwidth: number): S2sLink {
  const link = new S2sLink({ peer: PEER, bandwidth, compression: false }, streams);
  link.start(START);
  return link;
}

/** The stanzas that effects hand on, batch by batch. */
function handed(effects: readonly LinkEffect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 's2s-send' ? [effect.stanzas.join('')] : []));
}

function message(text: string): string {
  return `<message from="r@rooms.denmark.lit" to="x@${PEER}" type="groupchat"><body>${text}</body></message>`;
}

beforeEach(() => {
  streams = new Streams();
});

describe('what is posted', () => {
  it('is handed on at once, together, in its order', () => {
    const link = linkAt(0);
    expect(link.post([posting(message('a'))], START, true)).toEqual([]);
    expect(link.post([posting(message('b'))], START)).toEqual([
      { kind: 's2s-send', domain: PEER, stanzas: [message('a'), message('b')] },
    ]);
  });

  it('is handed on a batch at a time, the next once the stream has got the last', () => {
    const link = linkAt(0);
    const long = 'x'.repeat(MAX_BATCH_CHARACTERS);
    expect(handed(link.post([posting(message(long)), posting(message('b'))], START))).toEqual([message(long)]);
    expect(link.proceed(START)).toEqual([]);
    expect(link.nextTimeout()).toBeUndefined();
    expect(handed(link.handedOn(START))).toEqual([message('b')]);
    expect([link.stanzasOut, link.departures.waiting]).toEqual([1, 0]);
    link.handedOn(START);
    expect(link.stanzasOut).toBe(2);
    expect(link.handedOn(START)).toEqual([]);
  });

  it('waits for the line, by the bytes that the stream has written', () => {
    const link = linkAt(8000);
    link.post([posting(message('a'))], START);
    link.post([posting(message('b'))], START);
    streams.bytesOut = 920; // with the segment's headers, a second on air
    expect(link.handedOn(START)).toEqual([]);
    expect([link.nextTimeout(), link.delay(START)]).toEqual([START + 1000, expect.any(Number)]);
    expect(link.handleTimeout(START + 999)).toEqual([]);
    expect(handed(link.handleTimeout(START + 1000))).toEqual([message('b')]);
  });

  it('waits longer where something else takes the line', () => {
    const link = linkAt(8000);
    link.post([posting(message('a'))], START);
    link.post([posting(message('b'))], START);
    streams.bytesOut = 920;
    link.handedOn(START);
    streams.bytesIn = 920;
    link.proceed(START);
    expect(link.nextTimeout()).toBe(START + 2000);
  });

  it('waits while the stream is congested, or lost and to be resumed', () => {
    const link = linkAt(0);
    streams.isFull = true;
    expect(link.post([posting(message('a'))], START)).toEqual([]);
    streams.isFull = false;
    streams.state = 'connecting';
    expect(link.proceed(START)).toEqual([]);
    expect([link.isReachable, link.state, link.delay(START)]).toEqual([true, 'connecting', undefined]);
    expect([link.nextTimeout(), link.departures.waiting]).toEqual([undefined, 1]);
    streams.state = 'up';
    expect(handed(link.proceed(START))).toEqual([message('a')]);
  });

  it('is not taken while the peer is out of reach, or before the start', () => {
    streams.isHeld = false;
    expect(linkAt(0).post([posting(message('a'))], START)).toEqual([]);
    streams.isHeld = true;
    const link = new S2sLink({ peer: PEER, bandwidth: 0, compression: false }, streams);
    expect([link.isReachable, link.post([posting(message('a'))], START)]).toEqual([false, []]);
    expect(link.start(START)).toEqual([{ kind: 'link-up', peer: PEER }]);
    expect(link.departures.waiting).toBe(0);
  });

  it('is taken as long as nobody has said that the stream is gone, and nothing of it leaves until it stands', () => {
    const link = linkAt(0);
    Object.assign(streams, { isHeld: false, state: 'connecting' });
    expect([link.proceed(START), link.isReachable]).toEqual([[], true]);
    expect(link.post([posting(message('a'))], START)).toEqual([]);
    Object.assign(streams, { isHeld: true, state: 'up' });
    expect(handed(link.proceed(START))).toEqual([message('a')]);
    expect(link.fall()).toEqual([{ kind: 'link-down', peer: PEER }]);
    expect([link.isReachable, link.fall()]).toEqual([false, []]);
    expect(link.proceed(START)).toEqual([{ kind: 'link-up', peer: PEER }]);
  });

  it('says since when its stream is up or isn’t, however often that was tried', () => {
    const link = linkAt(0);
    const sinceAt = (state: 'up' | 'connecting' | 'down', now: number) => {
      streams.state = state;
      link.proceed(now);
      return link.since;
    };
    expect(link.since).toBe(START);
    expect(sinceAt('up', START + 1)).toBe(START + 1);
    expect(sinceAt('connecting', START + 2)).toBe(START + 2);
    expect(sinceAt('down', START + 3)).toBe(START + 2);
    expect(sinceAt('connecting', START + 4)).toBe(START + 2);
    expect(sinceAt('up', START + 5)).toBe(START + 5);
  });

  it('is bounded, and what did not fit is told of once there is room', () => {
    const link = linkAt(0);
    streams.isFull = true;
    const many = Array.from({ length: MAX_HELD + 5 }, (_, index) => posting(message(String(index))));
    link.post(many, START);
    expect(link.departures.waiting).toBe(MAX_HELD);
    streams.isFull = false;
    let told = link.proceed(START);
    while (link.departures.waiting > 0) told = [...told, ...link.handedOn(START)];
    expect(told.filter(({ kind }) => kind === 'link-drained')).toEqual([
      { kind: 'link-drained', peer: PEER, overrun: new Map([[`x@${PEER}`, undefined]]) },
    ]);
  });
});

it('holds so many characters and no more', () => {
  const link = linkAt(0);
  streams.isFull = true;
  const long = message('x'.repeat(MAX_HELD_CHARACTERS / 8));
  link.post(
    Array.from({ length: 8 }, () => posting(long)),
    START,
  );
  expect(link.departures.waiting).toBe(7);
});

it('tells of its stream, and counts its own stanzas', () => {
  const link = linkAt(0);
  Object.assign(streams, { bytesIn: 7, bytesOut: 9, error: 'reset' });
  const heard = link.hear(parseElement('<message/>'));
  expect(heard).toMatchObject([{ kind: 'stanza', via: { kind: 'link', peer: PEER } }]);
  const { bytesIn, bytesOut, savedBytes, stanzasIn, error, since } = link;
  expect([bytesIn, bytesOut, savedBytes, stanzasIn, error, since]).toEqual([7, 9, 3, 1, 'reset', START]);
});

it('tells of each stanza that crosses while it is traced, and of its bytes', () => {
  const link = linkAt(0);
  link.isTraced = true;
  link.post([posting('<message/>'), posting('<iq/>')], START);
  streams.bytesOut = 12;
  const out = link
    .handedOn(START)
    .map((effect) => effect.kind === 'crossed' && [effect.xml, effect.bytes, effect.wire]);
  expect(out).toEqual([
    ['<iq/>', 5, 12],
    ['<message/>', 10, undefined],
  ]);
  expect(link.hear(parseElement('<message/>'))[0]).toMatchObject({ kind: 'crossed', direction: 'in', wire: undefined });
});
