import { describe, expect, it } from 'vitest';
import { FRAME_TIMEOUT } from '../../src/link/direct.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { drop, enters, says } from '../support/nodes.ts';

/* Links whose sides compress, don't agree on it, or can't read one another. */

function start(link: object, linkOf: Record<string, object> = {}): Set {
  const both = set({ federate: { a: [], b: ['a'] }, link: { dialect: 'fmucd', ...link }, linkOf });
  for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(60_000);
  drop(both.node('a'), both.node('b'));
  return both;
}

const wire = (both: Set) => both.world.wire('rooms.a.lit', 'rooms.b.lit');
const linkOf = (both: Set, name: string) => {
  const stream = both.node(name).core.links[0]?.stream;
  if (stream === undefined) throw new Error('no link');
  return stream;
};
const bodies = (both: Set, name: string): string[] =>
  both
    .node(name)
    .store.messages(room(name))
    .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '');
const say = (both: Set, name: string, body: string): void => both.node(name).say(says(user(name), room(name), body));

describe('where both sides compress', () => {
  it('everything crosses as it would without, in fewer bytes, and what is saved is counted on both sides', () => {
    const plain = start({ compression: false });
    const compressed = start({ compression: true });
    for (const both of [plain, compressed])
      for (let number = 0; number < 20; number++) say(both, 'b', `message ${number}`);
    expect(bodies(compressed, 'a')).toEqual(bodies(plain, 'a'));
    expect(bodies(compressed, 'a')).toHaveLength(20);
    expect(linkOf(compressed, 'b').bytesOut).toBeLessThan(linkOf(plain, 'b').bytesOut / 4);
    for (const name of ['a', 'b']) {
      const [less, all] = [linkOf(compressed, name), linkOf(plain, name)];
      expect(less.bytesIn + less.bytesOut + less.savedBytes).toBe(all.bytesIn + all.bytesOut);
      expect(all.savedBytes).toBe(0);
    }
  });

  it('a connection begins afresh: what the one before had learned is gone with it', () => {
    const both = start({ compression: true });
    for (let flap = 0; flap < 3; flap++) {
      say(both, 'b', `before ${flap}`);
      both.node('b').cut();
      both.world.settle(60_000);
      say(both, 'a', `after ${flap}`);
    }
    expect(bodies(both, 'a')).toEqual([0, 1, 2].flatMap((flap) => [`before ${flap}`, `after ${flap}`]));
    expect(bodies(both, 'b')).toEqual(bodies(both, 'a'));
  });
});

describe('where only one side compresses', () => {
  it.each(['a', 'b'])('the operator of either is told (%s compresses), and nothing is taken for a stanza', (name) => {
    const both = start({ compression: false }, { [name]: { compression: true } });
    say(both, 'b', 'hi');
    both.world.settle(300_000);
    const told = (node: string): string[] =>
      both.node(node).logs.flatMap(({ fields }) => (typeof fields?.['reason'] === 'string' ? [fields['reason']] : []));
    const other = name === 'a' ? 'b' : 'a';
    const reasons = [...told(name), ...told(other)].filter((reason) => reason.includes('set compression the same'));
    expect(reasons.length).toBeGreaterThan(0);
    expect(bodies(both, 'a')).toEqual([]);
    expect(linkOf(both, 'b').error ?? linkOf(both, 'a').error).toBeDefined();
  });
});

describe('a stream that is damaged on its way', () => {
  it.each([0, 1, 2, 3])(
    'ends the connection, which comes up again, and nothing is lost, altered or doubled (%i)',
    (offset) => {
      const both = start({ compression: true });
      let writes = 0;
      wire(both).tamper = (bytes) => {
        writes += 1;
        if (writes % 7 !== 3) return bytes;
        const damaged = Uint8Array.from(bytes);
        const at = (offset * 5 + writes) % damaged.length;
        damaged[at] = (damaged[at] ?? 0) ^ 0x10;
        return damaged;
      };
      const said: string[] = [];
      for (let number = 0; number < 40; number++) {
        const name = number % 2 === 0 ? 'a' : 'b';
        said.push(`${name} ${number}`);
        say(both, name, `${name} ${number}`);
      }
      wire(both).tamper = undefined;
      both.world.settle(600_000);
      // What was damaged into a frame that is still to come is noticed with the next.
      for (const name of ['a', 'b', 'a', 'b']) {
        said.push(`last ${said.length}`);
        say(both, name, said.at(-1) ?? '');
        both.world.settle(300_000);
      }
      for (const name of ['a', 'b']) expect(bodies(both, name).toSorted()).toEqual(said.toSorted());
    },
  );

  it('where its length is damaged, and the rest would never come, ends the connection after a while', () => {
    const both = start({ compression: true });
    let isDamaged = false;
    wire(both).tamper = (bytes, from) => {
      if (isDamaged || from !== 'rooms.a.lit') return bytes;
      isDamaged = true;
      return Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte | 0x80 : byte));
    };
    say(both, 'a', 'hi');
    both.world.settle(FRAME_TIMEOUT - 60_000);
    expect(bodies(both, 'b')).toEqual([]);
    expect(linkOf(both, 'b').state).toBe('up');
    both.world.settle(120_000);
    expect(bodies(both, 'b')).toEqual(['hi']);
    expect(linkOf(both, 'b').error).toBe('damaged on its way: the rest of a frame does not come');
  });
});
