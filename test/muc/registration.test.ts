import { describe, expect, it } from 'vitest';
import { MAX_AFFILIATIONS } from '../../src/muc/affiliation.ts';
import { MAX_FIELD_LENGTH } from '../../src/muc/form-field.ts';
import { MAX_NICK_LENGTH } from '../../src/muc/nick.ts';
import { MAX_PENDING_REGISTRATIONS, REGISTRATION_LIFETIME } from '../../src/muc/pending.ts';
import { canonical } from '../support/canonical.ts';
import { CRONE1, configured, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.10, §7.12 and §9.9: members by their own wish, and their nicks. */

const REGISTER = 'http://jabber.org/protocol/muc#register';
const HAG_BARE = 'hag66@shakespeare.lit';
const PHONE = 'crone1@shakespeare.lit/phone';

/** Crone1 owns the room, wiccarocks is a member with a nick, and hag66 nothing in particular; crone1 and hag66 are in it. */
function coven(): RoomStory {
  const story = new RoomStory()
    .enter(CRONE1, 'firstwitch')
    .configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' })
    .enter(HAG, 'thirdwitch');
  return story.send(registers(WICCA, { roomnick: 'secondwitch' })).forget();
}

const asks = (from: string): string =>
  `<iq from='${from}' to='${ROOM}' type='get' id='r'><query xmlns='jabber:iq:register'/></iq>`;
const sets = (from: string, inside: string): string =>
  `<iq from='${from}' to='${ROOM}' type='set' id='r'><query xmlns='jabber:iq:register'>${inside}</query></iq>`;
const submission = (fields: Readonly<Record<string, string>>, formType = REGISTER, type = 'submit'): string => {
  const values = Object.entries(fields).map(
    ([name, value]) =>
      `<field var='muc#register_${name}'>${value
        .split('\n')
        .map((line) => `<value>${line}</value>`)
        .join('')}</field>`,
  );
  return `<x xmlns='jabber:x:data' type='${type}'><field var='FORM_TYPE'><value>${formType}</value></field>${values.join('')}</x>`;
};
function registers(from: string, fields: Readonly<Record<string, string>>): string {
  return sets(from, submission(fields));
}
const result = (inside = ''): string =>
  `<iq from='${ROOM}' type='result' id='r'>${inside === '' ? '' : `<query xmlns='jabber:iq:register'>${inside}</query>`}</iq>`;
const refused = (type: string, condition: string): string => refusal('iq', ROOM, type, condition, 'r');

/** Names and types of the fields of a form that has come. */
function fieldsOf(story: RoomStory, jid: string): string[] {
  const [text = ''] = story.gateway.takeText(jid);
  return [...text.matchAll(/<field var="([^"]+)" type="([^"]+)"[^>]*>(<required\/>)?/g)].map(
    ([, name, type, required]) => `${name} ${type}${required === undefined ? '' : ' required'}`,
  );
}

describe('§7.10 what registering takes', () => {
  it('in an open room is a nick', () => {
    expect(fieldsOf(coven().send(asks(HAG)), HAG)).toEqual([
      'FORM_TYPE hidden',
      'muc#register_roomnick text-single required',
    ]);
  });

  it.each([{ membersOnly: true }, { moderated: true }])('where an admin decides is who it is for: %o', (settings) => {
    const from = 'peer@shakespeare.lit/x';
    expect(fieldsOf(configured(coven(), settings).send(asks(from)), from)).toEqual([
      'FORM_TYPE hidden',
      'muc#register_first text-single',
      'muc#register_last text-single',
      'muc#register_roomnick text-single required',
      'muc#register_url text-single',
      'muc#register_email text-single',
      'muc#register_faqentry text-multi',
    ]);
  });

  it('is told with instructions, in a form of type form', () => {
    const story = coven().send(asks(HAG));
    const [text = ''] = story.gateway.takeText(HAG);
    expect(text).toMatch(
      /<query xmlns="jabber:iq:register"><instructions>[^<]+<\/instructions><x xmlns="jabber:x:data" type="form">/,
    );
  });

  it('is nothing where somebody has registered: they are told their nick', () => {
    coven()
      .send(asks(WICCA))
      .expectAll({ [WICCA]: [result('<registered/><username>secondwitch</username>')] });
  });

  it('is nobody told who has been banned', () => {
    coven()
      .admin(CRONE1, 'set', `<item jid='peer@x.lit' affiliation='outcast'/>`)
      .forget()
      .send(asks('peer@x.lit/y'))
      .expectAll({ 'peer@x.lit/y': [refused('cancel', 'not-allowed')] });
  });

  it('with a room that is not there is nothing', () => {
    const story = coven().send(asks(HAG).replace(ROOM, 'nowhere@chat.shakespeare.lit'));
    expect(story.gateway.takeText(HAG)[0]).toContain('<item-not-found');
  });

  it('with a room that is not configured yet is nothing but for its owner', () => {
    const story = new RoomStory()
      .send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
      .forget();
    for (const stanza of [asks(HAG), registers(HAG, { roomnick: 'x' })])
      story.send(stanza).expectAll({ [HAG]: [refused('cancel', 'item-not-found')] });
    expect(fieldsOf(story.send(asks(CRONE1)), CRONE1)).toContain('muc#register_roomnick text-single required');
  });

  it('with the service itself is not possible', () => {
    const story = coven().send(asks(HAG).replace(ROOM, 'chat.shakespeare.lit'));
    expect(story.gateway.takeText(HAG)[0]).toContain('<service-unavailable');
  });

  it('is a feature of the room', () => {
    const story = coven().send(
      `<iq from='${HAG}' to='${ROOM}' type='get' id='i'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    );
    expect(story.gateway.takeText(HAG)[0]).toContain(`<feature var="${REGISTER}"/>`);
  });
});

describe('§7.10 registering with an open room', () => {
  it('makes a member of whoever is in it, which everyone sees, and keeps the nick', () => {
    const story = coven()
      .send(registers(HAG, { roomnick: 'thirdwitch', first: 'Brunhilde' }))
      .expectAll({
        [CRONE1]: [presence('thirdwitch', { affiliation: 'member', jid: HAG })],
        [HAG]: [presence('thirdwitch', { affiliation: 'member', jid: HAG, codes: [110] }), result()],
      });
    const member = { affiliation: 'member', nick: 'thirdwitch' };
    expect(story.room?.affiliations.get(HAG_BARE)).toEqual(member);
    expect(story.restarted().room?.affiliations.get(HAG_BARE)).toEqual(member);
  });

  it('makes a member of whoever is not', () => {
    const story = coven()
      .send(registers('peer@x.lit/y', { roomnick: 'peer' }))
      .expectAll({ 'peer@x.lit/y': [result()] });
    expect(story.room?.affiliations.get('peer@x.lit')).toEqual({ affiliation: 'member', nick: 'peer' });
  });

  it('leaves an owner one', () => {
    const story = coven().send(registers(CRONE1, { roomnick: 'firstwitch' }));
    story.expectAll({ [CRONE1]: [result()] });
    expect(story.room?.affiliations.get('crone1@shakespeare.lit')).toEqual({
      affiliation: 'owner',
      nick: 'firstwitch',
    });
  });

  it('once more gives another nick, and the first is free', () => {
    const story = coven().send(registers(WICCA, { roomnick: 'other' }), registers(HAG, { roomnick: 'secondwitch' }));
    expect(story.room?.affiliations.get('wiccarocks@shakespeare.lit')?.nick).toBe('other');
    expect(story.room?.affiliations.get(HAG_BARE)?.nick).toBe('secondwitch');
  });

  it('keeps the nick as it is prepared', () => {
    const story = coven().send(registers(HAG, { roomnick: 'thirdwitche\u0301' }));
    expect(story.room?.affiliations.get(HAG_BARE)?.nick).toBe('thirdwitch\u00e9');
  });

  it.each([
    ['a nick that is reserved', submission({ roomnick: 'secondwitch' }), 'cancel', 'conflict'],
    ['the nick of somebody who is here', submission({ roomnick: 'firstwitch' }), 'cancel', 'conflict'],
    ['no form', '<username>hag</username>', 'modify', 'bad-request'],
    ['nothing', '', 'modify', 'bad-request'],
    ['a form of no type', submission({ roomnick: 'x' }).replace(REGISTER, ''), 'modify', 'bad-request'],
    ['a form of another type', submission({ roomnick: 'x' }, 'urn:x'), 'modify', 'bad-request'],
    ['a form that is none to submit', submission({ roomnick: 'x' }, REGISTER, 'result'), 'modify', 'bad-request'],
    ['no nick', submission({ first: 'x' }), 'modify', 'not-acceptable'],
    ['an empty nick', submission({ roomnick: '' }), 'modify', 'not-acceptable'],
    [
      'a field of another form',
      submission({}).replace('</x>', `<field var='nick'><value>x</value></field></x>`),
      'modify',
      'not-acceptable',
    ],
    ['a nick that nobody can see', submission({ roomnick: '  ' }), 'modify', 'jid-malformed'],
    ['a nick with a control character', submission({ roomnick: 'x\u0085' }), 'modify', 'jid-malformed'],
    ['too long a nick', submission({ roomnick: 'x'.repeat(MAX_NICK_LENGTH + 1) }), 'modify', 'not-acceptable'],
    [
      'too long a field',
      submission({ roomnick: 'x', faqentry: 'x\n'.repeat(MAX_FIELD_LENGTH / 2 + 1) }),
      'modify',
      'not-acceptable',
    ],
  ])('with %s is refused', (_, inside, type, condition) => {
    const story = coven()
      .send(sets(HAG, inside))
      .expectAll({ [HAG]: [refused(type, condition)] });
    expect(story.room?.affiliations.has(HAG_BARE)).toBe(false);
  });

  it('is not possible for the banned', () => {
    coven()
      .admin(CRONE1, 'set', `<item jid='peer@x.lit' affiliation='outcast'/>`)
      .forget()
      .send(registers('peer@x.lit/y', { roomnick: 'peer' }))
      .expectAll({ 'peer@x.lit/y': [refused('cancel', 'not-allowed')] });
  });

  it('that is given up changes nothing', () => {
    coven()
      .send(sets(HAG, `<x xmlns='jabber:x:data' type='cancel'/>`))
      .expectAll({ [HAG]: [result()] });
  });

  it('is refused where the lists are full', () => {
    const story = coven();
    const { room } = story;
    for (let index = room?.affiliations.size ?? 0; index < MAX_AFFILIATIONS; index++)
      room?.affiliations.set(`p${index}@x.lit`, { affiliation: 'member' });
    story.send(registers(HAG, { roomnick: 'thirdwitch' })).expectAll({ [HAG]: [refused('modify', 'not-acceptable')] });
  });

  it('that the store cannot keep is refused', () => {
    const story = coven();
    story.gateway.store.full = true;
    story
      .send(registers(HAG, { roomnick: 'thirdwitch' }))
      .expectAll({ [HAG]: [refused('wait', 'resource-constraint')] });
    expect(story.room?.affiliations.has(HAG_BARE)).toBe(false);
    expect(story.room?.occupants.get('thirdwitch')?.affiliation).toBe('none');
  });
});

describe('XEP-0077 §3.2 being removed', () => {
  it('ends membership and the claim to the nick', () => {
    const story = coven()
      .send(sets(WICCA, '<remove/>'))
      .expectAll({ [WICCA]: [result()] });
    expect(story.room?.affiliations.has('wiccarocks@shakespeare.lit')).toBe(false);
    expect(story.restarted().room?.affiliations.has('wiccarocks@shakespeare.lit')).toBe(false);
  });

  it('is shown to everyone where they are here', () => {
    coven()
      .send(registers(HAG, { roomnick: 'thirdwitch' }))
      .forget()
      .send(sets(HAG, '<remove/>'))
      .expectAll({
        [CRONE1]: [presence('thirdwitch', { jid: HAG })],
        [HAG]: [presence('thirdwitch', { jid: HAG, codes: [110] }), result()],
      });
  });

  it('takes them out of a members-only room', () => {
    const gone = { role: 'none', jid: HAG, type: 'unavailable' } as const;
    configured(
      coven()
        .send(registers(HAG, { roomnick: 'thirdwitch' }))
        .forget(),
      { membersOnly: true },
    )
      .send(sets(HAG, '<remove/>'))
      .expectAll({
        [CRONE1]: [presence('thirdwitch', { ...gone, codes: [321] })],
        [HAG]: [presence('thirdwitch', { ...gone, codes: [110, 321] }), result()],
      });
  });

  it('leaves an owner one, without a nick', () => {
    const story = coven()
      .send(registers(CRONE1, { roomnick: 'firstwitch' }))
      .forget();
    story.send(sets(CRONE1, '<remove/>')).expectAll({ [CRONE1]: [result()] });
    expect(story.room?.affiliations.get('crone1@shakespeare.lit')).toEqual({ affiliation: 'owner' });
    story.send(sets(CRONE1, '<remove/>')).expectAll({ [CRONE1]: [refused('auth', 'registration-required')] });
  });

  it.each([
    ['of somebody who has not registered', '<remove/>', 'auth', 'registration-required'],
    ['and something else at once', '<remove/><username>x</username>', 'modify', 'bad-request'],
  ])('%s is refused', (_, inside, type, condition) => {
    coven()
      .send(sets(HAG, inside))
      .expectAll({ [HAG]: [refused(type, condition)] });
  });
});

describe('§9.9 registering where an admin decides', () => {
  const PEER = 'peer@shakespeare.lit/x';
  const PEER_BARE = 'peer@shakespeare.lit';
  const closed = (settings = { membersOnly: true }): RoomStory =>
    configured(
      coven().enter(WICCA, 'secondwitch').send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`),
      settings,
    ).forget();
  const form = (entry = ''): string => `<message from='${ROOM}'><x xmlns='jabber:x:data' type='form'>
    <title>Registration request</title>
    <instructions>${PEER_BARE} asks to become a member. To approve, check "Allow this person to register with the room?" and submit the form. To skip it, cancel.</instructions>
    <field var='FORM_TYPE' type='hidden'><value>${REGISTER}</value></field>
    <field var='muc#jid' type='jid-single' label='User ID'><value>${PEER_BARE}</value></field>
    <field var='muc#register_first' type='text-single' label='Given Name'><value>Brunhilde</value></field>
    <field var='muc#register_last' type='text-single' label='Family Name'/>
    <field var='muc#register_roomnick' type='text-single' label='Desired Nickname'><value>peer</value></field>
    <field var='muc#register_url' type='text-single' label='A Web Page'/>
    <field var='muc#register_email' type='text-single' label='Email Address'/>
    <field var='muc#register_faqentry' type='text-multi' label='FAQ Entry'>${entry}</field>
    <field var='muc#register_allow' type='boolean' label='Allow this person to register with the room?'><value>0</value></field>
    </x></message>`;
  const answers = (from: string, fields: Readonly<Record<string, string>> = {}): string => {
    const all = { 'muc#jid': PEER_BARE, 'muc#register_roomnick': 'peer', 'muc#register_allow': '1', ...fields };
    const values = Object.entries(all).map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`);
    return `<message from='${from}' to='${ROOM}' id='a'><x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE'><value>${REGISTER}</value></field>${values.join('')}</x></message>`;
  };
  const waiting = (): RoomStory =>
    closed()
      .send(registers(PEER, { roomnick: 'peer', first: 'Brunhilde' }))
      .forget();
  const denied = (type: string, condition: string): string => refusal('message', ROOM, type, condition, 'a');

  it('asks every client of the admins who are here, and makes nobody a member', () => {
    const story = closed()
      .enter(PHONE, 'firstwitch')
      .send(registers(PEER, { roomnick: 'peer', first: 'Brunhilde', faqentry: 'one\ntwo' }));
    const asked = form('<value>one</value><value>two</value>');
    story.expectAll({ [CRONE1]: [asked], [PHONE]: [asked], [PEER]: [result()] });
    expect(story.room?.affiliations.has(PEER_BARE)).toBe(false);
  });

  it('also asks in a moderated room, where membership would bring voice', () => {
    configured(coven(), { moderated: true })
      .send(registers(PEER, { roomnick: 'peer', first: 'Brunhilde' }))
      .expectAll({ [CRONE1]: [form()], [PEER]: [result()] });
  });

  it('an admin who allows it makes a member with a nick, who is told where they are not here', () => {
    const story = waiting()
      .send(answers(CRONE1))
      .expectAll({
        [PEER_BARE]: [
          `<message from='${ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='none' jid='${PEER_BARE}'/><status code='101'/></x></message>`,
        ],
      });
    expect(story.restarted().room?.affiliations.get(PEER_BARE)).toEqual({ affiliation: 'member', nick: 'peer' });
  });

  it('gives voice to whoever is in a moderated room', () => {
    const story = configured(coven(), { moderated: true }).enter(PEER, 'peer');
    story
      .send(registers(PEER, { roomnick: 'peer' }))
      .forget()
      .send(answers(CRONE1));
    story.expectAll({
      [CRONE1]: [presence('peer', { affiliation: 'member', jid: PEER })],
      [HAG]: [presence('peer', { affiliation: 'member' })],
      [PEER]: [presence('peer', { affiliation: 'member', jid: PEER, codes: [110] })],
    });
  });

  it('an admin who does not makes none, and nobody is asked again that day', () => {
    const story = waiting()
      .send(answers(CRONE1, { 'muc#register_allow': '0' }))
      .expectAll({});
    story.send(answers(CRONE1)).expectAll({ [CRONE1]: [denied('cancel', 'item-not-found')] });
    const again = registers(PEER, { roomnick: 'peer', first: 'Brunhilde' });
    story.send(again).expectAll({ [PEER]: [refused('wait', 'resource-constraint')] });
    story.gateway.world.now += REGISTRATION_LIFETIME;
    story.send(again).expectAll({ [CRONE1]: [form()], [PEER]: [result()] });
  });

  it('is taken back by being removed', () => {
    const story = waiting()
      .send(sets(PEER, '<remove/>'))
      .expectAll({ [PEER]: [result()] });
    story.send(answers(CRONE1)).expectAll({ [CRONE1]: [denied('cancel', 'item-not-found')] });
    story.send(sets(PEER, '<remove/>')).expectAll({ [PEER]: [refused('auth', 'registration-required')] });
  });

  it('without an admin in the room is refused, and possible once one is', () => {
    const story = closed().send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch' type='unavailable'/>`).forget();
    const asked = registers(PEER, { roomnick: 'peer', first: 'Brunhilde' });
    story.send(asked).expectAll({ [PEER]: [refused('wait', 'service-unavailable')] });
    story
      .enter(CRONE1, 'firstwitch')
      .send(asked)
      .expectAll({ [CRONE1]: [form()], [PEER]: [result()] });
  });

  it('under a nick that another one seeks is refused', () => {
    waiting()
      .send(registers('p@x.lit/y', { roomnick: 'peer' }))
      .expectAll({ 'p@x.lit/y': [refused('cancel', 'conflict')] });
  });

  it('of somebody who is a member already is done at once', () => {
    closed()
      .send(registers(WICCA, { roomnick: 'other' }))
      .expectAll({ [WICCA]: [result()] });
  });

  it.each([
    ['by a member', answers(WICCA), WICCA, 'auth', 'forbidden'],
    ['by whoever asks', answers(PEER), PEER, 'auth', 'forbidden'],
    ['that is neither yes nor no', answers(CRONE1, { 'muc#register_allow': 'x' }), CRONE1, 'modify', 'not-acceptable'],
    ['for somebody who has not asked', answers(CRONE1, { 'muc#jid': 'p@x.lit' }), CRONE1, 'cancel', 'item-not-found'],
    ['for another nick', answers(CRONE1, { 'muc#register_roomnick': 'x' }), CRONE1, 'cancel', 'item-not-found'],
  ])('an answer %s is refused, and the request waits on', (_, stanza, from, type, condition) => {
    const story = waiting()
      .send(stanza)
      .expectAll({ [from]: [denied(type, condition)] });
    expect(story.room?.affiliations.has(PEER_BARE)).toBe(false);
    story.send(answers(CRONE1));
    expect(story.room?.affiliations.get(PEER_BARE)?.nick).toBe('peer');
  });

  it('an answer is refused where the nick has been taken since, or its seeker banned', () => {
    waiting()
      .send(registers(WICCA, { roomnick: 'peer' }))
      .forget()
      .send(answers(CRONE1))
      .expectAll({ [CRONE1]: [denied('cancel', 'conflict')] });
    waiting()
      .admin(CRONE1, 'set', `<item jid='${PEER_BARE}' affiliation='outcast'/>`)
      .forget()
      .send(answers(CRONE1))
      .expectAll({ [CRONE1]: [denied('cancel', 'not-allowed')] });
  });

  it(`waits for an admin until ${MAX_PENDING_REGISTRATIONS} others have asked`, () => {
    const story = waiting();
    for (let index = 1; index < MAX_PENDING_REGISTRATIONS; index++)
      story.send(registers(`p${index}@x.lit/y`, { roomnick: `p${index}` }));
    story
      .forget()
      .send(answers(CRONE1, { 'muc#register_roomnick': 'x' }), answers(CRONE1))
      .forget();
    expect(story.room?.affiliations.has(PEER_BARE)).toBe(true);
    for (let index = 1; index <= 2; index++) story.send(registers(`q${index}@x.lit/y`, { roomnick: `q${index}` }));
    story
      .forget()
      .send(answers(CRONE1, { 'muc#jid': 'p1@x.lit', 'muc#register_roomnick': 'p1' }))
      .expectAll({ [CRONE1]: [denied('cancel', 'item-not-found')] });
  });
});

describe('§7.12 discovering a reserved nick', () => {
  const discovers = (from: string): string => `<iq from='${from}' to='${ROOM}' type='get' id='n'>
    <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>`;
  const found = (inside: string): string => `<iq from='${ROOM}' type='result' id='n'>
    <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>${inside}</query></iq>`;
  const nick = `<identity category='conference' name='secondwitch' type='text'/>`;

  it('gives its owner the nick, from outside and from inside', () => {
    const story = coven()
      .send(discovers(WICCA))
      .expectAll({ [WICCA]: [found(nick)] });
    story
      .enter(WICCA, 'secondwitch')
      .send(discovers(WICCA))
      .expectAll({ [WICCA]: [found(nick)] });
  });

  it('gives whoever has none an empty answer', () => {
    coven()
      .send(discovers(HAG))
      .expectAll({ [HAG]: [found('')] });
  });

  it('of a room that is not configured yet is nothing', () => {
    new RoomStory()
      .send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
      .forget()
      .send(discovers(HAG))
      .expectAll({ [HAG]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'n')] });
  });

  it('other nodes are not there', () => {
    const story = coven().send(discovers(HAG).replace('x-roomuser-item', 'x'));
    expect(canonical(story.gateway.takeText(HAG)[0] ?? '')).toContain("type='error'");
  });
});
