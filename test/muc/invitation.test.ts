import { describe, expect, it } from 'vitest';
import { MAX_AFFILIATIONS } from '../../src/muc/affiliation.ts';
import { MAX_INVITES, MAX_REASON_LENGTH } from '../../src/muc/invitation.ts';
import { INVITATION_LIFETIME, MAX_PENDING_INVITATIONS } from '../../src/muc/pending.ts';
import { CRONE1, configured, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.8 and §7.9: bringing others in. */

const USER = "xmlns='http://jabber.org/protocol/muc#user'";
const HECATE = 'hecate@shakespeare.lit';
const BROOM = `${HECATE}/broom`;

/** Crone1 owns the room, wiccarocks is a member and hag66 nothing in particular; all three are in it. */
function coven(): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='member'/>`).forget();
}

const invites = (from: string, ...invitations: readonly string[]): string =>
  `<message from='${from}' to='${ROOM}' id='i'><x ${USER}>${invitations.join('')}</x></message>`;
const invited = (from: string, more = '', beside = ''): string =>
  `<message from='${ROOM}' id='i'><x ${USER}><invite from='${from}'>${more}</invite>${beside}</x></message>`;
const declines = (from: string, to: string, more = ''): string =>
  `<message from='${from}' to='${ROOM}' id='d'><x ${USER}><decline to='${to}'>${more}</decline></x></message>`;
const declined = (more = ''): string =>
  `<message from='${ROOM}' id='d'><x ${USER}><decline from='${HECATE}'>${more}</decline></x></message>`;
const refused = (type: string, condition: string): string => refusal('message', ROOM, type, condition, 'i');

describe('§7.8.2 a mediated invitation', () => {
  it('comes from the room, with its id and reason, and names the inviter by nick where JIDs are hidden', () => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'><reason>Hey Hecate</reason></invite>`))
      .expectAll({ [HECATE]: [invited(`${ROOM}/thirdwitch`, '<reason>Hey Hecate</reason>')] });
  });

  it('names the inviter by JID where everyone may know it', () => {
    configured(coven(), { whois: 'anyone' })
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .expectAll({ [HECATE]: [invited(HAG)] });
  });

  it('bears the password of the room', () => {
    configured(coven(), { password: 'cauldronburn' })
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .expectAll({ [HECATE]: [invited(`${ROOM}/thirdwitch`, '', '<password>cauldronburn</password>')] });
  });

  it('goes to the address that is named, be it bare or full, and be it of somebody who is here', () => {
    coven()
      .send(invites(HAG, `<invite to='${BROOM}'/>`, `<invite to='${CRONE1}'/>`))
      .expectAll({
        [BROOM]: [invited(`${ROOM}/thirdwitch`)],
        [CRONE1]: [invited(`${ROOM}/thirdwitch`)],
      });
  });

  it('carries nothing else that its inviter says', () => {
    coven()
      .send(
        `<message from='${HAG}' to='${ROOM}' id='i' type='normal'><body>x</body><x ${USER}><status code='110'/>
          <invite to='${HECATE}' from='${CRONE1}'><item/></invite><password>x</password></x></message>`,
      )
      .expectAll({ [HECATE]: [invited(`${ROOM}/thirdwitch`)] });
  });

  it('§7.9 goes on from a chat of two, with its thread', () => {
    const going = `<reason>needs both</reason><continue thread='e0ffe42b'/>`;
    coven()
      .send(invites(CRONE1, `<invite to='${HECATE}'>${going}</invite>`, `<invite to='p@x.lit'><continue/></invite>`))
      .expectAll({
        [HECATE]: [invited(`${ROOM}/firstwitch`, going)],
        'p@x.lit': [invited(`${ROOM}/firstwitch`, '<continue/>')],
      });
  });

  it.each([
    ['of somebody who is not in the room', 'peer@shakespeare.lit/x', `to='${HECATE}'`, 'modify', 'not-acceptable'],
    ['without an invitee', HAG, '', 'modify', 'bad-request'],
    ['to what is no JID', HAG, `to='@@'`, 'modify', 'jid-malformed'],
    ['to a room or an occupant here', HAG, `to='${ROOM}/firstwitch'`, 'cancel', 'item-not-found'],
  ])('%s is refused, with all that stand beside it', (_, from, to, type, condition) => {
    coven()
      .send(invites(from, `<invite to='p@x.lit'/>`, `<invite ${to}/>`))
      .expectAll({ [from]: [refused(type, condition)] });
  });

  it('is of type normal, which any unknown type counts as', () => {
    const typed = (type: string): string =>
      invites(HAG, `<invite to='${HECATE}'/>`).replace(' id=', ` type='${type}' id=`);
    for (const type of ['chat', 'headline'])
      coven()
        .send(typed(type))
        .expectAll({ [HAG]: [refused('modify', 'bad-request')] });
    coven()
      .send(typed('x'))
      .expectAll({ [HECATE]: [invited(`${ROOM}/thirdwitch`)] });
  });

  it('to somebody who has been banned is refused', () => {
    coven()
      .admin(CRONE1, 'set', `<item jid='${HECATE}' affiliation='outcast'/>`)
      .forget()
      .send(invites(CRONE1, `<invite to='${HECATE}'/>`))
      .expectAll({ [CRONE1]: [refused('cancel', 'not-allowed')] });
  });

  it.each([
    ['reason', `<reason>${'x'.repeat(MAX_REASON_LENGTH + 1)}</reason>`],
    ['thread', `<continue thread='${'x'.repeat(MAX_REASON_LENGTH + 1)}'/>`],
  ])(`with a %s of more than ${MAX_REASON_LENGTH} characters is refused`, (_, inside) => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'>${inside}</invite>`))
      .expectAll({ [HAG]: [refused('modify', 'not-acceptable')] });
  });

  it(`invites ${MAX_INVITES} people at once, and no more`, () => {
    const people = Array.from({ length: MAX_INVITES + 1 }, (_, index) => `<invite to='p${index}@x.lit'/>`);
    const story = coven().send(invites(HAG, ...people.slice(1)));
    expect(story.gateway.recipients).toHaveLength(MAX_INVITES);
    story
      .forget()
      .send(invites(HAG, ...people))
      .expectAll({ [HAG]: [refused('modify', 'not-acceptable')] });
  });
});

describe('§7.8.2 an invitation into a members-only room', () => {
  const closed = (membersInvite = false): RoomStory => configured(coven(), { membersOnly: true, membersInvite });

  it('of an admin makes the invitee a member, who may enter', () => {
    const story = closed()
      .send(invites(CRONE1, `<invite to='${HECATE}'/>`))
      .expectAll({ [HECATE]: [invited(`${ROOM}/firstwitch`)] });
    expect(story.room?.affiliations.get(HECATE)).toEqual({ affiliation: 'member' });
    expect(story.enter(BROOM, 'hecate').room?.occupants.get('hecate')?.role).toBe('participant');
  });

  it('leaves whoever is more than a member what they are', () => {
    const story = closed().send(invites(CRONE1, `<invite to='crone1@shakespeare.lit'/>`));
    expect(story.room?.affiliations.get('crone1@shakespeare.lit')?.affiliation).toBe('owner');
  });

  it('of a member is refused, unless the room lets members invite', () => {
    const story = closed().send(invites(WICCA, `<invite to='${HECATE}'/>`));
    story.expectAll({ [WICCA]: [refused('auth', 'forbidden')] });
    expect(story.room?.affiliations.has(HECATE)).toBe(false);
    const open = closed(true).send(invites(WICCA, `<invite to='${HECATE}'/>`));
    open.expectAll({ [HECATE]: [invited(`${ROOM}/secondwitch`)] });
    expect(open.room?.affiliations.get(HECATE)?.affiliation).toBe('member');
  });

  it('is refused where its lists are full', () => {
    const story = closed();
    const { room } = story;
    for (let index = room?.affiliations.size ?? 0; index < MAX_AFFILIATIONS; index++)
      room?.affiliations.set(`p${index}@x.lit`, { affiliation: 'member' });
    story
      .send(invites(CRONE1, `<invite to='${HECATE}'/>`))
      .expectAll({ [CRONE1]: [refused('modify', 'not-acceptable')] });
    story
      .send(invites(CRONE1, `<invite to='p${MAX_AFFILIATIONS - 1}@x.lit'/>`))
      .expectAll({ [`p${MAX_AFFILIATIONS - 1}@x.lit`]: [invited(`${ROOM}/firstwitch`)] });
  });

  it('that the store cannot keep makes nobody a member, and is not sent', () => {
    const story = closed().configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' }).forget();
    story.gateway.store.full = true;
    story
      .send(invites(CRONE1, `<invite to='${HECATE}'/>`))
      .expectAll({ [CRONE1]: [refused('wait', 'resource-constraint')] });
    expect(story.room?.affiliations.has(HECATE)).toBe(false);
    story.gateway.store.full = false;
    story.send(declines(BROOM, CRONE1)).expectAll({});
  });

  it('is there after a restart', () => {
    const story = closed().configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' });
    const after = story.send(invites(CRONE1, `<invite to='${HECATE}'/>`)).restarted();
    expect(after.room?.affiliations.get(HECATE)).toEqual({ affiliation: 'member' });
  });
});

describe('§7.8.2 declining', () => {
  it.each([
    ['the address that the invitation bore', `${ROOM}/thirdwitch`],
    ['the full JID', HAG],
    ['the bare JID', 'hag66@shakespeare.lit'],
  ])('is told to the inviter, by %s, and once', (_, to) => {
    const story = coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .forget();
    story
      .send(declines(BROOM, to, '<reason>too busy</reason>'))
      .expectAll({ [HAG]: [declined('<reason>too busy</reason>')] });
    story.send(declines(BROOM, to)).expectAll({});
  });

  it('of two inviters is told to the one who is meant', () => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`), invites(CRONE1, `<invite to='${HECATE}'/>`))
      .forget()
      .send(declines(BROOM, HAG))
      .expectAll({ [HAG]: [declined()] });
  });

  it('finds an inviter who has left', () => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`)
      .forget()
      .send(declines(BROOM, `${ROOM}/thirdwitch`))
      .expectAll({ 'hag66@shakespeare.lit': [declined()] });
  });

  it.each([
    ['by somebody else', 'peer@shakespeare.lit/x', HAG],
    ['to somebody who has invited nobody', BROOM, CRONE1],
    ['to what is no JID', BROOM, '@@'],
  ])('what nobody has invited to, %s, comes to nothing', (_, from, to) => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .forget()
      .send(declines(from, to))
      .expectAll({});
  });

  it('with too long a reason is refused, and may be said shorter', () => {
    const story = coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .forget();
    story
      .send(declines(BROOM, HAG, `<reason>${'x'.repeat(MAX_REASON_LENGTH + 1)}</reason>`))
      .expectAll({ [BROOM]: [refusal('message', ROOM, 'modify', 'not-acceptable', 'd')] });
    story.send(declines(BROOM, HAG)).expectAll({ [HAG]: [declined()] });
  });

  it(`is possible for the last ${MAX_PENDING_INVITATIONS} invitations of a room`, () => {
    const story = coven().send(invites(HAG, `<invite to='${HECATE}'/>`));
    for (let index = 1; index < MAX_PENDING_INVITATIONS; index++)
      story.send(invites(HAG, `<invite to='p${index}@x.lit'/>`));
    story
      .forget()
      .send(declines(BROOM, HAG))
      .expectAll({ [HAG]: [declined()] });
    story.send(invites(HAG, `<invite to='${HECATE}'/>`));
    for (let index = 0; index < MAX_PENDING_INVITATIONS; index++)
      story.send(invites(HAG, `<invite to='q${index}@x.lit'/>`));
    story.forget().send(declines(BROOM, HAG)).expectAll({});
  });

  it('is possible for a week', () => {
    const story = coven().send(invites(HAG, `<invite to='${HECATE}'/>`));
    story.gateway.world.now += INVITATION_LIFETIME;
    story.forget().send(declines(BROOM, HAG)).expectAll({});
  });
});

describe('§7.8.2 an invitation that comes back', () => {
  const bounces = (condition: string, from = HECATE): string =>
    `<message from='${from}' to='${ROOM}' id='i' type='error'><error type='cancel'>
      <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`;
  const returned = (type: string, condition: string): string =>
    refused(type, condition).replace('<error', `<x ${USER}><invite to='${HECATE}'/></x><error`);

  it.each([
    ['item-not-found', 'cancel', 'item-not-found'],
    ['service-unavailable', 'cancel', 'item-not-found'],
    ['remote-server-not-found', 'cancel', 'item-not-found'],
    ['remote-server-timeout', 'wait', 'recipient-unavailable'],
  ])('with %s is told to the inviter, once', (condition, type, told) => {
    const story = coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .forget();
    story.send(bounces(condition)).expectAll({ [HAG]: [returned(type, told)] });
    story.send(bounces(condition)).expectAll({});
  });

  it('from somebody who was not invited is told to nobody', () => {
    coven()
      .send(invites(HAG, `<invite to='${HECATE}'/>`))
      .forget()
      .send(bounces('item-not-found', 'peer@x.lit'))
      .expectAll({});
  });
});
