import { describe, expect, it } from 'vitest';
import { RETURNS_NOTE } from '../../src/lib/note-keys.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { enters, says } from '../support/nodes.ts';

/* What a node said that its restored store knows nothing of, and that another gateway has. */

function two(): Set {
  const both = set({ federate: { a: [], b: ['a'] }, link: { dialect: 'fmucd' } });
  for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(60_000);
  for (const name of ['a', 'b'])
    for (const number of [1, 2, 3]) both.node(name).send(says(user(name), room(name), `${name}${number}`));
  both.world.settle(60_000);
  return both;
}

const bodies = (both: Set, name: string): string[] =>
  both
    .node(name)
    .store.messages(room(name))
    .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '')
    .sort();

/** The numbers that a node has given. */
function given(both: Set, name: string): Ranges {
  const numbers = both
    .node(name)
    .store.messages(room(name))
    .flatMap(({ originSeq }) => originSeq ?? []);
  return numbers.reduce((ranges, number) => ranges.with(number), Ranges.empty);
}

/** Has a node begin anew with a store that knows that these may return. */
function restore(both: Set, name: string, returns: Ranges): void {
  const store = new MemoryStore();
  if (!returns.isEmpty) store.commit([{ kind: 'note', key: RETURNS_NOTE + room(name), value: returns.toString() }]);
  both.restart(name, store);
  both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(300_000);
}

describe('what was said here', () => {
  it.each(['a', 'b'])('comes back to %s, and is its own again', (name) => {
    const both = two();
    restore(both, name, given(both, name));
    expect(bodies(both, name)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
    const own = both
      .node(name)
      .store.messages(room(name))
      .filter(({ originSeq }) => originSeq !== undefined);
    expect(own.map(({ via, author }) => [via, author.startsWith(user(name).split('/')[0] ?? '')])).toEqual(
      own.map(() => [undefined, true]),
    );
    expect(bodies(both, name === 'a' ? 'b' : 'a')).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  });

  it('comes back once: what came stays known, and is asked for no more', () => {
    const both = two();
    restore(both, 'b', given(both, 'b'));
    both.restart('b');
    both.node('b').say(enters(user('b'), room('b'), 'B'));
    both.node('a').crossed.length = 0;
    both.world.settle(300_000);
    expect(bodies(both, 'b')).toHaveLength(6);
    expect(both.node('a').crossed.filter((xml) => xml.includes('<body>'))).toEqual([]);
  });

  it.each([
    ['of a store that was not restored', Ranges.empty],
    ['with another number than those that were lost', Ranges.of(7, 9)],
  ])('is nobody else’s to say: nothing comes back %s', (_, returns) => {
    const both = two();
    restore(both, 'b', returns);
    expect(bodies(both, 'b')).toEqual(['a1', 'a2', 'a3']);
  });
});
