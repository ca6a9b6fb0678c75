import { describe, expect, it } from 'vitest';
import { MAX_ADMIN_ITEMS } from '../../src/muc/admin.ts';
import { MAX_AFFILIATIONS } from '../../src/muc/affiliation.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §8 and §9, and §10.3 to §10.8: roles and affiliations. */

const GERTRUDE = 'gertrude@shakespeare.lit/throne';

/** Crone1 owns the room, wiccarocks is an admin and hag66 nothing in particular; all three are in it. */
function coven(): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='admin'/>`).forget();
}

const refused = (type: string, condition: string): string => refusal('iq', ROOM, type, condition, 'admin');

describe('§8.2 kicking', () => {
  it('the kicked, then the result, then everyone else, with 307, reason and actor', () => {
    const inside = `<actor nick='firstwitch'/><reason>Avaunt</reason>`;
    const gone = { role: 'none', type: 'unavailable', jid: HAG, inside } as const;
    coven()
      .admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'><reason>Avaunt</reason></item>`)
      .expectAll({
        [HAG]: [presence('thirdwitch', { ...gone, codes: [110, 307] })],
        [CRONE1]: [presence('thirdwitch', { ...gone, codes: [307] }), done('admin')],
        [WICCA]: [presence('thirdwitch', { ...gone, codes: [307] })],
      });
  });

  it.each([
    ['by a participant', HAG, 'secondwitch', 'auth', 'forbidden'],
    ['of somebody with a higher affiliation', WICCA, 'firstwitch', 'cancel', 'not-allowed'],
    ['of nobody', CRONE1, 'nobody', 'cancel', 'item-not-found'],
    ['by somebody who is not in the room', 'peer@shakespeare.lit/x', 'thirdwitch', 'auth', 'forbidden'],
  ])('%s', (_, by, nick, type, condition) => {
    coven()
      .admin(by, 'set', `<item nick='${nick}' role='none'/>`)
      .expectAll({ [by]: [refused(type, condition)] });
  });
});

describe('§8.3 to §8.5, §9.6, §9.7 roles', () => {
  it('voice is taken, missed and given back in a moderated room', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' }).forget();
    story.admin(WICCA, 'set', `<item nick='thirdwitch' role='visitor'/>`);
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('visitor');
    story.forget().send(`<message from='${HAG}' to='${ROOM}' type='groupchat' id='1'><body>x</body></message>`);
    story.expectAll({ [HAG]: [refusal('message', ROOM, 'auth', 'forbidden', '1')] });
    story.admin(WICCA, 'set', `<item nick='thirdwitch' role='participant'><reason>worthy</reason></item>`);
    const shown = { inside: `<actor nick='secondwitch'/><reason>worthy</reason>`, jid: HAG };
    story.expectAll({
      [CRONE1]: [presence('thirdwitch', shown)],
      [WICCA]: [presence('thirdwitch', shown), done('admin')],
      [HAG]: [presence('thirdwitch', { ...shown, codes: [110] })],
    });
  });

  it('a moderator is made by an admin, and unmade', () => {
    const story = coven().admin(WICCA, 'set', `<item nick='thirdwitch' role='moderator'/>`);
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('moderator');
    story.forget().admin(HAG, 'set', `<item nick='thirdwitch' role='participant'/>`);
    story.expectAll({ [HAG]: [refused('auth', 'forbidden')] });
    story.admin(WICCA, 'set', `<item nick='thirdwitch' role='participant'/>`);
    expect(story.room?.occupants.get('thirdwitch')?.role).toBe('participant');
  });

  it('an admin cannot be made a participant', () => {
    coven()
      .admin(CRONE1, 'set', `<item nick='secondwitch' role='participant'/>`)
      .expectAll({ [CRONE1]: [refused('cancel', 'not-allowed')] });
  });

  it('§8.5 the list of a role has nick, role, affiliation and JID', () => {
    coven()
      .admin(CRONE1, 'get', `<item role='participant'/>`)
      .expectAll({
        [CRONE1]: [
          `<iq from='${ROOM}' type='result' id='admin'><query xmlns='http://jabber.org/protocol/muc#admin'>
          <item nick='thirdwitch' role='participant' affiliation='none' jid='${HAG}'/></query></iq>`,
        ],
      });
  });
});

describe('§9.1 banning', () => {
  it('takes everyone with that address out with 301 and keeps them out', () => {
    const gone = {
      affiliation: 'outcast',
      role: 'none',
      type: 'unavailable',
      jid: HAG,
      inside: `<actor nick='secondwitch'/><reason>Treason</reason>`,
    } as const;
    const story = coven().admin(
      WICCA,
      'set',
      `<item jid='hag66@shakespeare.lit' affiliation='outcast'><reason>Treason</reason></item>`,
    );
    story.expectAll({
      [HAG]: [presence('thirdwitch', { ...gone, codes: [110, 301] })],
      [CRONE1]: [presence('thirdwitch', { ...gone, codes: [301] })],
      [WICCA]: [presence('thirdwitch', { ...gone, codes: [301] }), done('admin')],
    });
    story.admin(WICCA, 'get', `<item affiliation='outcast'/>`).expectAll({
      [WICCA]: [
        `<iq from='${ROOM}' type='result' id='admin'><query xmlns='http://jabber.org/protocol/muc#admin'>
        <item affiliation='outcast' jid='hag66@shakespeare.lit'><reason>Treason</reason></item></query></iq>`,
      ],
    });
  });

  it.each([
    ['oneself', WICCA, 'wiccarocks@shakespeare.lit', 'cancel', 'conflict'],
    ['an owner, by an admin', WICCA, 'crone1@shakespeare.lit', 'cancel', 'not-allowed'],
    ['by somebody who may not', HAG, 'wiccarocks@shakespeare.lit', 'auth', 'forbidden'],
  ])('%s', (_, by, jid, type, condition) => {
    coven()
      .admin(by, 'set', `<item jid='${jid}' affiliation='outcast'/>`)
      .expectAll({ [by]: [refused(type, condition)] });
  });
});

describe('§9.3 to §9.5, §10.3 to §10.8 affiliations', () => {
  it('are shown, and bring a role', () => {
    coven()
      .admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='owner'/>`)
      .expectAll({
        [HAG]: [
          presence('thirdwitch', {
            affiliation: 'owner',
            role: 'moderator',
            jid: HAG,
            codes: [110],
            inside: `<actor nick='firstwitch'/>`,
          }),
        ],
        [CRONE1]: [
          presence('thirdwitch', {
            affiliation: 'owner',
            role: 'moderator',
            jid: HAG,
            inside: `<actor nick='firstwitch'/>`,
          }),
          done('admin'),
        ],
        [WICCA]: [
          presence('thirdwitch', {
            affiliation: 'owner',
            role: 'moderator',
            jid: HAG,
            inside: `<actor nick='firstwitch'/>`,
          }),
        ],
      });
  });

  it('§9.4 a member who is none any more leaves a members-only room with 321', () => {
    const story = coven().admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='member'/>`);
    story.configure(CRONE1, { 'muc#roomconfig_membersonly': '1' }).forget();
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='none'/>`);
    story.expectAll({
      [HAG]: [
        presence('thirdwitch', {
          role: 'none',
          jid: HAG,
          codes: [110, 321],
          type: 'unavailable',
          inside: `<actor nick='firstwitch'/>`,
        }),
      ],
      [CRONE1]: [
        presence('thirdwitch', {
          role: 'none',
          jid: HAG,
          codes: [321],
          type: 'unavailable',
          inside: `<actor nick='firstwitch'/>`,
        }),
        done('admin'),
      ],
      [WICCA]: [
        presence('thirdwitch', {
          role: 'none',
          jid: HAG,
          codes: [321],
          type: 'unavailable',
          inside: `<actor nick='firstwitch'/>`,
        }),
      ],
    });
  });

  it.each([
    [
      '§10.4 the last owner stays',
      CRONE1,
      `<item jid='crone1@shakespeare.lit' affiliation='none'/>`,
      'cancel',
      'conflict',
    ],
    ['an admin makes no admins', WICCA, `<item jid='hag66@shakespeare.lit' affiliation='admin'/>`, 'auth', 'forbidden'],
    [
      '§17.4 both at once',
      CRONE1,
      `<item nick='thirdwitch' role='none' affiliation='member'/>`,
      'modify',
      'bad-request',
    ],
    ['neither', CRONE1, `<item nick='thirdwitch'/>`, 'modify', 'bad-request'],
    ['an unknown affiliation', CRONE1, `<item jid='a@b.lit' affiliation='king'/>`, 'modify', 'bad-request'],
    ['an unknown role', CRONE1, `<item nick='thirdwitch' role='king'/>`, 'modify', 'bad-request'],
    ['no JID', CRONE1, `<item jid='@@' affiliation='member'/>`, 'modify', 'bad-request'],
    ['nothing', CRONE1, '', 'modify', 'bad-request'],
    ['by a participant', HAG, `<item jid='a@b.lit' affiliation='member'/>`, 'auth', 'forbidden'],
  ])('%s', (_, by, items, type, condition) => {
    coven()
      .admin(by, 'set', items)
      .expectAll({ [by]: [refused(type, condition)] });
  });

  it('several items apply whole or not at all', () => {
    const story = coven().admin(
      WICCA,
      'set',
      `<item jid='hag66@shakespeare.lit' affiliation='outcast'/>`,
      `<item jid='crone1@shakespeare.lit' affiliation='outcast'/>`,
    );
    story.expectAll({ [WICCA]: [refused('cancel', 'not-allowed')] });
    expect(story.room?.occupants.size).toBe(3);
    expect(story.room?.affiliations.get('hag66@shakespeare.lit')).toBeUndefined();
  });

  it('§9.5 lists are for admins; a member sees the members where JIDs are open', () => {
    const story = coven().admin(HAG, 'get', `<item affiliation='owner'/>`);
    story.expectAll({ [HAG]: [refused('auth', 'forbidden')] });
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='member'/>`).forget();
    story.admin(HAG, 'get', `<item affiliation='member'/>`).expectAll({ [HAG]: [refused('auth', 'forbidden')] });
    story
      .configure(CRONE1, { 'muc#roomconfig_whois': 'anyone' })
      .forget()
      .admin(HAG, 'get', `<item affiliation='member'/>`);
    expect(story.gateway.takeText(HAG)[0]).toContain('<item affiliation="member" jid="hag66@shakespeare.lit"/>');
  });

  it('the gateway’s admins own every room, and no list changes that', () => {
    const story = new RoomStory({ gateway: { admins: ['gertrude@shakespeare.lit'] } })
      .enter(CRONE1, 'firstwitch')
      .enter(GERTRUDE, 'Gertrude');
    expect(story.room?.occupants.get('Gertrude')).toMatchObject({ affiliation: 'owner', role: 'moderator' });
    story.admin(CRONE1, 'set', `<item jid='gertrude@shakespeare.lit' affiliation='outcast'/>`);
    story.expectAll({ [CRONE1]: [refused('cancel', 'not-allowed')] });
  });

  it('a change that cannot be written is taken back whole', () => {
    const story = coven().configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' }).forget();
    story.gateway.store.full = true;
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='outcast'/>`);
    story.expectAll({ [CRONE1]: [refused('wait', 'resource-constraint')] });
    expect(story.room?.occupants.size).toBe(3);
    expect(story.room?.bySession(HAG)?.nick).toBe('thirdwitch');
  });
});

describe('bounds', () => {
  it(`${MAX_ADMIN_ITEMS} items of one request, ${MAX_AFFILIATIONS} entries of a room`, () => {
    const items = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, item) => `<item jid='m${from + item}@b.lit' affiliation='member'/>`);
    const story = coven().admin(CRONE1, 'set', ...items(0, MAX_ADMIN_ITEMS + 1));
    story.expectAll({ [CRONE1]: [refused('modify', 'not-acceptable')] });
    for (let at = 0; at < MAX_AFFILIATIONS; at += MAX_ADMIN_ITEMS)
      story.admin(CRONE1, 'set', ...items(at, MAX_ADMIN_ITEMS)).forget();
    expect(story.room?.affiliations.size).toBeLessThanOrEqual(MAX_AFFILIATIONS);
    const room = story.room?.affiliations.size ?? 0;
    story
      .admin(CRONE1, 'set', ...items(9_000, MAX_AFFILIATIONS - room + 1))
      .expectAll({ [CRONE1]: [refused('modify', 'not-acceptable')] });
  });
});
