import { describe, expect, it } from 'vitest';
import { MAX_FIELD_LENGTH } from '../../src/muc/config.ts';
import { DEFAULT_HISTORY_MESSAGES, MAX_HISTORY_MESSAGES } from '../../src/muc/history.ts';
import { MAX_ROOMS } from '../../src/muc/service.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §10.2, §10.9: what a room is, and its owners' part in that. */

const USER = 'http://jabber.org/protocol/muc#user';
const GERTRUDE = 'gertrude@shakespeare.lit/throne';
const FILE = { gateway: { admins: ['gertrude@shakespeare.lit'] }, rooms: [{ name: 'coven' }] };

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

function request(from: string, to: string, type: 'get' | 'set', payload: string): string {
  return `<iq from='${from}' to='${to}' type='${type}' id='q'>${payload}</iq>`;
}

describe('§10.2 configuration', () => {
  it('the form shows every setting to an owner, and to nobody else', () => {
    const form = `<query xmlns='http://jabber.org/protocol/muc#owner'/>`;
    const story = coven().send(request(HAG, ROOM, 'get', form));
    story.expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
    const [text = ''] = story.send(request(CRONE1, ROOM, 'get', form)).gateway.takeText(CRONE1);
    for (const name of [
      'roomname',
      'roomdesc',
      'persistentroom',
      'publicroom',
      'membersonly',
      'moderatedroom',
      'roomsecret',
      'whois',
      'changesubject',
      'maxusers',
    ])
      expect(text).toContain(`var="muc#roomconfig_${name}"`);
    expect(text).toContain('<value>http://jabber.org/protocol/muc#roomconfig</value>');
  });

  it.each([
    [{ 'muc#roomconfig_roomname': 'A Dark Cave' }, [104]],
    [{ 'muc#roomconfig_whois': 'anyone' }, [172]],
    [{ 'muc#roomconfig_whois': 'anyone', 'muc#roomconfig_roomdesc': 'x' }, [172, 104]],
    [{ 'muc#roomconfig_whois': 'moderators' }, []],
  ])('%j tells everyone %j', (fields, codes) => {
    const told = codes.map(
      (code) => `<message from='${ROOM}' type='groupchat'><x xmlns='${USER}'><status code='${code}'/></x></message>`,
    );
    coven()
      .configure(CRONE1, fields)
      .expectAll({ [CRONE1]: [...told, done('config')], [HAG]: told });
  });

  it('back to semi-anonymous is 173', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_whois': 'anyone' }).forget();
    story.configure(CRONE1, { 'muc#roomconfig_whois': 'moderators' });
    expect(story.gateway.takeText(HAG)[0]).toContain('<status code="173"/>');
  });

  it('a room that is members-only now lets those who are none go, with 322', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_membersonly': '1' });
    const gone = { role: 'none', jid: HAG, type: 'unavailable' } as const;
    expect(story.gateway.takeText(HAG).at(-1)).toContain('<status code="322"/>');
    expect(story.room?.occupants.size).toBe(1);
    expect(presence('thirdwitch', gone)).toContain('unavailable');
  });

  it.each([
    [{ 'muc#roomconfig_membersonly': 'perhaps' }],
    [{ 'muc#roomconfig_whois': 'nobody' }],
    [{ 'muc#roomconfig_maxusers': 'many' }],
    [{ 'muc#roomconfig_roomname': 'n'.repeat(MAX_FIELD_LENGTH + 1) }],
  ])('%j cannot be, and changes nothing', (fields) => {
    const story = coven();
    const before = story.room?.settings;
    story
      .configure(CRONE1, fields)
      .expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    expect(story.room?.settings).toBe(before);
  });

  it('a room of the file stays persistent, and cannot be destroyed', () => {
    const story = new RoomStory(FILE).configure(GERTRUDE, { 'muc#roomconfig_persistentroom': '0' });
    story.expectAll({ [GERTRUDE]: [refusal('iq', ROOM, 'cancel', 'not-allowed', 'config')] });
    story.send(
      request(GERTRUDE, ROOM, 'set', `<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>`),
    );
    story.expectAll({ [GERTRUDE]: [refusal('iq', ROOM, 'cancel', 'not-allowed', 'q')] });
  });
});

it('§10.9 destroying a room tells everyone where to go, once', () => {
  const destroy = `<destroy jid='heath@chat.shakespeare.lit'><reason>Macbeth doth come.</reason></destroy>`;
  const gone = (nick: string, jid: string): string =>
    `<presence from='${ROOM}/${nick}' type='unavailable'><x xmlns='${USER}'>
    <item affiliation='none' role='none' jid='${jid}'/><status code='110'/>${destroy}</x></presence>`;
  const story = coven();
  story.send(request(HAG, ROOM, 'set', `<query xmlns='http://jabber.org/protocol/muc#owner'>${destroy}</query>`));
  story.expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
  story.send(request(CRONE1, ROOM, 'set', `<query xmlns='http://jabber.org/protocol/muc#owner'>${destroy}</query>`));
  story.expectAll({ [CRONE1]: [gone('firstwitch', CRONE1), done('q')], [HAG]: [gone('thirdwitch', HAG)] });
  expect(story.room).toBeUndefined();
});

describe('requests', () => {
  it('XEP-0410 a client asks whether it is still in the room', () => {
    const ping = `<ping xmlns='urn:xmpp:ping'/>`;
    const story = coven().send(request(HAG, `${ROOM}/thirdwitch`, 'get', ping));
    story.expectAll({ [HAG]: [`<iq from='${ROOM}/thirdwitch' type='result' id='q'/>`] });
    story.send(request(WICCA, `${ROOM}/thirdwitch`, 'get', ping));
    story.expectAll({ [WICCA]: [refusal('iq', `${ROOM}/thirdwitch`, 'cancel', 'not-acceptable', 'q')] });
  });

  it.each([
    ['an unknown request to the service', 'chat.shakespeare.lit', 'service-unavailable'],
    ['one to a room', ROOM, 'service-unavailable'],
    ['one to a room that is not there', 'nowhere@chat.shakespeare.lit', 'item-not-found'],
  ])('%s is answered, once', (_, to, condition) => {
    const story = coven().send(request(HAG, to, 'get', `<x xmlns='urn:unknown'/>`));
    const answers = story.gateway.takeText(HAG);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toContain(`<${condition} xmlns`);
  });

  it('responses and errors are not answered', () => {
    const story = coven();
    for (const type of ['result', 'error']) story.send(`<iq from='${HAG}' to='${ROOM}' type='${type}' id='q'/>`);
    story.send(`<message from='${WICCA}' to='${ROOM}' type='error'><body>x</body></message>`).expectAll({});
  });
});

describe('after a restart', () => {
  it('rooms of the file and persistent rooms are back with affiliations, subject and history', () => {
    const story = new RoomStory().enter(CRONE1, 'firstwitch');
    story.configure(CRONE1, { 'muc#roomconfig_persistentroom': '1', 'muc#roomconfig_roomname': 'A Dark Cave' });
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='admin'/>`);
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><subject>Fire Burn</subject></message>`);
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>before</body></message>`);
    const again = story.restarted();
    expect(again.room?.settings.name).toBe('A Dark Cave');
    again.send(
      `<presence from='${HAG}' to='${ROOM}/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    const told = again.gateway.takeText(HAG).join('\n');
    expect(told).toContain('affiliation="admin" role="moderator"');
    expect(told).toContain('<body>before</body>');
    expect(told).toContain('<subject>Fire Burn</subject>');
    const ids = (text: string): string[] => [...text.matchAll(/stanza-id [^>]*id="(\w+)"/g)].map(([, id]) => id ?? '');
    again.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>after</body></message>`);
    expect(ids(told)).not.toContain(ids(again.gateway.takeText(HAG).join('\n'))[0]);
  });

  it('a room that was to die with its last occupant is gone, and so is its history', () => {
    const story = coven().send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>x</body></message>`);
    const again = story.restarted();
    expect(again.room).toBeUndefined();
    expect(again.gateway.store.messages(ROOM)).toEqual([]);
  });
});

describe('bounds', () => {
  it(`history: ${DEFAULT_HISTORY_MESSAGES} messages unasked, ${MAX_HISTORY_MESSAGES} at most`, () => {
    const story = coven();
    for (let word = 0; word < MAX_HISTORY_MESSAGES + 5; word++)
      story.gateway.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>w${word}</body></message>`);
    story.forget();
    const told = (jid: string, asked: string): number => {
      story.send(
        `<presence from='${jid}' to='${ROOM}/${jid.slice(0, 5)}'><x xmlns='http://jabber.org/protocol/muc'>${asked}</x></presence>`,
      );
      return story.gateway.takeText(jid).filter((text) => text.includes('<body>')).length;
    };
    expect(told(WICCA, '')).toBe(DEFAULT_HISTORY_MESSAGES);
    expect(told('other@shakespeare.lit/x', `<history maxstanzas='9999'/>`)).toBe(MAX_HISTORY_MESSAGES);
  });

  it(`${MAX_ROOMS} rooms`, () => {
    const story = new RoomStory();
    for (let room = 0; room <= MAX_ROOMS; room++)
      story.gateway.send(
        `<presence from='${HAG}' to='r${room}@chat.shakespeare.lit/n'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
    expect(story.gateway.core.service.rooms()).toHaveLength(MAX_ROOMS);
    expect(story.gateway.takeText(HAG).at(-1)).toContain('<not-allowed xmlns');
  });
});
