import { describe, expect, it } from 'vitest';
import { ECHO_TIMEOUT, MAX_HELD } from '../../src/fmuc/replica.ts';
import { room, type Set, set, user } from '../support/chain.ts';
import { brief, briefFor, drop, ELSINORE, enters, fmuc, HAMLET, RABBITHOLE, says } from '../support/nodes.ts';
import { VirtualWorld } from '../support/virtual.ts';

/* Primary-replica (XEP-0289 §3): what is said waits until the primary has put it in order. */

const OURS = { dialect: 'fmucd' } as const;
const REPLICA = { mode: 'primary-replica' } as const;

function chain(...names: readonly string[]): Set {
  const federate = Object.fromEntries(names.map((name, index) => [name, index === 0 ? [] : [names[index - 1] ?? '']]));
  const tree = set({ federate, link: OURS, room: REPLICA });
  for (const name of names) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  tree.world.settle(60_000);
  drop(...names.map((name) => tree.node(name)));
  return tree;
}

const bodies = (tree: Set, name: string): string[] =>
  tree
    .node(name)
    .store.messages(room(name))
    .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '');
const cut = (tree: Set) => tree.world.wire('rooms.a.lit', 'rooms.b.lit');
const subject = (tree: Set, name: string) => tree.node(name).core.service.get(room(name))?.subject?.text;

describe('between nodes of ours', () => {
  it('a message is shown to its author once it has come back, and crosses each link once each way', () => {
    const tree = chain('a', 'b');
    tree.node('b').send(says(user('b'), room('b'), 'hello'));
    tree.world.settle(500);
    expect(brief(tree.node('b').take(user('b')))).toEqual([]);
    expect(brief(tree.node('a').take(user('a')))).toEqual(['message B hello']);
    tree.world.settle();
    expect(brief(tree.node('b').take(user('b')))).toEqual(['message B hello']);
    expect([tree.node('a').crossed.length, tree.node('b').crossed.length]).toEqual([1, 1]);
  });

  it('everyone has the order of the primary, also through a replica of a replica', () => {
    const tree = chain('a', 'b', 'c');
    for (let number = 0; number < 5; number++)
      for (const name of ['c', 'b', 'a']) {
        tree.node(name).send(says(user(name), room(name), `${name}${number}`));
        tree.world.settle(100);
      }
    tree.world.settle(60_000);
    expect(bodies(tree, 'a')).toHaveLength(15);
    expect(bodies(tree, 'b')).toEqual(bodies(tree, 'a'));
    expect(bodies(tree, 'c')).toEqual(bodies(tree, 'a'));
    for (const name of ['a', 'b', 'c'])
      expect(brief(tree.node(name).take(user(name))).map((line) => line.split(' ').at(-1))).toEqual(bodies(tree, 'a'));
  });

  it('a subject waits as a message does', () => {
    const tree = chain('a', 'b');
    const admin = 'admin@b.lit/x';
    tree.node('b').say(enters(admin, room('b'), 'Admin'));
    tree.world.settle(60_000);
    drop(tree.node('a'), tree.node('b'));
    tree.node('b').send(`<message from='${admin}' to='${room('b')}' type='groupchat'><subject>tea</subject></message>`);
    expect(subject(tree, 'b')).toBeUndefined();
    tree.world.settle();
    for (const name of ['a', 'b']) {
      expect(subject(tree, name)).toBe('tea');
      expect(brief(tree.node(name).take(user(name)))).toEqual(['message Admin = tea']);
    }
  });

  it('while the primary is away a message gets remote-server-timeout, and who enters is told', () => {
    const tree = chain('a', 'b');
    cut(tree).hold(10_000_000);
    tree.world.settle(1000);
    const inbox = (jid: string) => tree.node('b').take(jid);
    tree.node('b').send(says(user('b'), room('b'), 'hello?'));
    expect(brief(inbox(user('b')))).toEqual(['message error - hello? remote-server-timeout'.replace(' hello?', '')]);
    tree.node('b').say(enters(user('b', 'new'), room('b'), 'New'));
    expect(brief(inbox(user('b', 'new'))).at(-1)).toMatch(/^message - room@rooms\.a\.lit is out of reach/);
    cut(tree).mend();
    tree.world.settle(120_000);
    tree.node('b').say(says(user('b'), room('b'), 'hello!'));
    expect(bodies(tree, 'a')).toEqual(['hello!']);
    expect(bodies(tree, 'b')).toEqual(['hello!']);
  });

  it('a message under way when the link dies is not said twice, and comes in order', () => {
    const tree = chain('a', 'b');
    for (const body of ['one', 'two']) tree.node('b').send(says(user('b'), room('b'), body));
    tree.world.settle(100);
    tree.node('b').cut();
    tree.world.settle(60_000);
    expect(bodies(tree, 'a')).toEqual(['one', 'two']);
    expect(bodies(tree, 'b')).toEqual(['one', 'two']);
    tree.node('b').send(says(user('b'), room('b'), 'three'));
    tree.world.settle(500);
    tree.node('b').cut();
    tree.world.settle(60_000);
    expect(bodies(tree, 'b')).toEqual(['one', 'two', 'three']);
  });

  it('held for longer than the grace it is given back to its author', () => {
    const tree = chain('a', 'b');
    cut(tree).hold(100_000_000);
    tree.node('b').send(says(user('b'), room('b'), 'too late'));
    tree.world.settle(299_000);
    expect(brief(tree.node('b').take(user('b')))).toEqual([]);
    tree.world.settle(5_000);
    expect(brief(tree.node('b').take(user('b'))).filter((line) => line.startsWith('message'))).toEqual([
      'message error - remote-server-timeout',
    ]);
  });

  it('held further up while the link here flaps, it is not given back, since it comes', () => {
    const tree = chain('a', 'b', 'c');
    cut(tree).hold(10_000_000);
    // Before that is noticed.
    tree.node('c').send(says(user('c'), room('c'), 'patience'));
    tree.world.settle(2000);
    tree.node('c').cut('rooms.b.lit');
    tree.world.settle(400_000);
    cut(tree).mend();
    tree.world.settle(120_000);
    expect(brief(tree.node('c').take(user('c'))).filter((line) => line.startsWith('message'))).toEqual([
      'message C patience',
    ]);
    expect(bodies(tree, 'a')).toEqual(['patience']);
  });

  it('no number is given twice, though a crash came between a message and its echo', () => {
    const tree = chain('a', 'b');
    tree.node('b').send(says(user('b'), room('b'), 'before'));
    tree.world.settle(400);
    tree.restart('b');
    tree.world.settle(30_000);
    tree.node('b').say(enters(user('b'), room('b'), 'B'));
    tree.world.settle(60_000);
    tree.node('b').say(says(user('b'), room('b'), 'after'));
    tree.world.settle(60_000);
    expect(bodies(tree, 'a')).toEqual(['before', 'after']);
    expect(bodies(tree, 'b')).toEqual(['before', 'after']);
  });

  it(`no more than ${MAX_HELD} messages are held`, () => {
    const tree = chain('a', 'b');
    for (let number = 0; number <= MAX_HELD; number++) tree.node('b').send(says(user('b'), room('b'), `${number}`));
    expect(brief(tree.node('b').take(user('b')))).toEqual(['message error - resource-constraint']);
    tree.world.settle(60_000);
    expect(bodies(tree, 'b')).toHaveLength(MAX_HELD);
  });
});

describe('with a plain node', () => {
  function replicaOfPlain() {
    const world = new VirtualWorld();
    const gateway = world.gateway('rooms.denmark.lit', {
      gateway: { localDomains: ['denmark.lit'] },
      rooms: [{ name: 'elsinore', federate: [RABBITHOLE], ...REPLICA }],
    });
    gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    gateway.say(
      `<message from='${RABBITHOLE}' to='${ELSINORE}' type='groupchat'>${fmuc('alice@wonderland.lit/garden')}<subject/></message>`,
    );
    drop(gateway);
    return gateway;
  }

  it('as the primary, the echo is known by author and text', () => {
    const gateway = replicaOfPlain();
    gateway.say(says(HAMLET, ELSINORE, 'To be'));
    expect(briefFor(gateway, RABBITHOLE)).toEqual(['message Hamlet To be']);
    expect(brief(gateway.take(HAMLET))).toEqual([]);
    gateway.say(
      `<message from='${RABBITHOLE}/Hamlet' to='${ELSINORE}' type='groupchat'>${fmuc(HAMLET)}<body>To be</body></message>`,
    );
    expect(brief(gateway.take(HAMLET))).toEqual(['message Hamlet To be']);
    expect(gateway.store.messages(ELSINORE)).toHaveLength(1);
  });

  it('as a primary that never echoes: the author hears of it', () => {
    const gateway = replicaOfPlain();
    gateway.say(says(HAMLET, ELSINORE, 'To be'));
    gateway.world.settle(ECHO_TIMEOUT - 6000);
    expect(brief(gateway.take(HAMLET))).toEqual([]);
    gateway.world.settle(6000);
    expect(brief(gateway.take(HAMLET))).toEqual(['message error - remote-server-timeout']);
  });

  it('as a replica of ours gets its messages back', () => {
    const world = new VirtualWorld();
    const gateway = world.gateway('rooms.wonderland.lit', {
      gateway: { localDomains: ['wonderland.lit'] },
      rooms: [{ name: 'rabbithole', ...REPLICA }],
    });
    gateway.say(
      `<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet'>${fmuc(HAMLET)}<x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    drop(gateway);
    gateway.say(
      `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>Hi</body></message>`,
    );
    expect(briefFor(gateway, ELSINORE)).toEqual(['message Hamlet Hi']);
  });
});
