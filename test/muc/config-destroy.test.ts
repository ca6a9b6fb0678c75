import { describe, expect, it } from 'vitest';
import { MAX_FIELD_LENGTH } from '../../src/muc/form-field.ts';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, done, HAG, ROOM, RoomStory, refusal } from '../support/room-story.ts';

/* XEP-0045 §10.9: destroying a room. */

const PHONE = 'hag66@shakespeare.lit/phone';
const GERTRUDE = 'gertrude@shakespeare.lit/throne';

function destroys(jid: string, inside: string): string {
  return `<iq from='${jid}' to='${ROOM}' type='set' id='q'><query xmlns='${NS.mucOwner}'>${inside}</query></iq>`;
}

const gone = (nick: string, jid: string, destroy: string): string =>
  `<presence from='${ROOM}/${nick}' type='unavailable'><x xmlns='${NS.mucUser}'>
  <item affiliation='none' role='none' jid='${jid}'/><status code='110'/>${destroy}</x></presence>`;

const coven = (): RoomStory =>
  new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch').enter(PHONE, 'thirdwitch');

describe('§10.9 an owner destroys the room', () => {
  it.each([
    ['<destroy/>'],
    [`<destroy><reason>Macbeth doth come.</reason></destroy>`],
    [`<destroy jid='heath@chat.shakespeare.lit'/>`],
    [
      `<destroy jid='heath@chat.shakespeare.lit'><password>open</password><reason>Macbeth doth come.</reason></destroy>`,
    ],
  ])('%s reaches every client of every occupant, once', (destroy) => {
    const story = coven().send(destroys(CRONE1, destroy));
    story.expectAll({
      [CRONE1]: [gone('firstwitch', CRONE1, destroy), done('q')],
      [HAG]: [gone('thirdwitch', HAG, destroy)],
      [PHONE]: [gone('thirdwitch', HAG, destroy)],
    });
    expect(story.room).toBeUndefined();
  });

  it('a persistent one is gone for good, with all that was said; its address is free', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' });
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>Hail!</body></message>`);
    story.send(destroys(CRONE1, '<destroy/>'));
    const again = story.restarted();
    expect(again.room).toBeUndefined();
    expect(again.gateway.store.messages(ROOM)).toEqual([]);
    again.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><x xmlns='${NS.muc}'/></presence>`);
    expect(again.gateway.takeText(HAG)[0]).toContain('<status code="201"/>');
  });

  it('an owner who is not in it, too', () => {
    const story = coven().send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='unavailable'/>`).forget();
    story.send(destroys(CRONE1, '<destroy/>'));
    story.expectAll({
      [CRONE1]: [done('q')],
      [HAG]: [gone('thirdwitch', HAG, '<destroy/>')],
      [PHONE]: [gone('thirdwitch', HAG, '<destroy/>')],
    });
  });

  it('nobody else: forbidden', () => {
    const story = coven().admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='admin'/>`).forget();
    story.send(destroys(HAG, '<destroy/>')).expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
    expect(story.room).toBeDefined();
  });

  it.each([
    [`<destroy jid='@@'/>`, 'jid-malformed'],
    [`<destroy><reason>${'x'.repeat(MAX_FIELD_LENGTH + 1)}</reason></destroy>`, 'not-acceptable'],
    [`<destroy><password>${'x'.repeat(MAX_FIELD_LENGTH + 1)}</password></destroy>`, 'not-acceptable'],
  ])('%.60s… is %s, and the room stays', (destroy, condition) => {
    const story = coven().send(destroys(CRONE1, destroy));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', condition, 'q')] });
    expect(story.room).toBeDefined();
  });

  it('a room of the file is not destroyed, and stays persistent', () => {
    const file = { gateway: { admins: ['gertrude@shakespeare.lit'] }, rooms: [{ name: 'coven' }] };
    const story = new RoomStory(file).send(destroys(GERTRUDE, '<destroy/>'));
    story.expectAll({ [GERTRUDE]: [refusal('iq', ROOM, 'cancel', 'not-allowed', 'q')] });
    story.configure(GERTRUDE, { 'muc#roomconfig_persistentroom': '0' });
    story.expectAll({ [GERTRUDE]: [refusal('iq', ROOM, 'cancel', 'not-allowed', 'config')] });
    expect(story.room?.settings.persistent).toBe(true);
  });

  it('one that the store cannot forget is there still, with everyone in it', () => {
    const story = coven();
    story.gateway.store.full = true;
    story.send(destroys(CRONE1, '<destroy/>'));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'wait', 'resource-constraint', 'q')] });
    expect(story.room?.occupants.size).toBe(2);
  });
});
