import { describe, expect, it } from 'vitest';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §10.2: what a change of the configuration brings for those who are in the room. */

type Fields = Readonly<Record<string, string | readonly string[]>>;

const ADMINS = 'muc#roomconfig_roomadmins';
const OWNERS = 'muc#roomconfig_roomowners';
const CRONE = 'crone1@shakespeare.lit';
const HAGGARD = 'hag66@shakespeare.lit';
const PHONE = 'hag66@shakespeare.lit/phone';
const MEMBERS_ONLY = 'muc#roomconfig_membersonly';
const told = (code: number): string =>
  `<message from='${ROOM}' type='groupchat'><x xmlns='${NS.mucUser}'><status code='${code}'/></x></message>`;

/** The first witch owns the room, the third is nobody in particular and there with two clients. */
function coven(fields: Fields = {}): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch').enter(PHONE, 'thirdwitch');
  return story.configure(CRONE1, fields).forget();
}

/** The third witch, as the owner sees her and as she sees herself. */
function third(item: { readonly affiliation?: string; readonly role?: string }): Record<string, string[]> {
  const jid = HAG;
  const inside = `<actor nick='firstwitch'/>`;
  const self = presence('thirdwitch', { ...item, jid, inside, codes: [110] });
  return {
    [CRONE1]: [presence('thirdwitch', { ...item, jid, inside }), done('config')],
    [HAG]: [self],
    [PHONE]: [self],
  };
}

/** The same where she has become a moderator: she sees real JIDs from now on. */
function thirdSeesJids(item: { readonly affiliation: string; readonly role: string }): Record<string, string[]> {
  const seen = presence('firstwitch', { affiliation: 'owner', role: 'moderator', jid: CRONE1 });
  const shown = third(item);
  return { ...shown, [HAG]: [...(shown[HAG] ?? []), seen], [PHONE]: [...(shown[PHONE] ?? []), seen] };
}

describe('§10.2.1 everyone is told of a change, at each client, each code in a message of its own', () => {
  it.each<[Fields, Fields, number[]]>([
    [{}, { 'muc#roomconfig_enablelogging': '0' }, [171]],
    [{ 'muc#roomconfig_enablelogging': '0' }, { 'muc#roomconfig_enablelogging': '1' }, [170]],
    [{}, { 'muc#roomconfig_whois': 'anyone' }, [172]],
    [{ 'muc#roomconfig_whois': 'anyone' }, { 'muc#roomconfig_whois': 'moderators' }, [173]],
    [{}, { 'muc#roomconfig_roomname': 'A Dark Cave' }, [104]],
    [{}, { 'muc#roomconfig_roomsecret': 'cauldronburn' }, [104]],
    [{}, { 'muc#roomconfig_moderatedroom': '1' }, [104]],
    [
      {},
      { 'muc#roomconfig_whois': 'anyone', 'muc#roomconfig_enablelogging': '0', 'muc#roomconfig_lang': 'en' },
      [171, 172, 104],
    ],
    [{}, { 'muc#roomconfig_publicroom': '1' }, []],
    [{}, {}, []],
  ])('%j, then %j: %j', (before, fields, codes) => {
    const all = codes.map(told);
    coven(before)
      .configure(CRONE1, fields)
      .expectAll({ [CRONE1]: [...all, done('config')], [HAG]: all, [PHONE]: all });
  });

  it('nobody but owners is shown the password', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_roomsecret': 'cauldronburn' });
    story.send(`<iq from='${HAG}' to='${ROOM}' type='get' id='q'><query xmlns='${NS.discoInfo}'/></iq>`);
    story.send(`<iq from='${HAG}' to='${ROOM}' type='get' id='q'><query xmlns='${NS.mucOwner}'/></iq>`);
    expect([...story.gateway.takeText(HAG), ...story.gateway.takeText(PHONE)].join('')).not.toContain('cauldronburn');
  });

  it('an owner who cancels leaves everything as it was', () => {
    const story = coven();
    const before = story.room?.settings;
    story.send(`<iq from='${CRONE1}' to='${ROOM}' type='set' id='q'><query xmlns='${NS.mucOwner}'>
      <x xmlns='${NS.dataForms}' type='cancel'/></query></iq>`);
    story.expectAll({ [CRONE1]: [done('q')] });
    expect(story.room?.settings).toBe(before);
  });
});

describe('§10.2 members-only', () => {
  it('those who are no members leave with 322, and everyone who stays is told so', () => {
    const story = coven().configure(CRONE1, { [MEMBERS_ONLY]: '1' });
    const gone = { role: 'none', jid: HAG, type: 'unavailable' } as const;
    const self = presence('thirdwitch', { ...gone, codes: [110, 322] });
    story.expectAll({
      [CRONE1]: [told(104), presence('thirdwitch', { ...gone, codes: [322] }), done('config')],
      [HAG]: [told(104), self],
      [PHONE]: [told(104), self],
    });
  });

  it('whoever the same form makes an admin stays', () => {
    const story = coven().configure(CRONE1, { [MEMBERS_ONLY]: '1', [ADMINS]: HAGGARD });
    expect(story.room?.occupants.get('thirdwitch')).toMatchObject({ affiliation: 'admin', role: 'moderator' });
  });
});

describe('§10.2 the lists of admins and owners', () => {
  it('who gains admin status is shown as a moderator to all', () => {
    coven()
      .configure(CRONE1, { [ADMINS]: `${HAGGARD}/any` })
      .expectAll(thirdSeesJids({ affiliation: 'admin', role: 'moderator' }));
  });

  it('who gains owner status, too', () => {
    coven()
      .configure(CRONE1, { [OWNERS]: [CRONE, HAGGARD] })
      .expectAll(thirdSeesJids({ affiliation: 'owner', role: 'moderator' }));
  });

  it.each([
    [{}, 'none', 'participant'],
    [{ 'muc#roomconfig_moderatedroom': '1' }, 'none', 'visitor'],
    [{ [MEMBERS_ONLY]: '1' }, 'member', 'participant'],
  ])('who loses admin status, with %j: %s and %s', (fields, affiliation, role) => {
    const story = coven({ ...fields, [ADMINS]: HAGGARD }).configure(CRONE1, { [ADMINS]: [] });
    story.expectAll(third({ affiliation, role }));
  });

  it('who loses owner status is an admin then, and no more than that', () => {
    const story = coven({ [OWNERS]: [CRONE, HAGGARD] }).configure(CRONE1, { [OWNERS]: CRONE, [ADMINS]: [] });
    story.expectAll(third({ affiliation: 'admin', role: 'moderator' }));
  });

  it('an owner may go where another one is', () => {
    const story = coven({ [OWNERS]: [CRONE, HAGGARD] }).configure(CRONE1, { [OWNERS]: HAGGARD });
    expect(story.room?.affiliations.get(CRONE)?.affiliation).toBe('admin');
  });

  it('the last owner may not: conflict, and nothing of the form changes', () => {
    for (const owners of [[], ['']]) {
      const story = coven();
      const before = story.room?.settings;
      story.configure(CRONE1, { [OWNERS]: owners, 'muc#roomconfig_roomname': 'x' });
      story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'cancel', 'conflict', 'config')] });
      expect(story.room?.settings).toBe(before);
    }
  });

  it('nobody is in both lists', () => {
    const story = coven().configure(CRONE1, { [ADMINS]: CRONE });
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    story.configure(CRONE1, { [ADMINS]: HAGGARD, [OWNERS]: [CRONE, HAGGARD] });
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
  });

  it('more than a request may change at once is not acceptable', () => {
    const many = Array.from({ length: 501 }, (_, n) => `witch${n}@shakespeare.lit`);
    const story = coven().configure(CRONE1, { [ADMINS]: many });
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    expect(story.room?.affiliations.size).toBe(1);
  });

  it('the admins of the file own the room whatever the form says', () => {
    const story = new RoomStory({ gateway: { admins: ['gertrude@shakespeare.lit'] } }).enter(CRONE1, 'firstwitch');
    story
      .configure(CRONE1, { [OWNERS]: [CRONE, 'gertrude@shakespeare.lit'] })
      .expectAll({ [CRONE1]: [done('config')] });
    expect([...(story.room?.affiliations.keys() ?? [])]).toEqual([CRONE]);
    story.send(`<iq from='${CRONE1}' to='${ROOM}' type='get' id='q'><query xmlns='${NS.mucOwner}'/></iq>`);
    expect(story.gateway.takeText(CRONE1)[0]).toContain(
      `<value>gertrude@shakespeare.lit</value><value>${CRONE}</value>`,
    );
    story.configure(CRONE1, { [ADMINS]: 'gertrude@shakespeare.lit' });
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'cancel', 'not-allowed', 'config')] });
  });

  it('they are there after a restart', () => {
    const again = coven({ 'muc#roomconfig_persistentroom': '1', [ADMINS]: HAGGARD }).restarted();
    expect(again.room?.affiliations.get(HAGGARD)?.affiliation).toBe('admin');
  });
});

describe('roles', () => {
  it('§5.1 whose voice lasts, and whose does no more, is kept through a form that changes the lists', () => {
    const story = coven({ 'muc#roomconfig_moderatedroom': '1' });
    for (const role of ['visitor', 'participant'])
      story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='${role}'/>`);
    expect(story.room?.settings.voices).toEqual({ [HAGGARD]: 'participant' });
    story.configure(CRONE1, { 'muc#roomconfig_roomname': 'x', [ADMINS]: HAGGARD });
    expect(story.room?.settings).toMatchObject({ name: 'x', voices: {} });
  });

  it('§4.2 in a room that is unmoderated now everyone has voice', () => {
    const story = new RoomStory().enter(CRONE1, 'firstwitch');
    story.configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' }).enter(HAG, 'thirdwitch');
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
    story.configure(CRONE1, { 'muc#roomconfig_moderatedroom': '0' });
    story.expectAll({
      [CRONE1]: [told(104), presence('thirdwitch', { jid: HAG }), done('config')],
      [HAG]: [told(104), presence('thirdwitch', { jid: HAG, codes: [110] })],
    });
  });

  it('who has voice keeps it in a room that is moderated now', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' });
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('participant');
  });
});

describe('presencebroadcast', () => {
  it('those whose presence is shown no more leave the others’ lists, and come back with it', () => {
    const story = coven().enter(WICCA, 'secondwitch');
    story.configure(CRONE1, { 'muc#roomconfig_presencebroadcast': 'moderator' });
    const gone = (nick: string, jid?: string): string =>
      presence(nick, { role: 'none', type: 'unavailable', ...(jid === undefined ? {} : { jid }) });
    story.expectAll({
      [CRONE1]: [told(104), gone('thirdwitch', HAG), gone('secondwitch', WICCA), done('config')],
      [HAG]: [told(104), gone('secondwitch')],
      [PHONE]: [told(104), gone('secondwitch')],
      [WICCA]: [told(104), gone('thirdwitch')],
    });
    story.configure(CRONE1, { 'muc#roomconfig_presencebroadcast': ['moderator', 'participant'] });
    story.expectAll({
      [CRONE1]: [
        told(104),
        presence('thirdwitch', { jid: HAG }),
        presence('secondwitch', { jid: WICCA }),
        done('config'),
      ],
      [HAG]: [told(104), presence('secondwitch', {})],
      [PHONE]: [told(104), presence('secondwitch', {})],
      [WICCA]: [told(104), presence('thirdwitch', {})],
    });
  });
});

it('a form that the store cannot keep is taken back whole', () => {
  const story = coven({ 'muc#roomconfig_persistentroom': '1' });
  const before = story.room?.settings;
  story.gateway.store.full = true;
  story.configure(CRONE1, { [MEMBERS_ONLY]: '1', [ADMINS]: 'wiccarocks@shakespeare.lit' });
  story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'wait', 'resource-constraint', 'config')] });
  expect(story.room?.settings).toBe(before);
  expect(story.room?.occupants.size).toBe(2);
  expect(story.room?.affiliations.size).toBe(1);
});
