import { describe, expect, it } from 'vitest';
import { MAX_PHOTOS, MAX_VCARD_CHARACTERS } from '../../src/muc/vcard.ts';
import { NS } from '../../src/xml/names.ts';
import { DamagedTextError, parseElement } from '../../src/xml/parse.ts';
import { ALICE, ELSINORE, enters, HAMLET, pair, RABBITHOLE } from '../support/nodes.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0486 with XEP-0054 and XEP-0153: a room's avatar. The pictures and their hashes are those of its examples. */

const SVG =
  'PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIzMiIgaGVpZ2h0PSIzMiI+CiA8cmVjdCB4PSIwIiB5PSIwIiB3aWR0aD0iMzIiIGhlaWdodD0iMzIiIGZpbGw9InJlZCIvPgo8L3N2Zz4K';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAB3RJTUUH4ggVERoVAPsrMgAAAAlwSFlzAAALEgAACxIB0t1+/AAAABl0RVh0U29mdHdhcmUAd3d3Lmlua3NjYXBlLm9yZ5vuPBoAAAAEZ0FNQQAAsY8L/GEFAAAAIGNIUk0AAHomAACAhAAA+gAAAIDoAAB1MAAA6mAAADqYAAAXcJy6UTwAAAAGUExURf8AAP///0EdNBEAAAABYktHRAH/Ai3eAAAADElEQVQI12NgGNwAAACgAAFhJX1HAAAAAElFTkSuQmCC';
const SVG_HASH = 'a31c4bd04de69663cfd7f424a8453f4674da37ff';
const PNG_HASH = 'b9b256f999ded52c2fa14fb007c2e5b979450cbb';
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };

const photo = (data: string, type = 'image/svg+xml'): string =>
  `<PHOTO><TYPE>${type}</TYPE><BINVAL>${data}</BINVAL></PHOTO>`;
const vcard = (content: string): string => `<vCard xmlns='vcard-temp'>${content}</vCard>`;
const EMPTY = `<vCard xmlns='vcard-temp'/>`;
const sets = (from: string, payload: string, to = ROOM): string =>
  `<iq from='${from}' to='${to}' type='set' id='set'>${payload}</iq>`;
const gets = (from: string, to = ROOM): string => `<iq from='${from}' to='${to}' type='get' id='get'>${EMPTY}</iq>`;
const got = (payload: string): string => `<iq from='${ROOM}' type='result' id='get'>${payload}</iq>`;
const shows = (hash: string): string =>
  `<presence from='${ROOM}'><x xmlns='vcard-temp:x:update'>${hash === '' ? '<photo/>' : `<photo>${hash}</photo>`}</x></presence>`;
const changed = `<message from='${ROOM}' type='groupchat'><x xmlns='${NS.mucUser}'><status code='104'/></x></message>`;
const none = refusal('iq', ROOM, 'cancel', 'service-unavailable', 'get');

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

/** What service discovery tells of the room. */
function info(story: RoomStory): string {
  story.send(`<iq from='${WICCA}' to='${ROOM}' type='get' id='d'><query xmlns='${NS.discoInfo}'/></iq>`);
  return story.gateway.takeText(WICCA)[0] ?? '';
}

it('§3.1 the service and its rooms tell that rooms can have one', () => {
  const story = coven();
  for (const to of [ROOM, 'chat.shakespeare.lit']) {
    story.send(`<iq from='${HAG}' to='${to}' type='get' id='d'><query xmlns='${NS.discoInfo}'/></iq>`);
    expect(story.gateway.takeText(HAG)[0]).toContain('<feature var="vcard-temp"/>');
  }
});

describe('§3.2 publishing an avatar', () => {
  it('an owner does it, and everyone is told', () => {
    const told = [shows(SVG_HASH), changed];
    coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .expectAll({ [CRONE1]: [...told, done('set')], [HAG]: told });
  });

  it('an empty vCard takes it away', () => {
    const story = coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget();
    const told = [shows(''), changed];
    story.send(sets(CRONE1, EMPTY)).expectAll({ [CRONE1]: [...told, done('set')], [HAG]: told });
    story.send(gets(HAG)).expectAll({ [HAG]: [none] });
    expect(info(story)).not.toContain('avatarhash');
    expect(story.gateway.store.vcard(ROOM)).toBeUndefined();
  });

  it('a vCard without a photo is one all the same, and says nothing of an avatar', () => {
    const card = vcard(`<FN>The coven</FN><PHOTO><BINVAL/></PHOTO>`);
    const story = coven().send(sets(CRONE1, card));
    story.expectAll({ [CRONE1]: [changed, done('set')], [HAG]: [changed] });
    story.send(gets(HAG)).expectAll({ [HAG]: [got(card)] });
    expect(info(story)).not.toContain('avatarhash');
  });

  it.each([
    ['somebody who is in the room but no owner', HAG],
    ['somebody who is not', WICCA],
  ])('%s may not', (_, jid) => {
    const story = coven().send(sets(jid, vcard(photo(SVG))));
    story.expectAll({ [jid]: [refusal('iq', ROOM, 'auth', 'forbidden', 'set')] });
    story.send(gets(HAG)).expectAll({ [HAG]: [none] });
  });

  it.each([
    ['not in base64', vcard(photo('PHN2Zy!')), 'bad-request'],
    ['cut short', vcard(photo(SVG.slice(0, -1))), 'bad-request'],
    [`one of more than ${MAX_PHOTOS}`, vcard(photo(SVG).repeat(MAX_PHOTOS + 1)), 'bad-request'],
    ['too large', vcard(photo('A'.repeat(MAX_VCARD_CHARACTERS))), 'policy-violation'],
  ])('a photo that is %s is refused, and the one before stays', (_, payload, condition) => {
    const story = coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget()
      .send(sets(CRONE1, payload));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', condition, 'set')] });
    story.send(gets(HAG)).expectAll({ [HAG]: [got(vcard(photo(SVG)))] });
    expect(info(story)).toContain(SVG_HASH);
  });

  it('the largest of all is taken', () => {
    const rest = JSON.stringify(vcard(photo(''))).length - 2;
    const data = 'AAAA'.repeat(Math.floor((MAX_VCARD_CHARACTERS - rest) / 4));
    const story = coven().send(sets(CRONE1, vcard(photo(data))));
    expect(story.gateway.takeText(CRONE1).at(-1)).toContain('type="result"');
    story
      .forget()
      .send(gets(HAG))
      .expectAll({ [HAG]: [got(vcard(photo(data)))] });
  });

  it('while the disk is full is refused, and nothing is half done', () => {
    const story = coven();
    story.gateway.store.full = true;
    story.send(sets(CRONE1, vcard(photo(SVG))));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'wait', 'resource-constraint', 'set')] });
    story.gateway.store.full = false;
    story.send(gets(HAG)).expectAll({ [HAG]: [none] });
  });
});

describe('§3.3 discovering an avatar', () => {
  it('§5.1 its hashes stand in muc#roominfo, of each form that it has', () => {
    const story = coven().send(
      sets(CRONE1, vcard(photo(SVG) + photo(`\n  ${PNG.slice(0, 76)}\n  ${PNG.slice(76)}`, 'image/png'))),
    );
    const hashes = [SVG_HASH, PNG_HASH].map((hash) => `<value>${hash}</value>`).join('');
    expect(info(story.forget())).toContain(
      `<field var="muc#roominfo_avatarhash" type="text-multi" label="Avatar hash">${hashes}</field>`,
    );
  });

  it('§5.2 a newcomer is told in presence of the room, before anything of the room’s occupants', () => {
    const story = new RoomStory()
      .enter(CRONE1, 'firstwitch')
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget();
    story.send(enters(HAG, ROOM, 'thirdwitch')).expectAll({
      [CRONE1]: [presence('thirdwitch', { jid: HAG })],
      [HAG]: [
        shows(SVG_HASH),
        presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
        presence('thirdwitch', { jid: HAG, codes: [110, 170] }),
        `<message from='${ROOM}' type='groupchat'><subject/></message>`,
      ],
    });
  });

  it('the same picture again is no other avatar', () => {
    const story = coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget();
    story.send(sets(CRONE1, vcard(`<FN>The coven</FN>${photo(SVG)}`)));
    story.expectAll({ [CRONE1]: [changed, done('set')], [HAG]: [changed] });
  });
});

describe('§3.4 retrieving an avatar', () => {
  it('anybody gets it, in the room or not', () => {
    const story = coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget();
    story.send(gets(HAG), gets(WICCA));
    story.expectAll({ [HAG]: [got(vcard(photo(SVG)))], [WICCA]: [got(vcard(photo(SVG)))] });
  });

  it('that the store has damaged is the store’s fault, and whoever asks hears of it', () => {
    const story = coven()
      .send(sets(CRONE1, vcard(photo(SVG))))
      .forget();
    const { core, store, world } = story.gateway;
    store.commit([{ kind: 'vcard', room: ROOM, vcard: '<vCard><cut' }]);
    expect(() => story.send(gets(HAG))).toThrow(DamagedTextError);
    const request = { room: ROOM, stanza: parseElement(gets(HAG)) };
    const effects = core.rollback({ kind: 'vcard-read', request, vcard: '' }, 'internal', 'damaged', world.now);
    const written = effects.flatMap((effect) => (effect.kind === 'write' ? [String(effect.data)] : []));
    expect(written).toEqual([expect.stringMatching(/id="get".*to="hag66@.*<internal-server-error/)]);
  });

  it('XEP-0054 §3.3 of a room without one, of one that is not there and of one that is not open yet', () => {
    coven()
      .send(gets(HAG))
      .expectAll({ [HAG]: [none] });
    const locked = new RoomStory().send(enters(CRONE1, ROOM, 'firstwitch'), sets(CRONE1, vcard(photo(SVG)))).forget();
    locked.send(gets(HAG)).expectAll({ [HAG]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'get')] });
    locked.send(gets(CRONE1)).expectAll({ [CRONE1]: [got(vcard(photo(SVG)))] });
    const story = new RoomStory().send(gets(HAG));
    story.expectAll({ [HAG]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'get')] });
  });
});

describe('after a restart', () => {
  it('a persistent room has it, and one that has become persistent since', () => {
    for (const first of ['vcard', 'persistent']) {
      const story = coven();
      if (first === 'persistent') story.configure(CRONE1, PERSISTENT);
      story.send(sets(CRONE1, vcard(photo(SVG))));
      if (first === 'vcard') story.configure(CRONE1, PERSISTENT);
      const again = story.restarted();
      again.send(gets(WICCA)).expectAll({ [WICCA]: [got(vcard(photo(SVG)))] });
      expect(info(again)).toContain(SVG_HASH);
    }
  });

  it('a room that was to die with its last occupant has lost it, and so has one that has died', () => {
    const story = coven().send(sets(CRONE1, vcard(photo(SVG))));
    const again = story.restarted().enter(WICCA, 'secondwitch');
    again.send(gets(HAG)).expectAll({ [HAG]: [none] });
    again.send(sets(WICCA, vcard(photo(PNG)))).forget();
    again.send(`<presence from='${WICCA}' to='${ROOM}/secondwitch' type='unavailable'/>`).forget();
    expect(again.gateway.store.vcard(ROOM)).toBeUndefined();
    again
      .enter(HAG, 'thirdwitch')
      .send(gets(HAG))
      .expectAll({ [HAG]: [none] });
  });
});

it('another node hears nothing of it: each room of the set has its own', () => {
  const { world, denmark, wonderland } = pair({
    gateway: { admins: ['hamlet@denmark.lit'], localDomains: ['denmark.lit'] },
  });
  wonderland.say(enters(ALICE, RABBITHOLE, 'Alice'));
  denmark.say(enters(HAMLET, ELSINORE, 'Hamlet'));
  world.settle(60_000);
  denmark.crossed.length = 0;
  for (const jid of wonderland.recipients) wonderland.take(jid);
  denmark.say(sets(HAMLET, vcard(photo(SVG)), ELSINORE));
  expect(denmark.takeText(HAMLET).at(-1)).toContain('type="result"');
  world.settle(60_000);
  expect(denmark.crossed).toEqual([]);
  expect(wonderland.recipients).toEqual([]);
});
