import { describe, expect, it } from 'vitest';
import { MAX_FORM_FIELDS, MAX_FORM_VALUES } from '../../src/muc/config.ts';
import { MAX_OCCUPANTS } from '../../src/muc/enter.ts';
import { MAX_FIELD_LENGTH } from '../../src/muc/form-field.ts';
import { MAX_HISTORY_MESSAGES } from '../../src/muc/history.ts';
import { attribute, type Element, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, done, HAG, ROOM, RoomStory, refusal } from '../support/room-story.ts';

/* XEP-0045 §10.2 and §15.5.3: the fields of the form, what each takes, and what it makes of the room. */

type Fields = Readonly<Record<string, string | readonly string[]>>;

const owner = (jid: string, type: 'get' | 'set', payload = ''): string =>
  `<iq from='${jid}' to='${ROOM}' type='${type}' id='q'><query xmlns='${NS.mucOwner}'>${payload}</query></iq>`;

const coven = (): RoomStory => new RoomStory().enter(CRONE1, 'firstwitch');

const named = (name: string): string => (name === 'maxhistoryfetch' ? `muc#${name}` : `muc#roomconfig_${name}`);

function full(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [named(name), value]));
}

/** The form as an owner gets it: each field's type, values and options. */
function form(story: RoomStory): Record<string, readonly [string | undefined, readonly string[], readonly string[]]> {
  story.forget().send(owner(CRONE1, 'get'));
  const x = story.gateway.take(CRONE1)[0]?.getChild('query', NS.mucOwner)?.getChild('x', NS.dataForms) as Element;
  const values = (of: Element): string[] => of.getChildren('value').map((value) => value.getText());
  return Object.fromEntries(
    findChildren(x, 'field').map((field) => [
      attribute(field, 'var') ?? '',
      [attribute(field, 'type'), values(field), field.getChildren('option').flatMap(values)],
    ]),
  );
}

describe('§10.2 the form', () => {
  it('has every field of the registry but pubsub, with the settings as they are', () => {
    const fields = form(coven());
    const roles = ['moderator', 'participant', 'visitor'];
    expect(fields).toMatchObject({
      FORM_TYPE: ['hidden', [NS.mucRoomConfig], []],
      ...Object.fromEntries(
        Object.entries({
          roomname: ['text-single', [''], []],
          roomdesc: ['text-single', [''], []],
          lang: ['text-single', [''], []],
          persistentroom: ['boolean', ['0'], []],
          publicroom: ['boolean', ['1'], []],
          membersonly: ['boolean', ['0'], []],
          allowinvites: ['boolean', ['0'], []],
          moderatedroom: ['boolean', ['0'], []],
          changesubject: ['boolean', ['0'], []],
          passwordprotectedroom: ['boolean', ['0'], []],
          roomsecret: ['text-private', [''], []],
          whois: ['list-single', ['moderators'], ['moderators', 'anyone']],
          allowpm: ['list-single', ['anyone'], ['anyone', 'participants', 'moderators', 'none']],
          presencebroadcast: ['list-multi', roles, roles],
          getmemberlist: ['list-multi', ['moderator', 'participant'], roles],
          maxusers: ['list-single', ['none'], ['10', '20', '30', '50', '100', '500', 'none']],
          maxhistoryfetch: ['text-single', [String(MAX_HISTORY_MESSAGES)], []],
          enablelogging: ['boolean', ['1'], []],
          roomadmins: ['jid-multi', [], []],
          roomowners: ['jid-multi', ['crone1@shakespeare.lit'], []],
        }).map(([name, field]) => [named(name), field]),
      ),
    });
    expect(fields[named('pubsub')]).toBeUndefined();
  });

  it('is for owners only, and says so to others', () => {
    const story = coven().enter(HAG, 'thirdwitch').send(owner(HAG, 'get'));
    story.expectAll({ [HAG]: [refusal('iq', ROOM, 'auth', 'forbidden', 'q')] });
  });

  it('what it shows may be submitted as it is, and changes nothing', () => {
    const story = coven();
    story.configure(CRONE1, full({ roomsecret: 'x', maxusers: '77', presencebroadcast: [] })).forget();
    const before = story.room?.settings;
    const shown = Object.entries(form(story)).filter(([name]) => name !== '' && name !== 'FORM_TYPE');
    expect(Object.fromEntries(shown)[named('maxusers')]?.[2]).toContain('77');
    story.forget().configure(CRONE1, Object.fromEntries(shown.map(([name, [, values]]) => [name, values])));
    story.expectAll({ [CRONE1]: [done('config')] });
    expect(story.room?.settings).toEqual(before);
  });
});

describe('§15.5.3 what each field makes of the room', () => {
  it.each<[Fields, object]>([
    [{ roomname: 'A Dark Cave' }, { name: 'A Dark Cave' }],
    [{ roomdesc: 'For witches' }, { description: 'For witches' }],
    [{ lang: 'en-GB' }, { language: 'en-GB' }],
    [{ lang: [] }, { language: '' }],
    [{ persistentroom: 'true' }, { persistent: true }],
    [{ publicroom: '0' }, { public: false }],
    [{ membersonly: '1' }, { membersOnly: true }],
    [{ allowinvites: '1' }, { membersInvite: true }],
    [{ moderatedroom: '1' }, { moderated: true }],
    [{ changesubject: '1' }, { occupantsChangeSubject: true }],
    [{ whois: 'anyone' }, { whois: 'anyone' }],
    [{ whois: [] }, { whois: 'moderators' }],
    [{ allowpm: 'none' }, { privateMessages: 'none' }],
    [{ presencebroadcast: ['visitor', 'moderator', 'visitor'] }, { presenceOf: ['moderator', 'visitor'] }],
    [{ getmemberlist: [] }, { membersSeenBy: [] }],
    [{ maxusers: '30' }, { maxOccupants: 30 }],
    [{ maxusers: 'none' }, { maxOccupants: 0 }],
    [{ maxhistoryfetch: '5' }, { maxHistory: 5 }],
    [{ enablelogging: 'false' }, { logged: false }],
    [{ passwordprotectedroom: '1', roomsecret: 'x' }, { password: 'x' }],
    [{ passwordprotectedroom: '0', roomsecret: 'x' }, { password: '' }],
    [{ roomsecret: 'x' }, { password: 'x' }],
    [{ unknown: 'x' }, {}],
  ])('%j', (fields, settings) => {
    const story = coven();
    const before = story.room?.settings;
    story.configure(CRONE1, full(fields));
    expect(story.room?.settings).toEqual({ ...before, ...settings });
  });

  it('what is left out stays as it is', () => {
    const story = coven().configure(CRONE1, full({ roomsecret: 'x', membersonly: '1' }));
    const before = story.room?.settings;
    story.configure(CRONE1, full({ passwordprotectedroom: '1' }));
    expect(story.room?.settings).toEqual(before);
  });

  it('all of it is there after a restart', () => {
    const fields = {
      persistentroom: '1',
      maxhistoryfetch: '3',
      presencebroadcast: ['moderator'],
      lang: 'da',
      allowpm: 'none',
    };
    const story = coven().configure(CRONE1, full(fields));
    const before = story.room?.settings;
    expect(story.restarted().room?.settings).toEqual(before);
  });

  it('muc#maxhistoryfetch bounds what a newcomer gets, whatever is asked for, and is told of the room', () => {
    const story = coven().configure(CRONE1, full({ maxhistoryfetch: '2' }));
    for (const word of ['Double', 'double', 'toil'])
      story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>${word}</body></message>`);
    story.forget();
    for (const history of ['', `<history maxstanzas='50'/>`]) {
      story.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><x xmlns='${NS.muc}'>${history}</x></presence>`);
      const bodies = story.gateway.take(HAG).flatMap((stanza) => stanza.getChildText('body') ?? []);
      expect(bodies).toEqual(['double', 'toil']);
    }
    story.send(`<iq from='${HAG}' to='${ROOM}' type='get' id='q'><query xmlns='${NS.discoInfo}'/></iq>`);
    expect(story.gateway.takeText(HAG)[0]).toMatch(/var="muc#maxhistoryfetch"[^>]*><value>2</);
  });
});

describe('§10.1.3 what cannot be is not acceptable, and nothing changes', () => {
  it.each<[Fields]>([
    [{ roomname: 'n'.repeat(MAX_FIELD_LENGTH + 1) }],
    [{ roomname: ['two', 'names'] }],
    [{ lang: 'en_GB!' }],
    [{ persistentroom: 'perhaps' }],
    [{ membersonly: ['1', '1'] }],
    [{ whois: 'nobody' }],
    [{ whois: 'toString' }],
    [{ allowpm: 'friends' }],
    [{ presencebroadcast: ['moderator', 'none'] }],
    [{ getmemberlist: 'owner' }],
    [{ maxusers: 'many' }],
    [{ maxusers: '0' }],
    [{ maxusers: String(MAX_OCCUPANTS + 1) }],
    [{ maxhistoryfetch: String(MAX_HISTORY_MESSAGES + 1) }],
    [{ maxhistoryfetch: '-1' }],
    [{ passwordprotectedroom: 'x' }],
    [{ roomadmins: '@@' }],
    [{ roomowners: ['crone1@shakespeare.lit', '/'] }],
  ])('%j, named in the text', (fields) => {
    const story = coven().enter(HAG, 'thirdwitch');
    const before = story.room?.settings;
    story.configure(CRONE1, { ...full({ roomdesc: 'changed' }), ...full(fields) });
    const [text = ''] = story.gateway.takeText(CRONE1);
    expect(text).toContain('<not-acceptable xmlns');
    expect(text).toContain(`${named(Object.keys(fields)[0] ?? '')} can't be that`);
    story.expectAll({});
    expect(story.room?.settings).toBe(before);
  });

  it.each<[Fields]>([[{ passwordprotectedroom: '1' }], [{ passwordprotectedroom: '1', roomsecret: '' }]])(
    '%j: a room without the password that it is to need',
    (fields) => {
      const story = coven().configure(CRONE1, full(fields));
      story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    },
  );

  it('the password of a room that needs one is not blanked', () => {
    const story = coven()
      .configure(CRONE1, full({ roomsecret: 'x' }))
      .forget();
    story.configure(CRONE1, full({ roomsecret: '' }));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'config')] });
    story.configure(CRONE1, full({ roomsecret: '', passwordprotectedroom: '0' }));
    expect(story.room?.settings.password).toBe('');
  });

  const field = (name: string, values = 1): string =>
    `<field var='${name}'>${'<value>0</value>'.repeat(values)}</field>`;
  const submit = (inside: string): string => `<x xmlns='${NS.dataForms}' type='submit'>${inside}</x>`;

  it('a field that stands twice', () => {
    const story = coven().send(owner(CRONE1, 'set', submit(field(named('publicroom')).repeat(2))));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'q')] });
  });

  it(`more than ${MAX_FORM_FIELDS} fields, or ${MAX_FORM_VALUES} values`, () => {
    const many = Array.from({ length: MAX_FORM_FIELDS + 1 }, (_, n) => field(`f${n}`)).join('');
    for (const inside of [many, field('f', MAX_FORM_VALUES + 1)]) {
      const story = coven().send(owner(CRONE1, 'set', submit(inside)));
      story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'not-acceptable', 'q')] });
    }
    const fits = many.slice(0, many.lastIndexOf('<field'));
    coven()
      .send(owner(CRONE1, 'set', submit(fits)))
      .expectAll({ [CRONE1]: [done('q')] });
  });

  it.each([
    ['nothing', ''],
    ['something else', '<y/>'],
    ['a form of another type', `<x xmlns='${NS.dataForms}' type='result'/>`],
    ['a form without a type', `<x xmlns='${NS.dataForms}'/>`],
    ['the form of something else', submit(`<field var='FORM_TYPE'><value>urn:other</value></field>`)],
  ])('%s is a bad request', (_, payload) => {
    const story = coven();
    const before = story.room?.settings;
    story.send(owner(CRONE1, 'set', payload));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'modify', 'bad-request', 'q')] });
    expect(story.room?.settings).toBe(before);
  });
});
