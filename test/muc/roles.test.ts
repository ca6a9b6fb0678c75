import { describe, expect, it } from 'vitest';
import {
  coven,
  EMPTY_LIST,
  HECATE,
  inOrder,
  MODERATED,
  NON_ANONYMOUS,
  refused,
  result,
  seen,
  state,
} from '../support/coven.ts';
import { CRONE1, HAG, presence, type RoomStory, WICCA } from '../support/room-story.ts';

/* XEP-0045 §8.2 to §8.5 and §9.6 to §9.8: roles, which are by nick and for one visit. */

const BARE = { wicca: 'wiccarocks@shakespeare.lit', hag: 'hag66@shakespeare.lit', hecate: 'hecate@shakespeare.lit' };
const STRANGER = 'peer@shakespeare.lit/x';
const DONE = result();

/** Wiccarocks is a moderator without an affiliation, or with one. */
function withModerator(affiliations: Readonly<Record<string, string>> = {}, settings = {}): RoomStory {
  return coven(affiliations, settings, [WICCA, HAG, HECATE])
    .admin(CRONE1, 'set', `<item nick='secondwitch' role='moderator'/>`)
    .forget();
}

describe('§8.2 kicking an occupant', () => {
  it('the kicked are sent out with 307, reason and actor; then the moderator is told; then all who remain', () => {
    const gone = { role: 'none', type: 'unavailable', codes: [307], reason: 'Avaunt, you cullion!' } as const;
    const { [CRONE1]: after = [], ...others } = seen(HAG, gone, [CRONE1], [WICCA]);
    const request = `<item nick='thirdwitch' role='none'><reason>Avaunt, you cullion!</reason></item>`;
    const story = coven().admin(CRONE1, 'set', request);
    story.expectAll({ ...others, [CRONE1]: [DONE, ...after] });
    expect(story.room?.occupants.has('thirdwitch')).toBe(false);
    const order: string[] = [];
    const again = coven();
    again.gateway.onStanza = (xml) => order.push(/to="(\w+)/.exec(xml)?.[1] ?? '');
    again.admin(CRONE1, 'set', request);
    expect(order).toEqual(['hag66', 'crone1', 'crone1', 'wiccarocks']);
  });

  it('with every client, and they may come back', () => {
    const other = 'hag66@shakespeare.lit/phone';
    const story = coven().enter(other, 'thirdwitch').admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`);
    for (const jid of [HAG, other]) expect(story.gateway.takeText(jid).at(-1)).toContain('<status code="307"/>');
    story.enter(HAG, 'thirdwitch');
    expect(story.room?.bySession(HAG)?.role).toBe('participant');
  });

  it('one nick of somebody who has two leaves the other one be', () => {
    const other = 'hag66@shakespeare.lit/phone';
    const story = coven().enter(other, 'fourthwitch').admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`);
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual(['firstwitch', 'secondwitch', 'fourthwitch']);
  });

  it('several at once: none of them hears of another one', () => {
    const gone = { role: 'none', type: 'unavailable', codes: [307] } as const;
    coven()
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`, `<item nick='secondwitch' role='none'/>`)
      .expectAll(inOrder({ [CRONE1]: [DONE] }, seen(HAG, gone, [CRONE1]), seen(WICCA, gone, [CRONE1])));
  });

  it('a moderator who kicks himself is let', () => {
    withModerator()
      .admin(WICCA, 'set', `<item nick='secondwitch' role='none'/>`)
      .expectAll(
        inOrder(
          seen(
            WICCA,
            { role: 'none', type: 'unavailable', codes: [307], actor: 'secondwitch' },
            [CRONE1],
            [HAG, HECATE],
          ),
          { [WICCA]: [DONE] },
        ),
      );
  });

  it.each([
    ['an owner, by an unaffiliated moderator', {}, WICCA, 'firstwitch', 'cancel', 'not-allowed'],
    ['an owner, by a member', { [BARE.wicca]: 'member' }, WICCA, 'firstwitch', 'cancel', 'not-allowed'],
    ['an owner, by an admin', { [BARE.wicca]: 'admin' }, WICCA, 'firstwitch', 'cancel', 'not-allowed'],
    [
      'an admin, by a member',
      { [BARE.wicca]: 'member', [BARE.hag]: 'admin' },
      WICCA,
      'thirdwitch',
      'cancel',
      'not-allowed',
    ],
    ['a member, by an unaffiliated moderator', { [BARE.hag]: 'member' }, WICCA, 'thirdwitch', 'cancel', 'not-allowed'],
    ['nobody', {}, WICCA, 'nobody', 'cancel', 'item-not-found'],
    ['by a participant', {}, HAG, 'Hecate', 'auth', 'forbidden'],
    ['nobody, by a participant', {}, HAG, 'nobody', 'auth', 'forbidden'],
    ['by a stranger', {}, STRANGER, 'Hecate', 'auth', 'forbidden'],
  ])('refused: %s', (_, affiliations, by, nick, type, condition) => {
    const story = withModerator(affiliations);
    const before = state(story);
    story.admin(by, 'set', `<item nick='${nick}' role='none'/>`).expectAll({ [by]: [refused(type, condition)] });
    expect(state(story)).toEqual(before);
  });

  it('§5.1.3 a moderator is kicked by an admin or an owner only', () => {
    const story = withModerator().admin(CRONE1, 'set', `<item nick='thirdwitch' role='moderator'/>`).forget();
    story.admin(WICCA, 'set', `<item nick='thirdwitch' role='none'/>`);
    story.expectAll({ [WICCA]: [refused('cancel', 'not-allowed')] });
    story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`);
    expect(story.room?.occupants.has('thirdwitch')).toBe(false);
  });

  it('an owner who is not in the room is no moderator; with another client than the one that is, they are', () => {
    const story = coven({ [BARE.hecate]: 'owner' });
    story.admin(HECATE, 'set', `<item nick='thirdwitch' role='none'/>`);
    story.expectAll({ [HECATE]: [refused('auth', 'forbidden')] });
    const phone = 'crone1@shakespeare.lit/phone';
    const { [CRONE1]: seeing = [], ...others } = seen(
      HAG,
      { role: 'none', type: 'unavailable', codes: [307] },
      [CRONE1],
      [WICCA],
    );
    story
      .admin(phone, 'set', `<item nick='thirdwitch' role='none'/>`)
      .expectAll({ ...others, [CRONE1]: seeing, [phone]: [DONE] });
  });
});

describe('§8.3 granting voice to a visitor', () => {
  it.each([undefined, 'A worthy witch indeed!'])('the result, then the new role to everyone; reason: %s', (reason) => {
    const inside = reason === undefined ? '' : `<reason>${reason}</reason>`;
    const granted = { role: 'participant', ...(reason !== undefined && { reason }) };
    coven({}, MODERATED)
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='participant'>${inside}</item>`)
      .expectAll(inOrder({ [CRONE1]: [DONE] }, seen(HAG, granted, [CRONE1], [WICCA])));
  });

  it('§5.1.1 by any moderator, whatever the affiliation', () => {
    const story = withModerator({ [BARE.hag]: 'member' }, MODERATED);
    story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`).forget();
    story.admin(WICCA, 'set', `<item nick='thirdwitch' role='participant'/>`);
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('participant');
  });

  it('to somebody who has it: the result, and nothing else', () => {
    coven()
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='participant'/>`)
      .expectAll({ [CRONE1]: [DONE] });
  });

  it.each([HAG, STRANGER])('by %s, who is no moderator', (by) => {
    coven({}, MODERATED)
      .admin(by, 'set', `<item nick='secondwitch' role='participant'/>`)
      .expectAll({ [by]: [refused('auth', 'forbidden')] });
  });
});

describe('§8.4 revoking voice from a participant', () => {
  it.each([undefined, 'Not so worthy after all!'])(
    'the result, then the new role to everyone; reason: %s',
    (reason) => {
      const inside = reason === undefined ? '' : `<reason>${reason}</reason>`;
      const revoked = { affiliation: 'member', role: 'visitor', ...(reason !== undefined && { reason }) };
      coven({ [BARE.hag]: 'member' }, MODERATED)
        .admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'>${inside}</item>`)
        .expectAll(inOrder({ [CRONE1]: [DONE] }, seen(HAG, revoked, [CRONE1], [WICCA])));
    },
  );

  const item = (nick: string): string => `<item nick='${nick}' role='visitor'/>`;
  it.each([
    ['an owner, by a moderator', {}, WICCA, 'firstwitch'],
    ['an owner, by an owner: himself', {}, CRONE1, 'firstwitch'],
    ['an admin, by an owner', { [BARE.hag]: 'admin' }, CRONE1, 'thirdwitch'],
    ['an admin, by a member', { [BARE.wicca]: 'member', [BARE.hag]: 'admin' }, WICCA, 'thirdwitch'],
    ['a member, by an unaffiliated moderator', { [BARE.hag]: 'member' }, WICCA, 'thirdwitch'],
    ['a member, by a member', { [BARE.wicca]: 'member', [BARE.hag]: 'member' }, WICCA, 'thirdwitch'],
    ['somebody unaffiliated, by an unaffiliated moderator', {}, WICCA, 'Hecate'],
  ])('from %s: not allowed, with the offending item', (_, affiliations, by, nick) => {
    const story = withModerator(affiliations);
    const before = state(story);
    story.admin(by, 'set', item(nick)).expectAll({ [by]: [refused('cancel', 'not-allowed', item(nick))] });
    expect(state(story)).toEqual(before);
  });

  it('from somebody of a lower affiliation: a member does', () => {
    const story = withModerator({ [BARE.wicca]: 'member' }).admin(WICCA, 'set', item('thirdwitch'));
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
  });
});

describe('§8.5 modifying the voice list', () => {
  it('nick, role, affiliation and full JID of everyone who has it, for a moderator', () => {
    withModerator({ [BARE.hecate]: 'member' })
      .admin(WICCA, 'get', `<item role='participant'/>`)
      .expectAll({
        [WICCA]: [
          result(
            `<item affiliation='none' jid='${HAG}' nick='thirdwitch' role='participant'/>`,
            `<item affiliation='member' jid='${HECATE}' nick='Hecate' role='participant'/>`,
          ),
        ],
      });
  });

  it.each(['participant', 'visitor'])('the %ss are nobody else’s to see', (role) => {
    const story = withModerator({ 'duncan@shakespeare.lit': 'owner' });
    for (const by of [HAG, STRANGER, 'duncan@shakespeare.lit/castle'])
      story.admin(by, 'get', `<item role='${role}'/>`).expectAll({ [by]: [refused('auth', 'forbidden')] });
  });

  it('the changed items, in one request', () => {
    const story = coven({ [BARE.hecate]: 'member' }, MODERATED, [WICCA, HAG, HECATE]);
    story
      .admin(
        CRONE1,
        'set',
        `<item nick='Hecate' role='visitor'/>`,
        `<item nick='secondwitch' role='participant'><reason>A worthy fellow.</reason></item>`,
        `<item nick='thirdwitch' role='participant'><reason>A worthy fellow.</reason></item>`,
      )
      .expectAll(
        inOrder(
          { [CRONE1]: [DONE] },
          seen(HECATE, { affiliation: 'member', role: 'visitor' }, [CRONE1], [WICCA, HAG]),
          seen(WICCA, { role: 'participant', reason: 'A worthy fellow.' }, [CRONE1], [HAG, HECATE]),
          seen(HAG, { role: 'participant', reason: 'A worthy fellow.' }, [CRONE1], [WICCA, HECATE]),
        ),
      );
  });

  it('one that is not allowed leaves all undone, and is named', () => {
    const story = coven({ [BARE.wicca]: 'admin' });
    const before = state(story);
    const items = [`<item nick='thirdwitch' role='visitor'/>`, `<item nick='firstwitch' role='visitor'/>`] as const;
    story.admin(WICCA, 'set', ...items).expectAll({ [WICCA]: [refused('cancel', 'not-allowed', items[1])] });
    expect(state(story)).toEqual(before);
  });
});

describe('§9.6 granting moderator status', () => {
  it.each([undefined, 'A worthy witch indeed!'])('the result, then the new role to everyone; reason: %s', (reason) => {
    const inside = reason === undefined ? '' : `<reason>${reason}</reason>`;
    const granted = { affiliation: 'member', role: 'moderator', ...(reason !== undefined && { reason }) };
    const shown = inOrder({ [CRONE1]: [DONE] }, seen(HAG, granted, [CRONE1], [WICCA]));
    // §8: a moderator sees real JIDs through presence.
    const now = [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator', jid: CRONE1 }),
      presence('secondwitch', { jid: WICCA }),
    ];
    coven({ [BARE.hag]: 'member' })
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='moderator'>${inside}</item>`)
      .expectAll({ ...shown, [HAG]: [...(shown[HAG] ?? []), ...now] });
  });

  it('in a non-anonymous room nobody is shown again', () => {
    coven({}, NON_ANONYMOUS)
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='moderator'/>`)
      .expectAll(inOrder({ [CRONE1]: [DONE] }, seen(HAG, { role: 'moderator' }, [CRONE1, WICCA])));
  });

  it('by an admin who is not in the room', () => {
    const story = coven({ [BARE.hecate]: 'admin' }).admin(HECATE, 'set', `<item nick='thirdwitch' role='moderator'/>`);
    expect(story.gateway.takeText(HECATE)).toEqual([expect.stringContaining('type="result"')]);
    expect(story.gateway.takeText(WICCA)[0]).not.toContain('actor');
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('moderator');
  });

  it.each([
    ['a moderator who is a member', WICCA],
    ['a participant', HAG],
    ['a stranger', STRANGER],
  ])('by %s', (_, by) => {
    withModerator({ [BARE.wicca]: 'member' })
      .admin(by, 'set', `<item nick='Hecate' role='moderator'/>`)
      .expectAll({ [by]: [refused('auth', 'forbidden')] });
  });

  it('to nobody', () => {
    coven()
      .admin(CRONE1, 'set', `<item nick='nobody' role='moderator'/>`)
      .expectAll({ [CRONE1]: [refused('cancel', 'item-not-found')] });
  });
});

describe('§9.7 revoking moderator status', () => {
  it.each([undefined, 'Not so worthy after all!'])(
    'the result, then the new role to everyone; reason: %s',
    (reason) => {
      const inside = reason === undefined ? '' : `<reason>${reason}</reason>`;
      const revoked = { affiliation: 'member', role: 'participant', ...(reason !== undefined && { reason }) };
      withModerator({ [BARE.wicca]: 'member' })
        .admin(CRONE1, 'set', `<item nick='secondwitch' role='participant'>${inside}</item>`)
        .expectAll(inOrder({ [CRONE1]: [DONE] }, seen(WICCA, revoked, [CRONE1], [HAG, HECATE])));
    },
  );

  const item = (nick: string): string => `<item nick='${nick}' role='participant'/>`;
  it.each([
    ['an owner, by an admin', { [BARE.wicca]: 'admin' }, WICCA, 'firstwitch'],
    ['an admin, by an admin', { [BARE.wicca]: 'admin', [BARE.hag]: 'admin' }, WICCA, 'thirdwitch'],
    ['an admin, by an owner', { [BARE.hag]: 'admin' }, CRONE1, 'thirdwitch'],
    ['an owner, by a moderator', {}, WICCA, 'firstwitch'],
  ])('from %s: not allowed', (_, affiliations, by, nick) => {
    withModerator(affiliations)
      .admin(by, 'set', item(nick))
      .expectAll({ [by]: [refused('cancel', 'not-allowed', item(nick))] });
  });

  it('from a mere moderator, by a mere moderator: forbidden', () => {
    withModerator()
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='moderator'/>`)
      .forget()
      .admin(WICCA, 'set', item('thirdwitch'))
      .expectAll({ [WICCA]: [refused('auth', 'forbidden')] });
  });

  it('by an admin who is not in the room', () => {
    const story = withModerator({ 'duncan@shakespeare.lit': 'admin' });
    story.admin('duncan@shakespeare.lit/castle', 'set', item('secondwitch'));
    expect(story.room?.occupants.get('secondwitch')?.role).toBe('participant');
  });
});

describe('§9.8 modifying the moderator list', () => {
  it('is listed for an admin, in the room or not', () => {
    const story = withModerator({ 'duncan@shakespeare.lit': 'admin' });
    for (const by of [CRONE1, 'duncan@shakespeare.lit/castle'])
      story.admin(by, 'get', `<item role='moderator'/>`).expectAll({
        [by]: [
          result(
            `<item affiliation='owner' jid='${CRONE1}' nick='firstwitch' role='moderator'/>`,
            `<item affiliation='none' jid='${WICCA}' nick='secondwitch' role='moderator'/>`,
          ),
        ],
      });
  });

  it('and for nobody else', () => {
    const story = withModerator();
    for (const by of [WICCA, HAG, STRANGER])
      story.admin(by, 'get', `<item role='moderator'/>`).expectAll({ [by]: [refused('auth', 'forbidden')] });
  });

  it('the changed items, in one request', () => {
    const story = withModerator().admin(
      CRONE1,
      'set',
      `<item nick='secondwitch' role='participant'/>`,
      `<item nick='Hecate' role='moderator'/>`,
    );
    const [told] = story.gateway.takeText(CRONE1);
    expect(told).toContain('type="result"');
    expect(['secondwitch', 'Hecate'].map((nick) => story.room?.occupants.get(nick)?.role)).toEqual([
      'participant',
      'moderator',
    ]);
  });

  it('one that is not allowed leaves all undone', () => {
    const story = withModerator({ [BARE.hag]: 'admin' });
    const before = state(story);
    const item = `<item nick='thirdwitch' role='participant'/>`;
    story
      .admin(CRONE1, 'set', `<item nick='Hecate' role='moderator'/>`, item)
      .expectAll({ [CRONE1]: [refused('cancel', 'not-allowed', item)] });
    expect(state(story)).toEqual(before);
  });

  it('nobody is listed who has no role', () => {
    coven()
      .admin(CRONE1, 'get', `<item role='none'/>`)
      .expectAll({ [CRONE1]: [EMPTY_LIST] });
  });
});
