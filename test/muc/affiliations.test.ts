import { describe, expect, it } from 'vitest';
import {
  courtesy,
  coven,
  EMPTY_LIST,
  HECATE,
  inOrder,
  MEMBERS_ONLY,
  MODERATED,
  NON_ANONYMOUS,
  notice,
  refused,
  result,
  seen,
  state,
} from '../support/coven.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, type Shown, WICCA } from '../support/room-story.ts';

/* XEP-0045 §9.1 to §9.5 and §10.3 to §10.8: affiliations, which are by bare JID and last. */

const wicca = 'wiccarocks@shakespeare.lit';
const hag = 'hag66@shakespeare.lit';
const hecate = 'hecate@shakespeare.lit';
const crone1 = 'crone1@shakespeare.lit';
const STRANGER = 'peer@shakespeare.lit/x';
const GERTRUDE = 'gertrude@shakespeare.lit/throne';
const RESULT: Shown = { [CRONE1]: [result()] };

const item = (jid: string, affiliation: string, reason?: string): string =>
  `<item jid='${jid}' affiliation='${affiliation}'>${reason === undefined ? '' : `<reason>${reason}</reason>`}</item>`;
const joins = (jid: string, nick: string, password = ''): string =>
  `<presence from='${jid}' to='${ROOM}/${nick}' id='j'><x xmlns='http://jabber.org/protocol/muc'>${password}</x></presence>`;
const affiliationOf = (story: RoomStory, jid: string) => story.room?.affiliations.get(jid)?.affiliation;
/** With or without a reason, as the text has each example. */
const REASONS = [undefined, 'Treason'];

describe('§9.1 banning a user', () => {
  it.each(REASONS)('the result, then the banned with 301, then all who remain; reason: %s', (reason) => {
    const gone = {
      affiliation: 'outcast',
      role: 'none',
      type: 'unavailable',
      codes: [301],
      actor: 'secondwitch',
      ...(reason !== undefined && { reason }),
    } as const;
    const story = coven({ [wicca]: 'admin' }, {}, [WICCA, HAG, HECATE]).admin(
      WICCA,
      'set',
      item(hag, 'outcast', reason),
    );
    story.expectAll(inOrder({ [WICCA]: [result()] }, seen(HAG, gone, [CRONE1, WICCA], [HECATE])));
    story.send(joins(HAG, 'thirdwitch')).expectAll({
      [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'auth', 'forbidden', 'j')],
    });
  });

  it('the result comes first of all, and the banned hear of it before the others', () => {
    const story = coven();
    const order: string[] = [];
    story.gateway.onStanza = (xml) => order.push(/to="(\w+)/.exec(xml)?.[1] ?? '');
    story.admin(CRONE1, 'set', item(hag, 'outcast'));
    expect(order).toEqual(['crone1', 'hag66', 'crone1', 'wiccarocks']);
  });

  it('everyone of that bare JID leaves, under whatever nick and with whatever client', () => {
    const story = coven()
      .enter('hag66@shakespeare.lit/phone', 'thirdwitch')
      .enter('hag66@shakespeare.lit/tv', 'fourthwitch')
      .admin(CRONE1, 'set', item('HAG66@Shakespeare.lit/whatever', 'outcast'));
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual(['firstwitch', 'secondwitch']);
    for (const client of ['pda', 'phone', 'tv'])
      expect(story.gateway.takeText(`hag66@shakespeare.lit/${client}`)).toEqual([expect.stringContaining('"301"')]);
    expect(affiliationOf(story, hag)).toBe('outcast');
  });

  it('the banned lose the nick that was reserved for them', () => {
    const story = coven().admin(CRONE1, 'set', `<item jid='${hag}' affiliation='member' nick='thirdwitch'/>`);
    expect(story.room?.affiliations.get(hag)?.nick).toBe('thirdwitch');
    story.admin(CRONE1, 'set', item(hag, 'outcast')).admin(CRONE1, 'set', item(hag, 'member'));
    expect(story.room?.affiliations.get(hag)).toEqual({ affiliation: 'member' });
  });

  it.each([
    ['oneself, as an admin', WICCA, wicca, 'cancel', 'conflict'],
    ['oneself, as an owner', CRONE1, crone1, 'cancel', 'conflict'],
    ['an owner, by an admin', WICCA, crone1, 'cancel', 'not-allowed'],
    ['an admin, by an admin', WICCA, 'duncan@shakespeare.lit', 'cancel', 'not-allowed'],
    ['by somebody unaffiliated', HAG, hecate, 'auth', 'forbidden'],
    ['an owner, by somebody unaffiliated', HAG, crone1, 'auth', 'forbidden'],
    ['oneself, as a stranger', STRANGER, 'peer@shakespeare.lit', 'auth', 'forbidden'],
  ])('refused: %s', (_, by, jid, type, condition) => {
    const story = coven({ [wicca]: 'admin', 'duncan@shakespeare.lit': 'admin' });
    const before = state(story);
    story.admin(by, 'set', item(jid, 'outcast')).expectAll({ [by]: [refused(type, condition)] });
    expect(state(story)).toEqual(before);
  });

  it('an owner bans an admin, and another owner', () => {
    const story = coven({ [wicca]: 'admin', [hag]: 'owner' });
    story.admin(CRONE1, 'set', item(wicca, 'outcast'), item(hag, 'outcast'));
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual(['firstwitch']);
  });
});

describe('§9.2 modifying the ban list', () => {
  it('has JIDs and reasons, and neither nicks nor roles', () => {
    coven()
      .admin(CRONE1, 'set', item(hag, 'outcast', 'Treason'), item(wicca, 'outcast'))
      .forget()
      .admin(CRONE1, 'get', `<item affiliation='outcast'/>`)
      .expectAll({ [CRONE1]: [result(item(hag, 'outcast', 'Treason'), item(wicca, 'outcast'))] });
  });

  it('is there after a restart, reasons included', () => {
    const story = coven({}, { 'muc#roomconfig_persistentroom': '1' });
    story.admin(CRONE1, 'set', item(hag, 'outcast', 'Treason'), item('__proto__', 'outcast'));
    const again = story.restarted().admin(CRONE1, 'get', `<item affiliation='outcast'/>`);
    again.expectAll({ [CRONE1]: [result(item(hag, 'outcast', 'Treason'), item('__proto__', 'outcast'))] });
  });

  it('the changed items: who is in the room leaves, who is not is told of', () => {
    const gone = {
      affiliation: 'outcast',
      role: 'none',
      type: 'unavailable',
      codes: [301],
      reason: 'Treason',
    } as const;
    coven()
      .admin(CRONE1, 'set', item(hag, 'outcast', 'Treason'), item(hecate, 'outcast', 'Treason'))
      .expectAll(
        inOrder(RESULT, seen(HAG, gone, [CRONE1], [WICCA]), {
          [CRONE1]: [notice(hecate, 'outcast', `<actor nick='firstwitch'/><reason>Treason</reason>`)],
          [hecate]: [courtesy(hecate, 'outcast', '<reason>Treason</reason>')],
        }),
      );
  });

  it('a ban is lifted', () => {
    const story = coven({ [hecate]: 'outcast' }).admin(CRONE1, 'set', item(hecate, 'none'));
    story.expectAll({ [CRONE1]: [result(), notice(hecate, 'none')], [hecate]: [courtesy(hecate, 'none')] });
    story.enter(HECATE, 'Hecate');
    expect(story.room?.occupants.has('Hecate')).toBe(true);
  });

  it('of a domain: the domain itself and everyone there, but those with an affiliation of their own', () => {
    const story = coven({ 'macbeth@inverness.lit': 'member' })
      .enter('macbeth@inverness.lit/hall', 'Macbeth')
      .enter('lady@inverness.lit/hall', 'Lady')
      .enter('inverness.lit/bot', 'Castle')
      .enter('porter@gate.inverness.lit/x', 'Porter')
      .admin(CRONE1, 'set', item('Inverness.lit', 'outcast', 'Murder'));
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual([
      'firstwitch',
      'secondwitch',
      'thirdwitch',
      'Macbeth',
      'Porter',
    ]);
    const [told = ''] = story.gateway.takeText('lady@inverness.lit/hall');
    expect(told).toMatch(/<reason>Murder<\/reason>.*"301"/);
    expect(story.gateway.takeText('inverness.lit')).toEqual([]);
    story.forget().send(joins('doctor@inverness.lit/x', 'Doctor'));
    expect(story.gateway.takeText('doctor@inverness.lit/x')[0]).toContain('<forbidden');
    story.admin(CRONE1, 'set', item('inverness.lit', 'none')).enter('doctor@inverness.lit/x', 'Doctor');
    expect(story.room?.occupants.has('Doctor')).toBe(true);
  });

  it('of one’s own domain leaves its owners and admins where they are', () => {
    const story = coven({ [wicca]: 'admin' }).admin(WICCA, 'set', item('shakespeare.lit', 'outcast'));
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual(['firstwitch', 'secondwitch']);
  });

  it.each([
    ['an owner among them', item(crone1, 'outcast'), 'not-allowed'],
    ['the admin themselves among them', item(wicca, 'outcast'), 'conflict'],
  ])('%s: none is applied', (_, forbidden, condition) => {
    const story = coven({ [wicca]: 'admin' });
    const before = state(story);
    story
      .admin(WICCA, 'set', item(hag, 'outcast'), forbidden, item(hecate, 'outcast'))
      .expectAll({ [WICCA]: [refused('cancel', condition)] });
    expect(state(story)).toEqual(before);
  });

  it.each([HAG, STRANGER])('is not for %s', (by) => {
    coven({ [hag]: 'member' }, NON_ANONYMOUS)
      .admin(by, 'get', `<item affiliation='outcast'/>`)
      .expectAll({ [by]: [refused('auth', 'forbidden')] });
  });
});

describe('§9.3 granting membership', () => {
  it.each(REASONS)('the result, then the new affiliation to everyone; reason: %s', (reason) => {
    const granted = { affiliation: 'member', ...(reason !== undefined && { reason }) };
    coven()
      .admin(CRONE1, 'set', item(hag, 'member', reason))
      .expectAll(inOrder(RESULT, seen(HAG, granted, [CRONE1], [WICCA])));
  });

  it('§5.1.3 brings voice in a moderated room', () => {
    coven({}, MODERATED)
      .admin(CRONE1, 'set', item(hag, 'member'))
      .expectAll(inOrder(RESULT, seen(HAG, { affiliation: 'member', role: 'participant' }, [CRONE1], [WICCA])));
  });

  it('with a nick, which is reserved from then on; an empty one takes it back (§9.5)', () => {
    const story = coven().admin(CRONE1, 'set', `<item jid='${hag}' affiliation='member' nick='Graymalkin'/>`).forget();
    const list = (nick: string): Shown => ({
      [CRONE1]: [result(`<item affiliation='member' jid='${hag}' nick='${nick}'/>`)],
    });
    story.admin(CRONE1, 'get', `<item affiliation='member'/>`).expectAll(list('Graymalkin'));
    story.admin(CRONE1, 'set', item(hag, 'member')).admin(CRONE1, 'set', item(hag, 'admin')).forget();
    expect(story.room?.affiliations.get(hag)).toEqual({ affiliation: 'admin', nick: 'Graymalkin' });
    story.admin(CRONE1, 'set', item(hag, 'member')).forget();
    story.admin(CRONE1, 'set', `<item jid='${hag}' affiliation='member' nick=''/>`).forget();
    story.admin(CRONE1, 'get', `<item affiliation='member'/>`).expectAll(list('thirdwitch'));
  });

  it('a nick that is reserved for somebody else is a conflict; two may exchange theirs in one request', () => {
    const member = (jid: string, nick: string): string => `<item jid='${jid}' affiliation='member' nick='${nick}'/>`;
    const story = coven().admin(CRONE1, 'set', member(hag, 'Paddock'), member(wicca, 'Graymalkin')).forget();
    const before = state(story);
    for (const items of [
      // Somebody else goes by it now.
      [member(hecate, 'firstwitch')],
      [member(hecate, 'Paddock')],
      [member(hecate, 'Harpier'), member('x@b.lit', 'Harpier')],
    ])
      story.admin(CRONE1, 'set', ...items).expectAll({ [CRONE1]: [refused('cancel', 'conflict')] });
    expect(state(story)).toEqual(before);
    story.admin(CRONE1, 'set', member(hag, 'Graymalkin'), member(wicca, 'Paddock')).expectAll(RESULT);
    expect(story.room?.affiliations.get(hag)?.nick).toBe('Graymalkin');
    story.admin(CRONE1, 'set', item(hag, 'none'), member(hecate, 'Graymalkin'));
    expect(story.room?.affiliations.get(hecate)?.nick).toBe('Graymalkin');
  });

  it.each([
    ['n'.repeat(300), 'not-acceptable'],
    [' ', 'jid-malformed'],
    ['a&#x7f;b', 'jid-malformed'],
  ])('a nick that cannot be: %j', (nick, condition) => {
    coven()
      .admin(CRONE1, 'set', `<item jid='${hag}' affiliation='member' nick='${nick}'/>`)
      .expectAll({ [CRONE1]: [refused('modify', condition)] });
  });

  it.each([HAG, STRANGER])('by %s', (by) => {
    coven()
      .admin(by, 'set', item(hecate, 'member'))
      .expectAll({ [by]: [refused('auth', 'forbidden')] });
  });
});

describe('§9.4 revoking membership', () => {
  it.each(REASONS)('the result, then the loss to everyone, who keep their role; reason: %s', (reason) => {
    coven({ [hag]: 'member' }, MODERATED)
      .admin(CRONE1, 'set', item(hag, 'none', reason))
      .expectAll(
        inOrder(RESULT, seen(HAG, { role: 'participant', ...(reason !== undefined && { reason }) }, [CRONE1], [WICCA])),
      );
  });

  it('from a members-only room: out with 321, and no presence besides', () => {
    const story = coven({ [hag]: 'member', [wicca]: 'member' }, MEMBERS_ONLY);
    story
      .admin(CRONE1, 'set', item(hag, 'none'))
      .expectAll(inOrder(RESULT, seen(HAG, { role: 'none', type: 'unavailable', codes: [321] }, [CRONE1], [WICCA])));
    story.send(joins(HAG, 'thirdwitch')).expectAll({
      [HAG]: [refusal('presence', `${ROOM}/thirdwitch`, 'auth', 'registration-required', 'j')],
    });
  });

  it('an owner or admin is not unmade so by an admin', () => {
    const story = coven({ [wicca]: 'admin', [hag]: 'admin' });
    for (const jid of [crone1, hag, wicca])
      story.admin(WICCA, 'set', item(jid, 'none')).expectAll({ [WICCA]: [refused('auth', 'forbidden')] });
  });
});

describe('§9.5 modifying the member list', () => {
  it('has affiliation, JID and nick: the reserved one, or that of whoever is in the room (§17.4)', () => {
    coven({ [hag]: 'member', [hecate]: 'member' })
      .admin(CRONE1, 'get', `<item affiliation='member'/>`)
      .expectAll({
        [CRONE1]: [result(`<item affiliation='member' jid='${hag}' nick='thirdwitch'/>`, item(hecate, 'member'))],
      });
  });

  it('the changed items; a new member of a members-only room is invited', () => {
    const story = coven({ [hag]: 'member', [wicca]: 'member' }, { ...MEMBERS_ONLY });
    story.configure(CRONE1, {
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'cauldronburn',
    });
    story
      .forget()
      .admin(CRONE1, 'set', item(hag, 'none'), item(hecate, 'member'))
      .expectAll(
        inOrder(RESULT, seen(HAG, { role: 'none', type: 'unavailable', codes: [321] }, [CRONE1], [WICCA]), {
          [CRONE1]: [notice(hecate, 'member')],
          [hecate]: [
            `<message from='${ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='${ROOM}/firstwitch'/>
            <password>cauldronburn</password></x></message>`,
          ],
        }),
      );
    story.send(joins(HECATE, 'Hecate', '<password>cauldronburn</password>'));
    expect(story.room?.occupants.get('Hecate')?.affiliation).toBe('member');
  });

  it('who has made them a member hears that they decline (§7.8.2); in a non-anonymous room the invitation has the JID', () => {
    const story = coven({}, { ...MEMBERS_ONLY, ...NON_ANONYMOUS }, []).admin(CRONE1, 'set', item(hecate, 'member'));
    expect(story.gateway.takeText(hecate)[0]).toContain(`<invite from="${crone1}"/>`);
    story.forget().send(`<message from='${HECATE}' to='${ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'>
      <decline to='${crone1}'><reason>Busy</reason></decline></x></message>`);
    expect(story.gateway.takeText(CRONE1)[0]).toMatch(/<decline from="hecate@.*<reason>Busy/);
  });

  it('who was affiliated before is told, and not invited', () => {
    coven({ [hecate]: 'outcast' }, MEMBERS_ONLY, [])
      .admin(CRONE1, 'set', item(hecate, 'member'))
      .expectAll({ [CRONE1]: [result(), notice(hecate, 'member')], [hecate]: [courtesy(hecate, 'member')] });
  });

  it('a room that has an affiliation is told nothing', () => {
    for (const settings of [{}, MEMBERS_ONLY])
      coven({}, settings, [])
        .admin(CRONE1, 'set', item(ROOM, 'member'))
        .expectAll({ [CRONE1]: [result(), notice(ROOM, 'member')] });
  });

  it('of an open room: nobody is invited', () => {
    coven()
      .admin(CRONE1, 'set', item(hecate, 'member'))
      .expectAll({ [CRONE1]: [result(), notice(hecate, 'member')], [hecate]: [courtesy(hecate, 'member')] });
  });

  it('in a non-anonymous room a member gets it, in the room or not; in a semi-anonymous one nobody but admins does', () => {
    const people = { [hag]: 'member', [hecate]: 'member' };
    const list = result(`<item affiliation='member' jid='${hag}' nick='thirdwitch'/>`, item(hecate, 'member'));
    const open = coven(people, { ...NON_ANONYMOUS, ...MEMBERS_ONLY }, [HAG]);
    const closed = coven(people, MEMBERS_ONLY, [HAG]);
    for (const by of [HAG, HECATE]) {
      open.admin(by, 'get', `<item affiliation='member'/>`).expectAll({ [by]: [list] });
      closed.admin(by, 'get', `<item affiliation='member'/>`).expectAll({ [by]: [refused('auth', 'forbidden')] });
    }
    open
      .admin(STRANGER, 'get', `<item affiliation='member'/>`)
      .expectAll({ [STRANGER]: [refused('auth', 'forbidden')] });
  });
});

describe.each([
  ['§10.3', 'owner'],
  ['§10.6', 'admin'],
])('%s granting %s status', (_, affiliation) => {
  it.each(REASONS)('the result, then the new affiliation and role to everyone; reason: %s', (reason) => {
    const granted = { affiliation, role: 'moderator', ...(reason !== undefined && { reason }) };
    const shown = inOrder(RESULT, seen(HAG, granted, [CRONE1], [WICCA]));
    const now = [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator', jid: CRONE1 }),
      presence('secondwitch', { jid: WICCA }),
    ];
    coven()
      .admin(CRONE1, 'set', item(`${hag}/pda`, affiliation, reason))
      .expectAll({ ...shown, [HAG]: [...(shown[HAG] ?? []), ...now] });
  });

  it.each(REASONS)('who is not in the room: those who may see JIDs are told, and so are they; reason: %s', (reason) => {
    const why = reason === undefined ? '' : `<reason>${reason}</reason>`;
    const told = notice(hecate, affiliation, `<actor nick='firstwitch'/>${why}`);
    const gets = { [hecate]: [courtesy(hecate, affiliation, why)] };
    coven()
      .admin(CRONE1, 'set', item(hecate, affiliation, reason))
      .expectAll({ ...gets, [CRONE1]: [result(), told] });
    coven({}, NON_ANONYMOUS, [HAG])
      .admin(CRONE1, 'set', item(hecate, affiliation, reason))
      .expectAll({ ...gets, [CRONE1]: [result(), told], [HAG]: [told] });
  });

  it('by an owner who is not in the room: without an actor', () => {
    coven({ [hecate]: 'owner' }, NON_ANONYMOUS, [HAG])
      .admin(HECATE, 'set', item(wicca, affiliation))
      .expectAll({
        [HECATE]: [result()],
        [CRONE1]: [notice(wicca, affiliation, '')],
        [HAG]: [notice(wicca, affiliation, '')],
        [wicca]: [courtesy(wicca, affiliation)],
      });
  });

  it.each([
    ['an admin', WICCA],
    ['a member', HAG],
    ['a stranger', STRANGER],
  ])('by %s', (__, by) => {
    const story = coven({ [wicca]: 'admin', [hag]: 'member' });
    const before = state(story);
    // Nor where it is so already.
    for (const jid of [hecate, wicca, crone1])
      story.admin(by, 'set', item(jid, affiliation)).expectAll({ [by]: [refused('auth', 'forbidden')] });
    expect(state(story)).toEqual(before);
  });
});

describe('§10.4 revoking owner status', () => {
  it.each(REASONS)('the result, then the loss to everyone; reason: %s', (reason) => {
    const revoked = { affiliation: 'admin', role: 'moderator', ...(reason !== undefined && { reason }) };
    coven({ [hag]: 'owner' })
      .admin(CRONE1, 'set', item(hag, 'admin', reason))
      .expectAll(inOrder(RESULT, seen(HAG, revoked, [CRONE1], [WICCA])));
  });

  it('one’s own, where there is another owner', () => {
    const story = coven({ [hag]: 'owner' }).admin(CRONE1, 'set', item(crone1, 'none'));
    expect(affiliationOf(story, crone1)).toBeUndefined();
    expect(story.room?.occupants.get('firstwitch')).toMatchObject({ affiliation: 'none', role: 'participant' });
  });

  it.each([
    ['one’s own', CRONE1, [item(crone1, 'admin')]],
    ['one’s own, along with something else', CRONE1, [item(hag, 'member'), item(crone1, 'none')]],
    ['all of them', HECATE, [item(crone1, 'member'), item(hecate, 'none')]],
    ['the other one by a ban, and one’s own', HECATE, [item(crone1, 'outcast'), item(hecate, 'member')]],
  ])('never the last: %s', (_, by, items) => {
    const story = by === HECATE ? coven({ [hecate]: 'owner' }) : coven();
    const before = state(story);
    story.admin(by, 'set', ...items).expectAll({ [by]: [refused('cancel', 'conflict')] });
    expect(state(story)).toEqual(before);
  });

  it('the last one hands over in one request, whatever the order', () => {
    for (const items of [
      [item(crone1, 'none'), item(hag, 'owner')],
      [item(hag, 'owner'), item(crone1, 'none')],
    ]) {
      const story = coven().admin(CRONE1, 'set', ...items);
      expect([...(story.room?.affiliations ?? [])]).toEqual([[hag, { affiliation: 'owner' }]]);
    }
  });

  it.each([
    ['an admin', WICCA],
    ['a stranger', STRANGER],
  ])('by %s', (_, by) => {
    coven({ [wicca]: 'admin' })
      .admin(by, 'set', item(crone1, 'admin'))
      .expectAll({ [by]: [refused('auth', 'forbidden')] });
  });
});

describe('§10.7 revoking admin status', () => {
  it.each(REASONS)('the result, then the loss to everyone; reason: %s', (reason) => {
    const revoked = { affiliation: 'none', role: 'participant', ...(reason !== undefined && { reason }) };
    coven({ [hag]: 'admin' })
      .admin(CRONE1, 'set', item(hag, 'none', reason))
      .expectAll(inOrder(RESULT, seen(HAG, revoked, [CRONE1], [WICCA])));
  });

  it('in a moderated room: to what somebody of that affiliation is there', () => {
    coven({ [hag]: 'admin' }, MODERATED)
      .admin(CRONE1, 'set', item(hag, 'none'))
      .expectAll(inOrder(RESULT, seen(HAG, { role: 'visitor' }, [CRONE1], [WICCA])));
  });

  it('in a members-only room: to member they stay, to none they go', () => {
    const story = coven({ [hag]: 'admin', [wicca]: 'admin' }, MEMBERS_ONLY);
    story
      .admin(CRONE1, 'set', item(hag, 'member'), item(wicca, 'none'))
      .expectAll(
        inOrder(
          RESULT,
          seen(WICCA, { role: 'none', type: 'unavailable', codes: [321] }, [CRONE1, HAG]),
          seen(HAG, { affiliation: 'member' }, [CRONE1]),
        ),
      );
  });

  it('who is not in the room', () => {
    coven({ [hecate]: 'admin' })
      .admin(CRONE1, 'set', item(hecate, 'none'))
      .expectAll({ [CRONE1]: [result(), notice(hecate, 'none')], [hecate]: [courtesy(hecate, 'none')] });
  });
});

describe.each([
  ['§10.5', 'owner'],
  ['§10.8', 'admin'],
])('%s modifying the %s list', (_, affiliation) => {
  const get = `<item affiliation='${affiliation}'/>`;

  it('has affiliation, JID and nick of everyone', () => {
    const first = affiliation === 'owner' ? [`<item affiliation='owner' jid='${crone1}' nick='firstwitch'/>`] : [];
    coven({ [hag]: affiliation, [hecate]: affiliation })
      .admin(CRONE1, 'get', get)
      .expectAll({
        [CRONE1]: [
          result(
            ...first,
            `<item affiliation='${affiliation}' jid='${hag}' nick='thirdwitch'/>`,
            item(hecate, affiliation),
          ),
        ],
      });
  });

  it('in a semi-anonymous room it is for owners; in a non-anonymous one also for admins and members', () => {
    const people = { [wicca]: 'admin', [hag]: 'member' };
    const closed = coven(people);
    const open = coven(people, NON_ANONYMOUS);
    for (const by of [WICCA, HAG]) {
      closed.admin(by, 'get', get).expectAll({ [by]: [refused('auth', 'forbidden')] });
      expect(open.admin(by, 'get', get).gateway.takeText(by)).toEqual([expect.stringContaining('type="result"')]);
    }
    open.admin(STRANGER, 'get', get).expectAll({ [STRANGER]: [refused('auth', 'forbidden')] });
  });

  it('the changed items', () => {
    const story = coven({ [hag]: affiliation }).admin(CRONE1, 'set', item(hag, 'none'), item(hecate, affiliation));
    story.expectAll(
      inOrder(RESULT, seen(HAG, { affiliation: 'none', role: 'participant' }, [CRONE1], [WICCA]), {
        [CRONE1]: [notice(hecate, affiliation)],
        [hecate]: [courtesy(hecate, affiliation)],
      }),
    );
  });

  it('by somebody who does not own the room', () => {
    coven({ [wicca]: 'admin' })
      .admin(WICCA, 'set', item(hecate, affiliation))
      .expectAll({ [WICCA]: [refused('auth', 'forbidden')] });
  });
});

describe('the gateway’s admins', () => {
  const FILE = { gateway: { admins: ['gertrude@shakespeare.lit'] } };

  it('own every room, stand in its list of owners, and no list changes that', () => {
    const story = new RoomStory(FILE).enter(CRONE1, 'firstwitch').enter(GERTRUDE, 'Gertrude');
    expect(story.room?.occupants.get('Gertrude')).toMatchObject({ affiliation: 'owner', role: 'moderator' });
    for (const affiliation of ['outcast', 'none', 'member', 'admin'])
      story
        .admin(CRONE1, 'set', item('gertrude@shakespeare.lit', affiliation))
        .expectAll({ [CRONE1]: [refused('cancel', 'not-allowed')] });
    story.admin(CRONE1, 'set', item('gertrude@shakespeare.lit', 'owner')).expectAll(RESULT);
    expect(story.room?.affiliations.size).toBe(1);
    story.admin(CRONE1, 'get', `<item affiliation='owner'/>`).expectAll({
      [CRONE1]: [
        result(
          `<item affiliation='owner' jid='gertrude@shakespeare.lit' nick='Gertrude'/>`,
          `<item affiliation='owner' jid='${crone1}' nick='firstwitch'/>`,
        ),
      ],
    });
  });

  it('are the owners that remain where the last one of the list goes', () => {
    const story = new RoomStory(FILE).enter(CRONE1, 'firstwitch').admin(CRONE1, 'set', item(crone1, 'none'));
    expect(story.room?.affiliations.size).toBe(0);
  });
});

describe('lists that a service does not keep', () => {
  it('§5.2 there is no list of those who are none', () => {
    const story = coven().admin(CRONE1, 'get', `<item affiliation='none'/>`);
    story.expectAll({ [CRONE1]: [EMPTY_LIST] });
    story.admin(HAG, 'get', `<item affiliation='none'/>`).expectAll({ [HAG]: [refused('auth', 'forbidden')] });
  });
});
