import { describe, expect, it } from 'vitest';
import { DEFAULT_HISTORY_MESSAGES, MAX_HISTORY_MESSAGES } from '../../src/muc/history.ts';
import { MAX_ROOMS } from '../../src/muc/service.ts';
import { CRONE1, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* What is asked of a room in any case, what of it is there after a restart, and what bounds it. */

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

function request(from: string, to: string, type: 'get' | 'set', payload: string): string {
  return `<iq from='${from}' to='${to}' type='${type}' id='q'>${payload}</iq>`;
}

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
  }, 60_000);
});
