import { describe, it } from 'vitest';
import type { RoomSettings } from '../../src/muc/records.ts';
import { CRONE1, configured, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.11 and §9.5: who may see the list of members. */

const BARE = 'wiccarocks@shakespeare.lit';
const ABSENT = `${BARE}/absent`;
const LISTED = `<iq from='${ROOM}' type='result' id='admin'><query xmlns='http://jabber.org/protocol/muc#admin'>
  <item affiliation='member' jid='${BARE}' nick='secondwitch'/></query></iq>`;
const REFUSED = refusal('iq', ROOM, 'auth', 'forbidden', 'admin');

/** Crone1 owns the room, wiccarocks is a member of it, and hag66 nothing in particular. */
function coven(settings: Partial<RoomSettings>): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return configured(story.admin(CRONE1, 'set', `<item jid='${BARE}' affiliation='member'/>`).forget(), settings);
}

function expectList(story: RoomStory, from: string, answer: string): void {
  story.admin(from, 'get', `<item affiliation='member'/>`).expectAll({ [from]: [answer] });
}

describe('§7.11 getting the member list', () => {
  it.each([
    ['an owner', CRONE1, ['visitor'], LISTED],
    ['a participant, where participants may', HAG, ['participant'], LISTED],
    ['a participant, where moderators may', HAG, ['moderator'], REFUSED],
    ['a member who is not here, where participants may', ABSENT, ['participant'], LISTED],
    ['a member who is not here, where moderators may', ABSENT, ['moderator'], REFUSED],
    ['a stranger', 'peer@shakespeare.lit/x', ['moderator', 'participant', 'visitor'], REFUSED],
  ] as const)('in a non-anonymous room: %s', (_, from, membersSeenBy, answer) => {
    expectList(coven({ whois: 'anyone', membersSeenBy }), from, answer);
  });

  it('visitors, where they may', () => {
    const story = coven({ whois: 'anyone', membersSeenBy: ['visitor'] });
    expectList(story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`).forget(), HAG, LISTED);
  });

  it.each([
    ['members', WICCA],
    ['members who are not here', ABSENT],
    ['participants', HAG],
  ])('§5.2.1 in a semi-anonymous room not %s', (_, from) => {
    expectList(coven({ membersSeenBy: ['participant', 'moderator'] }), from, REFUSED);
  });

  it('moderators, who see real JIDs in any case, also there', () => {
    const story = coven({ membersSeenBy: ['moderator'] });
    expectList(story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='moderator'/>`).forget(), HAG, LISTED);
  });
});
