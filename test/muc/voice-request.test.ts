import { describe, expect, it } from 'vitest';
import { MAX_VOICE_REQUESTS, VOICE_REQUEST_INTERVAL } from '../../src/muc/pending.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.13 and §8.6: asking for voice, and giving it. */

const REQUEST = 'http://jabber.org/protocol/muc#request';
const PHONE = 'crone1@shakespeare.lit/phone';

/** Crone1 owns a moderated room, which wiccarocks is a member of; hag66 is a visitor. */
function coven(): RoomStory {
  return new RoomStory()
    .enter(CRONE1, 'firstwitch')
    .configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' })
    .admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='member'/>`)
    .enter(WICCA, 'secondwitch')
    .enter(HAG, 'thirdwitch');
}

const submits = (from: string, fields: Readonly<Record<string, string>>, type = 'submit'): string => {
  const values = Object.entries(fields).map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`);
  return `<message from='${from}' to='${ROOM}' id='v'><x xmlns='jabber:x:data' type='${type}'>
    <field var='FORM_TYPE'><value>${REQUEST}</value></field>${values.join('')}</x></message>`;
};
const asks = (from: string, role = 'participant'): string => submits(from, { 'muc#role': role });
const answers = (from: string, fields: Readonly<Record<string, string>> = {}): string =>
  submits(from, {
    'muc#role': 'participant',
    'muc#jid': HAG,
    'muc#roomnick': 'thirdwitch',
    'muc#request_allow': 'true',
    ...fields,
  });
const form = (jid: string, nick: string): string => `<message from='${ROOM}'><x xmlns='jabber:x:data' type='form'>
  <title>Voice request</title>
  <instructions>To approve this request for voice, check "Grant voice to this person?" and submit the form. To skip it, cancel.</instructions>
  <field var='FORM_TYPE' type='hidden'><value>${REQUEST}</value></field>
  <field var='muc#role' type='list-single' label='Requested role'>
    <option label='Participant'><value>participant</value></option><value>participant</value></field>
  <field var='muc#jid' type='jid-single' label='User ID'><value>${jid}</value></field>
  <field var='muc#roomnick' type='text-single' label='Room Nickname'><value>${nick}</value></field>
  <field var='muc#request_allow' type='boolean' label='Grant voice to this person?'><value>false</value></field></x></message>`;
const refused = (type: string, condition: string): string => refusal('message', ROOM, type, condition, 'v');

describe('§7.13 requesting voice', () => {
  it('goes to every client of the moderators, as a form that they can answer', () => {
    const story = coven().enter(PHONE, 'firstwitch').send(asks(HAG));
    story.expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')], [PHONE]: [form(HAG, 'thirdwitch')] });
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
  });

  it('is possible for a visitor of an unmoderated room, who cannot speak either', () => {
    coven()
      .configure(CRONE1, { 'muc#roomconfig_moderatedroom': '0' })
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`)
      .forget()
      .send(asks(HAG))
      .expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')] });
  });

  it('says who asks as the room knows them, whatever the request says', () => {
    coven()
      .send(submits(HAG, { 'muc#role': 'participant', 'muc#jid': WICCA, 'muc#roomnick': 'secondwitch' }))
      .expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')] });
  });

  it.each([
    ['by somebody who is not in the room', 'peer@shakespeare.lit/x', 'participant', 'modify', 'not-acceptable'],
    ['by a participant', WICCA, 'participant', 'cancel', 'not-allowed'],
    ['by a moderator', CRONE1, 'participant', 'cancel', 'not-allowed'],
    ['for more than voice', HAG, 'moderator', 'modify', 'bad-request'],
    ['for nothing', HAG, '', 'modify', 'bad-request'],
  ])('%s is refused', (_, from, role, type, condition) => {
    coven()
      .send(asks(from, role))
      .expectAll({ [from]: [refused(type, condition)] });
  });

  it('while no moderator is there is refused, and possible once one is', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' });
    story.send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='unavailable'/>`).forget();
    story.send(asks(HAG)).expectAll({ [HAG]: [refused('wait', 'recipient-unavailable')] });
    story
      .enter(CRONE1, 'firstwitch')
      .send(asks(HAG))
      .expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')] });
  });

  it('is passed on once a minute for each person, also from another client', () => {
    const other = 'hag66@shakespeare.lit/other';
    const story = coven().enter(other, 'fourthwitch').send(asks(HAG)).forget();
    story.send(asks(HAG)).expectAll({ [HAG]: [refused('wait', 'resource-constraint')] });
    story.send(asks(other)).expectAll({ [other]: [refused('wait', 'resource-constraint')] });
    story.gateway.world.now += VOICE_REQUEST_INTERVAL;
    story.send(asks(HAG)).expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')] });
  });

  it(`remembers ${MAX_VOICE_REQUESTS} people who have asked`, () => {
    const story = coven().send(asks(HAG));
    const { now } = story.gateway.world;
    for (let index = 1; index < MAX_VOICE_REQUESTS; index++)
      story.room?.pending.voiceRequests.set(`p${index}@x.lit`, now, now);
    expect(story.forget().send(asks(HAG)).gateway.recipients).toEqual([HAG]);
    story.room?.pending.voiceRequests.set('p@x.lit', now, now);
    story
      .forget()
      .send(asks(HAG))
      .expectAll({ [CRONE1]: [form(HAG, 'thirdwitch')] });
  });
});

describe('§8.6 approving a request for voice', () => {
  const voiced = { jid: HAG, inside: `<actor nick='firstwitch'/>` };
  const shown = {
    [CRONE1]: [presence('thirdwitch', voiced)],
    [WICCA]: [presence('thirdwitch', { inside: voiced.inside })],
    [HAG]: [presence('thirdwitch', { ...voiced, codes: [110] })],
  };

  it('gives voice, which everyone sees', () => {
    const story = coven().send(asks(HAG)).forget().send(answers(CRONE1)).expectAll(shown);
    story.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>x</body></message>`);
    expect(story.gateway.recipients).toHaveLength(3);
  });

  it('again, or for somebody who has become more than that, changes nothing', () => {
    const story = coven().send(answers(CRONE1)).forget();
    story.send(answers(CRONE1)).expectAll({});
    story.send(answers(CRONE1, { 'muc#jid': CRONE1, 'muc#roomnick': 'firstwitch' })).expectAll({});
    expect(story.room?.occupants.get('firstwitch')?.role).toBe('moderator');
  });

  it('finds whoever has changed their nick since, and nobody else who has that nick now', () => {
    const story = coven()
      .send(`<presence from='${HAG}' to='${ROOM}/oldhag'/>`)
      .enter('peer@x.lit/y', 'thirdwitch')
      .send(answers(CRONE1));
    expect(story.room?.occupants.get('oldhag')?.role).toBe('participant');
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
  });

  it('needs the nick alone where the JID is left out', () => {
    coven()
      .send(submits(CRONE1, { 'muc#roomnick': 'thirdwitch', 'muc#request_allow': '1' }))
      .expectAll(shown);
  });

  it.each([
    ['no', answers(CRONE1, { 'muc#request_allow': '0' })],
    ['nothing', submits(CRONE1, { 'muc#jid': HAG, 'muc#roomnick': 'thirdwitch' })],
    ['that they cancel', submits(CRONE1, {}, 'cancel')],
  ])('a moderator who says %s gives none, in silence', (_, stanza) => {
    const story = coven().send(asks(HAG)).forget().send(stanza).expectAll({});
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
  });

  it.each([
    ['by the visitor', answers(HAG), HAG, 'auth', 'forbidden'],
    ['by a participant', answers(WICCA), WICCA, 'auth', 'forbidden'],
    ['by somebody who is not here', answers('p@x.lit/y'), 'p@x.lit/y', 'modify', 'not-acceptable'],
    ['for another role', answers(CRONE1, { 'muc#role': 'moderator' }), CRONE1, 'modify', 'bad-request'],
    ['that is neither yes nor no', answers(CRONE1, { 'muc#request_allow': 'x' }), CRONE1, 'modify', 'bad-request'],
    [
      'for somebody who was never here',
      answers(CRONE1, { 'muc#jid': 'p@x.lit/y' }),
      CRONE1,
      'cancel',
      'item-not-found',
    ],
    ['for what is no JID', answers(CRONE1, { 'muc#jid': '@@' }), CRONE1, 'cancel', 'item-not-found'],
  ])('%s is refused', (_, stanza, from, type, condition) => {
    const story = coven().send(asks(HAG)).forget().send(stanza);
    story.expectAll({ [from]: [refused(type, condition)] });
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
  });

  it('for somebody who has left since is refused', () => {
    coven()
      .send(asks(HAG), `<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`)
      .forget()
      .send(answers(CRONE1))
      .expectAll({ [CRONE1]: [refused('cancel', 'item-not-found')] });
  });
});
