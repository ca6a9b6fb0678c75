import { describe, expect, it } from 'vitest';
import { DEFAULT_HISTORY_MESSAGES, MAX_HISTORY_MESSAGES } from '../../src/muc/history.ts';
import { MAX_ROOMS } from '../../src/muc/service.ts';
import { CRONE1, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §6: what a room is, and what of it is there after a restart. */

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

function request(from: string, to: string, type: 'get' | 'set', payload: string): string {
  return `<iq from='${from}' to='${to}' type='${type}' id='q'>${payload}</iq>`;
}

const disco = (what: 'info' | 'items', node = ''): string =>
  `<query xmlns='http://jabber.org/protocol/disco#${what}'${node}/>`;

describe('§6 discovery', () => {
  it('§6.2 the service', () => {
    const [text = ''] = coven()
      .send(request(HAG, 'chat.shakespeare.lit', 'get', disco('info')))
      .gateway.takeText(HAG);
    expect(text).toContain('<identity category="conference" type="text" name="chat.shakespeare.lit"/>');
    expect(text).toContain('<feature var="http://jabber.org/protocol/muc"/>');
  });

  it('§6.3 its rooms, hidden ones left out but for those who belong to them', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_roomname': 'A Dark Cave' }).forget();
    const listed = (jid: string): string =>
      story
        .send(request(jid, 'chat.shakespeare.lit', 'get', disco('items')))
        .gateway.takeText(jid)
        .at(-1) ?? '';
    expect(listed(WICCA)).toContain(`<item jid="${ROOM}" name="A Dark Cave"/>`);
    story.configure(CRONE1, { 'muc#roomconfig_publicroom': '0' }).forget();
    expect(listed(WICCA)).not.toContain(ROOM);
    expect(listed(CRONE1)).toContain(ROOM);
  });

  it('§6.4 a room’s features mirror its settings', () => {
    const story = coven();
    const features = (): string =>
      story.send(request(WICCA, ROOM, 'get', disco('info'))).gateway.takeText(WICCA)[0] ?? '';
    for (const feature of [
      'muc_unsecured',
      'muc_public',
      'muc_temporary',
      'muc_open',
      'muc_unmoderated',
      'muc_semianonymous',
    ])
      expect(features()).toContain(`<feature var="${feature}"/>`);
    story.configure(CRONE1, {
      'muc#roomconfig_roomsecret': 'x',
      'muc#roomconfig_publicroom': '0',
      'muc#roomconfig_persistentroom': '1',
      'muc#roomconfig_moderatedroom': '1',
      'muc#roomconfig_whois': 'anyone',
    });
    for (const feature of [
      'muc_passwordprotected',
      'muc_hidden',
      'muc_persistent',
      'muc_moderated',
      'muc_nonanonymous',
    ])
      expect(features()).toContain(`<feature var="${feature}"/>`);
    expect(features()).toContain('<field var="muc#roominfo_occupants"');
  });

  it('§6.5 occupants are not listed', () => {
    const [text = ''] = coven()
      .send(request(WICCA, ROOM, 'get', disco('items')))
      .gateway.takeText(WICCA);
    expect(text).toContain('<query xmlns="http://jabber.org/protocol/disco#items"/>');
  });

  it('XEP-0410 a client asks whether it is still in the room', () => {
    const ping = `<ping xmlns='urn:xmpp:ping'/>`;
    const story = coven().send(request(HAG, `${ROOM}/thirdwitch`, 'get', ping));
    story.expectAll({ [HAG]: [`<iq from='${ROOM}/thirdwitch' type='result' id='q'/>`] });
    story.send(request(WICCA, `${ROOM}/thirdwitch`, 'get', ping));
    story.expectAll({ [WICCA]: [refusal('iq', `${ROOM}/thirdwitch`, 'modify', 'not-acceptable', 'q')] });
  });

  it.each([
    ['an unknown request to the service', 'chat.shakespeare.lit', 'service-unavailable'],
    ['one to a room', ROOM, 'service-unavailable'],
    ['one to a room that is not there', 'nowhere@chat.shakespeare.lit', 'item-not-found'],
    ['one to an occupant', `${ROOM}/firstwitch`, 'feature-not-implemented'],
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
