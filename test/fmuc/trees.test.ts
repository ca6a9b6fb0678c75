import { describe, expect, it } from 'vitest';
import { room, type Set, set, user } from '../support/chain.ts';
import { brief, drop, enters, leaves, says } from '../support/nodes.ts';

/* Trees of nodes: circles that are refused, other nodes to join where one is out of reach, and the way back. */

const PATIENCE = 1_300_000;

function populate(tree: Set, ...names: readonly string[]): void {
  for (const name of names) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  tree.world.settle(60_000);
  drop(...names.map((name) => tree.node(name)));
}

const upward = (tree: Set, name: string) => tree.node(name).core.federation.node(room(name))?.upward;
const bodies = (tree: Set, name: string): string[] =>
  tree
    .node(name)
    .store.messages(room(name))
    .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '');
const nicks = (tree: Set, name: string): string[] =>
  [...(tree.node(name).core.service.get(room(name))?.occupants.keys() ?? [])].toSorted();

describe('a join that would close a circle', () => {
  it('of two nodes that name one another is refused with the reason', () => {
    const tree = set({ federate: { a: ['b'], b: ['a'] }, link: { dialect: 'fmucd' } });
    populate(tree, 'a', 'b');
    tree.world.settle(PATIENCE);
    const states = [upward(tree, 'a')?.state, upward(tree, 'b')?.state];
    expect(states.filter((state) => state === 'joined')).toHaveLength(1);
    tree.node('a').say(says(user('a'), room('a'), 'once'));
    expect(brief(tree.node('b').take(user('b'))).filter((line) => line.includes('once'))).toEqual(['message A once']);
  });

  it.each([
    ['one after the other', 1],
    ['all at once', 0],
  ])('of a ring of three, made by mistake in their files, %s: one of them is rejected with the reason', (_, inTurn) => {
    const tree = set({ federate: { a: ['b'], b: ['c'], c: ['a'] }, link: { dialect: 'fmucd' } });
    for (const name of ['a', 'b', 'c']) {
      tree.node(name).send(enters(user(name), room(name), name.toUpperCase()));
      if (inTurn === 1) tree.world.settle(60_000);
    }
    tree.world.settle(PATIENCE);
    const states = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, upward(tree, name)]));
    expect(
      Object.values(states)
        .map((one) => String(one?.state))
        .toSorted(),
    ).toEqual(['joined', 'joined', 'rejected']);
    const refused = Object.values(states).find((one) => one?.state === 'rejected');
    expect(refused?.reason).toMatch(/^joining would close a circle: room@rooms\..\.lit → /);
    drop(...['a', 'b', 'c'].map((name) => tree.node(name)));
    tree.node('a').say(says(user('a'), room('a'), 'hello'));
    for (const name of ['a', 'b', 'c']) {
      expect(brief(tree.node(name).take(user(name)))).toEqual(['message A hello']);
      expect(nicks(tree, name)).toEqual(['A', 'B', 'C']);
    }
    expect(
      ['a', 'b', 'c'].flatMap((name) => tree.node(name).crossed).filter((xml) => xml.includes('hello')),
    ).toHaveLength(2);
  });
});

describe('a fallback', () => {
  const plan = {
    federate: { a: [], b: ['a'], c: ['a', 'b'] },
    link: { dialect: 'fmucd', grace: 60 },
  } as const;

  it('is joined once the preferred node has been out of reach for the grace, and nothing is lost or doubled', () => {
    const tree = set(plan);
    populate(tree, 'a', 'b', 'c');
    expect(upward(tree, 'c')?.at.node).toBe(room('a'));
    tree.world.wire('rooms.a.lit', 'rooms.c.lit').hold(10_000_000);
    tree.world.settle(1000);
    tree.node('c').say(says(user('c'), room('c'), 'meanwhile'));
    expect(upward(tree, 'c')?.at.node).toBe(room('a'));
    tree.world.settle(120_000);
    expect([upward(tree, 'c')?.at.node, upward(tree, 'c')?.state]).toEqual([room('b'), 'joined']);
    tree.node('a').say(says(user('a'), room('a'), 'from the root'));
    tree.world.settle(60_000);
    for (const name of ['a', 'b', 'c']) {
      expect(bodies(tree, name).toSorted()).toEqual(['from the root', 'meanwhile']);
      expect(nicks(tree, name)).toEqual(['A', 'B', 'C']);
    }
  });

  it('is left again for the preferred node when that has been in reach for a minute, and no user sees anything of it', () => {
    const tree = set(plan);
    populate(tree, 'a', 'b', 'c');
    const wire = tree.world.wire('rooms.a.lit', 'rooms.c.lit');
    wire.hold(10_000_000);
    tree.world.settle(300_000);
    expect(upward(tree, 'c')?.at.node).toBe(room('b'));
    drop(tree.node('a'), tree.node('b'), tree.node('c'));
    wire.mend();
    tree.world.settle(50_000);
    expect(upward(tree, 'c')?.at.node).toBe(room('b'));
    tree.world.settle(200_000);
    expect([upward(tree, 'c')?.at.node, upward(tree, 'c')?.state]).toEqual([room('a'), 'joined']);
    for (const name of ['a', 'b', 'c']) {
      expect(brief(tree.node(name).take(user(name)))).toEqual([]);
      expect(nicks(tree, name)).toEqual(['A', 'B', 'C']);
    }
    tree.node('c').say(says(user('c'), room('c'), 'back'));
    tree.world.settle(60_000);
    for (const name of ['a', 'b', 'c']) expect(bodies(tree, name)).toEqual(['back']);
  });

  it('that has nobody else parts once all have gone back, and is let go by the node above', () => {
    const tree = set(plan);
    populate(tree, 'a', 'c');
    const wire = tree.world.wire('rooms.a.lit', 'rooms.c.lit');
    wire.hold(10_000_000);
    tree.world.settle(300_000);
    expect([upward(tree, 'b')?.state, upward(tree, 'c')?.at.node]).toEqual(['joined', room('b')]);
    wire.mend();
    tree.world.settle(PATIENCE);
    expect([upward(tree, 'b')?.state, upward(tree, 'c')?.at.node]).toEqual(['local', room('a')]);
    expect([...(tree.node('a').core.federation.node(room('a'))?.joined.keys() ?? [])]).toEqual([room('c')]);
    expect(nicks(tree, 'a')).toEqual(['A', 'C']);
    populate(tree, 'b');
    for (const name of ['a', 'b', 'c']) expect(nicks(tree, name)).toEqual(['A', 'B', 'C']);
  });

  it('is tried at once where the preferred node refuses', () => {
    const tree = set({ ...plan, room: { accept: ['*'] }, links: [] });
    const refusing = set({
      federate: { a: [], b: [], c: ['a', 'b'] },
      link: { dialect: 'fmucd' },
      linkOf: { 'a c': { domains: [] } },
    });
    populate(refusing, 'a', 'b', 'c');
    expect([upward(refusing, 'c')?.at.node, upward(refusing, 'c')?.state]).toEqual([room('b'), 'joined']);
    expect(tree.node('a').core.links).toHaveLength(2);
  });

  it('also refusing, the first is tried again later', () => {
    const tree = set({
      federate: { a: [], b: [], c: ['a', 'b'] },
      link: { dialect: 'fmucd' },
      linkOf: { 'a c': { domains: [] }, 'b c': { domains: [] } },
    });
    populate(tree, 'a', 'b', 'c');
    expect(upward(tree, 'c')?.state).toBe('rejected');
    expect(upward(tree, 'c')?.reason).toMatch(/may not speak for u@c\.lit/);
    const before = tree.node('c').crossed.length;
    tree.world.settle(PATIENCE);
    expect(tree.node('c').crossed.length).toBeGreaterThan(before);
  });
});

it('a node parts when the last one below it has gone, through every level', () => {
  const tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd' } });
  populate(tree, 'a', 'c');
  expect([upward(tree, 'b')?.state, upward(tree, 'c')?.state]).toEqual(['joined', 'joined']);
  tree.node('c').say(leaves(user('c'), room('c'), 'C'));
  tree.world.settle(60_000);
  expect([upward(tree, 'b')?.state, upward(tree, 'c')?.state]).toEqual(['local', 'local']);
  expect(nicks(tree, 'a')).toEqual(['A']);
  expect(tree.node('a').core.federation.node(room('a'))?.joined.size).toBe(0);
});

it('whom a lost node had leaves, though a plain node above names them in its answer to a join meanwhile', () => {
  const tree = set({
    federate: { a: [], b: ['a'], c: ['b'] },
    link: { dialect: 'fmucd', grace: 60 },
    linkOf: { 'b a': { dialect: 'xep' }, 'a b': { dialect: 'xep' } },
  });
  populate(tree, 'a', 'c');
  tree.node('c').kill();
  tree.world.settle(5000);
  tree.world.wire('rooms.a.lit', 'rooms.b.lit').cut();
  tree.world.settle(20_000);
  expect(nicks(tree, 'b')).toEqual(['A', 'C']);
  tree.world.settle(PATIENCE);
  expect(nicks(tree, 'a')).toEqual(['A']);
  expect(nicks(tree, 'b')).toEqual([]);
  expect(upward(tree, 'b')?.state).toBe('local');
});
