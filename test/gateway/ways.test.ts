import { describe, expect, it } from 'vitest';
import { type LinkWay, Ways } from '../../src/gateway/ways.ts';
import { Jid } from '../../src/lib/jid.ts';
import { Departures } from '../../src/link/departures.ts';
import type { DirectLink } from '../../src/link/direct.ts';
import type { ComponentStream } from '../../src/stream/component.ts';
import type { S2s } from '../../src/stream/s2s.ts';
import { enters, says } from '../support/nodes.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* Which links lead to a domain, which of them is taken, and which may bring it. */

const OWN = 'rooms.denmark.lit';

function link(peer: string, domains: string[], state: DirectLink['state']): LinkWay {
  const bounds = { messages: 50, bytes: 8192, age: 86_400 };
  return {
    peer,
    reached: new Set([peer, ...domains]),
    domains: new Set([peer, ...domains]),
    history: bounds,
    queue: bounds,
    grace: 300,
    dialect: 'auto',
    moderate: false,
    presence: 'availability',
    coalesce: 0,
    spared: { presences: 0, payloads: 0, payloadCharacters: 0 },
    stream: {
      state,
      isReachable: state === 'up',
      departures: new Departures({ peer, bandwidth: 0, compression: false }),
    } as DirectLink,
  };
}

function ways(...links: LinkWay[]): Ways {
  return new Ways(OWN, new Set(['denmark.lit']), links, undefined, undefined);
}

describe('the link that a domain is reached through', () => {
  const first = (state: DirectLink['state']) => link('rooms.a.lit', ['shared.lit', 'rooms.b.lit'], state);
  const second = (state: DirectLink['state']) => link('rooms.b.lit', ['shared.lit', 'b.lit'], state);

  it.each([
    ['the only one that has it, though it is down', 'b.lit', first('up'), second('down'), 'rooms.b.lit'],
    ['its own, though another that has it comes first', 'rooms.b.lit', first('up'), second('up'), 'rooms.b.lit'],
    ['its own, though it is down', 'rooms.b.lit', first('up'), second('down'), 'rooms.b.lit'],
    ['the first of several that are up', 'shared.lit', first('up'), second('up'), 'rooms.a.lit'],
    ['the first that is up', 'shared.lit', first('connecting'), second('up'), 'rooms.b.lit'],
    ['the first where none is up', 'shared.lit', first('connecting'), second('down'), 'rooms.a.lit'],
    ['none', 'c.lit', first('up'), second('up'), undefined],
  ])('is %s', (_, domain, one, other, peer) => {
    expect(ways(one, other).linkTo(domain)?.peer).toBe(peer);
  });

  it('vouches for its own domains, whatever others have', () => {
    const peer = ways(first('down'), second('up')).to('shared.lit');
    expect(peer).toMatchObject({ name: 'the link to rooms.b.lit', reachable: true });
    const node = Jid.parse('room@rooms.b.lit');
    expect(peer.maySpeakFor(node, Jid.parse('u@b.lit'))).toBe(true);
    expect(peer.maySpeakFor(node, Jid.parse('u@rooms.a.lit'))).toBe(false);
    expect(peer.maySpeakFor(node, Jid.parse('u@denmark.lit'))).toBe(false);
    expect(peer.mayBring(node, true)).toBe(true);
    expect(peer.mayBring(Jid.parse('room@rooms.a.lit'), true)).toBe(false);
  });
});

describe('a domain', () => {
  const shared = ways(
    link('rooms.a.lit', ['shared.lit', 'rooms.b.lit'], 'up'),
    link('rooms.b.lit', ['shared.lit'], 'down'),
  );
  const viaLink = (peer: string) => ({ kind: 'link', peer }) as const;

  it.each([
    ['comes through the first link that has it', 'shared.lit', viaLink('rooms.a.lit'), true],
    ['and through the second', 'shared.lit', viaLink('rooms.b.lit'), true],
    ['but not through the server', 'shared.lit', { kind: 'component' } as const, false],
    ['of a peer comes through its own link', 'rooms.b.lit', viaLink('rooms.b.lit'), true],
    ['of a peer comes through another link that has it', 'rooms.b.lit', viaLink('rooms.a.lit'), true],
    ['of a peer does not come through a link that lacks it', 'rooms.a.lit', viaLink('rooms.b.lit'), false],
    ['that no link has does not come through one', 'c.lit', viaLink('rooms.a.lit'), false],
    ['that no link has comes through the server', 'c.lit', { kind: 'component' } as const, true],
  ])('%s', (_, domain, via, may) => {
    expect(shared.mayCome(domain, via)).toBe(may);
  });
});

describe('the way that a domain goes', () => {
  const component = { state: 'up' } as ComponentStream;
  const s2s = { isReachable: () => false } as unknown as S2s;
  const direct = link('rooms.a.lit', ['a.lit'], 'down');
  const held: LinkWay = { ...link('rooms.h.lit', ['h.lit'], 'down'), reached: new Set(['rooms.h.lit']) };
  const local = new Set(['denmark.lit']);
  const all = [direct, held];

  it.each([
    ['a link’s peer, whatever else there is', 'rooms.a.lit', local, all, component, s2s, 'link rooms.a.lit'],
    ['a further domain of a direct link', 'a.lit', local, all, component, s2s, 'link rooms.a.lit'],
    ['the peer of a link over S2S', 'rooms.h.lit', local, all, component, s2s, 'link rooms.h.lit'],
    ['a further domain of a link over S2S', 'h.lit', local, all, component, s2s, 's2s'],
    ['a local domain, with both', 'denmark.lit', local, all, component, s2s, 'component'],
    ['another, with both', 'c.lit', local, all, component, s2s, 's2s'],
    ['any, with both and nothing said to be local', 'c.lit', undefined, all, component, s2s, 'component'],
    ['a local domain, with a component alone', 'denmark.lit', local, all, component, undefined, 'component'],
    ['another, with a component alone', 'c.lit', local, all, component, undefined, 'component'],
    ['a local domain, with S2S alone', 'denmark.lit', local, all, undefined, s2s, 's2s'],
    ['another, with S2S alone', 'c.lit', local, all, undefined, s2s, 's2s'],
    ['our own, with S2S alone', OWN, local, all, undefined, s2s, undefined],
    ['any, with links alone', 'c.lit', local, all, undefined, undefined, undefined],
  ])('%s', (_, domain, localDomains, links, server, streams, expected) => {
    const found = new Ways(OWN, localDomains, links, server, streams).way(domain);
    expect(found?.kind === 'link' ? `link ${found.link.peer}` : found?.kind).toBe(expected);
  });

  const viaS2s = (domain: string) => ({ kind: 's2s', domain }) as const;
  const viaComponent = { kind: 'component' } as const;

  it.each([
    ['a stranger’s stream brings the stranger', 'c.lit', viaS2s('c.lit'), true],
    ['and nobody else', 'd.lit', viaS2s('c.lit'), false],
    ['not the peer of a direct link', 'rooms.a.lit', viaS2s('rooms.a.lit'), false],
    ['nor whom that speaks for', 'a.lit', viaS2s('a.lit'), false],
    ['nor the peer of a link over S2S, which comes through the link', 'rooms.h.lit', viaS2s('rooms.h.lit'), false],
    ['but whom that speaks for, by a stream of their own', 'h.lit', viaS2s('h.lit'), true],
    ['a link over S2S brings its peer', 'rooms.h.lit', { kind: 'link', peer: 'rooms.h.lit' } as const, true],
    ['and nobody else', 'h.lit', { kind: 'link', peer: 'rooms.h.lit' } as const, false],
    ['the component brings a stranger', 'c.lit', viaComponent, true],
    ['but none of a link', 'a.lit', viaComponent, false],
    ['nor of a link over S2S', 'rooms.h.lit', viaComponent, false],
  ])('%s', (_, domain, via, may) => {
    expect(new Ways(OWN, local, all, component, s2s).mayCome(domain, via)).toBe(may);
  });

  it('tells whose users are ours', () => {
    const said = new Ways(OWN, local, [], component, s2s);
    expect([said.isLocal('denmark.lit', viaS2s('denmark.lit')), said.isLocal('c.lit', viaS2s('c.lit'))]).toEqual([
      true,
      false,
    ]);
    const unsaid = new Ways(OWN, undefined, [], component, s2s);
    expect([unsaid.isLocal('c.lit', viaComponent), unsaid.isLocal('c.lit', viaS2s('c.lit'))]).toEqual([true, false]);
    expect(said.isLocal('denmark.lit', { kind: 'link' })).toBe(false);
  });

  it('lets a node with a stream of its own speak for its domain and the one that it serves, but for none of ours or a link’s', () => {
    const peer = new Ways(OWN, local, all, component, s2s).to('rooms.c.lit');
    expect(peer).toMatchObject({ name: 'the server of rooms.c.lit', reachable: true, isConstrained: false });
    const speaks = (node: string, user: string) => peer.maySpeakFor(Jid.parse(`room@${node}`), Jid.parse(`u@${user}`));
    expect([speaks('rooms.c.lit', 'c.lit'), speaks('rooms.c.lit', 'rooms.c.lit')]).toEqual([true, true]);
    expect([speaks('rooms.c.lit', 'd.lit'), speaks('rooms.denmark.lit', 'denmark.lit')]).toEqual([false, false]);
    expect([speaks('x.a.lit', 'a.lit'), speaks('x.h.lit', 'h.lit')]).toEqual([false, false]);
    expect(peer.mayBring(Jid.parse('room@rooms.c.lit'), false)).toBe(true);
    expect(peer.mayBring(Jid.parse('u@denmark.lit'), true)).toBe(false);
  });
});

describe('a domain behind two gateways', () => {
  const ports = { a: { host: '127.0.0.1', port: 7001 }, b: { host: '127.0.0.1', port: 7002 } };
  const ROOM = `room@${OWN}`;
  const USER = 'u@shared.lit/r';

  /** Ours, and two others that both bring shared.lit. */
  function three(): [ours: VirtualGateway, a: VirtualGateway, b: VirtualGateway] {
    const world = new VirtualWorld();
    const ours = world.gateway(OWN, {
      gateway: { localDomains: ['denmark.lit'] },
      rooms: [{ name: 'room' }],
      links: [
        { peer: 'rooms.a.lit', domains: ['shared.lit'], listen: ports.a, from: ['127.0.0.1'] },
        { peer: 'rooms.b.lit', domains: ['shared.lit', 'b.lit'], listen: ports.b, from: ['127.0.0.1'] },
      ],
    });
    const far = (['a', 'b'] as const).map((name) =>
      world.gateway(`rooms.${name}.lit`, { links: [{ peer: OWN, connect: ports[name] }] }),
    );
    world.settle(60_000);
    return [ours, ...far] as [VirtualGateway, VirtualGateway, VirtualGateway];
  }

  it('comes through either, is answered through the first that is up, and never comes through the server', () => {
    const [ours, a, b] = three();
    a.inject(OWN, enters(USER, ROOM, 'U'));
    ours.world.settle();
    expect(ours.core.service.get(ROOM)?.occupants.size).toBe(1);
    expect([ours.core.links[0]?.stream.stanzasOut, ours.core.links[1]?.stream.stanzasOut]).toEqual([2, 0]);
    a.kill();
    ours.world.settle();
    b.inject(OWN, says(USER, ROOM, 'hello'));
    ours.world.settle();
    expect([ours.core.links[0]?.stream.stanzasOut, ours.core.links[1]?.stream.stanzasOut]).toEqual([2, 1]);
    expect(ours.logs.filter(({ message }) => message === 'stanza refused')).toEqual([]);
    ours.say(says(USER, ROOM, 'hello'));
    expect(ours.logs.at(-1)).toMatchObject({ message: 'stanza refused', fields: { via: 'component' } });
  });

  it('does not bring the other one’s domains', () => {
    const [ours, a] = three();
    a.inject(OWN, enters('u@b.lit/r', ROOM, 'U'));
    ours.world.settle();
    expect(ours.core.service.get(ROOM)?.occupants.size).toBe(0);
    expect(ours.logs.at(-1)).toMatchObject({ message: 'stanza refused', fields: { via: 'rooms.a.lit' } });
  });
});
