import { describe, expect, it } from 'vitest';
import { CONFIRM_AT, CONFIRM_WITH_NEXT } from '../../src/fmuc/exchange.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { brief, drop, enters, leaves, says } from '../support/nodes.ts';

/* What is brought across after an outage, between gateways of ours: exactly what is missing, within the link's bounds. */

const OURS = { dialect: 'fmucd' } as const;

function two(link: object = {}, roomOverrides: object = {}): Set {
  const both = set({ federate: { a: [], b: ['a'] }, link: { ...OURS, ...link }, room: roomOverrides });
  for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(60_000);
  drop(both.node('a'), both.node('b'));
  return both;
}

const wire = (both: Set) => both.world.wire('rooms.a.lit', 'rooms.b.lit');
const crossed = (both: Set): string[] => ['a', 'b'].flatMap((name) => both.node(name).crossed);
const bodies = (both: Set, name: string): string[] =>
  both
    .node(name)
    .store.messages(room(name))
    .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '');
const fmucNode = (both: Set, name: string) => {
  const node = both.node(name).core.federation.node(room(name));
  if (node === undefined) throw new Error('no node');
  return node;
};
const gapsOf = (both: Set, name: string): string[] =>
  [...fmucNode(both, name).had.gaps].map(([by, gaps]) => `${by} ${gaps.count}`);

function outage(both: Set, during: () => void): void {
  wire(both).hold(10_000_000);
  both.world.settle(1000);
  during();
  wire(both).mend();
  both.world.settle(120_000);
}

describe('a flap within the grace', () => {
  it('where nothing was missed costs a join and its answer, and no user sees anything', () => {
    const both = two();
    both.node('b').say(says(user('b'), room('b'), 'before'));
    drop(both.node('a'), both.node('b'));
    both.node('b').cut();
    both.world.settle(60_000);
    expect(brief(both.node('a').take(user('a')))).toEqual([]);
    expect(brief(both.node('b').take(user('b')))).toEqual([]);
    const kinds = crossed(both).map((xml) => /^<(\w+)/.exec(xml)?.[1]);
    expect(kinds).toEqual(['message', 'message', 'presence']);
    expect(crossed(both).join('')).not.toContain('<body>');
  });

  it('brings no more than the joining side asks for, where its link carries less', () => {
    const both = set({
      federate: { a: [], b: ['a'] },
      link: OURS,
      linkOf: { b: { history: { messages: 2, bytes: 10_000, age: 86_400 } } },
    });
    for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    both.world.settle(60_000);
    outage(both, () => {
      for (const number of [1, 2, 3, 4]) both.node('a').send(says(user('a'), room('a'), `a${number}`));
    });
    expect(bodies(both, 'b')).toEqual(['a3', 'a4']);
    expect(gapsOf(both, 'b')).toEqual([`${room('a')} 2`]);
  });

  it('brings exactly what each side misses, with its stamp, in order, once', () => {
    const both = two();
    outage(both, () => {
      for (const name of ['a', 'b'])
        for (const number of [1, 2, 3]) both.node(name).send(says(user(name), room(name), `${name}${number}`));
    });
    expect(bodies(both, 'a')).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
    expect(bodies(both, 'b')).toEqual(['b1', 'b2', 'b3', 'a1', 'a2', 'a3']);
    const carried = crossed(both).filter((xml) => xml.includes('<body>'));
    expect(carried).toHaveLength(6);
    for (const xml of carried)
      expect(xml).toMatch(/<delay xmlns="urn:xmpp:delay" from="room@rooms\.[ab]\.lit" stamp="2026-/);
  });

  it('resends what was under way when the link died, and nothing else', () => {
    const both = two();
    both.node('b').say(says(user('b'), room('b'), 'arrived'));
    both.node('b').send(says(user('b'), room('b'), 'under way'));
    both.node('a').send(says(user('a'), room('a'), 'under way too'));
    both.node('a').cut();
    drop(both.node('a'), both.node('b'));
    both.world.settle(60_000);
    expect(bodies(both, 'a')).toEqual(['arrived', 'under way too', 'under way']);
    expect(bodies(both, 'b')).toEqual(['arrived', 'under way', 'under way too']);
    expect(crossed(both).filter((xml) => xml.includes('<body>'))).toHaveLength(2);
  });

  it('sends the list of occupants only where it differs', () => {
    const both = two();
    outage(both, () => both.node('b').send(enters(user('b', 'new'), room('b'), 'New')));
    expect(brief(both.node('a').take(user('a')))).toEqual(['presence New']);
    drop(both.node('a'), both.node('b'));
    outage(both, () => both.node('a').send(leaves(user('a'), room('a'), 'A')));
    expect(brief(both.node('b').take(user('b')))).toEqual(['presence unavailable A 333']);
  });
});

describe('confirmations', () => {
  it('are gathered: the next message after eight, or at thirty-two, and none by time', () => {
    const both = two();
    for (let number = 0; number < CONFIRM_AT - 1; number++) both.node('b').say(says(user('b'), room('b'), `${number}`));
    expect(both.node('a').crossed).toEqual([]);
    both.world.settle(3_600_000);
    expect(both.node('a').crossed).toEqual([]);
    expect(fmucNode(both, 'b').upward?.at.waitingMessages).toBe(CONFIRM_AT - 1);
    both.node('b').say(says(user('b'), room('b'), 'one more'));
    expect(both.node('a').crossed).toHaveLength(1);
    expect(fmucNode(both, 'b').upward?.at.waitingMessages).toBe(0);
    for (let number = 0; number < CONFIRM_WITH_NEXT; number++)
      both.node('b').say(says(user('b'), room('b'), `again ${number}`));
    both.node('a').say(says(user('a'), room('a'), 'and with this'));
    expect(both.node('a').crossed).toHaveLength(2);
    expect(fmucNode(both, 'b').upward?.at.waitingMessages).toBe(0);
  });

  it('let the first message after a flap go at once where all has been confirmed', () => {
    const both = two();
    for (let number = 0; number < CONFIRM_AT; number++) both.node('b').say(says(user('b'), room('b'), `${number}`));
    both.node('b').cut();
    both.world.settle(3000);
    drop(both.node('a'), both.node('b'));
    const up = () => fmucNode(both, 'b').upward?.state === 'joining';
    for (let tries = 0; tries < 1000 && !up(); tries++) both.world.settle(100);
    both.node('b').send(says(user('b'), room('b'), 'at once'));
    expect(both.node('b').crossed.some((xml) => xml.includes('at once'))).toBe(true);
  });
});

describe('bounds', () => {
  const history = { messages: 3, bytes: 100_000, age: 86_400 };
  const said = Array.from({ length: 10 }, (_, index) => `m${index}`);
  const talk = (both: Set, name: string) => (): void => {
    for (const body of said) both.node(name).send(says(user(name), room(name), body));
  };

  it.each(['a', 'b'])(
    'the newest of %s come across, and what is left behind is a gap that is told and can be fetched',
    (name) => {
      const both = two({ history });
      const far = name === 'a' ? 'b' : 'a';
      outage(both, talk(both, name));
      expect(bodies(both, far)).toEqual(said.slice(-3));
      expect(gapsOf(both, far)).toEqual([`${room(name)} 7`]);
      const [neighbour] = fmucNode(both, name).neighboursBut(undefined);
      expect(neighbour?.dropped).toBe(7);
      expect(both.node(name).logs.filter(({ message }) => message === 'messages left behind')).toHaveLength(1);
      expect(both.node(far).logs.filter(({ message }) => message === 'messages missing here')).toHaveLength(1);
      // It isn't brought by itself, also not by the next join.
      drop(both.node('a'), both.node('b'));
      both.node('b').cut();
      both.world.settle(60_000);
      expect(crossed(both).join('')).not.toContain('<body>');
      // Asked for, it comes in as large parts as the link allows, the newest first, at its own time.
      for (const left of [4, 1, 0]) {
        both.node(far).fetch(room(far));
        both.world.settle();
        expect(gapsOf(both, far)).toEqual(left === 0 ? [] : [`${room(name)} ${left}`]);
      }
      expect(bodies(both, far).toSorted()).toEqual(said);
      expect(brief(both.node(far).take(user(far))).filter((line) => line.includes('m0'))).toEqual([
        `message ${name.toUpperCase()} m0`,
      ]);
    },
  );

  it('a gap is known after a restart', () => {
    const both = two({ history });
    outage(both, talk(both, 'a'));
    both.restart('b');
    both.world.settle(60_000);
    expect(gapsOf(both, 'b')).toEqual([`${room('a')} 7`]);
    both.node('b').say(enters(user('b'), room('b'), 'B'));
    both.world.settle(60_000);
    expect(bodies(both, 'b')).toEqual(said.slice(-3));
  });

  it('what nobody has any more is given up when it is asked for', () => {
    const both = two({ history }, { keep: { messages: 5, age: 0 } });
    outage(both, talk(both, 'a'));
    for (const body of ['x', 'y', 'z']) both.node('a').say(says(user('a'), room('a'), body));
    for (let tries = 0; tries < 3; tries++) {
      both.node('b').fetch(room('b'));
      both.world.settle();
    }
    expect(gapsOf(both, 'b')).toEqual([]);
    expect(fmucNode(both, 'b').lost).toBeGreaterThan(0);
  });

  it('what waits is kept beyond the room’s own retention, up to the bounds of the queue', () => {
    const both = two({}, { keep: { messages: 2, age: 0 } });
    outage(both, () => {
      talk(both, 'b')();
      expect(both.node('b').store.messages(room('b'))).toHaveLength(10);
    });
    for (const name of ['a', 'b']) expect(bodies(both, name).at(-1)).toBe('m9');
    expect(brief(both.node('a').take(user('a')))).toEqual(said.map((body) => `message B ${body}`));
    // Once it is there it needs no more room.
    for (let number = 0; number < 40; number++) both.node('b').say(says(user('b'), room('b'), `${number}`));
    expect(both.node('b').store.messages(room('b')).length).toBeLessThan(2 + CONFIRM_AT);
  });

  it.each([
    ['messages', { messages: 4, bytes: 1_000_000, age: 604_800 }],
    ['bytes', { messages: 1000, bytes: 140, age: 604_800 }],
  ])('beyond the queue’s %s the oldest fall out, are counted, and said', (_, queue) => {
    const both = two({ queue });
    outage(both, () => {
      talk(both, 'b')();
      expect(fmucNode(both, 'b').upward?.at.fallen).toBe(6);
      expect(both.node('b').logs.filter(({ message }) => message === 'messages dropped')).toHaveLength(1);
    });
    expect(bodies(both, 'a')).toEqual(said.slice(-4));
    expect(gapsOf(both, 'a')).toEqual([`${room('b')} 6`]);
  });

  it('what waits longer than the queue’s age falls out', () => {
    const both = two({ queue: { messages: 1000, bytes: 1_000_000, age: 3600 } });
    outage(both, () => {
      both.node('b').send(says(user('b'), room('b'), 'old'));
      both.world.settle(3_700_000);
      both.node('b').send(says(user('b'), room('b'), 'young'));
    });
    expect(bodies(both, 'a')).toEqual(['young']);
  });

  it('nothing comes across where the history is none', () => {
    const both = two({ history: { messages: 0, bytes: 0, age: 0 } });
    outage(both, talk(both, 'b'));
    expect(bodies(both, 'a')).toEqual([]);
    expect(gapsOf(both, 'a')).toEqual([`${room('b')} 10`]);
  });
});

describe('a gateway that dies', () => {
  it.each(['a', 'b'])('%s, with messages under way both ways, has them all after its restart, once', (name) => {
    const both = two();
    both.node('a').send(says(user('a'), room('a'), 'from a'));
    both.node('b').send(says(user('b'), room('b'), 'from b'));
    both.node(name).kill();
    both.world.settle(30_000);
    both.restart(name);
    both.world.settle(60_000);
    both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    both.world.settle(120_000);
    for (const one of ['a', 'b']) expect(bodies(both, one).toSorted()).toEqual(['from a', 'from b']);
  });

  it('during an outage keeps what waits, with its store', () => {
    const both = two({}, { keep: { messages: 1, age: 0 } });
    outage(both, () => {
      for (const body of ['one', 'two']) both.node('b').send(says(user('b'), room('b'), body));
      both.restart('b');
      both.world.settle(10_000);
      both.node('b').say(enters(user('b'), room('b'), 'B'));
      both.node('b').send(says(user('b'), room('b'), 'three'));
    });
    expect(brief(both.node('a').take(user('a'))).filter((line) => line.startsWith('message'))).toEqual([
      'message B one',
      'message B two',
      'message B three',
    ]);
  });

  it('and has lost its store gets back what the others have, but not its own words', () => {
    const both = two();
    both.node('a').say(says(user('a'), room('a'), 'from a'));
    both.node('b').say(says(user('b'), room('b'), 'from b'));
    both.node('b').kill();
    both.world.settle(30_000);
    const again = both.restart('b', new MemoryStore());
    both.world.settle(60_000);
    again.say(enters(user('b'), room('b'), 'B'));
    both.world.settle(60_000);
    again.say(says(user('b'), room('b'), 'anew'));
    both.world.settle(60_000);
    expect(again.store.messages(room('b')).map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1])).toEqual([
      'from a',
      'anew',
    ]);
    expect(bodies(both, 'a')).toEqual(['from a', 'from b', 'anew']);
  });
});
