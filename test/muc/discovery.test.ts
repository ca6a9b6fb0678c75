import { describe, expect, it } from 'vitest';
import { MAX_CONTACTS } from '../../src/muc/disco.ts';
import { MAX_HISTORY_MESSAGES } from '../../src/muc/history.ts';
import { MAX_LIST_CHARACTERS, MAX_LISTED } from '../../src/muc/room-list.ts';
import { findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §6 and §15.4: what may be found out of the service, its rooms, and who is in them. */

const SERVICE = 'chat.shakespeare.lit';

function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch');
}

function request(from: string, to: string, what: 'info' | 'items', inside = '', node = ''): string {
  const attribute = node === '' ? '' : ` node='${node}'`;
  return `<iq from='${from}' to='${to}' type='get' id='q'>
    <query xmlns='http://jabber.org/protocol/disco#${what}'${attribute}>${inside}</query></iq>`;
}

/** A query's answer, of a result. */
function answer(from: string, what: 'info' | 'items', inside: string): string {
  return `<iq from='${from}' type='result' id='q'><query xmlns='http://jabber.org/protocol/disco#${what}'>${inside}</query></iq>`;
}

/** What somebody is told of the room: features, and the values of the form's fields. */
function told(story: RoomStory, jid: string): { features: unknown[]; fields: Record<string, string[]> } {
  const [iq] = story
    .forget()
    .send(request(jid, ROOM, 'info'))
    .gateway.take(jid);
  const query = iq?.getChild('query', NS.discoInfo);
  const form = query?.getChild('x', NS.dataForms);
  const fields = (form?.getChildren('field') ?? []).map(({ attrs, children }): [string, string[]] => [
    String(attrs['var']),
    children.map((value) => (typeof value === 'string' ? value : value.getText())),
  ]);
  const features = query?.getChildren('feature').map(({ attrs }): unknown => attrs['var']) ?? [];
  return { features, fields: Object.fromEntries(fields) };
}

describe('§6.2 the service', () => {
  it('tells its identity and what it speaks', () => {
    const [iq] = coven()
      .send(request(HAG, SERVICE, 'info'))
      .gateway.take(HAG);
    const query = iq?.getChild('query', NS.discoInfo);
    expect(query?.getChildren('identity').map(({ attrs }) => attrs)).toEqual([
      { category: 'conference', type: 'text', name: SERVICE },
    ]);
    const features = query?.getChildren('feature').map(({ attrs }): unknown => attrs['var']);
    for (const feature of [NS.muc, NS.discoInfo, NS.discoItems, NS.rsm, 'muc_rooms'])
      expect(features).toContain(feature);
  });
});

describe('§6.3 the list of rooms', () => {
  const item = (name: string, shown = name): string => `<item jid='${name}@${SERVICE}' name='${shown}'/>`;

  /** Makes that many rooms, each open. */
  function rooms(count: number, name = (index: number): string => `r${String(index).padStart(4, '0')}`): RoomStory {
    const names = Array.from({ length: count }, (_, index) => ({ name: name(index) }));
    return new RoomStory({ rooms: names });
  }

  /** The items and the result set of one answer. */
  function page(story: RoomStory, set?: string): { items: string[]; set: string | undefined } {
    const asked = set === undefined ? '' : `<set xmlns='${NS.rsm}'>${set}</set>`;
    const [iq] = story.send(request(HAG, SERVICE, 'items', asked)).gateway.take(HAG);
    const query = iq?.getChild('query', NS.discoItems);
    return {
      items: query?.getChildren('item').map(({ attrs }) => String(attrs['jid']).replace(/@.*/, '')) ?? [],
      set: query && findChild(query, 'set', NS.rsm)?.toString().replaceAll(`@${SERVICE}`, ''),
    };
  }
  const resultSet = (inside: string): string => `<set xmlns="${NS.rsm}">${inside}</set>`;

  it('shows public rooms by name; hidden ones to nobody, and locked ones are not there yet', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_roomname': 'A Dark Cave' });
    story.send(`<presence from='${WICCA}' to='heath@${SERVICE}/w'><x xmlns='${NS.muc}'/></presence>`).forget();
    const all = request(HAG, SERVICE, 'items');
    story.send(all).expectAll({ [HAG]: [answer(SERVICE, 'items', item('coven', 'A Dark Cave'))] });
    story.configure(CRONE1, { 'muc#roomconfig_publicroom': '0' }).forget();
    for (const jid of [HAG, CRONE1])
      story.send(request(jid, SERVICE, 'items')).expectAll({ [jid]: [answer(SERVICE, 'items', '')] });
  });

  it('is whole without being asked for a page', () => {
    const { items, set } = page(rooms(30));
    expect(items).toHaveLength(30);
    expect(set).toBeUndefined();
  });

  it.each([
    ['the first page', '<max>2</max>', ['r0000', 'r0001'], '<first index="0">r0000</first><last>r0001</last>'],
    [
      'the next',
      `<max>2</max><after>r0001@${SERVICE}</after>`,
      ['r0002', 'r0003'],
      '<first index="2">r0002</first><last>r0003</last>',
    ],
    [
      'what follows one that is gone',
      `<max>1</max><after>r0001x@${SERVICE}</after>`,
      ['r0002'],
      '<first index="2">r0002</first><last>r0002</last>',
    ],
    [
      'the one before',
      `<max>2</max><before>r0003@${SERVICE}</before>`,
      ['r0001', 'r0002'],
      '<first index="1">r0001</first><last>r0002</last>',
    ],
    ['the last', '<max>2</max><before/>', ['r0005', 'r0006'], '<first index="5">r0005</first><last>r0006</last>'],
    [
      'by index',
      '<max>2</max><index>4</index>',
      ['r0004', 'r0005'],
      '<first index="4">r0004</first><last>r0005</last>',
    ],
    ['beyond the end', '<max>2</max><index>7</index>', [], ''],
    ['after the last', `<max>2</max><after>r0006@${SERVICE}</after>`, [], ''],
    ['before the first', `<max>2</max><before>r0000@${SERVICE}</before>`, [], ''],
    [
      'the last between two',
      `<max>2</max><after>r0001@${SERVICE}</after><before>r0005@${SERVICE}</before>`,
      ['r0003', 'r0004'],
      '<first index="3">r0003</first><last>r0004</last>',
    ],
    [
      'all between two',
      `<max>9</max><after>r0001@${SERVICE}</after><before>r0004@${SERVICE}</before>`,
      ['r0002', 'r0003'],
      '<first index="2">r0002</first><last>r0003</last>',
    ],
    ['how many there are', '<max>0</max>', [], ''],
  ])('XEP-0059 %s', (_, asked, items, bounds) => {
    expect(page(rooms(7), asked)).toEqual({ items, set: resultSet(`${bounds}<count>7</count>`) });
  });

  it.each(['<max>many</max>', '<max>-1</max>', '<index>x</index>'])('XEP-0059 %s is no page', (asked) => {
    rooms(2)
      .send(request(HAG, SERVICE, 'items', `<set xmlns='${NS.rsm}'>${asked}</set>`))
      .expectAll({ [HAG]: [refusal('iq', SERVICE, 'modify', 'bad-request', 'q').replace(ROOM, SERVICE)] });
  });

  it('XEP-0059 of nothing is nothing', () => {
    expect(page(new RoomStory(), '<max>2</max>')).toEqual({ items: [], set: undefined });
  });

  it(`is given by ${MAX_LISTED} at most, and each room comes once`, () => {
    const story = rooms(MAX_LISTED + 3);
    const first = page(story);
    expect(first.items).toHaveLength(MAX_LISTED);
    expect(first.set).toContain(`<count>${MAX_LISTED + 3}</count>`);
    const next = page(story, `<after>${first.items.at(-1)}@${SERVICE}</after>`);
    expect(new Set([...first.items, ...next.items]).size).toBe(MAX_LISTED + 3);
  });

  it(`is given by ${MAX_LIST_CHARACTERS} characters at most`, () => {
    const story = rooms(200, (index) => `${'n'.repeat(500)}${index}`);
    const all: string[] = [];
    for (let after = ''; all.length < 200; after = `<after>${all.at(-1)}@${SERVICE}</after>`) {
      const { items } = page(story, after);
      expect(items.filter((item) => all.includes(item))).toEqual([]);
      expect(items.length).toBeGreaterThan(0);
      expect(items.length).toBeLessThan(MAX_LIST_CHARACTERS / 1000 + 1);
      all.push(...items);
    }
    expect(all).toHaveLength(200);
  });
});

describe('§6.4 a room', () => {
  it('has features that mirror its settings', () => {
    const story = coven();
    const usual = ['muc_unsecured', 'muc_public', 'muc_temporary', 'muc_open', 'muc_unmoderated', 'muc_semianonymous'];
    const other = [
      'muc_passwordprotected',
      'muc_hidden',
      'muc_persistent',
      'muc_membersonly',
      'muc_moderated',
      'muc_nonanonymous',
    ];
    const features = (): unknown[] => told(story, CRONE1).features;
    expect(features().filter((feature) => String(feature).startsWith('muc_'))).toEqual(usual.toSorted());
    expect(features()).toEqual(expect.arrayContaining([NS.muc, NS.mucStableId, NS.mucRoomConfig, NS.mucRoomInfo]));
    story.configure(CRONE1, {
      'muc#roomconfig_roomsecret': 'x',
      'muc#roomconfig_publicroom': '0',
      'muc#roomconfig_persistentroom': '1',
      'muc#roomconfig_membersonly': '1',
      'muc#roomconfig_moderatedroom': '1',
      'muc#roomconfig_whois': 'anyone',
    });
    expect(features().filter((feature) => String(feature).startsWith('muc_'))).toEqual(other.toSorted());
  });

  it('tells the fields of §15.5.4 that have a meaning here', () => {
    const story = coven().configure(CRONE1, {
      'muc#roomconfig_roomdesc': 'The place for all good witches!',
      'muc#roomconfig_whois': 'anyone',
      'muc#roomconfig_changesubject': '1',
    });
    if (story.room !== undefined) story.room.settings = { ...story.room.settings, language: 'en' };
    story.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><subject>Spells</subject></message>`);
    expect(told(story, WICCA).fields).toEqual({
      FORM_TYPE: [NS.mucRoomInfo],
      'muc#roominfo_description': ['The place for all good witches!'],
      'muc#roominfo_lang': ['en'],
      'muc#roominfo_subject': ['Spells'],
      'muc#roominfo_occupants': ['2'],
      'muc#roominfo_subjectmod': ['true'],
      'muc#roomconfig_changesubject': ['true'],
      'muc#maxhistoryfetch': [String(MAX_HISTORY_MESSAGES)],
      'muc#roominfo_contactjid': ['crone1@shakespeare.lit'],
    });
  });

  it('§13.5 tells its owners in a semi-anonymous room to those who see real JIDs', () => {
    const story = coven();
    for (const [jid, contacts] of [
      [CRONE1, ['crone1@shakespeare.lit']],
      [HAG, undefined],
      [WICCA, undefined],
    ] as const)
      expect(told(story, jid).fields['muc#roominfo_contactjid'], jid).toEqual(contacts);
  });

  it(`tells ${MAX_CONTACTS} owners at most`, () => {
    const story = coven();
    const items = Array.from(
      { length: MAX_CONTACTS },
      (_, index) => `<item jid='o${index}@shakespeare.lit' affiliation='owner'/>`,
    );
    story.admin(CRONE1, 'set', ...items);
    expect(told(story, CRONE1).fields['muc#roominfo_contactjid']).toHaveLength(MAX_CONTACTS);
  });

  it.each([
    ['a password', { 'muc#roomconfig_roomsecret': 'x' }],
    ['members only', { 'muc#roomconfig_membersonly': '1' }],
  ])('§13.4 with %s tells neither subject nor occupants to strangers', (_, fields) => {
    const story = coven().admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='member'/>`);
    story.configure(CRONE1, fields);
    const names = ['muc#roominfo_subject', 'muc#roominfo_occupants'];
    expect(Object.keys(told(story, WICCA).fields).filter((name) => names.includes(name))).toEqual([]);
    expect(Object.keys(told(story, 'hag66@shakespeare.lit/elsewhere').fields)).toEqual(expect.arrayContaining(names));
  });

  it('that is locked is there for its owner alone', () => {
    const story = new RoomStory();
    story.send(`<presence from='${CRONE1}' to='${ROOM}/firstwitch'><x xmlns='${NS.muc}'/></presence>`).forget();
    for (const what of ['info', 'items'] as const)
      story.send(request(HAG, ROOM, what)).expectAll({ [HAG]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'q')] });
    expect(told(story, CRONE1).features).toContain(NS.muc);
  });

  it('that is not there is not found', () => {
    const nowhere = `nowhere@${SERVICE}`;
    coven()
      .send(request(HAG, nowhere, 'info'))
      .expectAll({ [HAG]: [refusal('iq', nowhere, 'cancel', 'item-not-found', 'q').replace(ROOM, nowhere)] });
  });
});

describe('§6.5 the items of a room', () => {
  it('are its occupants to those who are in it, and nothing to others', () => {
    const story = coven();
    const items = ['firstwitch', 'thirdwitch'].map((nick) => `<item jid='${ROOM}/${nick}'/>`).join('');
    story.send(request(HAG, ROOM, 'items')).expectAll({ [HAG]: [answer(ROOM, 'items', items)] });
    story.send(request(WICCA, ROOM, 'items')).expectAll({ [WICCA]: [answer(ROOM, 'items', '')] });
  });

  it('are no more than presence shows', () => {
    const story = coven();
    if (story.room !== undefined) story.room.settings = { ...story.room.settings, presenceOf: ['moderator'] };
    story
      .send(request(HAG, ROOM, 'items'))
      .expectAll({ [HAG]: [answer(ROOM, 'items', `<item jid='${ROOM}/firstwitch'/>`)] });
  });
});

describe('§15.4 nodes', () => {
  it.each([
    [
      '§17.1.1 what may be said in the room, where nothing is discarded',
      ROOM,
      'info',
      NS.mucTraffic,
      'service-unavailable',
    ],
    ['the same of the service', SERVICE, 'info', NS.mucTraffic, 'service-unavailable'],
    ['§6.7 of a client, asked of the room', ROOM, 'items', 'http://jabber.org/protocol/muc#rooms', 'item-not-found'],
    ['of nobody', ROOM, 'info', 'urn:unknown', 'item-not-found'],
    ['of nobody, asked of the service', SERVICE, 'items', 'urn:unknown', 'item-not-found'],
  ] as const)('%s', (_, to, what, node, condition) => {
    coven()
      .send(request(HAG, to, what, '', node))
      .expectAll({ [HAG]: [refusal('iq', to, 'cancel', condition, 'q').replace(`by='${ROOM}'`, `by='${to}'`)] });
  });
});

it('§6.6 an occupant, asked by somebody who is not in the room', () => {
  const story = coven();
  for (const nick of ['firstwitch', 'nobody'])
    for (const what of ['info', 'items'] as const)
      story
        .send(request(WICCA, `${ROOM}/${nick}`, what))
        .expectAll({ [WICCA]: [refusal('iq', `${ROOM}/${nick}`, 'modify', 'bad-request', 'q')] });
});
