import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/lib/journal.ts';
import { MAX_REMEMBERED_IDS, OccupantIds } from '../../src/muc/occupant-id.ts';
import { Turn } from '../../src/muc/turn.ts';
import { attribute, type Element, findChild, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import {
  ALICE,
  drop,
  ELSINORE,
  enters,
  fmuc,
  HAMLET,
  nodeJoins,
  pair,
  RABBITHOLE,
  says,
  WONDERLAND,
} from '../support/nodes.ts';
import { CRONE1, HAG, ROOM, RoomStory, WICCA } from '../support/room-story.ts';
import { VirtualWorld } from '../support/virtual.ts';

/* XEP-0421: who is who, without a word of who that is. */

const PHONE = 'hag66@shakespeare.lit/phone';
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };
const FORGED = `<occupant-id xmlns='${NS.occupantId}' id='forged'/>`;

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

const message = (jid: string, content: string, to = ROOM, type = 'groupchat'): string =>
  `<message from='${jid}' to='${to}' type='${type}'>${content}</message>`;

/** A presence that changes nothing, and is shown to everyone all the same. */
const here = (jid: string, nick: string): string => `<presence from='${jid}' to='${ROOM}/${nick}'/>`;

/** The one id that a stanza has. */
function idOf(stanza: Element | undefined): string {
  const ids = findChildren(stanza as Element, 'occupant-id', NS.occupantId).map((child) => attribute(child, 'id'));
  expect(ids).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
  return ids[0] ?? '';
}

/** The id of the last presence that somebody has got of a nick. */
function shown(story: RoomStory, viewer: string, nick: string): string {
  const presence = story.gateway
    .take(viewer)
    .findLast(({ name, attrs }) => name === 'presence' && attrs['from'] === `${ROOM}/${nick}`);
  return idOf(presence);
}

describe('§4.1 an id of an occupant', () => {
  it('stands in every presence and message of theirs, one in each, and is the same in all', () => {
    const story = new RoomStory().enter(CRONE1, 'firstwitch').send(enters(HAG, ROOM, 'thirdwitch'));
    const all = (viewer: string): Element[] =>
      story.gateway.take(viewer).filter(({ attrs }) => (attrs['from'] as string).startsWith(`${ROOM}/third`));
    const entered = all(CRONE1);
    const id = idOf(entered[0]);
    expect(idOf(all(HAG)[0])).toBe(id);
    story.configure(CRONE1, { 'muc#roomconfig_changesubject': '1' }).forget();
    story.send(
      message(HAG, '<body>Harpier cries</body>'),
      message(HAG, `<composing xmlns='http://jabber.org/protocol/chatstates'/>`),
      message(HAG, '<subject>Fire burn</subject>'),
      message(HAG, '<body>wind</body>', `${ROOM}/firstwitch`, 'chat'),
      `<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>xa</show></presence>`,
      `<presence from='${HAG}' to='${ROOM}/thirdhag'/>`,
      `<presence from='${HAG}' to='${ROOM}/thirdhag' type='unavailable'/>`,
    );
    const came = all(CRONE1);
    expect(came).toHaveLength(8);
    expect(came.map(idOf)).toEqual(came.map(() => id));
  });

  it('stands in what a newcomer gets: presence, history and subject', () => {
    const story = coven();
    story.send(message(HAG, '<body>when?</body>'), message(CRONE1, '<subject>Fire burn</subject>'));
    const hag = shown(story.send(here(HAG, 'thirdwitch')), CRONE1, 'thirdwitch');
    const crone = shown(story.send(here(CRONE1, 'firstwitch')), HAG, 'firstwitch');
    story.forget();
    expect(hag).not.toBe(crone);
    const came = story.send(enters(WICCA, ROOM, 'secondwitch')).gateway.take(WICCA);
    const told = came.map((stanza) => `${stanza.name} ${(stanza.attrs['from'] as string).slice(ROOM.length + 1)}`);
    expect(told).toEqual([
      'presence firstwitch',
      'presence thirdwitch',
      'presence secondwitch',
      'message thirdwitch',
      'message firstwitch',
    ]);
    const [one, three, , said, subject] = came.map(idOf);
    expect([one, three, said, subject]).toEqual([crone, hag, hag, crone]);
  });

  it('is the same for every nick and client of a bare JID, and in every visit', () => {
    const story = coven();
    const id = shown(story.send(enters(PHONE, ROOM, 'thirdwitch')), CRONE1, 'thirdwitch');
    expect(shown(story.enter(PHONE, 'other').send(here(PHONE, 'other')), CRONE1, 'other')).toBe(id);
    story.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`).forget();
    expect(shown(story.send(enters(HAG, ROOM, 'again')), CRONE1, 'again')).toBe(id);
  });

  it('is another one for somebody else, and in another room', () => {
    const story = coven();
    const id = shown(story.send(here(HAG, 'thirdwitch')), CRONE1, 'thirdwitch');
    story.send(enters(WICCA, ROOM, 'secondwitch'));
    const other = shown(story, CRONE1, 'secondwitch');
    story.send(enters(HAG, 'heath@chat.shakespeare.lit', 'thirdwitch'));
    const elsewhere = idOf(story.gateway.take(HAG).findLast(({ name }) => name === 'presence'));
    expect(new Set([id, other, elsewhere]).size).toBe(3);
  });

  it('stays the same over restarts, though no process knows what another one was born with', () => {
    const story = coven().configure(CRONE1, PERSISTENT).forget();
    story.send(message(HAG, '<body>when?</body>'));
    const id = idOf(story.gateway.take(CRONE1)[0]);
    const again = story.restarted().restarted();
    const came = again.send(enters(HAG, ROOM, 'thirdwitch')).gateway.take(HAG);
    expect(came.slice(0, 2).map(idOf)).toEqual([id, id]);
    const world = new VirtualWorld();
    world.gateway('rooms.denmark.lit');
    const stranger = new RoomStory({}, undefined, world).send(enters(HAG, ROOM, 'thirdwitch'));
    expect(shown(stranger, HAG, 'thirdwitch')).not.toBe(id);
  });

  it('cannot be made from what people know', () => {
    const id = shown(new RoomStory().send(enters(HAG, ROOM, 'thirdwitch')), HAG, 'thirdwitch');
    const guesses = ['', `${ROOM}\0`, ROOM, `${ROOM}/`].flatMap((before) =>
      ['sha1', 'sha256'].map((hash) =>
        createHash(hash).update(`${before}hag66@shakespeare.lit`).digest('base64url').slice(0, 22),
      ),
    );
    expect(guesses).not.toContain(id);
  });

  it('that somebody sends is replaced, in presence and in every kind of message', () => {
    const story = coven();
    story.send(
      message(HAG, `<body>x</body>${FORGED}${FORGED}`),
      message(HAG, `<body>x</body>${FORGED}`, `${ROOM}/firstwitch`, 'chat'),
      message(CRONE1, `<subject>x</subject>${FORGED}`),
      `<presence from='${HAG}' to='${ROOM}/thirdwitch'>${FORGED}</presence>`,
    );
    const came = story.gateway.take(CRONE1);
    expect(came).toHaveLength(4);
    for (const stanza of came) expect(idOf(stanza)).not.toBe('forged');
    expect(story.gateway.store.messages(ROOM).map(({ stanza }) => stanza)).toEqual([
      '<message><body>x</body></message>',
    ]);
  });

  it('is not one of the room itself, which is nobody', () => {
    const story = new RoomStory().send(enters(CRONE1, ROOM, 'firstwitch'));
    const subject = story.gateway.take(CRONE1).find(({ name }) => name === 'message');
    expect(findChild(subject as Element, 'occupant-id', NS.occupantId)).toBeUndefined();
  });
});

it('§3 it is discovered at the room and, since every room has it, at the service (§5)', () => {
  const story = coven();
  for (const to of [ROOM, 'chat.shakespeare.lit']) {
    story.send(`<iq from='${HAG}' to='${to}' type='get' id='d'><query xmlns='${NS.discoInfo}'/></iq>`);
    expect(story.gateway.takeText(HAG).at(-1)).toContain(`<feature var="${NS.occupantId}"/>`);
  }
});

describe('on several nodes', () => {
  it('people elsewhere have one of our room, and none crosses', () => {
    const { world, denmark, wonderland } = pair();
    wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
    denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
    world.settle(60_000);
    const alice = denmark.take(HAMLET).findLast(({ attrs }) => attrs['from'] === `${ELSINORE}/Alice`);
    const there = idOf(wonderland.take(ALICE).findLast(({ attrs }) => attrs['from'] === `${RABBITHOLE}/Alice`));
    const id = idOf(alice);
    expect(id).not.toBe(there);
    wonderland.say(says(ALICE, RABBITHOLE, 'Twinkle'));
    denmark.say(says(HAMLET, ELSINORE, `Words</body>${FORGED}<body>`));
    wonderland.say(
      `<message from='${ALICE}' to='${RABBITHOLE}/Hamlet' type='chat'><body>psst</body>${FORGED}</message>`,
    );
    world.settle(60_000);
    const came = denmark.take(HAMLET).filter(({ attrs }) => attrs['from'] === `${ELSINORE}/Alice`);
    expect(came.map(idOf)).toEqual([id, id]);
    const crossed = [...denmark.crossed, ...wonderland.crossed].filter((text) => !text.startsWith('<iq'));
    for (const word of ['Twinkle', 'Words', 'psst', '<presence']) expect(crossed.join('')).toContain(word);
    expect(crossed.join('')).not.toContain('occupant-id');
  });

  it('one that another node sends is replaced, by theirs, which they have whatever way they come', () => {
    const world = new VirtualWorld();
    const gateway = world.gateway('rooms.wonderland.lit', {
      ...WONDERLAND,
      gateway: {},
      links: [],
      rooms: [{ name: 'rabbithole', accept: [ELSINORE] }],
    });
    gateway.say(enters(ALICE, RABBITHOLE, 'Alice'));
    gateway.say(nodeJoins(ELSINORE, RABBITHOLE, 'Hamlet', HAMLET).replace('<x xmlns', `${FORGED}<x xmlns`));
    gateway.say(`<message from='${ELSINORE}/Hamlet' to='${RABBITHOLE}' type='groupchat'>${fmuc(HAMLET)}
      <body>Words</body>${FORGED}</message>`);
    const came = gateway.take(ALICE).filter(({ attrs }) => attrs['from'] === `${RABBITHOLE}/Hamlet`);
    const [presence, said] = came.map(idOf);
    expect(presence).toBe(said);
    expect(presence).not.toBe('forged');
    gateway.say(
      `<presence from='${ELSINORE}/Hamlet' to='${RABBITHOLE}/Hamlet' type='unavailable'>${fmuc(HAMLET)}</presence>`,
    );
    drop(gateway);
    gateway.say(enters('hamlet@denmark.lit/ship', RABBITHOLE, 'Prince'));
    expect(idOf(gateway.take(ALICE)[0])).toBe(presence);
  });
});

it('XEP-0317 hats that somebody puts on by themselves are taken off', () => {
  const hats = `<hats xmlns='urn:xmpp:hats:0'><hat title='Host' uri='http://schemas.example.com/hats#host'/></hats>`;
  const story = coven().send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>xa</show>${hats}</presence>`);
  const [text = ''] = story.gateway.takeText(CRONE1);
  expect(text).toContain('<show>xa</show>');
  expect(text).not.toContain('hats');
});

it(`no more than ${MAX_REMEMBERED_IDS} are remembered, and one that is forgotten is made again the same`, () => {
  const ids = new OccupantIds();
  const first = ids.of(ROOM, 'hag0@shakespeare.lit');
  for (let count = 1; count <= 2 * MAX_REMEMBERED_IDS; count++) ids.of(ROOM, `hag${count}@shakespeare.lit`);
  expect(ids.remembered).toBe(MAX_REMEMBERED_IDS);
  expect(ids.of(ROOM, 'hag0@shakespeare.lit')).toBe(first);
});

it('a store that keeps a secret is told none', () => {
  const turn = new Turn(0, new Journal());
  const ids = new OccupantIds();
  ids.restore(turn, { note: () => 'kept' }, new Uint8Array(32));
  expect(turn.effects).toEqual([]);
});
