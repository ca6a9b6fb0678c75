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
  nodeJoins,
  OPHELIA,
  type Pair,
  pair,
  RABBITHOLE,
  says,
  WONDERLAND,
} from '../support/nodes.ts';
import { expectTalk } from '../support/talk.ts';
import type { GatewayOverrides, VirtualGateway } from '../support/virtual.ts';

/* Another file while the gateway runs, in virtual time: what changes, and that the rest hears nothing of it. */

let story: Pair;

beforeEach(() => {
  story = pair();
  story.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  story.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  drop(story.denmark, story.wonderland);
});

const [danishLink] = DENMARK.links ?? [];
const [danishRoom] = DENMARK.rooms ?? [];
const toWonderland = { ...danishLink, peer: 'rooms.wonderland.lit' };
const elsinore = { ...danishRoom, name: 'elsinore' };
const toFrance = { peer: 'rooms.france.lit', domains: ['france.lit'], connect: { host: '127.0.0.1', port: 7009 } };

/** The file of Denmark with that instead. */
const denmarkWith = (changes: GatewayOverrides): GatewayOverrides => ({ ...DENMARK, ...changes });

const stateOf = (gateway: VirtualGateway) => gateway.core.federation.node(ELSINORE)?.upward?.state;
const streamOf = (gateway: VirtualGateway, peer = 'rooms.wonderland.lit') =>
  gateway.core.links.find((link) => link.peer === peer)?.stream;
const occupants = (gateway: VirtualGateway, room: string) => [
  ...(gateway.core.service.get(room)?.occupants.keys() ?? []),
];

describe('links', () => {
  it('one that is added begins, and the other goes on as if nothing had been', () => {
    const { denmark, wonderland, world } = story;
    const stream = streamOf(denmark);
    const since = stream?.since;
    denmark.reload(denmarkWith({ links: [toWonderland, toFrance] }));
    expect(streamOf(denmark, 'rooms.france.lit')?.state).toBe('connecting');
    world.settle(60_000);
    expect(streamOf(denmark)).toBe(stream);
    expect([stream?.state, stream?.since]).toEqual(['up', since]);
    expect([denmark.crossed, wonderland.crossed, denmark.recipients]).toEqual([[], [], []]);
    expectTalk(story);
  });

  it('one that is removed ends, and its room parts from the far one at once', () => {
    const { denmark, wonderland, world } = story;
    const stream = streamOf(denmark);
    denmark.reload(denmarkWith({ links: [], rooms: [{ name: 'elsinore' }] }));
    expect([stream?.state, stream?.nextTimeout()]).toEqual(['down', undefined]);
    expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Alice']);
    world.settle(10_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(streamOf(wonderland, 'rooms.denmark.lit')?.state).toBe('down');
  });

  it('one whose connection changes connects anew, and what is said meanwhile arrives, once', () => {
    const { denmark, wonderland, world } = story;
    const stream = streamOf(denmark);
    denmark.reload(denmarkWith({ links: [{ ...toWonderland, bandwidth: 2400 }] }));
    expect(streamOf(denmark)).not.toBe(stream);
    expect(stateOf(denmark)).toBe('out-of-reach');
    denmark.send(says(HAMLET, ELSINORE, 'meanwhile'));
    world.settle(60_000);
    expect([stateOf(denmark), streamOf(denmark)?.departures.isPaced]).toEqual(['joined', true]);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet meanwhile']);
    expect(brief(denmark.take(HAMLET))).toEqual(['message Hamlet meanwhile']);
    expectTalk(story);
  });

  it('a budget is taken without a word on air, and holds from then on', () => {
    const { denmark, wonderland, world } = story;
    const stream = streamOf(denmark);
    const history = { messages: 2, bytes: 8192, age: 86_400 };
    denmark.reload(denmarkWith({ links: [{ ...toWonderland, history }] }));
    world.settle(60_000);
    expect([streamOf(denmark), denmark.crossed]).toEqual([stream, []]);
    denmark.cut();
    for (let number = 1; number <= 5; number++) denmark.send(says(HAMLET, ELSINORE, `word ${number}`));
    world.settle(60_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['message Hamlet word 4', 'message Hamlet word 5']);
  });

  it('what waits on one that stays leaves in its turn, whatever else changes', () => {
    const links = [{ ...toWonderland, bandwidth: 300 }];
    story = pair({ links });
    const { denmark, wonderland, world } = story;
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    drop(denmark, wonderland);
    const words = Array.from({ length: 8 }, (_, index) => `word ${index}`);
    for (const word of words) denmark.send(says(HAMLET, ELSINORE, word));
    expect(streamOf(denmark)?.departures.waitingMessages).toBeGreaterThan(3);
    const waiting = streamOf(denmark)?.departures.waitingMessages;
    denmark.reload({ ...DENMARK, links: [toFrance, ...links], rooms: [elsinore, { name: 'heath' }] });
    expect(streamOf(denmark)?.departures.waitingMessages).toBe(waiting);
    world.settle(300_000);
    expect(brief(wonderland.take(ALICE))).toEqual(words.map((word) => `message Hamlet ${word}`));
  });

  it('what a link was away for is kept, though the file changes meanwhile', () => {
    const { denmark, wonderland, world } = story;
    wonderland.stop();
    denmark.say(says(HAMLET, ELSINORE, 'while you were away'));
    denmark.reload(denmarkWith({ links: [{ ...toWonderland, coalesce: 5 }, toFrance] }));
    world.settle(400_000);
    const back = world.gateway('rooms.wonderland.lit', WONDERLAND, wonderland.store);
    back.send(enters(ALICE, RABBITHOLE, 'Alice'));
    world.settle(120_000);
    expect(brief(back.take(ALICE))).toContain('message Hamlet while you were away');
  });

  it('one that is removed may leave its peer to the XMPP server: it is joined anew that way', () => {
    const { denmark, world } = story;
    const behind: string[] = [];
    denmark.servers.set('rooms.wonderland.lit', (stanza) => behind.push(brief([stanza])[0] ?? ''));
    denmark.reload(denmarkWith({ links: [] }));
    world.settle(1000);
    expect([stateOf(denmark), behind]).toEqual(['joining', ['presence Hamlet']]);
    world.settle(800_000);
    expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Alice 333']);
  });

  it('a listener that others may dial from now on takes them', () => {
    const { denmark, wonderland, world } = story;
    const [danish] = WONDERLAND.links ?? [];
    const link = { ...danish, peer: 'rooms.denmark.lit' };
    wonderland.reload({ ...WONDERLAND, links: [{ ...link, from: ['10.1.0.1'] }] });
    world.settle(60_000);
    expect([streamOf(wonderland, 'rooms.denmark.lit')?.state, stateOf(denmark)]).toEqual(['down', 'out-of-reach']);
    wonderland.reload(WONDERLAND);
    world.settle(120_000);
    expectTalk(story);
  });
});

describe('rooms', () => {
  it('one that is added federates at once, whoever is in it already, with all that was said', () => {
    const { denmark, wonderland, world } = story;
    denmark.say(enters(OPHELIA, 'heath@rooms.denmark.lit', 'Ophelia'));
    denmark.say(says(OPHELIA, 'heath@rooms.denmark.lit', 'alone'));
    drop(denmark);
    wonderland.reload({ ...WONDERLAND, rooms: [{ name: 'rabbithole' }, { name: 'garden' }] });
    wonderland.say(enters(HATTER, 'garden@rooms.wonderland.lit', 'Hatter'));
    drop(wonderland);
    denmark.reload(denmarkWith({ rooms: [elsinore, { name: 'heath', federate: ['garden@rooms.wonderland.lit'] }] }));
    world.settle(30_000);
    expect(brief(denmark.take(OPHELIA))).toEqual(['presence Hatter']);
    expect(brief(wonderland.take(HATTER)).sort()).toEqual(['message Ophelia alone', 'presence Ophelia']);
    expect(denmark.store.rooms.map(({ room }) => room)).toContain('heath@rooms.denmark.lit');
    expectTalk(story);
  });

  it('one that is removed parts from the set, and keeps its people and its history', () => {
    const { denmark, wonderland, world } = story;
    denmark.say(says(HAMLET, ELSINORE, 'To be'));
    drop(denmark, wonderland);
    denmark.reload(denmarkWith({ rooms: [] }));
    world.settle(10_000);
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Alice']);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    expect(brief(denmark.take(OPHELIA))).toContain('message Hamlet To be');
    denmark.say(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    denmark.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    expect(denmark.core.service.get(ELSINORE)).toBeDefined();
    const again = restarted(denmark, { ...DENMARK, rooms: [] });
    expect(again.core.service.get(ELSINORE)?.settings.persistent).toBe(true);
    expect(denmark.store.neighbours(ELSINORE)).toEqual([]);
  });

  it('those of another domain rest while that is not ours, and come back with it', () => {
    const { denmark } = story;
    denmark.say(says(HAMLET, ELSINORE, 'To be'));
    denmark.stop();
    const { world, store, domain } = denmark;
    const moved = world.gateway('rooms.norway.lit', { ...DENMARK, rooms: [] }, store);
    expect(moved.core.service.rooms()).toEqual([]);
    moved.stop();
    const back = world.gateway(domain, { ...DENMARK, rooms: [] }, store);
    expect(back.core.service.rooms().map(({ jid }) => jid)).toEqual([ELSINORE]);
    back.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    expect(brief(back.take(OPHELIA))).toContain('message Hamlet To be');
  });

  it('one that accepts a node no more sends it out, and tells it why when it asks again', () => {
    const { denmark, wonderland, world } = story;
    wonderland.reload({ ...WONDERLAND, rooms: [{ name: 'rabbithole', accept: ['court@rooms.denmark.lit'] }] });
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet']);
    world.settle(60_000);
    expect(stateOf(denmark)).toBe('rejected');
    expect(brief(denmark.take(HAMLET)).at(0)).toMatch(/^presence unavailable Alice/);
    wonderland.reload(WONDERLAND);
    world.settle(1_000_000);
    expectTalk(story);
  });

  it('one that is to join another node leaves the first and joins that', () => {
    const { denmark, wonderland, world } = story;
    wonderland.reload({ ...WONDERLAND, rooms: [{ name: 'rabbithole' }, { name: 'garden' }] });
    wonderland.say(enters(HATTER, 'garden@rooms.wonderland.lit', 'Hatter'));
    drop(wonderland, denmark);
    denmark.reload(denmarkWith({ rooms: [{ ...elsinore, federate: ['garden@rooms.wonderland.lit'] }] }));
    world.settle(400_000);
    expect(occupants(denmark, ELSINORE)).toEqual(['Hamlet', 'Hatter']);
    expect(occupants(wonderland, RABBITHOLE)).toEqual(['Alice']);
    expect(brief(wonderland.take(HATTER))).toEqual(['presence Hamlet']);
  });

  it('a fallback that is added or dropped moves nobody', () => {
    const { denmark, world } = story;
    const fallback = 'garden@rooms.wonderland.lit';
    denmark.reload(denmarkWith({ rooms: [{ ...elsinore, federate: [RABBITHOLE, fallback] }] }));
    denmark.reload(DENMARK);
    world.settle(120_000);
    expect([stateOf(denmark), denmark.recipients]).toEqual(['joined', []]);
    expectTalk(story);
  });

  it('retention holds from then on', () => {
    const { denmark } = story;
    const heath = 'heath@rooms.denmark.lit';
    denmark.reload(denmarkWith({ rooms: [elsinore, { name: 'heath' }] }));
    denmark.say(enters(OPHELIA, heath, 'Ophelia'));
    denmark.reload(denmarkWith({ rooms: [elsinore, { name: 'heath', keep: { messages: 2, age: 0 } }] }));
    for (let number = 1; number <= 5; number++) denmark.say(says(OPHELIA, heath, `word ${number}`));
    expect(denmark.store.messages(heath)).toHaveLength(2);
    expectTalk(story);
  });

  it('a room that waited for its primary waits for nobody any more, and what was held is said', () => {
    const { denmark, wonderland, world } = story;
    denmark.reload(denmarkWith({ rooms: [{ ...elsinore, mode: 'primary-replica' }] }));
    world.settle(60_000);
    expectTalk(story);
    denmark.send(says(HAMLET, ELSINORE, 'held'));
    expect(denmark.take(HAMLET)).toEqual([]);
    denmark.reload(DENMARK);
    expect(brief(denmark.take(HAMLET))).toContain('message Hamlet held');
    world.settle(60_000);
    expect(brief(wonderland.take(ALICE)).filter((line) => line.startsWith('message'))).toEqual(['message Hamlet held']);
    expectTalk(story);
  });
});

it('a plain node below a room hears its own words again once the room is to put them in order', () => {
  const { denmark, world } = story;
  const NODE = 'globe@rooms.england.lit';
  const heard: string[] = [];
  denmark.servers.set('rooms.england.lit', (stanza) => heard.push(brief([stanza])[0] ?? ''));
  const heath = { name: 'heath', accept: [NODE] };
  denmark.reload(denmarkWith({ rooms: [elsinore, heath] }));
  denmark.say(nodeJoins(NODE, 'heath@rooms.denmark.lit', 'Will', 'will@england.lit/pen'));
  const speak = (body: string): void =>
    denmark.say(
      `<message from='${NODE}/Will' to='heath@rooms.denmark.lit' type='groupchat'><body>${body}</body>${fmuc('will@england.lit/pen')}</message>`,
    );
  speak('one');
  denmark.reload(denmarkWith({ rooms: [elsinore, { ...heath, mode: 'primary-replica' }] }));
  world.settle();
  speak('two');
  expect(heard.filter((line) => line.startsWith('message Will'))).toEqual(['message Will two']);
});

describe('the gateway itself', () => {
  it('whoever becomes an admin owns every room, whoever was one does no more', () => {
    const { denmark } = story;
    denmark.reload(denmarkWith({ gateway: { localDomains: ['denmark.lit'], admins: ['hamlet@denmark.lit'] } }));
    const role = () => denmark.core.service.get(ELSINORE)?.occupants.get('Hamlet')?.role;
    expect(role()).toBe('moderator');
    denmark.reload(DENMARK);
    expect(role()).toBe('participant');
  });

  it('who may create rooms, and what the service is called', () => {
    const { denmark } = story;
    const gateway = { localDomains: ['denmark.lit'], createRooms: 'nobody', name: 'Denmark' } as const;
    denmark.reload(denmarkWith({ gateway }));
    denmark.say(enters(HAMLET, 'heath@rooms.denmark.lit', 'Hamlet'));
    expect(brief(denmark.take(HAMLET))).toEqual(['presence error Hamlet not-allowed']);
    denmark.say(
      `<iq from='${HAMLET}' to='rooms.denmark.lit' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    );
    expect(denmark.takeText(HAMLET).join('')).toContain('name="Denmark"');
  });

  it('users of a domain that is ours no more leave', () => {
    const { denmark, wonderland, world } = story;
    denmark.say(enters('yorick@england.lit/grave', ELSINORE, 'Yorick'));
    denmark.reload(denmarkWith({ gateway: { localDomains: ['denmark.lit', 'england.lit'] } }));
    denmark.say(enters('yorick@england.lit/grave', ELSINORE, 'Yorick'));
    drop(denmark, wonderland);
    denmark.reload(DENMARK);
    world.settle();
    expect(brief(denmark.take('yorick@england.lit/grave'))).toEqual(['presence unavailable Yorick 110,333']);
    expectTalk(story);
  });

  it('users for whom a peer speaks no more leave, and the peer goes on', () => {
    const { denmark, wonderland, world } = story;
    wonderland.reload({ ...WONDERLAND, links: [{ ...WONDERLAND.links?.[0], peer: 'rooms.denmark.lit', domains: [] }] });
    world.settle();
    expect(brief(wonderland.take(ALICE))).toEqual(['presence unavailable Hamlet 333']);
    expect(streamOf(denmark)?.state).toBe('up');
  });
});

describe('a turn that can not stand', () => {
  it('leaves everything as it was', () => {
    const { denmark, wonderland, world } = story;
    const stream = streamOf(denmark);
    const { config } = denmark;
    denmark.store.full = true;
    denmark.reload({ ...DENMARK, links: [toFrance], rooms: [{ name: 'heath' }] });
    expect([denmark.config, streamOf(denmark)]).toEqual([config, stream]);
    expect(denmark.core.service.rooms().map(({ jid }) => jid)).toEqual([ELSINORE]);
    denmark.store.full = false;
    world.settle(60_000);
    expect([stateOf(denmark), stream?.state, occupants(denmark, ELSINORE).sort()]).toEqual([
      'joined',
      'up',
      ['Alice', 'Hamlet'],
    ]);
    expect(brief(wonderland.take(ALICE))).toEqual([]);
    expectTalk(story);
  });
});

it('what a node waits for goes on when a turn can not stand', () => {
  const { denmark, wonderland, world } = story;
  wonderland.reload({ ...WONDERLAND, rooms: [{ name: 'rabbithole', accept: ['court@rooms.denmark.lit'] }] });
  world.settle(60_000);
  expect(stateOf(denmark)).toBe('rejected');
  denmark.store.full = true;
  denmark.reload(denmarkWith({ rooms: [{ name: 'heath' }] }));
  denmark.store.full = false;
  wonderland.reload(WONDERLAND);
  world.settle(1_000_000);
  expectTalk(story);
});

describe('in the end everything is as after a restart with that file', () => {
  const GARDEN = 'garden@rooms.wonderland.lit';
  const far: GatewayOverrides = { ...WONDERLAND, rooms: [{ name: 'rabbithole' }, { name: 'garden' }] };
  const files: Readonly<Record<string, GatewayOverrides>> = {
    'joins rabbithole': DENMARK,
    'joins garden': denmarkWith({ rooms: [{ ...elsinore, federate: [GARDEN] }] }),
    'joins either': denmarkWith({ rooms: [{ ...elsinore, federate: [GARDEN, RABBITHOLE] }] }),
    'is a replica': denmarkWith({ rooms: [{ ...elsinore, mode: 'primary-replica' }] }),
    'stands alone': denmarkWith({ rooms: [{ name: 'elsinore', accept: [] }] }),
    'is not named': denmarkWith({ rooms: [] }),
    'has no link': denmarkWith({ links: [], rooms: [{ name: 'elsinore', accept: [] }] }),
    'goes slowly': denmarkWith({ links: [{ ...toWonderland, bandwidth: 2400, presence: 'full', coalesce: 5 }] }),
  };
  const pairs = Object.keys(files).flatMap((one) => Object.keys(files).map((other) => [one, other] as const));

  it.each(pairs.filter(([one, other]) => one !== other))('%s, then %s', (one, other) => {
    const reloaded = scene(far, files[one] ?? {});
    reloaded.denmark.reload(files[other] ?? {});
    const anew = scene(far, files[one] ?? {});
    const denmark = restarted(anew.denmark, files[other] ?? {});
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    expect(outcome(reloaded)).toEqual(outcome({ ...anew, denmark }));
  });
});

/** Two gateways with somebody in every room. */
function scene(far: GatewayOverrides, near: GatewayOverrides): Pair {
  const scene = pair(near, far);
  scene.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  scene.wonderland.say(enters(HATTER, 'garden@rooms.wonderland.lit', 'Hatter'));
  scene.denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  scene.world.settle(60_000);
  return scene;
}

/** How it all stands once nothing more comes of it, and who hears whom. */
function outcome({ denmark, wonderland, world }: Pair): unknown {
  world.settle(2_000_000);
  drop(denmark, wonderland);
  denmark.say(says(HAMLET, ELSINORE, 'To be'));
  wonderland.say(says(ALICE, RABBITHOLE, 'Curiouser'));
  wonderland.say(says(HATTER, 'garden@rooms.wonderland.lit', 'Tea'));
  world.settle(60_000);
  const rooms = [denmark, wonderland].flatMap(({ core, store }) =>
    core.service.rooms().map(({ jid, settings, fixed }) => {
      const upward = core.federation.node(jid)?.upward;
      const present = core.federation
        .node(jid)
        ?.everyone()
        .filter(({ presence }) => presence !== 'away');
      return {
        jid,
        persistent: settings.persistent,
        keep: fixed?.keep,
        occupants: [...(core.service.get(jid)?.occupants.keys() ?? [])].sort(),
        upward: upward && [upward.at.node, upward.state, upward.targets.map(({ node }) => node)],
        neighbours: present?.map(({ node }) => node).sort(),
        kept: store.rooms.some(({ room }) => room === jid),
      };
    }),
  );
  return {
    rooms: rooms.toSorted((one, other) => (one.jid < other.jid ? -1 : 1)),
    links: denmark.core.links.map(({ peer, stream }) => [peer, stream.state, stream.departures.isPaced]),
    heard: [denmark.take(HAMLET), wonderland.take(ALICE), wonderland.take(HATTER)].map((heard) => brief(heard).sort()),
  };
}

/** The same gateway after a restart with that file. */
function restarted(gateway: VirtualGateway, file: GatewayOverrides): VirtualGateway {
  gateway.stop();
  return gateway.world.gateway(gateway.domain, file, gateway.store);
}
