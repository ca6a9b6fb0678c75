import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ADMIN_ITEMS, MAX_LISTED_REASONS } from '../../src/muc/admin.ts';
import { MAX_REASON_LENGTH } from '../../src/muc/admin-items.ts';
import { MAX_AFFILIATIONS } from '../../src/muc/affiliation.ts';
import { MAX_NOTICES } from '../../src/muc/affiliation-notice.ts';
import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { coven, HECATE, inOrder, MEMBERS_ONLY, refused, result, seen, state } from '../support/coven.ts';
import { CRONE1, HAG, ROOM, type RoomStory, WICCA } from '../support/room-story.ts';

/* XEP-0045 §8 to §10: what requests of muc#admin have in common. */

const hag = 'hag66@shakespeare.lit';
const hecate = 'hecate@shakespeare.lit';
const members = (from: number, count: number, affiliation = 'member'): string[] =>
  Array.from({ length: count }, (_, at) => `<item jid='m${from + at}@b.lit' affiliation='${affiliation}'/>`);

describe('a request that is none', () => {
  const long = 'r'.repeat(MAX_REASON_LENGTH + 1);
  it.each([
    [
      '§17.4 both a role and an affiliation',
      `<item nick='thirdwitch' role='none' affiliation='member'/>`,
      'bad-request',
    ],
    ['neither', `<item nick='thirdwitch'/>`, 'bad-request'],
    ['an unknown affiliation', `<item jid='a@b.lit' affiliation='king'/>`, 'bad-request'],
    ['an unknown role', `<item nick='thirdwitch' role='king'/>`, 'bad-request'],
    ['an empty affiliation', `<item jid='a@b.lit' affiliation=''/>`, 'bad-request'],
    ['a role without a nick', `<item jid='${HAG}' role='none'/>`, 'bad-request'],
    ['an affiliation without a JID', `<item affiliation='member'/>`, 'bad-request'],
    ['what is no JID', `<item jid='@@' affiliation='member'/>`, 'jid-malformed'],
    ['an empty JID', `<item jid='' affiliation='member'/>`, 'jid-malformed'],
    ['no item', '', 'bad-request'],
    ['no item of that namespace', `<item xmlns='urn:example' nick='thirdwitch' role='none'/>`, 'bad-request'],
    [
      'a reason that is too long',
      `<item nick='thirdwitch' role='none'><reason>${long}</reason></item>`,
      'not-acceptable',
    ],
  ])('%s', (_, items, condition) => {
    const story = coven();
    const before = state(story);
    story.admin(CRONE1, 'set', items).expectAll({ [CRONE1]: [refused('modify', condition)] });
    expect(state(story)).toEqual(before);
  });

  it.each([
    ['no item', ''],
    ['two items', `<item affiliation='owner'/><item affiliation='admin'/>`],
    ['neither', '<item/>'],
    ['both', `<item affiliation='owner' role='moderator'/>`],
    ['an unknown affiliation', `<item affiliation='king'/>`],
  ])('a list of %s', (_, items) => {
    coven()
      .admin(CRONE1, 'get', items)
      .expectAll({ [CRONE1]: [refused('modify', 'bad-request')] });
  });
});

describe('an item', () => {
  it('may have children that nobody knows, and an actor that it claims', () => {
    coven()
      .admin(
        CRONE1,
        'set',
        `<strange/><item nick='thirdwitch' role='none'><actor nick='secondwitch' jid='${WICCA}'/><x xmlns='urn:example'/></item>`,
      )
      .expectAll(
        inOrder(
          { [CRONE1]: [result()] },
          seen(HAG, { role: 'none', type: 'unavailable', codes: [307] }, [CRONE1], [WICCA]),
        ),
      );
  });

  it('about an affiliation may name somebody here by the nick alone', () => {
    const story = coven().admin(CRONE1, 'set', `<item nick='thirdwitch' affiliation='member'/>`);
    expect(story.room?.affiliations.get(hag)).toEqual({ affiliation: 'member' });
    story
      .forget()
      .admin(CRONE1, 'set', `<item nick='nobody' affiliation='member'/>`)
      .expectAll({ [CRONE1]: [refused('cancel', 'item-not-found')] });
    story
      .admin(HAG, 'set', `<item nick='nobody' affiliation='member'/>`)
      .expectAll({ [HAG]: [refused('auth', 'forbidden')] });
  });

  it('finds its nick as it is prepared', () => {
    const story = coven().enter(HECATE, 'He\u0301cate').admin(CRONE1, 'set', `<item nick='He\u0301cate' role='none'/>`);
    expect(story.room?.bySession(HECATE)).toBeUndefined();
  });

  it('that says what is so already is done, and nobody hears of it; a reason that comes with it is kept', () => {
    const story = coven({ [hag]: 'member' });
    const again = (reason = ''): string => `<item jid='${hag}' affiliation='member'>${reason}</item>`;
    story.admin(CRONE1, 'set', again()).expectAll({ [CRONE1]: [result()] });
    story
      .admin(CRONE1, 'set', again('<reason>Worthy</reason>'))
      .admin(CRONE1, 'set', again())
      .expectAll({ [CRONE1]: [result(), result()] });
    expect(story.room?.affiliations.get(hag)?.reason).toBe('Worthy');
    story.admin(CRONE1, 'set', `<item jid='${hag}' affiliation='admin'/>`);
    expect(story.room?.affiliations.get(hag)).toEqual({ affiliation: 'admin' });
  });
});

describe('several items', () => {
  it('of one person that say the same are one', () => {
    coven()
      .admin(
        CRONE1,
        'set',
        `<item jid='${hag}' affiliation='member'/>`,
        `<item jid='${HAG}' affiliation='member'/>`,
        `<item nick='thirdwitch' affiliation='member'/>`,
      )
      .expectAll(inOrder({ [CRONE1]: [result()] }, seen(HAG, { affiliation: 'member' }, [CRONE1], [WICCA])));
  });

  it.each([
    ['two affiliations', `<item jid='${hag}' affiliation='member'/>`, `<item jid='${HAG}' affiliation='outcast'/>`],
    [
      'two nicks',
      `<item jid='${hag}' affiliation='member' nick='a'/>`,
      `<item jid='${hag}' affiliation='member' nick='b'/>`,
    ],
    ['two roles', `<item nick='thirdwitch' role='none'/>`, `<item nick='thirdwitch' role='visitor'/>`],
    [
      '§17.4 a role and an affiliation',
      `<item nick='thirdwitch' role='none'/>`,
      `<item jid='${hag}' affiliation='outcast'/>`,
    ],
  ])('that want different things of one person: %s', (_, ...items) => {
    for (const order of [items, items.toReversed()]) {
      const story = coven();
      const before = state(story);
      story.admin(CRONE1, 'set', ...order).expectAll({ [CRONE1]: [refused('modify', 'bad-request')] });
      expect(state(story)).toEqual(before);
    }
  });

  it('apply whole or not at all', () => {
    const story = coven({ 'wiccarocks@shakespeare.lit': 'admin' });
    const before = state(story);
    story
      .admin(
        WICCA,
        'set',
        `<item jid='${hag}' affiliation='outcast'/>`,
        `<item nick='nobody' role='visitor'/>`,
        `<item jid='crone1@shakespeare.lit' affiliation='outcast'/>`,
      )
      .expectAll({ [WICCA]: [refused('cancel', 'item-not-found')] });
    expect(state(story)).toEqual(before);
  });

  it('roles and affiliations of different people, a kick and a ban: each hears of it once', () => {
    const story = coven({}, {}, [WICCA, HAG, HECATE]);
    story
      .admin(
        CRONE1,
        'set',
        `<item nick='secondwitch' role='visitor'/>`,
        `<item nick='thirdwitch' role='none'/>`,
        `<item jid='${hecate}' affiliation='outcast'/>`,
      )
      .expectAll(
        inOrder(
          { [CRONE1]: [result()] },
          seen(HAG, { role: 'none', type: 'unavailable', codes: [307] }, [CRONE1], [WICCA]),
          seen(HECATE, { affiliation: 'outcast', role: 'none', type: 'unavailable', codes: [301] }, [CRONE1], [WICCA]),
          seen(WICCA, { role: 'visitor' }, [CRONE1]),
        ),
      );
  });

  it('of which one bans the domain of somebody whose role another one changes: they are gone', () => {
    const story = coven()
      .enter('lady@inverness.lit/hall', 'Lady')
      .admin(CRONE1, 'set', `<item nick='Lady' role='visitor'/>`, `<item jid='inverness.lit' affiliation='outcast'/>`);
    expect(story.gateway.takeText('lady@inverness.lit/hall')).toEqual([expect.stringContaining('"301"')]);
    expect(story.room?.occupants.has('Lady')).toBe(false);
  });

  it('of which one kicks somebody whose domain another one bans: they leave once', () => {
    const story = coven()
      .enter('lady@inverness.lit/hall', 'Lady')
      .admin(CRONE1, 'set', `<item nick='Lady' role='none'/>`, `<item jid='inverness.lit' affiliation='outcast'/>`);
    expect(story.gateway.takeText('lady@inverness.lit/hall')).toEqual([expect.stringContaining('"307"')]);
    expect(story.gateway.takeText(HAG)).toHaveLength(1);
  });

  it('a change that cannot be written is taken back whole', () => {
    const story = coven({}, { 'muc#roomconfig_persistentroom': '1' });
    const before = state(story);
    story.gateway.store.full = true;
    story.admin(CRONE1, 'set', `<item jid='${hag}' affiliation='outcast'/>`, `<item nick='secondwitch' role='none'/>`);
    story.expectAll({ [CRONE1]: [refused('wait', 'resource-constraint')] });
    expect(state(story)).toEqual(before);
    expect(story.room?.bySession(HAG)?.nick).toBe('thirdwitch');
  });
});

describe('bounds', () => {
  const full = (): RoomStory => {
    const story = coven();
    for (let at = 1; at < MAX_AFFILIATIONS; at += MAX_ADMIN_ITEMS)
      story.admin(CRONE1, 'set', ...members(at, Math.min(MAX_ADMIN_ITEMS, MAX_AFFILIATIONS - at))).forget();
    return story;
  };

  it(`${MAX_ADMIN_ITEMS} items of one request`, () => {
    const story = coven();
    story
      .admin(CRONE1, 'set', ...members(0, MAX_ADMIN_ITEMS + 1))
      .expectAll({ [CRONE1]: [refused('modify', 'not-acceptable')] });
    story.admin(CRONE1, 'set', ...members(0, MAX_ADMIN_ITEMS));
    expect(story.room?.affiliations.size).toBe(MAX_ADMIN_ITEMS + 1);
  });

  it(`${MAX_AFFILIATIONS} entries of a room; from a full one anything may be taken, and changed`, () => {
    const story = full();
    expect(story.room?.affiliations.size).toBe(MAX_AFFILIATIONS);
    story
      .admin(CRONE1, 'set', `<item jid='new@b.lit' affiliation='outcast'/>`)
      .expectAll({ [CRONE1]: [refused('modify', 'not-acceptable')] });
    story.admin(CRONE1, 'set', `<item jid='m1@b.lit' affiliation='outcast'/>`);
    expect(story.room?.affiliations.get('m1@b.lit')?.affiliation).toBe('outcast');
    story.admin(CRONE1, 'set', `<item jid='new@b.lit' affiliation='member'/>`, ...members(1, 1, 'none'));
    expect(story.room?.affiliations.has('new@b.lit')).toBe(true);
    for (const at of [1, 2, 3]) story.room?.affiliations.set(`over${at}@b.lit`, { affiliation: 'member' });
    story.admin(CRONE1, 'set', ...members(2, 1, 'none'), ...members(3, 1, 'outcast'));
    expect(story.room?.affiliations.size).toBe(MAX_AFFILIATIONS + 2);
    story.admin(CRONE1, 'set', ...members(4, MAX_ADMIN_ITEMS, 'none'));
    expect(story.room?.affiliations.size).toBe(MAX_AFFILIATIONS + 2 - MAX_ADMIN_ITEMS);
  });

  it(`${MAX_NOTICES} changes of one request are told one by one, more are not; invitations always go`, () => {
    const told = (count: number, settings = {}): number => {
      const story = coven({}, settings, []).admin(CRONE1, 'set', ...members(0, count));
      expect(story.gateway.takeText(CRONE1)).toHaveLength(count > MAX_NOTICES ? 1 : count + 1);
      return story.gateway.recipients.length;
    };
    expect(told(MAX_NOTICES)).toBe(MAX_NOTICES);
    expect(told(MAX_NOTICES + 1)).toBe(0);
    expect(told(MAX_NOTICES + 1, MEMBERS_ONLY)).toBe(MAX_NOTICES + 1);
  });

  it(`${MAX_LISTED_REASONS} characters of reasons in a list`, () => {
    const story = coven();
    const count = MAX_LISTED_REASONS / MAX_REASON_LENGTH + 1;
    const reason = `<reason>${'r'.repeat(MAX_REASON_LENGTH)}</reason>`;
    story.admin(CRONE1, 'set', ...members(0, count, 'outcast').map((item) => item.replace('/>', `>${reason}</item>`)));
    const [text = ''] = story.forget().admin(CRONE1, 'get', `<item affiliation='outcast'/>`).gateway.takeText(CRONE1);
    expect(text.match(/<item /g)).toHaveLength(count);
    expect(text.match(/<reason>/g)).toHaveLength(count - 1);
  });
});

describe('whatever odd thing is asked', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'owner',
      'none',
      'outcast',
      'moderator',
      'visitor',
      'thirdwitch',
      'secondwitch',
      hag,
      '',
      '@',
      'b.lit',
    ),
    fc.constantFrom('a@b.lit/', '/', '__proto__', 'constructor', '\u202e', ' ', 'x'.repeat(4000)),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
  const items = fc.array(
    fc.record({ jid: word, nick: word, role: word, affiliation: word, reason: word }, { requiredKeys: [] }),
    { maxLength: 3 },
  );

  it('is answered once, by an error that changes nothing or by a result', () => {
    fc.assert(
      fc.property(fc.constantFrom('get', 'set'), items, fc.constantFrom(CRONE1, WICCA), (type, asked, by) => {
        const story = coven({ 'wiccarocks@shakespeare.lit': 'admin' });
        const before = state(story);
        const request = element('iq', { from: by, to: ROOM, type, id: 'admin' });
        const query = element('query', { xmlns: NS.mucAdmin });
        for (const { reason, ...attributes } of asked)
          query.cnode(element('item', attributes, reason === undefined ? undefined : element('reason', {}, reason)));
        story.send(serialise(request.cnode(query).root()));
        const answers = story.gateway.take(by).filter(({ name }) => name === 'iq');
        expect(answers).toHaveLength(1);
        const text = answers.map(serialise).join('');
        expect(text).not.toContain('internal-server-error');
        if (!text.includes('type="error"')) return;
        expect(state(story)).toEqual(before);
        expect(story.gateway.recipients).toEqual([]);
      }),
      { numRuns: 300, seed: 45 },
    );
  }, 60_000);
});

describe('where there is no such room', () => {
  it('item-not-found', () => {
    const story = coven();
    const to = 'nowhere@chat.shakespeare.lit';
    story.send(
      `<iq from='${CRONE1}' to='${to}' type='set' id='a'><query xmlns='${NS.mucAdmin}'><item nick='x' role='none'/></query></iq>`,
    );
    expect(story.gateway.takeText(CRONE1)[0]).toMatch(/type="cancel" by="nowhere@.*<item-not-found/);
    expect(story.room?.jid).toBe(ROOM);
  });
});
