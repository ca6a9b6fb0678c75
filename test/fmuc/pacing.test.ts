import { describe, expect, it } from 'vitest';
import { MAX_WAITING } from '../../src/link/outbox.ts';
import { MAX_BATCH_CHARACTERS } from '../../src/link/pace.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { drop, enters, says } from '../support/nodes.ts';

/* What a slow link carries first, and that nothing is lost by its waiting. */

const LINK = { dialect: 'fmucd', bandwidth: 300, history: { messages: 1000, bytes: 1_000_000, age: 86_400 } } as const;
const DAY = 86_400_000;

function two(link: object = {}, roomOverrides: object = {}): Set {
  const both = set({ federate: { a: [], b: ['a'] }, link: { ...LINK, ...link }, room: roomOverrides });
  for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(300_000);
  drop(both.node('a'), both.node('b'));
  return both;
}

const say = (both: Set, name: string, body: string): void => both.node(name).send(says(user(name), room(name), body));
const bodiesIn = (stanzas: readonly string[]): string[] =>
  stanzas.flatMap((xml) => /<body>(.*)<\/body>/.exec(xml)?.[1] ?? []);
const archive = (both: Set, name: string): string[] =>
  bodiesIn(
    both
      .node(name)
      .store.messages(room(name))
      .map(({ stanza }) => stanza),
  );

/** As many messages as that are said on one side while the link is down; then it comes back. */
function miss(both: Set, count: number): string[] {
  const wire = both.world.wire('rooms.a.lit', 'rooms.b.lit');
  wire.hold(10_000_000);
  both.world.settle(1000);
  const missed = Array.from({ length: count }, (_, number) => `missed ${number}`);
  for (const body of missed) say(both, 'a', body);
  wire.mend();
  return missed;
}

describe('on a link of 300 bit/s', () => {
  it('a fresh message overtakes a resync of 200 that is under way: one stanza at most leaves before it', () => {
    const both = two();
    const missed = miss(both, 200);
    const { crossed } = both.node('a');
    while (bodiesIn(crossed).length < 20) both.world.settle(1000);
    const before = crossed.length;
    say(both, 'a', 'fresh');
    both.world.settle(DAY);
    expect(crossed.slice(before).findIndex((xml) => xml.includes('fresh'))).toBeLessThanOrEqual(1);
    expect(bodiesIn(crossed).slice(0, 20)).toEqual(missed.slice(0, 20));
    expect(archive(both, 'b').toSorted()).toEqual([...missed, 'fresh'].toSorted());
  });

  it('twenty messages leave one by one, and presence after them', () => {
    const both = two();
    for (let number = 0; number < 20; number++) say(both, 'a', `${number}`);
    both.node('a').say(enters(user('a', 'v'), room('a'), 'V'));
    for (let number = 20; number < 24; number++) say(both, 'a', `${number}`);
    expect(both.node('a').crossed).toHaveLength(1);
    const stream = both.node('a').core.links[0]?.stream;
    expect([stream?.departures.waiting, stream?.departures.waitingMessages]).toEqual([24, 23]);
    both.world.settle(DAY);
    const { crossed } = both.node('a');
    expect(bodiesIn(crossed)).toHaveLength(24);
    // It has been passed by as many as may pass it.
    expect(crossed.findIndex((xml) => xml.startsWith('<presence'))).toBe(17);
    expect(archive(both, 'b')).toHaveLength(24);
  });

  it('what waits when it goes down crosses once when it is back', () => {
    const both = two();
    for (let number = 0; number < 20; number++) say(both, 'a', `${number}`);
    both.world.settle(20_000);
    both.node('b').cut();
    both.world.settle(DAY);
    expect(archive(both, 'b')).toEqual(archive(both, 'a'));
    expect(new Set(bodiesIn(both.node('a').crossed)).size).toBe(20);
  });

  it('more than may wait crosses all the same, each once', () => {
    const both = two();
    const count = MAX_WAITING + 50;
    for (let number = 0; number < count; number++) say(both, 'a', `${number}`);
    both.world.settle(2 * DAY);
    expect(archive(both, 'b')).toHaveLength(count);
    expect(new Set(archive(both, 'b')).size).toBe(count);
    expect(both.node('a').logs.some(({ message }) => message === 'joining anew')).toBe(true);
  });
});

describe('to a node that confirms nothing', () => {
  it('what waits when the link goes down crosses once, in order, when it is back', () => {
    const both = two({ dialect: 'xep' });
    for (let number = 0; number < 20; number++) say(both, 'a', `${number}`);
    both.world.settle(30_000);
    both.node('b').cut();
    both.world.settle(DAY);
    const carried = bodiesIn(both.node('a').crossed);
    expect(carried).toEqual(Array.from({ length: 20 }, (_, number) => `${number}`));
  });

  it('more than may wait crosses all the same, in order', () => {
    const both = two({ dialect: 'xep' });
    const count = MAX_WAITING + 50;
    for (let number = 0; number < count; number++) say(both, 'b', `${number}`);
    both.world.settle(2 * DAY);
    expect(archive(both, 'a')).toEqual(Array.from({ length: count }, (_, number) => `${number}`));
  });
});

describe('a room whose primary puts it in order', () => {
  it('has that order also where a resync is under way', () => {
    const both = two({}, { mode: 'primary-replica' });
    miss(both, 30);
    both.world.settle(200_000);
    say(both, 'a', 'fresh');
    both.world.settle(DAY);
    expect(archive(both, 'b')).toEqual(archive(both, 'a'));
    expect(archive(both, 'b').at(-1)).toBe('fresh');
  });
});

describe('a link that is not paced', () => {
  it('carries all of a turn at once, in pieces that the far side can take', () => {
    const both = two({ bandwidth: 0 });
    const missed = miss(both, 300);
    both.world.settle(60_000);
    expect(archive(both, 'b')).toEqual(missed);
    expect(both.node('a').crossed.join('').length).toBeGreaterThan(2 * MAX_BATCH_CHARACTERS);
    expect(both.node('a').core.links[0]?.stream.delay(both.world.now)).toBe(0);
  });
});
