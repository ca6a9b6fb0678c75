import { describe, expect, it } from 'vitest';
import { MAX_AWAITED } from '../../src/fmuc/delivery.ts';
import { CONFIRM_WITHIN } from '../../src/fmuc/exchange.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { drop, enters, leaves, says } from '../support/nodes.ts';

/* An author who asks is told when the other nodes have a message. */

const RECEIVED = (id: string) =>
  `<message from="${room('b')}" type="groupchat" to="${user('b')}"><received xmlns="urn:xmpp:receipts" id="${id}"/></message>`;

function start(federate: Record<string, readonly string[]>, link: object = {}): Set {
  const nodes = set({ federate, link: { dialect: 'fmucd', ...link } });
  for (const name of Object.keys(federate)) nodes.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  nodes.world.settle(60_000);
  drop(...Object.keys(federate).map((name) => nodes.node(name)));
  return nodes;
}

function asks(nodes: Set, id: string): void {
  nodes
    .node('b')
    .send(
      `<message from='${user('b')}' to='${room('b')}' type='groupchat' id='${id}'><body>${id}</body><request xmlns='urn:xmpp:receipts'/></message>`,
    );
}

const told = (nodes: Set): string[] =>
  nodes
    .node('b')
    .takeText(user('b'))
    .filter((xml) => xml.includes('<received'));

describe('whoever asks is told', () => {
  it('when the other node has it, and one answer crosses for all that was asked within a minute', () => {
    const nodes = start({ a: [], b: ['a'] });
    asks(nodes, 'm1');
    expect(told(nodes)).toEqual([]);
    nodes.world.settle(CONFIRM_WITHIN / 2);
    asks(nodes, 'm2');
    nodes.world.settle(CONFIRM_WITHIN / 2 + 1000);
    expect(told(nodes)).toEqual([RECEIVED('m1'), RECEIVED('m2')]);
    expect(nodes.node('b').crossed).toHaveLength(2);
    expect(nodes.node('b').crossed[0]).toContain('<sync xmlns="urn:fmucd:sync:0" confirm="1"/>');
    expect(nodes.node('a').crossed).toEqual([
      `<message from="${room('a')}" to="${room('b')}"><sync xmlns="urn:fmucd:sync:0"><have by="${room('b')}">34r9c6-34r9c7</have></sync></message>`,
    ]);
  });

  it('after an outage, once it has crossed', () => {
    const nodes = start({ a: [], b: ['a'] });
    const wire = nodes.world.wire('rooms.a.lit', 'rooms.b.lit');
    wire.hold(10_000_000);
    nodes.world.settle(1000);
    asks(nodes, 'm1');
    nodes.world.settle(120_000);
    expect(told(nodes)).toEqual([]);
    wire.mend();
    nodes.world.settle(180_000);
    expect(told(nodes)).toEqual([RECEIVED('m1')]);
  });

  it('once, when the last of several has it', () => {
    const nodes = start({ a: [], b: ['a'], c: ['b'] });
    const wire = nodes.world.wire('rooms.b.lit', 'rooms.c.lit');
    wire.hold(10_000_000);
    nodes.world.settle(1000);
    asks(nodes, 'm1');
    nodes.world.settle(60_000);
    expect(told(nodes)).toEqual([]);
    wire.mend();
    nodes.world.settle(180_000);
    expect(told(nodes)).toEqual([RECEIVED('m1')]);
  });

  it('in a room that another node puts in order', () => {
    const nodes = set({
      federate: { a: [], b: ['a'] },
      link: { dialect: 'fmucd' },
      room: { mode: 'primary-replica' },
    });
    for (const name of ['a', 'b']) nodes.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    nodes.world.settle(60_000);
    nodes.node('b').take(user('b'));
    asks(nodes, 'm1');
    nodes.world.settle(10_000);
    expect(told(nodes)).toEqual([RECEIVED('m1')]);
  });
});

describe('nobody is told', () => {
  it('of what they did not ask for, and nothing is asked', () => {
    const nodes = start({ a: [], b: ['a'] });
    nodes.node('b').say(says(user('b'), room('b'), 'hi'));
    nodes.world.settle(60_000);
    expect(told(nodes)).toEqual([]);
    expect(nodes.node('a').crossed).toEqual([]);
    expect(nodes.node('b').crossed.join('')).not.toContain('confirm');
  });

  it('by a node that confirms nothing', () => {
    const nodes = start({ a: [], b: ['a'] }, { dialect: 'xep' });
    asks(nodes, 'm1');
    nodes.world.settle(60_000);
    expect(told(nodes)).toEqual([]);
    expect(nodes.node('b').crossed.join('')).not.toContain('confirm');
  });

  it('who has left', () => {
    const nodes = start({ a: [], b: ['a'] });
    nodes.node('b').send(enters(user('b', 'v'), room('b'), 'V'));
    asks(nodes, 'm1');
    nodes.node('b').send(leaves(user('b'), room('b'), 'B'));
    nodes.node('b').take(user('b'));
    nodes.world.settle(60_000);
    expect(told(nodes)).toEqual([]);
  });

  it('of the oldest, where more than that many wait', () => {
    const nodes = start({ a: [], b: ['a'] }, { history: { messages: 1000, bytes: 1_000_000, age: 86_400 } });
    const wire = nodes.world.wire('rooms.a.lit', 'rooms.b.lit');
    wire.hold(10_000_000);
    nodes.world.settle(1000);
    for (let number = 0; number <= MAX_AWAITED; number++) asks(nodes, `m${number}`);
    wire.mend();
    nodes.world.settle(240_000);
    const ids = told(nodes).map((xml) => / id="(.*?)"/.exec(xml)?.[1]);
    expect(ids).toEqual(Array.from({ length: MAX_AWAITED }, (_, number) => `m${number + 1}`));
  });
});
