import { describe, expect, it } from 'vitest';
import type { RoomSettings } from '../../src/muc/records.ts';
import { MAX_RETURNABLE } from '../../src/muc/returned.ts';
import { CRONE1, configured, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.5: messages between two occupants. */

const USER = "xmlns='http://jabber.org/protocol/muc#user'";
const PHONE = 'crone1@shakespeare.lit/phone';

/** Crone1 is a moderator, wiccarocks a participant and hag66 a visitor. */
function coven(settings: Partial<RoomSettings> = {}): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return configured(story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`).forget(), settings);
}

const writes = (from: string, nick: string, type = " type='chat'", inside = ''): string =>
  `<message from='${from}' to='${ROOM}/${nick}'${type} id='p'><body>wind</body>${inside}</message>`;
const written = (nick: string, type = " type='chat'"): string =>
  `<message from='${ROOM}/${nick}'${type} id='p'><body>wind</body><x ${USER}/></message>`;

describe('§7.5 a private message', () => {
  it('keeps its type, or that it has none', () => {
    coven()
      .send(writes(WICCA, 'firstwitch', ''))
      .expectAll({ [CRONE1]: [written('secondwitch', '')] });
    const normal = " type='normal'";
    coven()
      .send(writes(WICCA, 'firstwitch', normal))
      .expectAll({ [CRONE1]: [written('secondwitch', normal)] });
  });

  it('is marked as one of a room, once, and says nothing else in its name', () => {
    coven()
      .send(writes(WICCA, 'firstwitch', undefined, `<x ${USER}/>`))
      .expectAll({ [CRONE1]: [written('secondwitch')] });
    coven()
      .send(writes(WICCA, 'firstwitch', undefined, `<x ${USER}><invite from='${CRONE1}'/><status code='110'/></x>`))
      .expectAll({ [CRONE1]: [written('secondwitch')] });
  });
});

describe('§7.5 who may write in private', () => {
  it.each([
    ['anyone', [CRONE1, WICCA, HAG]],
    ['participants', [CRONE1, WICCA]],
    ['moderators', [CRONE1]],
    ['none', []],
  ] as const)('%s', (privateMessages, allowed) => {
    for (const [from, nick, to, toNick] of [
      [CRONE1, 'firstwitch', HAG, 'thirdwitch'],
      [WICCA, 'secondwitch', HAG, 'thirdwitch'],
      [HAG, 'thirdwitch', CRONE1, 'firstwitch'],
    ] as const)
      coven({ privateMessages })
        .send(writes(from, toNick))
        .expectAll(
          allowed.some((jid) => jid === from)
            ? { [to]: [written(nick)] }
            : { [from]: [refusal('message', `${ROOM}/${toNick}`, 'auth', 'forbidden', 'p')] },
        );
  });
});

describe('§7.5 a private message that comes back', () => {
  const bounces = (from: string, condition: string, more = ''): string =>
    `<message from='${from}' to='${ROOM}/secondwitch' id='p' type='error'><body>wind</body><error type='wait' by='${from}'>
      <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${more}</error></message>`;
  const returned = (condition: string): string =>
    `<message from='${ROOM}/thirdwitch' id='p' type='error'><error type='wait'>
      <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`;
  const gone = { role: 'none', codes: [333], type: 'unavailable' } as const;

  /** Wiccarocks has written to somebody. */
  const wrote = (nick: string, story = coven()): RoomStory => story.send(writes(WICCA, nick)).forget();

  it('is told to whoever wrote it, once, and nothing of who has got it', () => {
    const text = `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>hag66 is busy</text><x xmlns='urn:x'/>`;
    const story = wrote('thirdwitch').send(bounces(HAG, 'not-acceptable', text));
    expect(story.gateway.takeText(WICCA)[0]).not.toMatch(/hag66@|busy|wind|urn:x/);
    wrote('thirdwitch', story)
      .send(bounces(HAG, 'not-acceptable'))
      .expectAll({ [WICCA]: [returned('not-acceptable')] })
      .send(bounces(HAG, 'not-acceptable'))
      .expectAll({});
  });

  it('is told apart from a message to everyone, which comes back to the same address', () => {
    coven()
      .send(`<message from='${WICCA}' to='${ROOM}' type='groupchat' id='p'><body>wind</body></message>`)
      .forget()
      .send(bounces(HAG, 'not-acceptable'))
      .expectAll({})
      .send(bounces(HAG, 'service-unavailable'))
      .expectAll({
        [WICCA]: [presence('thirdwitch', gone)],
        [CRONE1]: [presence('thirdwitch', { ...gone, jid: HAG })],
        [HAG]: [presence('thirdwitch', { ...gone, jid: HAG, codes: [110, 333] })],
      });
  });

  it('is told of as long as it is one of the last', () => {
    const numbered = (id: number, stanza: string): string => stanza.replace("id='p'", `id='${id}'`);
    const story = coven();
    for (let id = 0; id <= MAX_RETURNABLE; id += 1) story.send(numbered(id, writes(WICCA, 'thirdwitch')));
    story
      .forget()
      .send(numbered(0, bounces(HAG, 'not-acceptable')))
      .expectAll({})
      .send(numbered(1, bounces(HAG, 'not-acceptable')))
      .expectAll({ [WICCA]: [numbered(1, returned('not-acceptable'))] });
  });

  it('for its recipient is gone takes them out as well', () => {
    wrote('thirdwitch')
      .send(bounces(HAG, 'recipient-unavailable'))
      .expectAll({
        [WICCA]: [returned('recipient-unavailable'), presence('thirdwitch', gone)],
        [CRONE1]: [presence('thirdwitch', { ...gone, jid: HAG })],
        [HAG]: [presence('thirdwitch', { ...gone, jid: HAG, codes: [110, 333] })],
      });
  });

  it('from one of two clients has arrived at the other', () => {
    const story = wrote('firstwitch', coven().enter(PHONE, 'firstwitch')).send(bounces(PHONE, 'service-unavailable'));
    expect(story.gateway.recipients).toEqual([PHONE]);
    expect(story.room?.occupants.get('firstwitch')?.sessions).toEqual([CRONE1]);
  });

  it.each([
    ['from somebody who is not here', 'peer@shakespeare.lit/x'],
    ['from another client of somebody here', PHONE],
  ])('%s is told to nobody', (_, from) => {
    wrote('thirdwitch').send(bounces(from, 'not-acceptable')).expectAll({});
  });

  it('to somebody who has left, or without a condition, is told to nobody', () => {
    wrote('thirdwitch').send(bounces(HAG, 'not-acceptable').replace('/secondwitch', '/nobody')).expectAll({});
    wrote('thirdwitch')
      .send(bounces(HAG, 'not-acceptable').replace(/<error.*<\/error>/s, ''))
      .expectAll({});
  });
});
