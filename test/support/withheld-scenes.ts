import { expect } from 'vitest';
import { MAX_HELD } from '../../src/fmuc/replica.ts';
import { MAX_WAITING } from '../../src/link/outbox.ts';
import { MAX_OCCUPANTS } from '../../src/muc/enter.ts';
import type { WithheldEffect, WithheldReason } from '../../src/stanza/withheld.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { room, type Set, set, user } from './chain.ts';
import { gathered, givesRole, linked, setsSubject, shows, WINDOW, whispers } from './gathered.ts';
import {
  ALICE,
  ELSINORE,
  enters,
  fmuc,
  HAMLET,
  HATTER,
  leaves,
  nodeJoins,
  OPHELIA,
  type Pair,
  RABBITHOLE,
  says,
} from './nodes.ts';
import type { OpenfireRoom } from './openfire.ts';
import { connect, OPENFIRE_PORT, type OpenfireLink } from './openfire-peer.ts';
import { GERTRUDE, linked as linkedOpenfire, ROMEO, together } from './openfire-story.ts';
import { type VirtualGateway, VirtualWorld } from './virtual.ts';

/* For every reason for which something is held, trimmed, dropped or refused: a scene in which it is. */

/** Begins to look on at a gateway: at these ways, or at all. */
type Watch = (gateway: VirtualGateway, ...peers: readonly string[]) => void;

/** Plays, looked on at from where it says so, and answers what is to be seen of the reason. */
type Scene = (watch: Watch) => Partial<WithheldEffect>;

const DENMARK = 'rooms.denmark.lit';
const WONDERLAND = 'rooms.wonderland.lit';
/** Longer than any test lasts. */
const LONG = 1_000_000_000;
const window = WINDOW * 1000;
const CAPS = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:client' ver='v'/>";
const OTHER = 'teaparty@rooms.wonderland.lit';

function cut({ world }: Pair): void {
  world.wire(DENMARK, WONDERLAND).hold(LONG);
  world.settle(1000);
}

function mend({ world }: Pair): void {
  world.wire(DENMARK, WONDERLAND).mend();
  world.settle(120_000);
}

const hamletSays = (body = 'Words'): string => says(HAMLET, ELSINORE, body);
const id = (by: string, value: string): string => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='${value}'/>`;
const delay = (stamp: string): string => `<delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>`;
/** Alice, as rabbithole sends what she says. */
const aliceSays = (body: string, more = '', nick = 'Alice'): string =>
  `<message from='${RABBITHOLE}/${nick}' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<body>${body}</body>${more}</message>`;
const subject = (text: string, more = ''): string =>
  `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}' type='groupchat'>${fmuc(ALICE)}<subject>${text}</subject>${more}</message>`;
/** A user as rabbithole shows them. */
const shown = (nick: string, jid: string, from = RABBITHOLE): string =>
  `<presence from='${from}/${nick}' to='${ELSINORE}/${nick}'>${fmuc(jid)}<x xmlns='${NS.mucUser}'><item affiliation='none' role='participant'/></x></presence>`;

/** Both are joined, and somebody looks on at denmark. */
function scene(watch: Watch, settings: Parameters<typeof gathered>[0] = {}): Pair {
  const both = gathered(settings);
  watch(both.denmark);
  return both;
}

/** Wonderland's gateway writes that to denmark, which is looked on at. */
function comes(watch: Watch, xml: string, text?: string): void {
  const both = scene(watch, { coalesce: 0 });
  both.wonderland.inject(DENMARK, xml, text);
  both.world.settle();
}

/** A plain node at the other end, which says only what it is given to say. */
function plain(federate: readonly string[]): { readonly gateway: VirtualGateway; readonly far: OpenfireLink } {
  const world = new VirtualWorld();
  const listen = { host: '127.0.0.1', port: OPENFIRE_PORT };
  const gateway = world.gateway(DENMARK, {
    gateway: { localDomains: ['denmark.lit'] },
    links: [{ peer: WONDERLAND, domains: ['wonderland.lit'], listen, from: ['127.0.0.1'], dialect: 'xep' }],
    rooms: [{ name: 'elsinore', federate }],
  });
  const far = connect(gateway, { jid: RABBITHOLE, handle: () => [] } as unknown as OpenfireRoom);
  world.settle(60_000);
  gateway.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  return { gateway, far };
}

const sends = (far: OpenfireLink, ...xml: readonly string[]): void => far.does(xml.map((one) => parseElement(one)));

/** A plain node that has accepted us. */
function accepted(watch: Watch): OpenfireLink {
  const { gateway, far } = plain([RABBITHOLE]);
  sends(far, shown('Alice', ALICE), subject('tea'));
  watch(gateway);
  return far;
}

/** Rooms in a row, the first the primary, with a user in each. */
function replicas(...names: readonly string[]): Set {
  const federate = Object.fromEntries(names.map((name, at) => [name, at === 0 ? [] : [names[at - 1] ?? '']]));
  const tree = set({ federate, link: { dialect: 'fmucd' }, room: { mode: 'primary-replica' } });
  for (const name of names) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  tree.world.settle(60_000);
  return tree;
}

/** More is missed than a join brings. */
function missed(watch: Watch, watched: 'denmark' | 'wonderland'): void {
  const both = gathered({ history: { messages: 1, bytes: 10_000, age: 86_400 } });
  watch(both[watched]);
  cut(both);
  for (const body of ['one', 'two', 'three']) both.denmark.say(hamletSays(body));
  mend(both);
}

function overrun(watch: Watch, queue: { messages?: number; bytes?: number; age?: number }, pause = 0): void {
  const both = scene(watch, { queue: { messages: 100, bytes: 10_000, age: 10_000, ...queue } });
  cut(both);
  for (const body of ['one', 'two', 'three']) {
    both.denmark.say(hamletSays(body));
    both.world.settle(pause);
  }
}

/** Three messages on a link that takes seconds for each. */
function slowly(watch: Watch): Pair {
  const both = scene(watch, { bandwidth: 300, coalesce: 0 });
  for (const body of ['one', 'two', 'three']) both.denmark.send(hamletSays(body));
  return both;
}

const message = { about: 'message', who: 'Hamlet', room: ELSINORE, peer: WONDERLAND } as const;
const incoming = { room: ELSINORE, peer: WONDERLAND, direction: 'in' } as const;

export const SCENES: Readonly<Record<WithheldReason, Scene>> = {
  'link-down': (watch) => {
    const both = scene(watch);
    cut(both);
    both.denmark.say(hamletSays());
    return message;
  },
  'not-joined': (watch) => {
    const { gateway, far } = plain([]);
    sends(far, nodeJoins(RABBITHOLE, ELSINORE, 'Alice', ALICE));
    watch(gateway);
    gateway.world.wire(WONDERLAND, DENMARK).hold(2000);
    gateway.world.settle(5000);
    gateway.say(hamletSays());
    return message;
  },
  'join-unanswered': (watch) => {
    const { gateway } = plain([RABBITHOLE]);
    watch(gateway);
    gateway.say(hamletSays());
    return message;
  },
  'held-for-primary': (watch) => {
    const tree = replicas('a', 'b');
    watch(tree.node('b'));
    tree.node('b').say(says(user('b'), room('b'), 'Words'));
    return { about: 'message', who: 'B', room: room('b'), peer: 'rooms.a.lit' };
  },
  'waits-turn': (watch) => {
    slowly(watch);
    return { ...message, detail: expect.stringMatching(/^\d wait, about \d+ s$/) as string };
  },
  'outbox-full': (watch) => {
    const { denmark } = scene(watch, { bandwidth: 300 });
    for (let number = 0; number <= MAX_WAITING + 1; number++) denmark.send(hamletSays(`${number}`));
    return message;
  },
  gathered: (watch) => {
    const { denmark } = scene(watch);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    return { about: 'occupant', who: 'Ophelia', room: ELSINORE, detail: '10 s' };
  },
  congested: (watch) => {
    const { denmark, world } = scene(watch, { bandwidth: 300 });
    for (let number = 0; number < 20; number++)
      denmark.send(enters(`p${number}@denmark.lit/r`, ELSINORE, `P${number}`));
    world.settle(window + 1000);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    world.settle(window + 1000);
    return { about: 'occupant', who: 'Ophelia', detail: '10 s' };
  },
  'told-by-list': (watch) => {
    const both = scene(watch);
    cut(both);
    both.denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    return { about: 'occupant', who: 'Ophelia' };
  },
  'second-presence': (watch) => {
    const { gateway, lobby, peer } = together(linkedOpenfire({ weJoin: false }));
    watch(gateway);
    peer.does(lobby.userJoins('Romeo', ROMEO));
    return { about: 'join', who: 'Romeo', direction: 'in' };
  },
  payloads: (watch) => {
    const { denmark } = scene(watch);
    denmark.say(
      hamletSays().replace('</message>', "<active xmlns='http://jabber.org/protocol/chatstates'/></message>"),
    );
    return { ...message, detail: 'active (chatstates)', bytes: 55 };
  },
  'presence-payloads': (watch) => {
    const { denmark, world } = scene(watch);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia').replace('</presence>', `${CAPS}</presence>`));
    world.settle(window);
    return { about: 'occupant', who: 'Ophelia', detail: 'c (caps)' };
  },
  'cancelled-out': (watch) => {
    const { denmark } = scene(watch);
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    denmark.say(leaves(OPHELIA, ELSINORE, 'Ophelia'));
    return { about: 'leave', who: 'Ophelia', count: 2 };
  },
  folded: (watch) => {
    const { denmark, world } = scene(watch);
    for (const show of ['away', 'xa', 'dnd']) denmark.send(shows(HAMLET, ELSINORE, 'Hamlet', `<show>${show}</show>`));
    world.settle(window);
    return { about: 'occupant', who: 'Hamlet', count: 2 };
  },
  'nothing-new': (watch) => {
    const { denmark, world } = scene(watch);
    denmark.say(shows(HAMLET, ELSINORE, 'Hamlet', CAPS));
    world.settle(window);
    return { about: 'occupant', who: 'Hamlet', count: 1 };
  },
  'presence-none': (watch) => {
    const { denmark } = scene(watch, { presence: 'none' });
    denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    return { about: 'occupant', who: 'Ophelia', count: 1 };
  },
  'not-known-there': (watch) => {
    const tree = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd' } });
    for (const name of ['a', 'b', 'c']) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    tree.world.settle(60_000);
    watch(tree.node('b'));
    // Refused there, and gone before they could take another nick.
    const conflict = "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    tree
      .node('a')
      .inject('rooms.b.lit', `<presence from='${room('a')}/C' to='${room('b')}/C' type='error'>${conflict}</presence>`);
    tree.node('c').send(leaves(user('c'), room('c'), 'C'));
    tree.world.settle();
    return { about: 'leave', who: 'C', peer: 'rooms.a.lit' };
  },
  'told-anew': (watch) => {
    const both = scene(watch);
    both.denmark.say(enters(OPHELIA, ELSINORE, 'Ophelia'));
    cut(both);
    return { about: 'occupant', count: 1 };
  },
  'comes-from-there': (watch) => {
    const tree = set({
      federate: { a: [], b: ['a'], c: ['b'] },
      link: { dialect: 'fmucd' },
      linkOf: { 'b a': { coalesce: 600 } },
    });
    for (const name of ['a', 'b']) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    tree.world.settle(60_000);
    watch(tree.node('b'));
    tree.node('c').say(enters(user('c'), room('c'), 'C'));
    tree.world.settle(10_000);
    tree.world.wire('rooms.b.lit', 'rooms.c.lit').hold(LONG);
    tree.world.settle(1000);
    tree
      .node('a')
      .inject(
        'rooms.b.lit',
        `<presence from='${room('a')}/C' to='${room('b')}/C'>${fmuc(user('c'))}<x xmlns='${NS.mucUser}'><item affiliation='none' role='participant'/></x></presence>`,
      );
    tree.world.settle();
    return { who: 'C', peer: 'rooms.a.lit', count: 1 };
  },
  'nothing-left': (watch) => {
    const { denmark } = scene(watch);
    denmark.say(hamletSays().replace('<body>Words</body>', "<store xmlns='urn:xmpp:hints'/>"));
    return { ...message, detail: 'store (hints)' };
  },
  'queue-messages': (watch) => {
    overrun(watch, { messages: 2 });
    return { about: 'message', peer: WONDERLAND, detail: expect.stringMatching(/^said 2026-01-01T00:/) as string };
  },
  'queue-bytes': (watch) => {
    overrun(watch, { bytes: 100 });
    return { about: 'message', bytes: expect.any(Number) as number };
  },
  'queue-age': (watch) => {
    overrun(watch, { age: 60 }, 61_000);
    return { about: 'message' };
  },
  unconfirmed: (watch) => {
    const both = scene(watch, { queue: { messages: 1, bytes: 10_000, age: 10_000 } });
    both.denmark.say(hamletSays('arrived'));
    cut(both);
    both.denmark.say(hamletSays('missed'));
    return { about: 'message', peer: WONDERLAND, detail: expect.stringMatching(/^said 2026-01-01T00:/) as string };
  },
  'away-too-long': (watch) => {
    const both = gathered({ queue: { messages: 100, bytes: 10_000, age: 400 } });
    watch(both.wonderland);
    cut(both);
    both.wonderland.say(says(ALICE, RABBITHOLE, 'Curiouser'));
    both.world.settle(500_000);
    return { about: 'message', peer: DENMARK, room: RABBITHOLE, count: 1 };
  },
  'no-longer-joined': (watch) => {
    const { gateway, far } = plain([RABBITHOLE]);
    watch(gateway);
    gateway.say(hamletSays());
    sends(
      far,
      `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc xmlns='${NS.fmuc}'><reject>no</reject></fmuc></presence>`,
    );
    return { about: 'message', count: 1 };
  },
  'join-rejected': (watch) => {
    const { gateway, far } = plain([RABBITHOLE]);
    sends(
      far,
      `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc xmlns='${NS.fmuc}'><reject>no</reject></fmuc></presence>`,
    );
    watch(gateway);
    gateway.say(hamletSays());
    return message;
  },
  'left-behind': (watch) => {
    missed(watch, 'denmark');
    return { about: 'history', peer: WONDERLAND, room: ELSINORE, count: 2 };
  },
  'missing-here': (watch) => {
    missed(watch, 'wonderland');
    return { about: 'history', peer: DENMARK, room: RABBITHOLE, direction: 'in', count: 2 };
  },
  gone: (watch) => {
    const history = { messages: 3, bytes: 100_000, age: 86_400 };
    const tree = set({
      federate: { a: [], b: ['a'] },
      link: { dialect: 'fmucd', history },
      room: { keep: { messages: 5, age: 0 } },
    });
    for (const name of ['a', 'b']) tree.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    tree.world.settle(60_000);
    const wire = tree.world.wire('rooms.a.lit', 'rooms.b.lit');
    wire.hold(LONG);
    tree.world.settle(1000);
    for (let number = 0; number < 10; number++) tree.node('a').send(says(user('a'), room('a'), `${number}`));
    wire.mend();
    tree.world.settle(120_000);
    for (const body of ['x', 'y', 'z']) tree.node('a').say(says(user('a'), room('a'), body));
    watch(tree.node('b'));
    for (let tries = 0; tries < 3; tries++) {
      tree.node('b').fetch(room('b'));
      tree.world.settle();
    }
    return { about: 'history', peer: 'rooms.a.lit', direction: 'in' };
  },
  'openfire-stranger': (watch) => {
    const { gateway, peer, world } = together(linkedOpenfire());
    gateway.say(enters(GERTRUDE, ELSINORE, 'Gertrude'));
    watch(gateway);
    peer.outage(10_000);
    world.settle(1000);
    gateway.say(hamletSays());
    gateway.say(leaves(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(600_000);
    return { about: 'message', who: 'Hamlet' };
  },
  'echo-late': (watch) => {
    const tree = replicas('a', 'b');
    watch(tree.node('b'));
    tree.node('b').send(says(user('b'), room('b'), 'Words'));
    tree.world.wire('rooms.a.lit', 'rooms.b.lit').hold(LONG);
    tree.world.settle(400_000);
    return { about: 'message', who: 'B', peer: 'rooms.a.lit' };
  },
  overtaken: (watch) => {
    const both = slowly(watch);
    both.denmark.send(enters(OPHELIA, ELSINORE, 'Ophelia'));
    both.denmark.send(givesRole(HAMLET, ELSINORE, 'Ophelia', 'none'));
    return { about: 'occupant', who: 'Ophelia', bytes: expect.any(Number) as number };
  },
  'out-of-date': (watch) => {
    const both = slowly(watch);
    both.wonderland.inject(
      DENMARK,
      `<presence from='${RABBITHOLE}' to='${ELSINORE}'><fmuc xmlns='${NS.fmuc}'><left/></fmuc></presence>`,
    );
    both.world.settle(2000);
    return { ...message, xml: expect.stringContaining('<body>three</body>') as string };
  },
  'lost-with-link': (watch) => {
    cut(slowly(watch));
    return message;
  },
  'not-reachable': (watch) => {
    const both = scene(watch);
    cut(both);
    both.denmark.say(
      `<message from='${HAMLET}' to='${ELSINORE}'><x xmlns='${NS.mucUser}'><invite to='${HATTER}'/></x></message>`,
    );
    return { peer: WONDERLAND, room: ELSINORE };
  },
  'own-again': (watch) => {
    comes(watch, aliceSays('an echo', id(ELSINORE, '~1')));
    return { ...incoming, about: 'message', who: 'Alice' };
  },
  'seen-number': (watch) => {
    const both = scene(watch, { coalesce: 0 });
    for (let times = 0; times < 2; times++) both.wonderland.inject(DENMARK, aliceSays('twice', id(RABBITHOLE, '~7')));
    both.world.settle();
    return { ...incoming, about: 'message', who: 'Alice' };
  },
  'seen-id': (watch) => {
    const far = accepted(watch);
    for (let times = 0; times < 2; times++) sends(far, aliceSays('twice', id(RABBITHOLE, 'x')));
    return { ...incoming, about: 'message', who: 'Alice' };
  },
  'seen-words': (watch) => {
    const far = accepted(watch);
    for (let times = 0; times < 2; times++) sends(far, aliceSays('twice', delay('2025-12-31T23:00:00Z')));
    return { ...incoming, about: 'history', who: 'Alice' };
  },
  'held-already': (watch) => {
    const tree = replicas('a', 'b', 'c');
    watch(tree.node('b'));
    tree.world.wire('rooms.a.lit', 'rooms.b.lit').hold(LONG);
    tree.world.settle(1000);
    const words = `<message from='${room('c')}/C' to='${room('b')}' type='groupchat'>${fmuc(user('c'))}<body>x</body>${id(room('c'), '~9')}</message>`;
    for (let times = 0; times < 2; times++) tree.node('c').inject('rooms.b.lit', words);
    tree.world.settle();
    return { about: 'message', who: 'C', peer: 'rooms.c.lit', direction: 'in' };
  },
  'other-way': (watch) => {
    comes(watch, shown('Hamlet', HAMLET));
    return { ...incoming, about: 'occupant', who: 'Hamlet' };
  },
  'before-join': (watch) => {
    const both = linked();
    both.wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    watch(both.denmark);
    both.denmark.send(enters(HAMLET, ELSINORE, 'Hamlet'));
    both.wonderland.inject(DENMARK, shown('Alice', ALICE));
    both.world.settle();
    return { ...incoming, about: 'occupant', who: 'Alice' };
  },
  'older-subject': (watch) => {
    const both = scene(watch, { coalesce: 0 });
    both.denmark.say(setsSubject(HAMLET, ELSINORE, 'new'));
    both.wonderland.inject(DENMARK, subject('old', delay('2020-01-01T00:00:00Z')));
    both.world.settle();
    return { ...incoming, about: 'subject', who: 'Alice' };
  },
  'same-subject': (watch) => {
    sends(accepted(watch), subject('tea'));
    return { ...incoming, about: 'subject' };
  },
  unreadable: (watch) => {
    comes(watch, '<message/>', 'What words?');
    return { peer: WONDERLAND, room: null, direction: 'in', detail: expect.any(String) as string };
  },
  'too-large': (watch) => {
    comes(watch, '<message/>', `<message><body>${'x'.repeat(300_000)}</body></message>`);
    return { peer: WONDERLAND, direction: 'in', detail: expect.stringContaining('262144 bytes') as string };
  },
  'refused-there': (watch) => {
    const condition = "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
    comes(watch, '<message/>', `<stream:error xmlns:stream='${NS.streams}'>${condition}</stream:error>`);
    return { peer: WONDERLAND, direction: 'out', detail: expect.stringContaining('limit') as string };
  },
  'wrong-address': (watch) => {
    comes(watch, aliceSays('lost').replace(`to='${ELSINORE}'`, "to='x@elsewhere.lit'"));
    return { peer: WONDERLAND, direction: 'in', about: 'message' };
  },
  'wrong-way': (watch) => {
    comes(watch, aliceSays('astray').replace(`from='${RABBITHOLE}/`, "from='x@elsewhere.lit/"));
    return { ...incoming, about: 'message' };
  },
  'not-kept': (watch) => {
    const both = scene(watch, { coalesce: 0 });
    both.denmark.store.full = true;
    both.wonderland.inject(DENMARK, aliceSays('full', id(RABBITHOLE, '~7')));
    both.world.settle();
    return { ...incoming, about: 'message', who: 'Alice' };
  },
  'not-federating': (watch) => {
    comes(watch, aliceSays('nowhere').replace(`to='${ELSINORE}'`, `to='moor@${DENMARK}'`));
    return { ...incoming, room: `moor@${DENMARK}`, about: 'message' };
  },
  'not-a-node': (watch) => {
    const both = gathered();
    watch(both.denmark, 'denmark.lit');
    both.denmark.say(aliceSays('as a user').replace(`from='${RABBITHOLE}/`, "from='room@denmark.lit/"));
    return { peer: 'denmark.lit', direction: 'in', about: 'message' };
  },
  'join-refused': (watch) => {
    comes(watch, nodeJoins(OTHER, ELSINORE, 'Hatter', HATTER));
    return { ...incoming, about: 'join', who: 'Hatter', detail: expect.stringContaining('does not accept') as string };
  },
  'not-understood': (watch) => {
    comes(watch, `<presence from='${RABBITHOLE}/Alice' to='${ELSINORE}'><fmuc xmlns='${NS.fmuc}'/></presence>`);
    return { ...incoming, about: 'occupant' };
  },
  'not-asked': (watch) => {
    comes(watch, `<presence from='${OTHER}' to='${ELSINORE}'><fmuc xmlns='${NS.fmuc}'><left/></fmuc></presence>`);
    return { ...incoming, about: 'left' };
  },
  'not-a-member': (watch) => {
    comes(watch, aliceSays('hello').replace(RABBITHOLE, OTHER));
    return { ...incoming, about: 'message' };
  },
  'not-trusted': (watch) => {
    comes(watch, shown('Mallory', 'mallory@evil.lit/x'));
    return { ...incoming, who: 'Mallory', detail: 'it may not speak for mallory@evil.lit' };
  },
  'not-its-nick': (watch) => {
    sends(accepted(watch), aliceSays('as you', '', 'Hamlet'));
    return { ...incoming, about: 'message', who: 'Hamlet' };
  },
  'nick-taken': (watch) => {
    const both = gathered({ coalesce: 0 });
    watch(both.wonderland);
    both.denmark.inject(
      WONDERLAND,
      `<presence from='${ELSINORE}/Alice' to='${RABBITHOLE}/Alice'>${fmuc(HAMLET)}</presence>`,
    );
    both.world.settle();
    return { about: 'occupant', who: 'Alice', peer: DENMARK, direction: 'in' };
  },
  'nick-unfit': (watch) => {
    comes(watch, `<presence from='${RABBITHOLE}' to='${ELSINORE}'>${fmuc(HATTER)}</presence>`);
    return { ...incoming, about: 'occupant' };
  },
  'room-full': (watch) => {
    const both = scene(watch, { coalesce: 0 });
    for (let number = 0; number < MAX_OCCUPANTS; number++)
      both.wonderland.inject(DENMARK, shown(`P${number}`, `p${number}@wonderland.lit/r`));
    both.world.settle();
    return { ...incoming, about: 'occupant' };
  },
  'long-subject': (watch) => {
    comes(watch, subject('x'.repeat(4097)));
    return { ...incoming, about: 'subject' };
  },
  retraction: (watch) => {
    const retract = `<retract xmlns='${NS.retract}' id='x'><moderated xmlns='urn:xmpp:message-moderate:1' by='${RABBITHOLE}/Alice'/></retract>`;
    comes(
      watch,
      `<message from='${RABBITHOLE}' to='${ELSINORE}' type='groupchat'>${fmuc(RABBITHOLE)}${retract}</message>`,
    );
    return incoming;
  },
  moderation: (watch) => {
    const both = scene(watch, { coalesce: 0 });
    both.wonderland.say(givesRole(ALICE, RABBITHOLE, 'Hamlet', 'none'));
    return { ...incoming, about: 'leave', detail: expect.stringContaining('moderate = true') as string };
  },
  'private-refused': (watch) => {
    comes(
      watch,
      `<message from='${RABBITHOLE}/Alice' to='${ELSINORE}/Nobody' type='chat'>${fmuc(ALICE)}<body>psst</body></message>`,
    );
    return { ...incoming, about: 'private', who: 'Alice', detail: 'item-not-found' };
  },
  'too-many-held': (watch) => {
    const tree = replicas('a', 'b');
    watch(tree.node('b'));
    for (let number = 0; number <= MAX_HELD; number++) tree.node('b').send(says(user('b'), room('b'), `${number}`));
    return { about: 'message', who: 'B', peer: 'rooms.a.lit' };
  },
  'primary-away': (watch) => {
    const tree = replicas('a', 'b');
    watch(tree.node('b'));
    tree.world.wire('rooms.a.lit', 'rooms.b.lit').hold(LONG);
    tree.world.settle(1000);
    tree.node('b').say(says(user('b'), room('b'), 'Words'));
    return { about: 'message', who: 'B', peer: 'rooms.a.lit' };
  },
  'occupant-away': (watch) => {
    const both = scene(watch);
    cut(both);
    both.denmark.say(whispers(HAMLET, ELSINORE, 'Alice', 'psst'));
    return { about: 'private', who: 'Hamlet' };
  },
  'openfire-private': (watch) => {
    const { gateway } = together(linkedOpenfire());
    watch(gateway);
    gateway.say(whispers(HAMLET, ELSINORE, 'Juliet', 'psst'));
    return { about: 'private', who: 'Hamlet' };
  },
};
