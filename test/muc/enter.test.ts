import { describe, expect, it } from 'vitest';
import { ADDITIONAL_OCCUPANTS, MAX_OCCUPANTS, MAX_SESSIONS } from '../../src/muc/enter.ts';
import { MAX_NICK_LENGTH } from '../../src/muc/nick.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';
import { VirtualWorld } from '../support/virtual.ts';

/* XEP-0045 §7.2 and §10.1: coming into a room. */

const join = (jid: string, nick: string, payload = ''): string =>
  `<presence from='${jid}' to='${ROOM}/${nick}'><x xmlns='http://jabber.org/protocol/muc'>${payload}</x></presence>`;
const noSubject = `<message from='${ROOM}' type='groupchat'><subject/></message>`;

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch');
}

describe('§10.1 creating a room', () => {
  it('§10.1.1 its first occupant owns it, is told 201, and nobody else gets in', () => {
    const story = new RoomStory().send(join(CRONE1, 'firstwitch'));
    story.expectAll({
      [CRONE1]: [
        presence('firstwitch', { affiliation: 'owner', role: 'moderator', jid: CRONE1, codes: [110, 170, 201] }),
        noSubject,
      ],
    });
    story.send(join(HAG, 'thirdwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'cancel', 'item-not-found')] });
  });

  it('§10.1.2 an instant room opens with an empty form', () => {
    const story = new RoomStory().send(join(CRONE1, 'firstwitch')).forget().configure(CRONE1, {});
    story.expectAll({ [CRONE1]: [`<iq from='${ROOM}' type='result' id='config'/>`] });
    story.send(join(HAG, 'thirdwitch'));
    expect(story.room?.occupants.size).toBe(2);
  });

  it('§10.1.3 a reserved room opens as it was configured; who cancels has no room', () => {
    const story = new RoomStory()
      .send(join(CRONE1, 'firstwitch'))
      .configure(CRONE1, { 'muc#roomconfig_membersonly': '1' })
      .forget();
    story.send(join(HAG, 'thirdwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'auth', 'registration-required')] });
    const cancelled = new RoomStory().send(join(CRONE1, 'firstwitch')).forget();
    cancelled.send(`<iq from='${CRONE1}' to='${ROOM}' type='set' id='c'><query xmlns='http://jabber.org/protocol/muc#owner'>
      <x xmlns='jabber:x:data' type='cancel'/></query></iq>`);
    cancelled.expectAll({
      [CRONE1]: [
        `<presence from='${ROOM}/firstwitch' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='none' role='none' jid='${CRONE1}'/><status code='110'/><destroy/></x></presence>`,
        `<iq from='${ROOM}' type='result' id='c'/>`,
      ],
    });
    expect(cancelled.room).toBeUndefined();
  });

  it.each([
    ['everyone', true, true],
    ['local', true, false],
    ['admins', false, false],
    ['nobody', false, false],
  ] as const)('§10.1.1 create_rooms = %s', (createRooms, local, foreign) => {
    for (const [jid, may] of [
      [CRONE1, local],
      ['peer@hall.lit/boat', foreign],
      ['gertrude@shakespeare.lit/throne', true],
    ] as const) {
      const world = new VirtualWorld();
      const gateway = world.gateway('chat.shakespeare.lit', {
        gateway: { createRooms, localDomains: ['shakespeare.lit'], admins: ['gertrude@shakespeare.lit'] },
        links: [
          { peer: 'gynt.lit', domains: ['hall.lit'], listen: { host: '127.0.0.1', port: 7000 }, from: ['127.0.0.1'] },
        ],
      });
      const far = world.gateway('gynt.lit', {
        links: [{ peer: 'chat.shakespeare.lit', connect: { host: '127.0.0.1', port: 7000 } }],
      });
      world.settle(60_000);
      if (jid.includes('hall')) far.inject('chat.shakespeare.lit', join(jid, 'somebody'));
      else gateway.send(join(jid, 'somebody'));
      world.settle();
      const answers = [...gateway.takeText(jid), ...gateway.crossed].join('');
      expect(answers.includes('<status code="201"/>'), jid).toBe(may);
      expect(answers.includes('<not-allowed xmlns'), jid).toBe(!may);
    }
  });
});

describe('§7.2 entering a room', () => {
  it('§7.1 order of events: occupants, self-presence, history, subject', () => {
    const story = coven().enter(WICCA, 'secondwitch');
    story.send(
      `<message from='${CRONE1}' to='${ROOM}' type='groupchat' id='m'><body>Thrice the brinded cat</body></message>`,
    );
    story
      .send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><subject>Fire Burn</subject></message>`)
      .forget();
    story.send(join(HAG, 'thirdwitch'));
    const told = story.gateway.takeText(HAG);
    expect(told.map((text) => /^<(\w+)[^>]*from="[^"]*\/(\w+)"/.exec(text)?.slice(1).join(' '))).toEqual([
      'presence firstwitch',
      'presence secondwitch',
      'presence thirdwitch',
      'message firstwitch',
      'message firstwitch',
    ]);
    expect(told[3]).toContain('<body>Thrice the brinded cat</body>');
    expect(told[3]).toContain('<delay xmlns="urn:xmpp:delay" from="coven@chat.shakespeare.lit"');
    expect(told[4]).toContain('<subject>Fire Burn</subject>');
  });

  it('§7.2.1 without a nickname', () => {
    coven()
      .send(`<presence from='${HAG}' to='${ROOM}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
      .expectAll({ [HAG]: [refusal('presence', ROOM, 'modify', 'jid-malformed')] });
  });

  it('§7.2.2, §7.2.4 presence goes to everyone, real JIDs to moderators alone', () => {
    const story = coven().enter(WICCA, 'secondwitch');
    story.send(join(HAG, 'thirdwitch'));
    story.expectAll({
      [CRONE1]: [presence('thirdwitch', { jid: HAG })],
      [WICCA]: [presence('thirdwitch', {})],
      [HAG]: [
        presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
        presence('secondwitch', {}),
        presence('thirdwitch', { jid: HAG, codes: [110, 170] }),
        noSubject,
      ],
    });
  });

  it('§7.2.3 in a non-anonymous room everyone sees real JIDs, and the newcomer is warned by 100', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_whois': 'anyone' }).enter(WICCA, 'secondwitch');
    story.send(join(HAG, 'thirdwitch'));
    story.expectAll({
      [CRONE1]: [presence('thirdwitch', { jid: HAG })],
      [WICCA]: [presence('thirdwitch', { jid: HAG })],
      [HAG]: [
        presence('firstwitch', { affiliation: 'owner', role: 'moderator', jid: CRONE1 }),
        presence('secondwitch', { jid: WICCA }),
        presence('thirdwitch', { jid: HAG, codes: [100, 110, 170] }),
        noSubject,
      ],
    });
  });

  it.each([
    [
      '§7.2.5 a wrong password',
      { 'muc#roomconfig_roomsecret': 'cauldronburn' },
      '<password>no</password>',
      'auth',
      'not-authorized',
    ],
    ['§7.2.5 no password', { 'muc#roomconfig_roomsecret': 'cauldronburn' }, '', 'auth', 'not-authorized'],
    [
      '§7.2.5 the right password',
      { 'muc#roomconfig_roomsecret': 'cauldronburn' },
      '<password>cauldronburn</password>',
      undefined,
      '',
    ],
    ['§7.2.6 not a member', { 'muc#roomconfig_membersonly': '1' }, '', 'auth', 'registration-required'],
    ['§7.2.9 a full room', { 'muc#roomconfig_maxusers': '1' }, '', 'wait', 'service-unavailable'],
  ])('%s', (_, fields, payload, type, condition) => {
    const story = coven()
      .configure(CRONE1, fields)
      .forget()
      .send(join(HAG, 'thirdwitch', payload));
    if (type === undefined) expect(story.room?.occupants.size).toBe(2);
    else story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, type, condition)] });
  });

  it('§7.2.5 a password is asked of everybody, whatever their affiliation', () => {
    const story = coven()
      .configure(CRONE1, { 'muc#roomconfig_roomsecret': 'cauldronburn' })
      .admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='admin'/>`)
      .forget();
    story.send(join(HAG, 'thirdwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'auth', 'not-authorized')] });
  });

  it('§7.2.6 who may not come in does not learn from a nick who is there', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_membersonly': '1' }).forget();
    story.send(join(HAG, 'firstwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/firstwitch`, 'auth', 'registration-required')] });
  });

  it('§7.2.15 the subject comes last: with who set it and when, empty where it was cleared', () => {
    const story = coven();
    const told = (): string => {
      story.forget().send(join(HAG, 'thirdwitch'));
      return story.gateway.takeText(HAG).at(-1) ?? '';
    };
    expect(told()).toBe(`<message from="${ROOM}" type="groupchat" to="${HAG}"><subject/></message>`);
    for (const [text, shown] of [
      ['Fire Burn', '<subject>Fire Burn</subject>'],
      ['', '<subject/>'],
    ] as const) {
      story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><subject>${text}</subject></message>`);
      expect(told()).toMatch(
        new RegExp(
          `^<message from="${ROOM}/firstwitch" type="groupchat" to="${HAG}">${shown}` +
            `<occupant-id [^>]*/><delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="[^"]+"/></message>$`,
        ),
      );
    }
  });

  it('§7.2.7 banned, by address and by domain', () => {
    for (const jid of ['hag66@shakespeare.lit', 'shakespeare.lit']) {
      const story = new RoomStory({ gateway: { admins: ['crone1@shakespeare.lit'] } }).enter(CRONE1, 'firstwitch');
      story.admin(CRONE1, 'set', `<item jid='${jid}' affiliation='outcast'/>`).forget();
      story.send(join(HAG, 'thirdwitch'));
      story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'auth', 'forbidden')] });
    }
  });

  it('§7.2.8 a nick that is taken; by another client of the same user it is shared', () => {
    const story = coven().send(join(HAG, 'firstwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/firstwitch`, 'cancel', 'conflict')] });
    const second = 'crone1@shakespeare.lit/phone';
    story.enter(WICCA, 'secondwitch').enter(second, 'firstwitch');
    story.send(`<message from='${second}' to='${ROOM}' type='groupchat' id='1'><body>both</body></message>`);
    expect(story.gateway.recipients.toSorted()).toEqual([CRONE1, second, WICCA].toSorted());
    story.forget().send(`<presence from='${second}' to='${ROOM}/firstwitch' type='unavailable'/>`);
    story.expectAll({
      [second]: [
        presence('firstwitch', { affiliation: 'owner', role: 'none', jid: CRONE1, codes: [110], type: 'unavailable' }),
      ],
    });
    expect(story.room?.occupants.size).toBe(2);
  });

  it('§7.2.1, §16.3.3 entering again is asking for everything again; others hear only of what is new', () => {
    const story = coven();
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat' id='m'><body>Fire burn</body></message>`);
    story.enter(HAG, 'thirdwitch').send(join(HAG, 'thirdwitch'));
    const again = (more: string): string[] => [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
      presence('thirdwitch', { jid: HAG, codes: [110, 170], more }),
      noSubject,
    ];
    expect(story.gateway.recipients).toEqual([HAG]);
    const texts = story.gateway.takeText(HAG);
    expect(texts).toHaveLength(4);
    expect(texts[2]).toContain('<body>Fire burn</body>');
    story.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>dnd</show>
      <x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`);
    const more = '<show>dnd</show>';
    story.expectAll({ [CRONE1]: [presence('thirdwitch', { jid: HAG, more })], [HAG]: again(more) });
    expect(story.room?.occupants.size).toBe(2);
  });

  it('§7.2.1 entering again under another nick changes the nick, then brings everything', () => {
    const story = coven().enter(HAG, 'thirdwitch').send(join(HAG, 'oldhag'));
    const gone = { jid: HAG, nick: 'oldhag', type: 'unavailable' } as const;
    story.expectAll({
      [CRONE1]: [presence('thirdwitch', { ...gone, codes: [303] }), presence('oldhag', { jid: HAG })],
      [HAG]: [
        presence('thirdwitch', { ...gone, codes: [110, 303] }),
        presence('oldhag', { jid: HAG, codes: [110] }),
        presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
        presence('oldhag', { jid: HAG, codes: [110, 170] }),
        noSubject,
      ],
    });
    story.send(join(HAG, 'firstwitch'));
    story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/firstwitch`, 'cancel', 'conflict')] });
    expect(story.room?.bySession(HAG)?.nick).toBe('oldhag');
  });

  it('§7.2.2 the id of the join comes back with the self-presence alone', () => {
    const story = coven().send(join(HAG, 'thirdwitch').replace('<presence', `<presence id='n13mt3l'`));
    const ids = (jid: string): unknown[] => story.gateway.take(jid).map(({ attrs }): unknown => attrs['id']);
    expect(ids(HAG)).toEqual([undefined, 'n13mt3l', undefined]);
    expect(ids(CRONE1)).toEqual([undefined]);
  });

  it('§7.2.18 a presence without <x/> from somebody who is not in the room', () => {
    coven()
      .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'/>`)
      .expectAll({
        [HAG]: [
          presence('thirdwitch', {
            role: 'none',
            type: 'unavailable',
            codes: [110, 307, 333],
            inside: `<reason>You are not in the room ${ROOM}. Join it again.</reason>`,
          }),
        ],
      });
  });

  it('§17.3 presence of any other type neither enters nor leaves', () => {
    const story = coven();
    for (const type of ['probe', 'subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'error'])
      story.send(
        `<presence from='${HAG}' to='${ROOM}/thirdwitch' type='${type}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
    story.send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='probe'/>`).expectAll({});
    expect(story.room?.occupants.size).toBe(1);
  });

  it('§17.3 what a client says in the service’s name is not passed on; everything else is', () => {
    const story = coven().send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>away</show><status>tea</status>
      <c xmlns='http://jabber.org/protocol/caps' node='n' ver='v' hash='sha-1'/>
      <x xmlns='http://jabber.org/protocol/muc'/><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/></x></presence>`);
    story.gateway.take(HAG);
    story.expectAll({
      [CRONE1]: [
        presence('thirdwitch', {
          jid: HAG,
          more: `<show>away</show><status>tea</status><c xmlns='http://jabber.org/protocol/caps' node='n' ver='v' hash='sha-1'/>`,
        }),
      ],
    });
  });

  it(`a nick of more than ${MAX_NICK_LENGTH} characters`, () => {
    const nick = 'n'.repeat(MAX_NICK_LENGTH + 1);
    coven()
      .send(join(HAG, nick))
      .expectAll({ [HAG]: [refusal('presence', `${ROOM}/${nick}`, 'modify', 'not-acceptable')] });
  });

  it(`no more than ${MAX_SESSIONS} clients of one user`, () => {
    const story = coven();
    for (let client = 1; client <= MAX_SESSIONS; client++)
      story.forget().send(join(`crone1@shakespeare.lit/c${client}`, 'firstwitch'));
    expect(story.gateway.takeText(`crone1@shakespeare.lit/c${MAX_SESSIONS}`)[0]).toContain(
      '<resource-constraint xmlns',
    );
    expect(story.room?.sessions()).toHaveLength(MAX_SESSIONS);
  });

  it.each([
    [
      'a nick that no JID can have',
      `<presence from='${HAG}' to='${ROOM}/&#x7f;'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    ],
    [
      'a room that no JID can have',
      `<iq from='${HAG}' to='a@b@chat.shakespeare.lit' type='get' id='1'><x xmlns='y'/></iq>`,
    ],
  ])('%s', (_, stanza) => {
    const answers = coven().send(stanza).gateway.takeText(HAG).join('');
    if (stanza.includes('b@chat')) expect(answers).toBe('');
    else expect(answers).toContain('<jid-malformed xmlns');
  });

  it.each([
    ['as configured', 2],
    ['at most', MAX_OCCUPANTS],
  ])(`§7.2.9 a room that is full, %s, takes ${ADDITIONAL_OCCUPANTS} more admins and owners`, (_, full) => {
    const story = coven();
    if (full < MAX_OCCUPANTS) story.configure(CRONE1, { 'muc#roomconfig_maxusers': String(full) });
    const fill = (upTo: number): void => {
      const [occupant] = story.room?.occupants.values() ?? [];
      if (occupant === undefined) return;
      for (let other = story.room?.occupants.size ?? 0; other < upTo; other++)
        story.room?.put({ ...occupant, nick: `n${other}`, sessions: [] });
    };
    const items = ['hag66', 'wiccarocks'].map((user) => `<item jid='${user}@shakespeare.lit' affiliation='admin'/>`);
    story.admin(CRONE1, 'set', ...items).forget();
    fill(full);
    const full503 = (nick: string) => refusal('presence', `${ROOM}/${nick}`, 'wait', 'service-unavailable');
    const stranger = 'other@shakespeare.lit/x';
    story.send(join(stranger, 'other')).expectAll({ [stranger]: [full503('other')] });
    fill(full + ADDITIONAL_OCCUPANTS - 1);
    story.enter(HAG, 'thirdwitch').send(join(WICCA, 'secondwitch'));
    story.expectAll({ [WICCA]: [full503('secondwitch')] });
    expect(story.room?.occupants.has('thirdwitch')).toBe(true);
    // Another client of somebody who is there is nobody new.
    story.enter('hag66@shakespeare.lit/laptop', 'thirdwitch');
    expect(story.room?.occupants.get('thirdwitch')?.sessions).toHaveLength(2);
  });
});

describe('§7.2.14 managing discussion history', () => {
  function told(history: string): number {
    const story = coven();
    for (let word = 0; word < 5; word++)
      story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>w${word}</body></message>`);
    story.forget().send(join(HAG, 'thirdwitch', history));
    return story.gateway.takeText(HAG).filter((text) => text.includes('<body>')).length;
  }

  it.each([
    ['', 5],
    [`<history maxstanzas='2'/>`, 2],
    [`<history maxstanzas='0'/>`, 0],
    [`<history maxchars='0'/>`, 0],
    [`<history maxchars='100000'/>`, 5],
    [`<history seconds='16'/>`, 3],
    [`<history seconds='0'/>`, 0],
    [`<history since='1970-01-01T00:00:00Z'/>`, 5],
    [`<history since='2099-01-01T00:00:00Z'/>`, 0],
    [`<history maxstanzas='4' seconds='16'/>`, 3],
    [`<history maxstanzas='2' seconds='16' since='1970-01-01T00:00:00Z' maxchars='100000'/>`, 2],
    [`<history maxstanzas='4' maxchars='0'/>`, 0],
    [`<history maxstanzas='5' since='2099-01-01T00:00:00Z'/>`, 0],
    [`<history seconds='86400' since='2099-01-01T00:00:00Z'/>`, 0],
    [`<history maxstanzas='no' maxchars='-1' seconds='x' since='y'/>`, 5],
    [`<history maxstanzas='2' maxchars='-1' seconds='' since='yesterday'/>`, 2],
    [`<history maxstanzas=' +3 '/>`, 3],
    [`<history maxstanzas='2.5'/>`, 5],
    [`<history seconds='99999999999999999999' maxchars='99999999999999999999'/>`, 5],
    [`<history xmlns='urn:other' maxstanzas='0'/>`, 5],
    [`<history/>`, 5],
  ])('%s brings %i of 5', (history, expected) => {
    expect(told(history)).toBe(expected);
  });

  it('maxchars counts whole stanzas as they are sent', () => {
    const story = coven();
    for (let word = 0; word < 5; word++)
      story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>w${word}</body></message>`);
    story.enter(WICCA, 'secondwitch').forget().send(join(HAG, 'thirdwitch'));
    const lengths = story.gateway
      .takeText(HAG)
      .filter((text) => text.includes('<body>'))
      .map((text) => text.length);
    const two = (lengths[3] ?? 0) + (lengths[4] ?? 0);
    expect(told(`<history maxchars='${two}'/>`)).toBe(2);
    expect(told(`<history maxchars='${two - 1}'/>`)).toBe(1);
  });
});
