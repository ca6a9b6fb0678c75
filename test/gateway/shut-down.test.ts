import { expect, it } from 'vitest';
import { parseElement } from '../../src/xml/parse.ts';
import { ALICE, brief, drop, ELSINORE, enters, HAMLET, OPHELIA, pair, RABBITHOLE } from '../support/nodes.ts';
import { CRONE1, HAG, presence, RoomStory } from '../support/room-story.ts';
import { certificate, VirtualWorld } from '../support/virtual.ts';
import { VirtualServer } from '../support/virtual-server.ts';

/* XEP-0045 §11.2: what users hear when the service shuts down, and what nobody is to take for their leaving. */

const PHONE = 'hag66@shakespeare.lit/phone';
const at = (port: number) => ({ host: '127.0.0.1', port });

it('§11.2 every client is told that it is out of the room, by 332, and of nobody else', () => {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' });
  story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='member'/>`);
  story.enter(HAG, 'thirdwitch').enter(PHONE, 'thirdwitch').forget();
  const { rooms } = story.gateway.store;
  story.gateway.stop();
  const gone = { role: 'none', type: 'unavailable', codes: [110, 332] } as const;
  const hag = presence('thirdwitch', { ...gone, affiliation: 'member', jid: HAG });
  story.expectAll({
    [CRONE1]: [presence('firstwitch', { ...gone, affiliation: 'owner', jid: CRONE1 })],
    [HAG]: [hag],
    [PHONE]: [hag],
  });
  expect(story.gateway.store.rooms).toEqual(rooms);
  const again = story.restarted();
  expect(again.room?.occupants.size).toBe(0);
  expect(again.room?.affiliations.get('hag66@shakespeare.lit')).toEqual({ affiliation: 'member' });
});

it('what is said of it crosses no link: another node keeps the occupants for its grace', () => {
  const { world, denmark, wonderland } = pair();
  for (const [jid, nick] of [
    [HAMLET, 'Hamlet'],
    [OPHELIA, 'Ophelia'],
  ] as const)
    denmark.say(enters(jid, ELSINORE, nick));
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  drop(denmark, wonderland);
  denmark.stop();
  world.settle();
  expect(brief(denmark.take(HAMLET))).toEqual(['presence unavailable Hamlet 110,332']);
  expect(brief(denmark.take(OPHELIA))).toEqual(['presence unavailable Ophelia 110,332']);
  expect(denmark.crossed.filter((text) => !text.includes('stream'))).toEqual([]);
  expect(brief(wonderland.take(ALICE))).toEqual([]);
  const there = wonderland.core.service.get(RABBITHOLE);
  expect([...(there?.occupants.keys() ?? [])].toSorted()).toEqual(['Alice', 'Hamlet', 'Ophelia']);
});

it('who has come through a link isn’t told through it', () => {
  const { world, denmark, wonderland } = pair();
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  wonderland.inject('rooms.denmark.lit', enters(ALICE, ELSINORE, 'Alice'));
  world.settle();
  expect(denmark.core.service.get(ELSINORE)?.sessions()).toEqual([HAMLET, ALICE]);
  const effects = denmark.core.stop(world.now);
  const posted = effects.flatMap((effect) => (effect.kind === 'post' ? effect.postings : []));
  expect(posted.filter((posting) => !('discard' in posting))).toEqual([]);
  expect(effects.filter((effect) => effect.kind === 'write' && String(effect.data).includes(HAMLET))).toHaveLength(1);
});

it('whose server has a stream of its own hears of it before the stream ends, and none is opened to tell', () => {
  const world = new VirtualWorld();
  const gateway = world.gateway('rooms.denmark.lit', {
    component: false,
    certificate: certificate('ab'.repeat(32), 'rooms.denmark.lit'),
    gateway: { localDomains: ['denmark.lit'] },
    s2s: { listen: [at(5269)], hosts: { 'denmark.lit': at(5001), 'wonderland.lit': at(5002) } },
    rooms: [{ name: 'elsinore' }],
  });
  const denmark = new VirtualServer(world, 'denmark.lit', 5001, { 'rooms.denmark.lit': 5269 });
  denmark.say(parseElement(enters(HAMLET, ELSINORE, 'Hamlet')));
  denmark.take(HAMLET);
  const room = gateway.core.service.get(ELSINORE);
  const hamlet = room?.occupants.get('Hamlet');
  if (hamlet !== undefined) room?.put({ ...hamlet, nick: 'Alice', sessions: [ALICE] });
  const effects = gateway.core.stop(world.now);
  expect(effects.filter(({ kind }) => kind === 'open' || kind === 'resolve' || kind === 's2s-send')).toEqual([]);
  const written = effects.flatMap((effect) => (effect.kind === 'write' ? [String(effect.data)] : []));
  expect(written.join('')).toMatch(/<presence [^>]*to="hamlet@denmark.lit\/castle"[^]*<status code="332"\/>/);
  expect(written.join('')).not.toContain('alice');
});
