import { beforeEach, describe, expect, it } from 'vitest';
import {
  ALICE,
  brief,
  DENMARK,
  drop,
  ELSINORE,
  enters,
  fmuc,
  HAMLET,
  HATTER,
  leaves,
  OPHELIA,
  type Pair,
  pair,
  RABBITHOLE,
  says,
  WONDERLAND,
} from '../support/nodes.ts';
import { type VirtualGateway, VirtualWorld } from '../support/virtual.ts';

/* Two gateways and more on links with latency, that are cut, and gateways that die. */

let story: Pair;

beforeEach(() => {
  story = pair();
  story.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  story.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  drop(story.denmark, story.wonderland);
});

const stateOf = (gateway: VirtualGateway) => gateway.core.federation.node(ELSINORE)?.upward?.state;

describe('a link that is cut', () => {
  it('for less than the grace: nobody hears of it, and what was said meanwhile arrives, once', () => {
    const { denmark, wonderland, world } = story;
    denmark.cut();
    world.settle(700);
    expect(stateOf(denmark)).toBe('out-of-reach');
    denmark.send(says(HAMLET, ELSINORE, 'from Denmark'));
    wonderland.send(says(ALICE, RABBITHOLE, 'from Wonderland'));
    expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet from Denmark']);
    world.settle(60_000);
    expect(stateOf(denmark)).toBe('joined');
    expect(brief(denmark.take(HAMLET))).toEqual(['message Alice from Wonderland']);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Alice from Wonderland', 'message Hamlet from Denmark']);
    world.settle(600_000);
    expect([...denmark.recipients, ...wonderland.recipients]).toEqual([]);
  });

  it('and somebody leaves the far side meanwhile: they leave here with the next accept, long before the grace is over', () => {
    const { denmark, wonderland, world } = story;
    wonderland.say(enters(HATTER, RABBITHOLE, 'Hatter'));
    drop(denmark, wonderland);
    denmark.cut();
    world.settle(700);
    wonderland.send(leaves(HATTER, RABBITHOLE, 'Hatter'));
    world.settle(60_000);
    expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Hatter 333']);
  });

  it('for longer: the others leave with 333 on both sides, and are back with the link', () => {
    const { denmark, wonderland, world } = story;
    denmark.kill();
    world.settle(299_000);
    expect(wonderland.take(ALICE)).toEqual([]);
    world.settle(2_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet 333']);
    expect(wonderland.core.service.get(RABBITHOLE)?.occupantsOf(ELSINORE)).toEqual([]);
    const again = world.gateway('rooms.denmark.lit', DENMARK, denmark.store);
    again.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(brief(wonderland.take(ALICE))).toEqual(['presence Hamlet']);
  });

  it('and the node above with it: its people leave here after the grace', () => {
    const { denmark, wonderland, world } = story;
    wonderland.kill();
    world.settle(301_000);
    expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Alice 333']);
    denmark.say(says(HAMLET, ELSINORE, 'alone'));
    expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet alone']);
    const again = world.gateway('rooms.wonderland.lit', WONDERLAND, wonderland.store);
    again.say(enters(ALICE, RABBITHOLE, 'Alice'));
    world.settle(120_000);
    expect(stateOf(denmark)).toBe('joined');
    expect(brief(denmark.take(HAMLET))).toEqual(['presence Alice']);
    expect(brief(again.take(ALICE)).filter((line) => line.startsWith('message Hamlet'))).toEqual([
      'message Hamlet alone',
    ]);
  });

  it('a private message to the far side is refused meanwhile, for a while', () => {
    const { denmark, world } = story;
    denmark.cut();
    world.settle(700);
    denmark.send(`<message from='${HAMLET}' to='${ELSINORE}/Alice' type='chat' id='p'><body>psst</body></message>`);
    expect(brief(denmark.take(HAMLET))).toEqual(['message error Alice remote-server-timeout']);
  });

  it('what waits for the far side is counted', () => {
    const { denmark, wonderland, world } = story;
    wonderland.kill();
    world.settle(1_000);
    for (const body of ['one', 'two']) denmark.say(says(HAMLET, ELSINORE, body));
    expect(denmark.core.federation.node(ELSINORE)?.upward?.at.waitingMessages).toBe(2);
    world.gateway('rooms.wonderland.lit', WONDERLAND, wonderland.store);
    world.settle(120_000);
    expect(denmark.core.federation.node(ELSINORE)?.upward?.at.presence).toBe('here');
  });
});

describe('a link and what may come through it', () => {
  it.each([
    [
      'a domain that is not the link’s',
      `<message from='peer@gynt.lit/x' to='${RABBITHOLE}' type='groupchat'><body>x</body></message>`,
    ],
    [
      'our own domain',
      `<message from='${RABBITHOLE}/Alice' to='${RABBITHOLE}' type='groupchat'><body>x</body></message>`,
    ],
    ['a user of ours', `<presence from='${ALICE}' to='${RABBITHOLE}/Alice' type='unavailable'/>`],
  ])('%s does not', (_, stanza) => {
    const { denmark, wonderland, world } = story;
    for (const end of denmark.core.links) denmark.inject(end.peer, stanza);
    world.settle();
    expect(wonderland.recipients).toEqual([]);
    expect(wonderland.core.service.get(RABBITHOLE)?.occupants.size).toBe(2);
    expect(wonderland.logs.at(-1)).toMatchObject({ level: 'warn', message: 'stanza refused' });
  });

  it('the link’s domains do not come through the server', () => {
    const { wonderland } = story;
    wonderland.say(
      `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}<body>x</body></message>`,
    );
    wonderland.say(enters(OPHELIA, RABBITHOLE, 'Ophelia'));
    expect(wonderland.recipients).toEqual([]);
  });
});

describe('more than two nodes', () => {
  const port = (number: number) => ({ host: '127.0.0.1', port: number });
  const from = ['127.0.0.1'];
  const room = (node: string): string => `room@rooms.${node}.lit`;
  const user = (node: string): string => `u@${node}.lit/r`;

  /** Nodes a, b and c; each link brings what lies behind it. */
  function three(
    federate: { readonly a?: string; readonly b?: string; readonly c?: string },
    ring: boolean,
  ): VirtualGateway[] {
    const world = new VirtualWorld();
    const rooms = (target?: string) => [{ name: 'room', federate: target === undefined ? [] : [room(target)] }];
    const a = world.gateway('rooms.a.lit', {
      rooms: rooms(federate.a),
      links: [
        { peer: 'rooms.b.lit', domains: ['b.lit', ...(ring ? [] : ['c.lit'])], listen: port(1), from },
        ...(ring ? [{ peer: 'rooms.c.lit', domains: ['c.lit'], listen: port(3), from }] : []),
      ],
    });
    const b = world.gateway('rooms.b.lit', {
      rooms: rooms(federate.b),
      links: [
        { peer: 'rooms.a.lit', domains: ['a.lit'], connect: port(1) },
        { peer: 'rooms.c.lit', domains: ['c.lit'], listen: port(2), from },
      ],
    });
    const c = world.gateway('rooms.c.lit', {
      rooms: rooms(federate.c),
      links: [
        { peer: 'rooms.b.lit', domains: ['b.lit', ...(ring ? [] : ['a.lit'])], connect: port(2) },
        ...(ring ? [{ peer: 'rooms.a.lit', domains: ['a.lit'], connect: port(3) }] : []),
      ],
    });
    world.settle(60_000);
    return [a, b, c];
  }

  it('in a chain: a message and a presence cross each link once, private messages go hop by hop', () => {
    const [a, b, c] = three({ b: 'a', c: 'b' }, false) as [VirtualGateway, VirtualGateway, VirtualGateway];
    for (const [gateway, node] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const)
      gateway.say(enters(user(node), room(node), node.toUpperCase()));
    a.world.settle(60_000);
    drop(a, b, c);
    c.say(says(user('c'), room('c'), 'hello'));
    expect([c.crossed.length, b.crossed.length, a.crossed.length]).toEqual([1, 1, 0]);
    for (const [gateway, node] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const)
      expect(brief(gateway.take(user(node)))).toEqual(['message C hello']);
    drop(a, b, c);
    a.say(`<presence from='${user('a')}' to='${room('a')}/A'><show>away</show></presence>`);
    expect([a.crossed.length, b.crossed.length, c.crossed.length]).toEqual([1, 1, 0]);
    drop(a, b, c);
    a.say(`<message from='${user('a')}' to='${room('a')}/C' type='chat'><body>psst</body></message>`);
    expect(brief(c.take(user('c')))).toEqual(['message chat A psst']);
    expect(brief(b.take(user('b')))).toEqual([]);
    c.say(leaves(user('c'), room('c'), 'C'));
    expect(brief(a.take(user('a')))).toEqual(['presence unavailable C']);
  });

  it('in a ring made by mistake a message goes round once and dies', () => {
    const nodes = three({ a: 'b', b: 'c', c: 'a' }, true);
    const names = ['a', 'b', 'c'] as const;
    for (const [index, node] of names.entries()) nodes[index]?.say(enters(user(node), room(node), node.toUpperCase()));
    nodes[0]?.world.settle(60_000);
    drop(...nodes);
    nodes[0]?.say(says(user('a'), room('a'), 'round'));
    nodes[0]?.world.settle(60_000);
    for (const [index, node] of names.entries())
      expect(brief(nodes[index]?.take(user(node)) ?? []).filter((line) => line.startsWith('message'))).toEqual([
        'message A round',
      ]);
    expect(nodes.flatMap((node) => node.crossed).filter((text) => text.includes('round')).length).toBeLessThanOrEqual(
      4,
    );
  });
});

it('an ordinary conversation gives nobody cause to complain', () => {
  const { denmark, wonderland } = story;
  denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
  denmark.say(says(OPHELIA, ELSINORE, 'Hi'));
  wonderland.say(says(ALICE, RABBITHOLE, 'Hi'));
  denmark.say(leaves(OPHELIA, ELSINORE, 'Ophelia'));
  for (const { level } of [...denmark.logs, ...wonderland.logs]) expect(level).toBe('info');
});

it('nothing of the set ever reaches a user', () => {
  const { denmark, wonderland } = story;
  wonderland.say(enters(HATTER, RABBITHOLE, 'Hatter'));
  denmark.say(says(HAMLET, ELSINORE, 'Hi'));
  wonderland.say(leaves(HATTER, RABBITHOLE, 'Hatter'));
  for (const text of [...denmark.takeText(HAMLET), ...wonderland.takeText(ALICE), ...wonderland.takeText(HATTER)])
    expect(text).not.toMatch(/isode\.com|urn:fmucd/);
});

it('what people say and write to one another is in no log', () => {
  const { denmark, wonderland } = story;
  const words = 'something is rotten';
  const to = (room: string, inner: string) =>
    `<message from='${HAMLET}' to='${room}' type='groupchat'>${inner}</message>`;
  denmark.say(says(HAMLET, ELSINORE, words));
  denmark.say(to(ELSINORE, `<subject>${words}</subject>`));
  denmark.say(`<message from='${HAMLET}' to='${ELSINORE}/Alice' type='chat'><body>${words}</body></message>`);
  // Also where it is refused: of a stranger, for nobody, and of a peer that may not.
  denmark.say(says(OPHELIA, ELSINORE, words));
  denmark.say(says(HAMLET, 'nowhere@rooms.denmark.lit', words));
  wonderland.say(says(ALICE, ELSINORE, words));
  for (const end of denmark.core.links) {
    denmark.inject(
      end.peer,
      `<message from='${ALICE}' to='${RABBITHOLE}' type='groupchat'><body>${words}</body></message>`,
    );
    denmark.inject(
      end.peer,
      `<message from='x@france.lit/y' to='${RABBITHOLE}'>${fmuc(HAMLET)}<body>${words}</body></message>`,
    );
    denmark.inject(
      end.peer,
      `<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='error'><body>${words}</body></message>`,
    );
  }
  story.world.settle();
  const logs = [...denmark.logs, ...wonderland.logs].filter(({ level }) => level !== 'debug');
  expect(logs.map(({ message }) => message)).toContain('stanza refused');
  expect(logs.filter(({ fields }) => JSON.stringify(fields).includes(words))).toEqual([]);
});
