import { describe, expect, it } from 'vitest';
import { Random } from '../../src/lib/random.ts';
import { certificateOf, Network, type ServerOptions } from './s2s-network.ts';

const DENMARK = 'rooms.denmark.lit';
const WONDERLAND = 'wonderland.lit';

function message(from: string, to: string, body: string): string {
  return `<message from="${from}" to="${to}" type="groupchat"><body>${body}</body></message>`;
}

function two(denmark: ServerOptions = {}, wonderland: ServerOptions = {}) {
  const network = new Network();
  return {
    network,
    denmark: network.server(DENMARK, denmark),
    wonderland: network.server(WONDERLAND, wonderland),
  };
}

const HELLO = message('elsinore@rooms.denmark.lit/Hamlet', 'alice@wonderland.lit', 'hello');
const REPLY = message('alice@wonderland.lit', 'elsinore@rooms.denmark.lit', 'hello yourself');

describe('two servers', () => {
  it.each<[string, ServerOptions, ServerOptions]>([
    ['certificate', {}, {}],
    [
      'dialback',
      { certificate: certificateOf([DENMARK], 'self-signed') },
      { certificate: certificateOf([WONDERLAND], 'self-signed') },
    ],
    ['dialback', { tls: 'off', auth: ['dialback'] }, { tls: 'off', auth: ['dialback'] }],
  ])('prove who they are by %s, and one connection serves both ways', (proof, one, other) => {
    const { network, denmark, wonderland } = two(one, other);
    denmark.send(WONDERLAND, HELLO);
    network.settle(5000);
    expect(wonderland.stanzas).toEqual([`${DENMARK}: ${HELLO}`]);
    wonderland.send(DENMARK, REPLY);
    network.settle(5000);
    expect(denmark.stanzas).toEqual([`${WONDERLAND}: ${REPLY}`]);
    expect(denmark.core.report(WONDERLAND)).toMatchObject({ state: 'up', proof, isBidirectional: true });
  });
});

describe('what is told of streams', () => {
  it('counts, for each domain, what its own streams carry, those that have ended among them', () => {
    const { network, denmark, wonderland } = two();
    const verona = network.server('verona.lit');
    denmark.send(WONDERLAND, HELLO, HELLO);
    denmark.send('verona.lit', HELLO.replace(WONDERLAND, 'verona.lit'));
    network.settle(5000);
    const before = denmark.core.report('verona.lit');
    expect([denmark.core.report(WONDERLAND)?.stanzasOut, before?.stanzasOut]).toEqual([2, 1]);
    wonderland.cut();
    network.settle(5000);
    wonderland.send(DENMARK, REPLY);
    network.settle(5000);
    expect(denmark.core.report('verona.lit')).toEqual(before);
    expect(denmark.core.report(WONDERLAND)).toMatchObject({ state: 'up', stanzasIn: 1 });
    expect(verona.stanzas).toHaveLength(1);
  });
});

describe('a stanza over which streams are ended', () => {
  const poison = HELLO.replace('alice@wonderland.lit', 'alice@x.lit');

  it('comes back, and does not end one stream after the other', () => {
    const { network, denmark, wonderland } = two();
    denmark.send(WONDERLAND, HELLO);
    network.settle(10_000);
    denmark.send(WONDERLAND, poison);
    network.settle(60_000);
    expect(denmark.stanzas).toHaveLength(1);
    expect(denmark.stanzas[0]).toContain('<not-acceptable ');
    expect(wonderland.log.filter((line) => line.startsWith('stream up'))).toHaveLength(1);
    denmark.send(WONDERLAND, HELLO);
    network.settle(10_000);
    expect(wonderland.stanzas).toHaveLength(2);
  });

  it('has a peer that sends it again and again tried at intervals that grow', () => {
    const held = (domain: string) => ({ peers: [{ domain, pin: '', compression: false }] });
    const { network, denmark, wonderland } = two(held(WONDERLAND), held(DENMARK));
    network.settle(10_000);
    const before = denmark.log.filter((line) => line.startsWith('stream up')).length;
    for (let n = 0; n < 200; n += 1) {
      wonderland.send(DENMARK, REPLY.replace('elsinore@rooms.denmark.lit', 'elsinore@x.lit'));
      network.settle(1000);
    }
    const ups = denmark.log.filter((line) => line.startsWith('stream up')).length - before;
    expect(ups).toBeLessThan(40);
  });
});

describe('links that change', () => {
  it('a stream that would no longer be let in is ended at once, and one that would is not', () => {
    const { network, denmark, wonderland } = two();
    denmark.send(WONDERLAND, HELLO);
    network.settle(5000);
    const configure = (pin: string) =>
      denmark.act((now) => denmark.core.configurePeers([{ domain: WONDERLAND, pin, compression: false }], now));
    configure('');
    network.settle(5000);
    expect(denmark.core.report(WONDERLAND)?.proof).toBe('certificate');
    configure(certificateOf([WONDERLAND]).sha256);
    network.settle(5000);
    expect(denmark.core.report(WONDERLAND)?.proof).toBe('pin');
    configure('a'.repeat(64));
    expect(denmark.core.report(WONDERLAND)?.proof).toBeUndefined();
    network.settle(600_000);
    expect(denmark.core.report(WONDERLAND)).toMatchObject({ proof: undefined, state: 'down' });
    wonderland.send(DENMARK, REPLY);
    network.settle(120_000);
    expect(denmark.stanzas).toEqual([]);
  });
});

describe('XEP-0198 §5: a stream is lost amid what it carries, and', () => {
  const bodies = (stanzas: readonly string[]): number[] =>
    stanzas.map((stanza) => Number(/<body>(\d+)<\/body>/.exec(stanza)?.[1]));

  /** Both sides talk, and lines are cut with that chance at each of 1,000 messages: all arrive, once and in order. */
  function expectTalk({ network, denmark, wonderland }: ReturnType<typeof two>, seed: number, chance: number): void {
    const random = new Random(seed);
    const sent = { out: 0, in: 0 };
    while (sent.out < 1000) {
      denmark.send(WONDERLAND, message('elsinore@rooms.denmark.lit/H', 'alice@wonderland.lit', String(sent.out++)));
      if (random.next() < 0.3)
        wonderland.send(DENMARK, message('alice@wonderland.lit', 'elsinore@rooms.denmark.lit', String(sent.in++)));
      if (random.next() < chance) denmark.cut();
      if (random.next() < 0.3) network.settle(Math.floor(random.next() * 400));
    }
    network.settle(120_000);
    expect(bodies(wonderland.stanzas)).toEqual(Array.from({ length: sent.out }, (_, index) => index));
    expect(bodies(denmark.stanzas)).toEqual(Array.from({ length: sent.in }, (_, index) => index));
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('the peer of a link never hears of it, however often it is (seed %i)', (seed) => {
    const held = (domain: string) => ({ peers: [{ domain, pin: '', compression: true }] });
    const scene = two(held(WONDERLAND), held(DENMARK));
    const events = () => [...scene.denmark.events, ...scene.wonderland.events];
    scene.network.settle(60_000);
    const before = events();
    expectTalk(scene, seed, 0.03);
    expect(events()).toEqual(before);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('nothing is lost, doubled or out of order, both ways (seed %i)', (seed) => {
    const scene = two();
    expectTalk(scene, seed, 0.02);
    expect(scene.denmark.core.report(WONDERLAND)).toMatchObject({ state: 'up', isResumable: true, queued: 0 });
  });
});
