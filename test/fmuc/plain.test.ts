import { beforeEach, describe, expect, it } from 'vitest';
import { parseElement } from '../../src/xml/parse.ts';
import { brief, drop, ELSINORE, enters, fmuc, HAMLET, RABBITHOLE, says } from '../support/nodes.ts';
import type { OpenfireRoom } from '../support/openfire.ts';
import { connect, OPENFIRE_PORT, type OpenfireLink } from '../support/openfire-peer.ts';
import { type GatewayOverrides, type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* A plain XEP-0289 node behind a link that is cut: history since, the queue after the join, duplicates dropped. */

const ALICE = 'alice@wonderland.lit/garden';
const PEER = 'rooms.wonderland.lit';

let world: VirtualWorld;
let gateway: VirtualGateway;
let far: OpenfireLink;

const fileOf = (federate: readonly string[], dialect: 'xep' | 'auto'): GatewayOverrides => ({
  gateway: { localDomains: ['denmark.lit'] },
  links: [
    {
      peer: PEER,
      domains: ['wonderland.lit'],
      listen: { host: '127.0.0.1', port: OPENFIRE_PORT },
      from: ['127.0.0.1'],
      dialect,
    },
  ],
  rooms: [{ name: 'elsinore', federate }],
});

/** The far end says nothing by itself: what it sends is written by hand. */
function start(federate: readonly string[], dialect: 'xep' | 'auto' = 'xep'): void {
  world = new VirtualWorld();
  gateway = world.gateway('rooms.denmark.lit', fileOf(federate, dialect));
  far = connect(gateway, { jid: RABBITHOLE, handle: () => [] } as unknown as OpenfireRoom);
  world.settle(60_000);
  gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
}

const sends = (xml: string): void => far.does([parseElement(xml)]);
const subject = `<message from='${RABBITHOLE}' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<subject>tea</subject></message>`;
const alice = `<presence from='${RABBITHOLE}/Alice' to='${ELSINORE}'>${fmuc(ALICE)}</presence>`;
const speaks = (body: string, more = ''): string =>
  `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<body>${body}</body>${more}</message>`;
const id = (value: string): string => `<stanza-id xmlns='urn:xmpp:sid:0' by='${RABBITHOLE}' id='${value}'/>`;
const delay = (stamp: string): string => `<delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>`;
const heard = (): string[] => brief(gateway.take(HAMLET)).filter((line) => line.startsWith('message'));

describe('joined by us', () => {
  beforeEach(() => {
    start([RABBITHOLE]);
    sends(alice);
    sends(subject);
    drop(gateway);
  });

  it('after an outage is asked for what it has said since, and gets what we have said, after the join', () => {
    sends(speaks('before', id('1')));
    world.wire(PEER, 'rooms.denmark.lit').hold(1_000_000);
    world.settle(1000);
    for (const body of ['one', 'two']) gateway.say(says(HAMLET, ELSINORE, body));
    drop(gateway);
    world.wire(PEER, 'rooms.denmark.lit').mend();
    world.settle(60_000);
    expect(gateway.crossed).toHaveLength(1);
    sends(alice);
    world.settle(1000);
    const [join, ...rest] = gateway.crossed;
    expect(join).toMatch(/^<presence .*<history [^>]*since="2026-01-01T00:\d\d:\d\d(\.\d+)?Z"/);
    expect(rest.map((xml) => /<body>(.*)<\/body>/.exec(xml)?.[1])).toEqual(['one', 'two']);
    for (const xml of rest) expect(xml).toMatch(/<delay xmlns="urn:xmpp:delay" .*stamp="2026-/);
    for (const xml of gateway.crossed) expect(xml).not.toContain('urn:fmucd');
  });

  it('says nothing twice: the same id, or the same author, stamp and text, is said once, also after our restart', () => {
    const old = '2025-12-31T23:00:00Z';
    for (let times = 0; times < 2; times++) {
      sends(speaks('with an id', id('a/1')));
      sends(speaks('without', delay(old)));
    }
    sends(speaks('without', delay('2025-12-31T23:00:01Z')));
    expect(heard()).toEqual(['message Alice with an id', 'message Alice without', 'message Alice without']);
    gateway.kill();
    world.settle(1000);
    gateway = world.gateway('rooms.denmark.lit', fileOf([RABBITHOLE], 'xep'), gateway.store);
    world.settle(60_000);
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    sends(alice);
    drop(gateway);
    sends(speaks('with an id', id('a/1') + delay(old)));
    sends(speaks('without', delay(old)));
    sends(subject);
    expect(heard()).toEqual(['message - = tea']);
  });

  it('keeps its own ids, which go on beside ours', () => {
    sends(speaks('with an id', id('a/1')));
    const [record] = gateway.store.messages(ELSINORE);
    expect(record?.foreign).toEqual({ by: RABBITHOLE, id: 'a/1' });
    expect(record?.origin?.by).toBe(ELSINORE);
  });

  it('whose clock is years off harms neither the order nor what is kept', () => {
    sends(speaks('from the past', delay('1970-01-01T00:00:00Z')));
    sends(speaks('from the future', delay('2099-01-01T00:00:00Z')));
    gateway.say(says(HAMLET, ELSINORE, 'now'));
    expect(gateway.store.messages(ELSINORE).map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1])).toEqual([
      'from the past',
      'from the future',
      'now',
    ]);
    // Nor what we ask it for next: nothing that it says later is missed.
    gateway.cut();
    drop(gateway);
    world.settle(60_000);
    expect(gateway.crossed[0]).toMatch(/since="2026-01-01T/);
  });
});

describe('that joins us', () => {
  const joins = (more = ''): string =>
    `<presence from='${RABBITHOLE}/Alice' to='${ELSINORE}/Alice'>${fmuc(ALICE)}<x xmlns='http://jabber.org/protocol/muc'>${more}</x></presence>`;

  it('gets the history that it asks for after an outage, and nothing of it twice', () => {
    start([]);
    sends(joins());
    gateway.say(says(HAMLET, ELSINORE, 'before'));
    world.wire(PEER, 'rooms.denmark.lit').hold(1_000_000);
    world.settle(1000);
    const since = new Date(world.now).toISOString();
    gateway.say(says(HAMLET, ELSINORE, 'meanwhile'));
    world.wire(PEER, 'rooms.denmark.lit').mend();
    world.settle(5000);
    drop(gateway);
    for (let tries = 0; tries < 60 && gateway.core.links[0]?.stream.state !== 'up'; tries++) world.settle(1000);
    sends(joins(`<history since='${since}'/>`));
    world.settle(60_000);
    const bodies = gateway.crossed.flatMap((xml) => /<body>(.*)<\/body>/.exec(xml)?.[1] ?? []);
    expect(bodies).toEqual(['meanwhile']);
    gateway.say(says(HAMLET, ELSINORE, 'after'));
    expect(gateway.crossed.at(-1)).toContain('after');
  });
});

describe('that is asked what it speaks', () => {
  it('and never answers: it is spoken to as a plain one from the start', () => {
    start([RABBITHOLE], 'auto');
    const kinds = gateway.crossed.map((xml) => /^<(\w+)/.exec(xml)?.[1]);
    expect(kinds).toEqual(['iq', 'presence']);
    sends(alice);
    sends(subject);
    gateway.say(says(HAMLET, ELSINORE, 'Hi'));
    expect(gateway.crossed.at(-1)).toContain('<body>Hi</body>');
  });
});

describe('words of our own dialect', () => {
  it.each([
    [
      'from a plain node',
      `<message from='${RABBITHOLE}' to='${ELSINORE}'><sync xmlns='urn:fmucd:sync:0' part='1'/></message>`,
    ],
    [
      'from nobody',
      `<message from='x@wonderland.lit' to='${ELSINORE}'><sync xmlns='urn:fmucd:sync:0' listed='1'/></message>`,
    ],
  ])('%s do nothing', (_, xml) => {
    start([RABBITHOLE]);
    sends(alice);
    sends(subject);
    drop(gateway);
    sends(xml);
    expect([...(gateway.core.service.get(ELSINORE)?.occupants.keys() ?? [])]).toEqual(['Hamlet', 'Alice']);
    expect(gateway.recipients).toEqual([]);
  });
});
