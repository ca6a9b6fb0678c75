import { describe, expect, it } from 'vitest';
import { formatStamp } from '../../src/lib/stamp.ts';
import { DEFAULT_PAGE_MESSAGES, MAX_IDS, MAX_PAGE_CHARACTERS, MAX_PAGE_MESSAGES } from '../../src/muc/archive.ts';
import { MAX_REFERRED, referredFrom } from '../../src/muc/archived.ts';
import type { Room } from '../../src/muc/room.ts';
import { SEARCHED_ROWS } from '../../src/muc/search.ts';
import { attribute, type Element, findChild, findChildren } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { append, message } from '../io/store-records.ts';
import { canonical } from '../support/canonical.ts';
import { CRONE1, done, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0313: a room's archive, as its users read it; pages by XEP-0059. */

const STRANGER = 'macbeth@shakespeare.lit/castle';

/** Crone1 owns the room, the hag and Wicca are in it. */
function coven(fields: Readonly<Record<string, string>> = {}): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return story.configure(CRONE1, { 'muc#roomconfig_persistentroom': '1', ...fields }).forget();
}

function says(story: RoomStory, jid: string, ...bodies: readonly string[]): void {
  for (const body of bodies) {
    story.send(`<message from='${jid}' to='${ROOM}' type='groupchat' id='${body}'><body>${body}</body></message>`);
    story.gateway.world.settle(1000);
  }
}

/** A coven in which each has said something, a second after the other. */
function spoken(fields: Readonly<Record<string, string>> = {}): RoomStory {
  const story = coven(fields);
  says(story, CRONE1, 'one');
  says(story, HAG, 'two');
  says(story, CRONE1, 'three');
  says(story, WICCA, 'four');
  says(story, HAG, 'five');
  return story.forget();
}

const ALL = ['one', 'two', 'three', 'four', 'five'];

const field = (name: string, ...values: readonly string[]) =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (...fields: readonly string[]) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>${NS.mam}</value></field>${fields.join('')}</x>`;
const rsm = (inside: string) => `<set xmlns='${NS.rsm}'>${inside}</set>`;

function ask(story: RoomStory, jid: string, inside = '', attributes = ''): void {
  story.send(
    `<iq from='${jid}' to='${ROOM}' type='set' id='q'><query xmlns='${NS.mam}'${attributes}>${inside}</query></iq>`,
  );
}

interface Answer {
  readonly bodies: readonly string[];
  readonly ids: readonly string[];
  readonly forwarded: readonly Element[];
  readonly complete: boolean;
  readonly index: string | undefined;
  readonly count: string | undefined;
  readonly ends: readonly (string | undefined)[];
}

/** What a query brings to whoever asks, and to nobody else. */
function query(story: RoomStory, jid: string, inside = ''): Answer {
  story.forget();
  ask(story, jid, inside);
  expect(story.gateway.recipients).toEqual([jid]);
  const stanzas = story.gateway.take(jid);
  const fin = findChild(stanzas.at(-1) as Element, 'fin', NS.mam);
  const set = fin && findChild(fin, 'set', NS.rsm);
  if (fin === undefined || set === undefined) throw new Error(`no answer: ${stanzas.join('')}`);
  const results = stanzas.slice(0, -1).map((stanza) => findChild(stanza, 'result', NS.mam) as Element);
  const forwarded = results.map((result) => {
    const within = findChild(result, 'forwarded', NS.forward);
    return (within && findChild(within, 'message', 'jabber:client')) as Element;
  });
  const first = findChild(set, 'first');
  return {
    bodies: forwarded.map((message) => message.getChildText('body') ?? ''),
    ids: results.map((result) => attribute(result, 'id') ?? ''),
    forwarded,
    complete: attribute(fin, 'complete') === 'true',
    index: first && attribute(first, 'index'),
    count: set.getChildText('count') ?? undefined,
    ends: [first?.getText(), set.getChildText('last') ?? undefined],
  };
}

function expectRefused(story: RoomStory, jid: string, inside: string, type: string, condition: string): void {
  story.forget();
  ask(story, jid, inside);
  story.expectAll({ [jid]: [refusal('iq', ROOM, type, condition, 'q')] });
}

describe('§4 a query', () => {
  it('brings each message as those in the room have got it, then the end of it', () => {
    const story = coven();
    says(story, HAG, 'helo');
    const at = story.gateway.store.messages(ROOM)[0]?.stamp ?? 0;
    const [live] = story.gateway.take(CRONE1);
    const id = live && attribute(findChild(live, 'stanza-id', NS.stanzaId) as Element, 'id');
    story.forget();
    ask(story, WICCA, '', " queryid='g27'");
    story.expectAll({
      [WICCA]: [
        `<message from='${ROOM}'><result xmlns='${NS.mam}' queryid='g27' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'>
          <delay xmlns='urn:xmpp:delay' stamp='${formatStamp(at)}'/>
          <message xmlns='jabber:client' from='${ROOM}/thirdwitch' id='helo' type='groupchat'><body>helo</body>
            <stanza-id xmlns='${NS.stanzaId}' by='${ROOM}' id='${id}'/></message></forwarded></result></message>`,
        `<iq from='${ROOM}' type='result' id='q'><fin xmlns='${NS.mam}' complete='true'>
          <set xmlns='${NS.rsm}'><first index='0'>${id}</first><last>${id}</last><count>1</count></set></fin></iq>`,
      ],
    });
  });

  it('of an empty archive brings nothing but the end', () => {
    const story = coven();
    ask(story, HAG);
    story.expectAll({
      [HAG]: [
        `<iq from='${ROOM}' type='result' id='q'><fin xmlns='${NS.mam}' complete='true'>
          <set xmlns='${NS.rsm}'><count>0</count></set></fin></iq>`,
      ],
    });
  });

  it('§6.1.2 tells who has said it, to those who may see that in the room', () => {
    const shown = (answer: Answer) =>
      answer.forwarded.map((message) => findChild(message, 'x', NS.mucUser)).map((x) => x && canonical(x));
    const item = (jid: string, attributes: string) =>
      canonical(`<x xmlns='${NS.mucUser}'><item jid='${jid}' ${attributes}/></x>`);
    const semi = coven();
    says(semi, HAG, 'one');
    says(semi, CRONE1, 'two');
    semi.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`);
    expect(shown(query(semi, WICCA))).toEqual([undefined, undefined]);
    const both = [item(HAG, "affiliation='none' role='none'"), item(CRONE1, "affiliation='owner' role='moderator'")];
    expect(shown(query(semi, CRONE1))).toEqual(both);
    const open = coven({ 'muc#roomconfig_whois': 'anyone' });
    says(open, HAG, 'one');
    expect(shown(query(open, STRANGER))).toEqual([item(HAG, "affiliation='none' role='participant'")]);
  });

  it('§8.4 nobody says in another one’s name who they are', () => {
    const story = coven({ 'muc#roomconfig_whois': 'anyone' });
    story.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>x</body>
      <x xmlns='${NS.mucUser}'><item jid='${CRONE1}'/></x></message>`);
    const [message] = query(story, WICCA).forwarded;
    const named = findChildren(message as Element, 'x', NS.mucUser).map(
      (x) => x.getChild('item')?.attrs['jid'] as string,
    );
    expect(named).toEqual([HAG]);
  });

  it('is there after a restart, under the same ids', () => {
    const story = spoken();
    const before = query(story, HAG);
    const again = story.restarted();
    const after = query(again, STRANGER);
    expect([after.bodies, after.ids]).toEqual([ALL, before.ids]);
    says(again.enter(HAG, 'thirdwitch'), HAG, 'six');
    expect(query(again, HAG, rsm(`<after>${before.ids[3]}</after>`)).bodies).toEqual(['five', 'six']);
  });

  it('holds no private message, and nothing that the room has refused', () => {
    const story = coven({ 'muc#roomconfig_moderatedroom': '1' });
    story.enter(STRANGER, 'visitor');
    says(story, STRANGER, 'refused');
    story.send(`<message from='${HAG}' to='${ROOM}/secondwitch' type='chat'><body>hush</body></message>`);
    says(story, CRONE1, 'heard');
    expect(query(story, HAG).bodies).toEqual(['heard']);
  });

  it('§3 ids tell neither the next one nor how much is said', () => {
    const { ids } = query(spoken(), HAG);
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    const [one, two] = ids.map((id) => Buffer.from(id, 'base64url'));
    const same = one?.filter((byte, index) => byte === two?.[index]).length ?? 16;
    expect(same).toBeLessThan(8);
  });

  it('shows what messages refer to, also where that is older than what the room remembers', { timeout: 60_000 }, () => {
    const story = coven();
    says(story, HAG, 'old');
    const [id] = query(story, HAG).ids;
    story.send(`<message from='${WICCA}' to='${ROOM}' type='groupchat' id='r'><body>yes</body>
      <reply xmlns='${NS.reply}' id='${id}' to='${ROOM}/thirdwitch'/></message>`);
    for (let count = 0; count < 520; count++)
      story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>x</body></message>`);
    const page = rsm('<max>2</max>');
    const reply = (answer: Answer, at: number) => findChild(answer.forwarded[at] as Element, 'reply', NS.reply)?.attrs;
    const wanted = { xmlns: NS.reply, id, to: `${ROOM}/thirdwitch` };
    expect(reply(query(story, HAG, page), 1)).toEqual(wanted);
    expect(reply(query(story, HAG, rsm(`<max>1</max><after>${id}</after>`)), 0)).toEqual(wanted);
  });
});

it(`${MAX_REFERRED} messages are looked up for a page at most, whatever it says`, () => {
  const room = coven().room as Room;
  const ids = Array.from({ length: MAX_REFERRED + 1 }, (_, index) => ` id="~${(index + 1).toString(36)}@x.lit"`);
  expect(referredFrom(room, [message(1, { stanza: ids.join('') })])).toHaveLength(MAX_REFERRED);
});

describe('§4.1 filters', () => {
  const story = spoken({ 'muc#roomconfig_whois': 'anyone' });
  const { ids } = query(story, HAG);
  const stamps = story.gateway.store.messages(ROOM).map(({ stamp }) => formatStamp(stamp));
  const at = (index: number) => stamps[index] ?? '';
  const id = (index: number) => ids[index] ?? '';

  it.each([
    ['start', form(field('start', at(2))), ['three', 'four', 'five']],
    ['end', form(field('end', at(2))), ['one', 'two', 'three']],
    ['start and end', form(field('start', at(1)), field('end', at(3))), ['two', 'three', 'four']],
    ['start after the last', form(field('start', '2100-01-01T00:00:00Z')), []],
    ['a real bare JID', form(field('with', 'hag66@shakespeare.lit')), ['two', 'five']],
    ['a real full JID', form(field('with', CRONE1)), ['one', 'three']],
    ['another client’s JID', form(field('with', 'crone1@shakespeare.lit/other')), []],
    ['the beginning of a JID', form(field('with', 'hag66@shakespeare.li')), []],
    ['an occupant', form(field('with', `${ROOM}/secondwitch`)), ['four']],
    ['the room', form(field('with', ROOM)), ALL],
    ['after-id', form(field('after-id', id(2))), ['four', 'five']],
    ['before-id', form(field('before-id', id(2))), ['one', 'two']],
    ['after-id and before-id', form(field('after-id', id(0)), field('before-id', id(4))), ['two', 'three', 'four']],
    ['ids, in the order of the archive', form(field('ids', id(3), id(1))), ['two', 'four']],
    ['ids and with', form(field('ids', id(3), id(1)), field('with', 'hag66@shakespeare.lit')), ['two']],
    ['fields left empty', form(field('with', ''), field('start')), ALL],
    ['a form without fields', form(), ALL],
  ])('%s', (_, inside, bodies) => {
    const answer = query(story, HAG, inside);
    expect([answer.bodies, answer.complete, answer.count]).toEqual([bodies, true, String(bodies.length)]);
  });

  it.each([
    ['an unknown before-id', form(field('before-id', 'nothing')), 'cancel', 'item-not-found'],
    ['an unknown after-id', form(field('after-id', id(1).replace(/^./, '_'))), 'cancel', 'item-not-found'],
    ['one unknown id of several', form(field('ids', id(1), 'x')), 'cancel', 'item-not-found'],
    ['an unknown field', form(field('include-groupchat', 'true')), 'cancel', 'feature-not-implemented'],
    ['a field of every object', form(field('constructor', 'x')), 'cancel', 'feature-not-implemented'],
    ['a start that is no time', form(field('start', 'yesterday')), 'modify', 'bad-request'],
    ['an end that is no time', form(field('end', '2010-02-30T00:00:00Z')), 'modify', 'bad-request'],
    ['a with that is no JID', form(field('with', '@')), 'modify', 'jid-malformed'],
    ['another form', form().replace(`<value>${NS.mam}`, '<value>other'), 'modify', 'bad-request'],
    ['a form without a type', `<x xmlns='jabber:x:data' type='submit'/>`, 'modify', 'bad-request'],
    ['a form that is cancelled', `<x xmlns='jabber:x:data' type='cancel'/>`, 'modify', 'bad-request'],
    [
      'more ids than it may have',
      form(field('ids', ...Array.from({ length: MAX_IDS + 1 }, () => id(1)))),
      'modify',
      'not-acceptable',
    ],
  ])('%s is refused', (_, inside, type, condition) => {
    expectRefused(story, HAG, inside, type, condition);
  });

  it('an id of another room is unknown here', () => {
    const other = spoken();
    const [foreign] = query(other, HAG).ids;
    const third = 'cave@chat.shakespeare.lit';
    other.send(`<presence from='${HAG}' to='${third}/h'><x xmlns='${NS.muc}'/></presence>`).forget();
    other.send(
      `<iq from='${HAG}' to='${third}' type='set' id='q'><query xmlns='${NS.mam}'>${form(field('after-id', foreign ?? ''))}</query></iq>`,
    );
    expect(other.gateway.takeText(HAG).join()).toContain('<item-not-found');
  });

  it('§4.1.1 whose messages those are is asked by nobody who may not know', () => {
    const semi = spoken();
    const withHag = form(field('with', 'hag66@shakespeare.lit'));
    expectRefused(semi, WICCA, withHag, 'auth', 'forbidden');
    expectRefused(semi, STRANGER, withHag, 'auth', 'forbidden');
    expect(query(semi, HAG, withHag).bodies).toEqual(['two', 'five']);
    expect(query(semi, CRONE1, withHag).bodies).toEqual(['two', 'five']);
    expect(query(semi, WICCA, form(field('with', `${ROOM}/thirdwitch`))).bodies).toEqual(['two', 'five']);
  });

  it('§4.1.6 the form has every field, and none that is required', () => {
    story.forget().send(`<iq from='${HAG}' to='${ROOM}' type='get' id='f'><query xmlns='${NS.mam}'/></iq>`);
    story.expectAll({
      [HAG]: [
        `<iq from='${ROOM}' type='result' id='f'><query xmlns='${NS.mam}'><x xmlns='jabber:x:data' type='form'>
          <field type='hidden' var='FORM_TYPE'><value>${NS.mam}</value></field>
          <field type='jid-single' var='with'/><field type='text-single' var='start'/><field type='text-single' var='end'/>
          <field type='text-single' var='before-id'/><field type='text-single' var='after-id'/>
          <field type='list-multi' var='ids'><validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'>
            <open/></validate></field></x></query></iq>`,
      ],
    });
  });
});

describe('§4.3 pages', () => {
  const story = spoken();
  const { ids } = query(story, HAG);
  const id = (index: number) => ids[index] ?? '';

  it.each([
    ['the first two', '<max>2</max>', ['one', 'two'], false, '0'],
    ['what follows', `<max>2</max><after>${id(1)}</after>`, ['three', 'four'], false, '2'],
    ['the end of it', `<max>2</max><after>${id(3)}</after>`, ['five'], true, '4'],
    ['exactly the rest', `<max>3</max><after>${id(1)}</after>`, ['three', 'four', 'five'], true, '2'],
    ['the last page', '<max>2</max><before/>', ['four', 'five'], false, '3'],
    ['what precedes', `<max>2</max><before>${id(3)}</before>`, ['two', 'three'], false, '1'],
    ['the beginning of it', `<max>2</max><before>${id(1)}</before>`, ['one'], true, '0'],
    ['after nothing', '<max>2</max><after/>', ['one', 'two'], false, '0'],
    ['after the last', `<after>${id(4)}</after>`, [], true, undefined],
    ['between two', `<max>9</max><after>${id(0)}</after><before>${id(3)}</before>`, ['two', 'three'], true, '1'],
  ])('%s', (_, inside, bodies, complete, index) => {
    const answer = query(story, HAG, rsm(inside));
    expect([answer.bodies, answer.complete, answer.index, answer.count]).toEqual([bodies, complete, index, '5']);
    expect(answer.ends).toEqual([answer.ids[0], answer.ids.at(-1)]);
  });

  it('are parts of what the form lets through', () => {
    const mine = form(field('with', `${ROOM}/thirdwitch`));
    const last = query(story, HAG, `${mine}${rsm('<max>1</max><before/>')}`);
    expect([last.bodies, last.index, last.count, last.complete]).toEqual([['five'], '1', '2', false]);
    const first = query(story, HAG, `${mine}${rsm(`<max>1</max><before>${last.ids[0]}</before>`)}`);
    expect([first.bodies, first.index, first.count, first.complete]).toEqual([['two'], '0', '2', true]);
  });

  it('§4.3.4 flipped come from their end, and are the same', () => {
    const flipped = query(story, HAG, `${rsm('<max>2</max>')}<flip-page/>`);
    expect([flipped.bodies, flipped.ends, flipped.index]).toEqual([['two', 'one'], [id(0), id(1)], '0']);
    const last = query(story, HAG, `${rsm('<max>2</max><before/>')}<flip-page/>`);
    expect([last.bodies, last.ends]).toEqual([
      ['five', 'four'],
      [id(3), id(4)],
    ]);
  });

  it('XEP-0059 §2.7 the number alone', () => {
    const all = query(story, HAG, rsm('<max>0</max>'));
    expect([all.bodies, all.count, all.ends, all.complete]).toEqual([[], '5', [undefined, undefined], false]);
    const none = query(story, HAG, `${form(field('start', '2100-01-01T00:00:00Z'))}${rsm('<max>0</max>')}`);
    expect([none.count, none.complete]).toEqual(['0', true]);
  });

  it.each([
    ['an unknown id after', '<after>x</after>', 'cancel', 'item-not-found'],
    ['an unknown id before', '<before>x</before>', 'cancel', 'item-not-found'],
    ['a page by its number', '<max>2</max><index>1</index>', 'cancel', 'feature-not-implemented'],
    ['a size that is no number', '<max>many</max>', 'modify', 'bad-request'],
    ['a size below nothing', '<max>-1</max>', 'modify', 'bad-request'],
  ])('%s is refused', (_, inside, type, condition) => {
    expectRefused(story, HAG, rsm(inside), type, condition);
  });

  it(`hold ${DEFAULT_PAGE_MESSAGES} messages unless asked, ${MAX_PAGE_MESSAGES} at most`, () => {
    const many = coven();
    const bodies = Array.from({ length: MAX_PAGE_MESSAGES + 1 }, (_, index) => `m${index}`);
    for (const body of bodies)
      many.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>${body}</body></message>`);
    const first = query(many, HAG);
    expect([first.bodies, first.complete]).toEqual([bodies.slice(0, DEFAULT_PAGE_MESSAGES), false]);
    const most = query(many, HAG, rsm('<max>999999999</max>'));
    expect([most.bodies, most.complete, most.count]).toEqual([bodies.slice(0, -1), false, String(bodies.length)]);
  });

  it(`end after ${MAX_PAGE_CHARACTERS} characters, but have one message`, () => {
    const big = coven();
    const body = 'x'.repeat(MAX_PAGE_CHARACTERS / 2);
    for (const text of [`1${body}`, `2${body}`, `3${body}`])
      big.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>${text}</body></message>`);
    const first = query(big, HAG);
    expect([first.bodies.map((text) => text[0]), first.complete]).toEqual([['1', '2'], false]);
    const last = query(big, HAG, rsm(`<before/>`));
    expect([last.bodies.map((text) => text[0]), last.index]).toEqual([['2', '3'], '1']);
  });

  it('are found however far that is, a bounded number of rows at a time', () => {
    const far = coven();
    far.gateway.store.commit(
      Array.from({ length: 2 * SEARCHED_ROWS }, (_, index) => {
        const isMine = index === SEARCHED_ROWS;
        const stanza = `<message><body>${isMine ? 'mine' : 'x'}</body></message>`;
        const nick = isMine ? 'thirdwitch' : 'firstwitch';
        return append(message(1e9 + index, { room: ROOM, nick, author: CRONE1, stanza }));
      }),
    );
    const mine = form(field('with', `${ROOM}/thirdwitch`));
    const looks = far.gateway.store.looks;
    for (const inside of [mine, `${mine}${rsm('<before/>')}`]) {
      const answer = query(far, HAG, inside);
      expect([answer.bodies, answer.complete, answer.count, answer.index]).toEqual([
        ['mine'],
        true,
        undefined,
        undefined,
      ]);
    }
    expect(far.gateway.store.looks - looks).toBeGreaterThanOrEqual(6);
    expect(query(far, HAG, `${mine}${rsm('<max>0</max>')}`).count).toBe('1');
    expect(query(far, HAG, rsm('<max>0</max>')).count).toBe(String(2 * SEARCHED_ROWS));
  });
});

describe('§5 metadata', () => {
  const metadata = (story: RoomStory, jid: string) =>
    story.forget().send(`<iq from='${jid}' to='${ROOM}' type='get' id='m'><metadata xmlns='${NS.mam}'/></iq>`);
  const result = (inside: string) => `<iq from='${ROOM}' type='result' id='m'>${inside}</iq>`;

  it('are the first and the last message', () => {
    const story = spoken();
    const { ids } = query(story, HAG);
    const stamps = story.gateway.store.messages(ROOM).map(({ stamp }) => formatStamp(stamp));
    metadata(story, STRANGER).expectAll({
      [STRANGER]: [
        result(`<metadata xmlns='${NS.mam}'><start id='${ids[0]}' timestamp='${stamps[0]}'/>
          <end id='${ids[4]}' timestamp='${stamps[4]}'/></metadata>`),
      ],
    });
  });

  it('of one message are twice the same', () => {
    const story = coven();
    says(story, HAG, 'one');
    const [id] = query(story, HAG).ids;
    const [text = ''] = metadata(story, HAG).gateway.takeText(HAG);
    expect(text.split(`id="${id}"`)).toHaveLength(3);
  });

  it('of an empty archive are nothing', () => {
    const story = coven();
    metadata(story, HAG).expectAll({ [HAG]: [result(`<metadata xmlns='${NS.mam}'/>`)] });
  });

  it('are not for the banned', () => {
    const story = spoken();
    story.admin(CRONE1, 'set', `<item affiliation='outcast' jid='macbeth@shakespeare.lit'/>`);
    metadata(story, STRANGER).expectAll({ [STRANGER]: [refusal('iq', ROOM, 'auth', 'forbidden', 'm')] });
  });
});

it.each(['get', 'set'])('XEP-0441 §2.1 a room has no preferences to %s', (type) => {
  coven()
    .send(`<iq from='${CRONE1}' to='${ROOM}' type='${type}' id='p'><prefs xmlns='${NS.mam}' default='never'/></iq>`)
    .expectAll({ [CRONE1]: [refusal('iq', ROOM, 'cancel', 'feature-not-implemented', 'p')] });
});

describe('§6.1.2, §8.1 who may read', () => {
  const admin = (story: RoomStory, affiliation: string) =>
    story.admin(CRONE1, 'set', `<item affiliation='${affiliation}' jid='macbeth@shakespeare.lit'/>`).forget();

  it('of an open room: everyone, in it or not, but the banned', () => {
    const story = spoken();
    expect(query(story, STRANGER).bodies).toEqual(ALL);
    expectRefused(admin(story, 'outcast'), STRANGER, '', 'auth', 'forbidden');
  });

  it('of a members-only room: those who belong to it', () => {
    const story = spoken();
    story.admin(CRONE1, 'set', `<item affiliation='member' jid='hag66@shakespeare.lit'/>`);
    story.configure(CRONE1, { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_persistentroom': '1' });
    expectRefused(story, STRANGER, '', 'auth', 'forbidden');
    for (const affiliation of ['member', 'admin', 'owner'])
      expect(query(admin(story, affiliation), STRANGER).bodies).toEqual(ALL);
    expectRefused(admin(story, 'none'), STRANGER, '', 'auth', 'forbidden');
  });

  it('of a room with a password: those who belong to it, and those who are in', () => {
    const story = spoken({ 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldron' });
    expectRefused(story, STRANGER, '', 'auth', 'forbidden');
    expect(query(story, HAG).bodies).toEqual(ALL);
    expect(query(admin(story, 'member'), STRANGER).bodies).toEqual(ALL);
  });

  it('of a room that isn’t configured yet: its owner', () => {
    const story = new RoomStory().send(`<presence from='${CRONE1}' to='${ROOM}/w'><x xmlns='${NS.muc}'/></presence>`);
    expectRefused(story, STRANGER, '', 'cancel', 'item-not-found');
    expect(query(story, CRONE1).bodies).toEqual([]);
  });

  it('the answer reaches whoever has left meanwhile', () => {
    const story = spoken();
    story.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`);
    expect(query(story, HAG).bodies).toEqual(ALL);
  });
});

describe('§3, XEP-0045 §7.2.12 a room that isn’t logged', () => {
  const LOGGED = { 'muc#roomconfig_persistentroom': '1' };
  const set = (story: RoomStory, logged: boolean) => {
    const { room } = story;
    if (room !== undefined) room.settings = { ...room.settings, logged };
    return story;
  };
  const features = (story: RoomStory): string => {
    story.forget().send(`<iq from='${HAG}' to='${ROOM}' type='get' id='d'><query xmlns='${NS.discoInfo}'/></iq>`);
    return story.gateway.takeText(HAG).join();
  };

  it('offers no archive, and says so', () => {
    const story = spoken(LOGGED);
    for (const feature of [NS.mam, NS.mamExtended, NS.stanzaId, NS.retract, NS.tombstone, NS.moderate])
      expect(features(story)).toContain(`<feature var="${feature}"/>`);
    set(story, false);
    expect(features(story)).not.toContain('urn:xmpp:mam');
    expectRefused(story, HAG, '', 'cancel', 'service-unavailable');
  });

  it('keeps what is said for newcomers alone: it is never in the archive, nor counted', () => {
    const story = spoken(LOGGED);
    says(set(story, false), HAG, 'secret');
    says(set(story, true), HAG, 'six');
    const answer = query(story, HAG);
    expect([answer.bodies, answer.count]).toEqual([[...ALL, 'six'], '6']);
    expect(query(story, HAG, rsm('<max>0</max>')).count).toBe('6');
    const reader = 'banquo@shakespeare.lit/x';
    story.forget().send(`<presence from='${reader}' to='${ROOM}/banquo'><x xmlns='${NS.muc}'/></presence>`);
    expect(story.gateway.takeText(reader).join()).toContain('<body>secret</body>');
    expect(query(story.restarted(), HAG).bodies).toEqual([...ALL, 'six']);
  });

  it('has no id of what was said meanwhile', () => {
    const story = set(spoken(LOGGED), false);
    says(story, HAG, 'secret');
    const [live] = story.gateway.take(WICCA);
    const id = attribute(findChild(live as Element, 'stanza-id', NS.stanzaId) as Element, 'id');
    expectRefused(set(story, true), HAG, form(field('ids', id ?? '')), 'cancel', 'item-not-found');
  });
});

it('a full disk changes nothing of what is read', () => {
  const story = spoken();
  story.gateway.store.full = true;
  expect(query(story, HAG).bodies).toEqual(ALL);
  story.gateway.store.full = false;
  story.configure(CRONE1, {}).expectAll({ [CRONE1]: [done('config')] });
});
