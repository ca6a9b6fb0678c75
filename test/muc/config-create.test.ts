import { describe, expect, it } from 'vitest';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §10.1: creating a room, as it is or as its owner wants it. */

const JOIN = `<x xmlns='${NS.muc}'/>`;
const enters = (jid: string, nick: string): string => `<presence from='${jid}' to='${ROOM}/${nick}'>${JOIN}</presence>`;
const owner = (jid: string, type: 'get' | 'set', payload = ''): string =>
  `<iq from='${jid}' to='${ROOM}' type='${type}' id='q'><query xmlns='${NS.mucOwner}'>${payload}</query></iq>`;
const INSTANT = `<x xmlns='${NS.dataForms}' type='submit'/>`;
const CANCEL = `<x xmlns='${NS.dataForms}' type='cancel'/>`;
const OWNER = { affiliation: 'owner', role: 'moderator', jid: CRONE1 } as const;
const NO_SUBJECT = `<message from='${ROOM}' type='groupchat'><subject/></message>`;
const gone = `<presence from='${ROOM}/firstwitch' type='unavailable'><x xmlns='${NS.mucUser}'>
  <item affiliation='none' role='none' jid='${CRONE1}'/><status code='110'/><destroy/></x></presence>`;

function created(overrides = {}): RoomStory {
  return new RoomStory(overrides).send(enters(CRONE1, 'firstwitch'));
}

describe('§10.1.1 creating a room', () => {
  it('its creator is its owner and in it, and told that it is new (201); it is locked', () => {
    const story = created().expectAll({
      [CRONE1]: [presence('firstwitch', { ...OWNER, codes: [110, 170, 201] }), NO_SUBJECT],
    });
    expect(story.room?.locked).toBe(true);
    expect(story.room?.affiliations.get('crone1@shakespeare.lit')?.affiliation).toBe('owner');
  });

  it('until it is configured nobody else enters, not even who has created it at the same time', () => {
    const story = created().forget();
    story.send(enters(HAG, 'thirdwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'cancel', 'item-not-found')] });
    story.send(owner(HAG, 'set', INSTANT)).expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
    story.send(owner(HAG, 'get')).expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
    expect(story.room?.locked).toBe(true);
  });

  it.each([
    ['nobody', CRONE1],
    ['admins', CRONE1],
  ] as const)('create_rooms = %s: %s is refused, and there is no room', (createRooms, jid) => {
    const story = new RoomStory({ gateway: { createRooms } });
    story.send(enters(jid, 'firstwitch'), owner(jid, 'get'));
    story.expectAll({
      [jid]: [
        refusal('presence', `${ROOM}/firstwitch`, 'cancel', 'not-allowed'),
        refusal('iq', ROOM, 'cancel', 'not-allowed', 'q'),
      ],
    });
    expect(story.room).toBeUndefined();
  });

  it('create_rooms = admins: an admin of the gateway creates one', () => {
    const story = created({ gateway: { createRooms: 'admins', admins: ['crone1@shakespeare.lit'] } });
    expect(story.room?.locked).toBe(true);
  });
});

describe('§10.1.2 an instant room', () => {
  it('the empty form unlocks it as it is, and others enter', () => {
    const story = created().forget();
    const before = story.room?.settings;
    story.send(owner(CRONE1, 'set', INSTANT)).expectAll({ [CRONE1]: [done('q')] });
    expect(story.room).toMatchObject({ locked: false, settings: before });
    story.send(enters(HAG, 'thirdwitch'));
    expect(story.room?.occupants.size).toBe(2);
  });
});

describe('§10.1.3 a reserved room', () => {
  it('its form is given before it is there to whoever may create it, and makes nothing', () => {
    const story = new RoomStory().send(owner(CRONE1, 'get'));
    const [text = ''] = story.gateway.takeText(CRONE1);
    expect(text).toContain('type="result"');
    expect(text).toContain('var="muc#roomconfig_roomname"');
    expect(text).toContain('<value>crone1@shakespeare.lit</value>');
    expect(story.room).toBeUndefined();
    story.send(owner(CRONE1, 'set', INSTANT));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'q')] });
  });

  it('the form that its owner fills in is what it is like, and unlocks it', () => {
    const story = created().forget();
    story.configure(CRONE1, { 'muc#roomconfig_roomname': 'A Dark Cave', 'muc#roomconfig_moderatedroom': '1' });
    story.expectAll({ [CRONE1]: [done('config')] });
    expect(story.room).toMatchObject({ locked: false, settings: { name: 'A Dark Cave', moderated: true } });
  });

  it('§10.2.1 what concerns the owner’s privacy is told even so', () => {
    const story = created().forget();
    story.configure(CRONE1, { 'muc#roomconfig_enablelogging': '0', 'muc#roomconfig_whois': 'anyone' });
    const told = (code: number): string =>
      `<message from='${ROOM}' type='groupchat'><x xmlns='${NS.mucUser}'><status code='${code}'/></x></message>`;
    story.expectAll({ [CRONE1]: [told(171), told(172), done('config')] });
  });

  it('a form that cannot be leaves it locked', () => {
    const story = created().forget();
    story.configure(CRONE1, { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': '' });
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    expect(story.room?.locked).toBe(true);
  });

  it('its owner cancels: it is destroyed, and the owner is told', () => {
    const story = created()
      .forget()
      .send(owner(CRONE1, 'set', CANCEL));
    story.expectAll({ [CRONE1]: [gone, done('q')] });
    expect(story.room).toBeUndefined();
  });

  it.each([
    ['leaves', `<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='unavailable'/>`],
    [
      'is lost',
      `<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='error'><error type='cancel'><remote-server-not-found xmlns='${NS.stanzaErrors}'/></error></presence>`,
    ],
  ])('its owner %s before that: it is destroyed, with <destroy/> for the owner', (_, stanza) => {
    const story = created()
      .forget()
      .send(stanza)
      .expectAll({ [CRONE1]: [gone] });
    expect(story.room).toBeUndefined();
    story.send(enters(WICCA, 'secondwitch'));
    expect(story.room?.affiliations.get('wiccarocks@shakespeare.lit')?.affiliation).toBe('owner');
  });

  it('another client of the owner keeps it', () => {
    const again = 'crone1@shakespeare.lit/phone';
    const story = created().send(enters(again, 'firstwitch')).forget();
    story.send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='unavailable'/>`);
    expect(story.room?.locked).toBe(true);
    story.send(owner(again, 'set', INSTANT));
    expect(story.room?.locked).toBe(false);
  });

  it('a restart forgets a room that was never configured', () => {
    expect(created().restarted().room).toBeUndefined();
  });
});
