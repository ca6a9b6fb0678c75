import { beforeEach, describe, expect, it } from 'vitest';
import { s2sReports, wayReports } from '../../src/gateway/way-report.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { brief, ELSINORE, enters, fmuc, leaves, nodeJoins, says } from '../support/nodes.ts';
import { certificate, type GatewayOverrides, type VirtualGateway, VirtualWorld } from '../support/virtual.ts';
import { VirtualServer } from '../support/virtual-server.ts';

/* Users and servers that come by streams of their own, in virtual time. */

const OWN = 'rooms.denmark.lit';
const at = (port: number) => ({ host: '127.0.0.1', port });
const HAMLET = 'hamlet@denmark.lit/castle';
const ALICE = 'alice@wonderland.lit/garden';

const HOSTS = { 'denmark.lit': at(5001), 'wonderland.lit': at(5002), 'a.lit': at(5003), 'h.lit': at(5004) };

const FILE: GatewayOverrides = {
  component: false,
  certificate: certificate('ab'.repeat(32), OWN),
  gateway: { localDomains: ['denmark.lit'] },
  s2s: { listen: [at(5269)], hosts: HOSTS },
  links: [
    { peer: 'a.lit', domains: ['further.a.lit'], connect: at(7003) },
    { peer: 'h.lit', domains: ['further.h.lit'], transport: 's2s' },
  ],
  rooms: [{ name: 'elsinore' }],
};

let world: VirtualWorld;
let gateway: VirtualGateway;

beforeEach(() => {
  world = new VirtualWorld();
  gateway = world.gateway(OWN, FILE);
});

const server = (domain: keyof typeof HOSTS) => new VirtualServer(world, domain, HOSTS[domain].port, { [OWN]: 5269 });
const occupants = () => [...(gateway.core.service.get(ELSINORE)?.occupants.keys() ?? [])];
const stanza = (xml: string): Element => parseElement(xml);
const refusals = () => gateway.logs.filter(({ message }) => message === 'stanza refused').map(({ fields }) => fields);

describe('users whose servers have streams of their own', () => {
  it('talk in our rooms, ours and others', () => {
    const [denmark, wonderland] = [server('denmark.lit'), server('wonderland.lit')];
    denmark.say(stanza(enters(HAMLET, ELSINORE, 'Hamlet')));
    wonderland.say(stanza(enters(ALICE, ELSINORE, 'Alice')));
    expect(occupants()).toEqual(['Hamlet', 'Alice']);
    denmark.take(HAMLET);
    wonderland.take(ALICE);
    wonderland.say(stanza(says(ALICE, ELSINORE, 'Curiouser')));
    expect(brief(denmark.take(HAMLET))).toEqual(['message Alice Curiouser']);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Alice Curiouser']);
    denmark.say(stanza(leaves(HAMLET, ELSINORE, 'Hamlet')));
    expect(occupants()).toEqual(['Alice']);
    expect(wayReports(gateway.core)).toEqual([
      { domain: 'a.lit', way: 'link', via: 'a.lit' },
      { domain: 'denmark.lit', way: 's2s', via: null },
      { domain: 'further.a.lit', way: 'link', via: 'a.lit' },
      { domain: 'further.h.lit', way: 's2s', via: null },
      { domain: 'h.lit', way: 'link', via: 'h.lit' },
      { domain: 'wonderland.lit', way: 's2s', via: null },
    ]);
    const reports = s2sReports(gateway.core, world.now);
    expect(reports.map(({ domain }) => domain)).toEqual(['denmark.lit', 'h.lit', 'wonderland.lit']);
    expect(reports[2]).toMatchObject({ state: 'up', proof: 'certificate', tls: 'TLSv1.3', queued: 0, error: null });
    expect(reports[2]).toMatchObject({ stanzas_in: 2, stanzas_out: 5 });
    expect(reports[1]).toMatchObject({ state: 'down', proof: null, tls: null });
    expect(reports[1]?.error).not.toBeNull();
  });

  it('are ours where the file says so', () => {
    gateway = world.gateway('rooms.france.lit', {
      ...FILE,
      certificate: certificate('cd'.repeat(32), 'rooms.france.lit'),
      gateway: { localDomains: ['denmark.lit'], createRooms: 'local' },
      s2s: { listen: [at(5270)], hosts: HOSTS },
      links: [],
    });
    const create = (domain: 'denmark.lit' | 'wonderland.lit', user: string, room: string) => {
      const hosts = { 'rooms.france.lit': 5270 };
      new VirtualServer(world, domain, HOSTS[domain].port, hosts).say(stanza(enters(user, room, 'X')));
      return gateway.core.service.get(room) !== undefined;
    };
    expect(create('denmark.lit', HAMLET, 'one@rooms.france.lit')).toBe(true);
    expect(create('wonderland.lit', ALICE, 'two@rooms.france.lit')).toBe(false);
  });

  it('leave together when their server cannot be reached any more: none of them is told of the others', () => {
    const [denmark, wonderland] = [server('denmark.lit'), server('wonderland.lit')];
    denmark.say(stanza(enters(HAMLET, ELSINORE, 'Hamlet')));
    for (const name of ['cat', 'hatter', 'hare'])
      wonderland.say(stanza(enters(`${name}@wonderland.lit/tree`, ELSINORE, name)));
    world.servers.splice(world.servers.indexOf(wonderland), 1);
    world.wire(OWN, 'wonderland.lit').hold(86_400_000);
    denmark.take(HAMLET);
    denmark.say(stanza(says(HAMLET, ELSINORE, 'anybody?')));
    world.settle(3_600_000);
    expect(occupants()).toEqual(['Hamlet']);
    expect(brief(denmark.take(HAMLET))).toEqual([
      'message Hamlet anybody?',
      ...['cat', 'hatter', 'hare'].map((name) => `presence unavailable ${name} 333`),
    ]);
    expect(s2sReports(gateway.core, world.now).find(({ domain }) => domain === 'wonderland.lit')?.queued ?? 0).toBe(0);
  });

  it('leave when their server cannot be reached any more, and no bounce is bounced', () => {
    const [denmark, wonderland] = [server('denmark.lit'), server('wonderland.lit')];
    wonderland.say(stanza(enters(ALICE, ELSINORE, 'Alice')));
    denmark.say(stanza(enters(HAMLET, ELSINORE, 'Hamlet')));
    world.servers.splice(world.servers.indexOf(wonderland), 1);
    world.wire(OWN, 'wonderland.lit').hold(86_400_000);
    denmark.take(HAMLET);
    denmark.say(stanza(says(HAMLET, ELSINORE, 'anybody?')));
    world.settle(3_600_000);
    expect(occupants()).toEqual(['Hamlet']);
    expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet anybody?', 'presence unavailable Alice 333']);
  });
});

describe('what a stream may bring', () => {
  it('is nobody of another domain', () => {
    const wonderland = server('wonderland.lit');
    wonderland.say(stanza(enters(HAMLET, ELSINORE, 'Hamlet')));
    expect(occupants()).toEqual([]);
  });

  it('is nobody of a direct link, and none for whom that speaks', () => {
    const a = server('a.lit');
    a.say(stanza(enters('u@a.lit/r', ELSINORE, 'U')));
    expect(occupants()).toEqual([]);
    expect(refusals()).toEqual([{ via: 's2s', from: 'u@a.lit/r', reason: 'that domain does not come this way' }]);
  });

  it('is, of the peer of a link over S2S, what comes through the link', () => {
    const h = server('h.lit');
    world.settle(120_000);
    h.say(stanza(enters('u@h.lit/r', ELSINORE, 'U')));
    expect(occupants()).toEqual(['U']);
    expect(gateway.core.links[1]?.stream).toMatchObject({ state: 'up', stanzasIn: 1, stanzasOut: 2 });
    expect(brief(h.take('u@h.lit/r'))).toEqual(['presence U 100,110,170', 'message - =']);
  });

  it('is no node that speaks for our users, or for those of a link', () => {
    const wonderland = server('wonderland.lit');
    const node = 'room@wonderland.lit';
    wonderland.say(stanza(nodeJoins(node, ELSINORE, 'Hamlet', HAMLET)));
    wonderland.say(stanza(nodeJoins(node, ELSINORE, 'U', 'u@further.h.lit/r')));
    expect(occupants()).toEqual([]);
    wonderland.say(stanza(nodeJoins(node, ELSINORE, 'Alice', ALICE)));
    expect(occupants()).toEqual(['Alice']);
    const forged = `<message from='${node}/Hamlet' to='${ELSINORE}' type='groupchat'>${fmuc(HAMLET)}<body>x</body></message>`;
    wonderland.say(stanza(forged));
    expect(gateway.store.history({ room: ELSINORE }).map(({ author }) => author)).not.toContain(HAMLET);
  });
});

it('a full store costs the message that it cannot take, and no stream', () => {
  const denmark = server('denmark.lit');
  denmark.say(stanza(enters(HAMLET, ELSINORE, 'Hamlet')));
  denmark.take(HAMLET);
  gateway.store.full = true;
  denmark.say(stanza(says(HAMLET, ELSINORE, 'lost')));
  expect(brief(denmark.take(HAMLET))).toEqual(['message error - resource-constraint']);
  gateway.store.full = false;
  denmark.say(stanza(says(HAMLET, ELSINORE, 'kept')));
  expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet kept']);
});

it('a stream goes on without what a full store would keep of it', () => {
  const h = server('h.lit');
  world.settle(120_000);
  h.say(stanza(enters('u@h.lit/r', ELSINORE, 'U')));
  h.take('u@h.lit/r');
  const { s2s } = gateway.core;
  const send = s2s?.send.bind(s2s);
  if (s2s !== undefined && send !== undefined)
    s2s.send = (effect, now) => [{ kind: 'drop-session', domain: 'h.lit' }, ...send(effect, now)];
  gateway.store.full = true;
  h.say(stanza(`<iq from='u@h.lit/r' to='${ELSINORE}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`));
  h.say(stanza(`<iq from='u@h.lit/r' to='${ELSINORE}' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>`));
  expect(h.take('u@h.lit/r').map((iq) => [attribute(iq, 'type'), attribute(iq, 'id')])).toEqual([
    ['result', '1'],
    ['result', '2'],
  ]);
  expect(gateway.logs.filter(({ message }) => message === 'store failed')).not.toEqual([]);
});
