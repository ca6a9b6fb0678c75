import { describe, expect, it } from 'vitest';
import { MAX_SUBJECT_LENGTH } from '../../src/muc/subject.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.4 to §7.14 and §8.1: what an occupant does. */

const USER = "xmlns='http://jabber.org/protocol/muc#user'";

/** Crone1 owns the room; hag66 is a participant. */
function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

describe('§7.4 a message to everyone', () => {
  it('is reflected with its id, language and payloads, and an identity of the room', () => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='groupchat' id='hysf1v37' xml:lang='en'>
      <body>Harpier cries</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/><reply xmlns='urn:xmpp:reply:0' id='r'/></message>`);
    for (const jid of [CRONE1, HAG]) {
      const [text = '', ...more] = story.gateway.takeText(jid);
      expect(more).toEqual([]);
      expect(text).toMatch(
        /^<message id="hysf1v37" xml:lang="en" from="coven@chat.shakespeare.lit\/thirdwitch" type="groupchat"/,
      );
      expect(text).toContain('<origin-id xmlns="urn:xmpp:sid:0" id="o1"/><reply xmlns="urn:xmpp:reply:0" id="r"/>');
      expect(text).toMatch(/<stanza-id xmlns="urn:xmpp:sid:0" by="coven@chat.shakespeare.lit" id="[\w-]{22}"\/>/);
    }
  });

  it('carries nothing that only the service may say', () => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>x</body>
      <stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='forged'/><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:00Z'/>
      <x ${USER}><status code='110'/></x><sync xmlns='urn:fmucd:sync:0'/></message>`);
    const [text = ''] = story.gateway.takeText(CRONE1);
    expect(text).not.toMatch(/forged|urn:xmpp:delay|muc#user|urn:fmucd/);
  });

  it('of the moment (a chat state) is passed on and not kept', () => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='groupchat'>
      <composing xmlns='http://jabber.org/protocol/chatstates'/></message>`);
    story.expectAll({
      [CRONE1]: [
        `<message from='${ROOM}/thirdwitch' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      ],
      [HAG]: [
        `<message from='${ROOM}/thirdwitch' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      ],
    });
    expect(story.gateway.store.messages(ROOM)).toEqual([]);
  });

  it.each([
    ['from somebody who is not in the room', WICCA, ROOM, 'groupchat', 'modify', 'not-acceptable'],
    ['§7.5 to an occupant as groupchat', HAG, `${ROOM}/firstwitch`, 'groupchat', 'modify', 'bad-request'],
    ['§17.2 to the room, not as groupchat', HAG, ROOM, 'chat', 'modify', 'bad-request'],
    ['§7.5 to nobody', HAG, `${ROOM}/nobody`, 'chat', 'cancel', 'item-not-found'],
    [
      '§7.5 in private, from somebody who is not in the room',
      WICCA,
      `${ROOM}/firstwitch`,
      'chat',
      'modify',
      'not-acceptable',
    ],
  ])('%s', (_, from, to, type, errorType, condition) => {
    coven()
      .send(`<message from='${from}' to='${to}' type='${type}' id='1'><body>x</body></message>`)
      .expectAll({ [from]: [refusal('message', to, errorType, condition, '1')] });
  });

  it('to a room that is not there', () => {
    const gone = 'nowhere@chat.shakespeare.lit';
    const story = coven().send(`<message from='${HAG}' to='${gone}' type='groupchat' id='1'><body>x</body></message>`);
    expect(story.gateway.takeText(HAG)[0]).toMatch(/type="cancel" by="nowhere@chat.shakespeare.lit"><item-not-found/);
  });

  it('of a visitor in a moderated room', () => {
    const story = new RoomStory()
      .enter(CRONE1, 'firstwitch')
      .configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' });
    story
      .enter(HAG, 'thirdwitch')
      .send(`<message from='${HAG}' to='${ROOM}' type='groupchat' id='1'><body>x</body></message>`);
    story.expectAll({ [HAG]: [refusal('message', ROOM, 'auth', 'forbidden', '1')] });
  });

  it('while the disk is full is refused, and nothing is half done; then it goes again', () => {
    const story = coven();
    const message = `<message from='${HAG}' to='${ROOM}' type='groupchat' id='1'><body>x</body></message>`;
    const before = [story.room?.lastSeq, story.room?.lastOriginSeq];
    story.gateway.store.full = true;
    story.send(message).expectAll({ [HAG]: [refusal('message', ROOM, 'wait', 'resource-constraint', '1')] });
    expect([story.room?.lastSeq, story.room?.lastOriginSeq]).toEqual(before);
    story.enter(WICCA, 'secondwitch');
    expect(story.room?.occupants.size).toBe(3);
    story.gateway.store.full = false;
    expect(story.send(message).gateway.recipients).toHaveLength(3);
  });
});

describe('§7.5 a private message', () => {
  it('goes to every client of its recipient, from the occupant, and to nobody else', () => {
    const phone = 'crone1@shakespeare.lit/phone';
    const story = coven().enter(phone, 'firstwitch').enter(WICCA, 'secondwitch');
    story.send(`<message from='${HAG}' to='${ROOM}/firstwitch' type='chat' id='p'><body>wind</body></message>`);
    const expected = `<message from='${ROOM}/thirdwitch' type='chat' id='p'><body>wind</body><x ${USER}/></message>`;
    story.expectAll({ [CRONE1]: [expected], [phone]: [expected] });
  });
});

describe('§7.6 another nick', () => {
  it('is told as a leave with 303 and a presence', () => {
    coven()
      .send(`<presence from='${HAG}' to='${ROOM}/oldhag'/>`)
      .expectAll({
        [CRONE1]: [
          presence('thirdwitch', { jid: HAG, nick: 'oldhag', codes: [303], type: 'unavailable' }),
          presence('oldhag', { jid: HAG }),
        ],
        [HAG]: [
          presence('thirdwitch', { jid: HAG, nick: 'oldhag', codes: [110, 303], type: 'unavailable' }),
          presence('oldhag', { jid: HAG, codes: [110] }),
        ],
      });
  });

  it('that is taken is refused', () => {
    coven()
      .send(`<presence from='${HAG}' to='${ROOM}/firstwitch'/>`)
      .expectAll({
        [HAG]: [refusal('presence', `${ROOM}/firstwitch`, 'cancel', 'conflict').replace(/<x [^>]*\/>/, '')],
      });
  });
});

it('§7.7 availability is shown to everyone, with role and affiliation', () => {
  coven()
    .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>xa</show></presence>`)
    .expectAll({
      [CRONE1]: [presence('thirdwitch', { jid: HAG, more: '<show>xa</show>' })],
      [HAG]: [presence('thirdwitch', { jid: HAG, codes: [110], more: '<show>xa</show>' })],
    });
});

describe('§7.14 leaving', () => {
  it('is told to the one who leaves first, with their words', () => {
    coven()
      .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'><status>gone</status></presence>`)
      .expectAll({
        [HAG]: [
          presence('thirdwitch', {
            role: 'none',
            jid: HAG,
            codes: [110],
            type: 'unavailable',
            more: '<status>gone</status>',
          }),
        ],
        [CRONE1]: [
          presence('thirdwitch', { role: 'none', jid: HAG, type: 'unavailable', more: '<status>gone</status>' }),
        ],
      });
  });

  it('of the last one ends a room that is not persistent, and its history', () => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>x</body></message>`);
    for (const [jid, nick] of [
      [HAG, 'thirdwitch'],
      [CRONE1, 'firstwitch'],
    ])
      story.send(`<presence from='${jid}' to='${ROOM}/${nick}' type='unavailable'/>`);
    expect(story.room).toBeUndefined();
    expect(story.gateway.store.messages(ROOM)).toEqual([]);
  });

  it('of somebody who is not in the room is ignored', () => {
    coven().send(`<presence from='${WICCA}' to='${ROOM}/thirdwitch' type='unavailable'/>`).expectAll({});
  });

  it.each([
    'gone',
    'item-not-found',
    'recipient-unavailable',
    'redirect',
    'remote-server-not-found',
    'remote-server-timeout',
  ])('§17.1.2 a message that bounces with %s takes the occupant out, with 333', (condition) => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='error'><body>x</body>
        <error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`);
    story.expectAll({
      [HAG]: [presence('thirdwitch', { role: 'none', jid: HAG, codes: [110, 333], type: 'unavailable' })],
      [CRONE1]: [presence('thirdwitch', { role: 'none', jid: HAG, codes: [333], type: 'unavailable' })],
    });
  });

  it('§11.1 so does a presence that bounces; one that is refused for something else does not (§16.3)', () => {
    const bounced = (condition: string) => `<presence from='${HAG}' to='${ROOM}/firstwitch' type='error'>
      <error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`;
    const story = coven().send(bounced('not-acceptable'), bounced('policy-violation')).expectAll({});
    story.send(bounced('recipient-unavailable')).expectAll({
      [HAG]: [presence('thirdwitch', { role: 'none', jid: HAG, codes: [110, 333], type: 'unavailable' })],
      [CRONE1]: [presence('thirdwitch', { role: 'none', jid: HAG, codes: [333], type: 'unavailable' })],
    });
  });

  it('an error that says something else does not', () => {
    coven()
      .send(`<message from='${HAG}' to='${ROOM}' type='error'><error type='cancel'>
        <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`)
      .expectAll({});
  });
});

describe('§8.1 the subject', () => {
  const subject = (jid: string, text: string): string =>
    `<message from='${jid}' to='${ROOM}' type='groupchat' id='s'><subject>${text}</subject></message>`;

  it('of a moderator is reflected, and kept', () => {
    const story = coven().send(subject(CRONE1, 'Fire Burn'));
    const shown = `<message from='${ROOM}/firstwitch' type='groupchat' id='s'><subject>Fire Burn</subject></message>`;
    story.expectAll({ [CRONE1]: [shown], [HAG]: [shown] });
    expect(story.room?.subject).toMatchObject({ text: 'Fire Burn', nick: 'firstwitch' });
  });

  it('of a participant is refused, unless the room lets them', () => {
    coven()
      .send(subject(HAG, 'x'))
      .expectAll({ [HAG]: [refusal('message', ROOM, 'auth', 'forbidden', 's')] });
    const story = coven().configure(CRONE1, { 'muc#roomconfig_changesubject': '1' }).forget().send(subject(HAG, 'y'));
    expect(story.room?.subject?.text).toBe('y');
  });

  it('of a visitor is refused in any case', () => {
    coven()
      .configure(CRONE1, { 'muc#roomconfig_changesubject': '1' })
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`)
      .forget()
      .send(subject(HAG, 'x'))
      .expectAll({ [HAG]: [refusal('message', ROOM, 'auth', 'forbidden', 's')] });
  });

  it('of somebody who is not in the room is refused', () => {
    coven()
      .send(subject(WICCA, 'x'))
      .expectAll({ [WICCA]: [refusal('message', ROOM, 'modify', 'not-acceptable', 's')] });
  });

  it.each(['<subject/>', '<subject></subject>'])('is taken away with %s, and a newcomer is told when', (empty) => {
    const story = coven().send(subject(CRONE1, 'Fire Burn')).forget();
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat' id='s'>${empty}</message>`);
    const shown = `<message from='${ROOM}/firstwitch' type='groupchat' id='s'><subject/></message>`;
    story.expectAll({ [CRONE1]: [shown], [HAG]: [shown] });
    story.send(
      `<presence from='${WICCA}' to='${ROOM}/secondwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    expect(story.gateway.takeText(WICCA).at(-1)).toMatch(
      /^<message from="coven@[^"]+\/firstwitch" type="groupchat"[^>]*><subject\/><occupant-id [^>]*><delay xmlns="urn:xmpp:delay" from="coven@chat.shakespeare.lit"/,
    );
  });

  it('beside a thread is no change', () => {
    const story = coven().send(
      `<message from='${CRONE1}' to='${ROOM}' type='groupchat'><subject>x</subject><thread>y</thread></message>`,
    );
    expect(story.room?.subject).toBeUndefined();
  });

  it('carries other payloads with it', () => {
    const more = `<subject>x</subject><origin-id xmlns='urn:xmpp:sid:0' id='o'/>`;
    const shown = `<message from='${ROOM}/firstwitch' type='groupchat'>${more}</message>`;
    coven()
      .send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'>${more}</message>`)
      .expectAll({ [CRONE1]: [shown], [HAG]: [shown] });
  });

  it('beside a body is no change', () => {
    const story = coven().send(
      `<message from='${HAG}' to='${ROOM}' type='groupchat'><subject>x</subject><body>y</body></message>`,
    );
    expect(story.room?.subject).toBeUndefined();
    expect(story.gateway.recipients).toHaveLength(2);
  });

  it(`of more than ${MAX_SUBJECT_LENGTH} characters is refused`, () => {
    coven()
      .send(subject(CRONE1, 'x'.repeat(MAX_SUBJECT_LENGTH + 1)))
      .expectAll({ [CRONE1]: [refusal('message', ROOM, 'modify', 'not-acceptable', 's')] });
  });
});
