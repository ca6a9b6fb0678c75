import { beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../src/lib/journal.ts';
import { followBroadcast } from '../../src/muc/presence-broadcast.ts';
import type { RoomSettings } from '../../src/muc/records.ts';
import { Turn } from '../../src/muc/turn.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.2.2, §5.1: `muc#roomconfig_presencebroadcast`, the roles whose presence is shown to others. */

const noSubject = `<message from='${ROOM}' type='groupchat'><subject/></message>`;
const join = (jid: string, nick: string): string =>
  `<presence from='${jid}' to='${ROOM}/${nick}'><x xmlns='${NS.muc}'/></presence>`;

let story: RoomStory;

/** A moderated room of crone1's where wiccarocks has voice, hag66 has none, and visitors aren't shown. */
beforeEach(() => {
  story = new RoomStory().enter(CRONE1, 'firstwitch').configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1' });
  story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='member'/>`);
  show(['moderator', 'participant']);
  story.enter(WICCA, 'secondwitch');
});

function show(presenceOf: RoomSettings['presenceOf']): void {
  if (story.room !== undefined) story.room.settings = { ...story.room.settings, presenceOf };
}

const visitor = (more: object = {}): string => presence('thirdwitch', { role: 'visitor', jid: HAG, ...more });

it('who is hidden enters unseen, and sees those who are shown and themselves', () => {
  story.send(join(HAG, 'thirdwitch')).expectAll({
    [HAG]: [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
      presence('secondwitch', { affiliation: 'member' }),
      visitor({ codes: [110, 170] }),
      noSubject,
    ],
  });
  const other = 'other@shakespeare.lit/x';
  story.send(join(other, 'fourthwitch')).expectAll({
    [other]: [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
      presence('secondwitch', { affiliation: 'member' }),
      presence('fourthwitch', { role: 'visitor', jid: other, codes: [110, 170] }),
      noSubject,
    ],
  });
});

describe('somebody hidden', () => {
  beforeEach(() => {
    story.enter(HAG, 'thirdwitch');
  });

  it('§7.7 is shown their own presence alone', () => {
    story
      .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><show>xa</show></presence>`)
      .expectAll({ [HAG]: [visitor({ codes: [110], more: '<show>xa</show>' })] });
  });

  it('§7.6 takes another nick unseen', () => {
    story.send(`<presence from='${HAG}' to='${ROOM}/oldhag'/>`).expectAll({
      [HAG]: [
        visitor({ nick: 'oldhag', type: 'unavailable', codes: [110, 303] }),
        presence('oldhag', { role: 'visitor', jid: HAG, codes: [110] }),
      ],
    });
  });

  it('§7.14 leaves unseen', () => {
    story
      .send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`)
      .expectAll({ [HAG]: [visitor({ role: 'none', type: 'unavailable', codes: [110] })] });
  });

  it('§8.2 can be kicked', () => {
    story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`).expectAll({
      [HAG]: [visitor({ role: 'none', type: 'unavailable', codes: [110, 307], inside: `<actor nick='firstwitch'/>` })],
      [CRONE1]: [done('admin')],
    });
    expect(story.room?.occupants.has('thirdwitch')).toBe(false);
  });

  it('§8.5 is in the moderators’ list', () => {
    const [text = ''] = story.admin(CRONE1, 'get', `<item role='visitor'/>`).gateway.takeText(CRONE1);
    expect(text).toContain('nick="thirdwitch"');
  });

  it('§8.3 who gets voice appears, and §8.4 who loses it leaves for everyone else', () => {
    const inside = `<actor nick='firstwitch'/>`;
    story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='participant'/>`).expectAll({
      [CRONE1]: [done('admin'), presence('thirdwitch', { jid: HAG, inside })],
      [WICCA]: [presence('thirdwitch', { inside })],
      [HAG]: [presence('thirdwitch', { jid: HAG, inside, codes: [110] })],
    });
    story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='visitor'/>`).expectAll({
      [CRONE1]: [done('admin'), presence('thirdwitch', { role: 'none', jid: HAG, type: 'unavailable' })],
      [WICCA]: [presence('thirdwitch', { role: 'none', type: 'unavailable' })],
      [HAG]: [visitor({ codes: [110], inside })],
    });
  });

  it('speaks unseen where they may', () => {
    show([]);
    story.send(`<message from='${WICCA}' to='${ROOM}' type='groupchat'><body>Fire burn</body></message>`);
    expect(story.gateway.recipients.toSorted()).toEqual([CRONE1, HAG, WICCA].toSorted());
  });

  it('§10.2 leaves for everyone else, or appears, as the room is configured', () => {
    const { room } = story;
    const told = (presenceOf: RoomSettings['presenceOf']): string[] => {
      if (room === undefined) return [];
      const before = room.settings;
      show(presenceOf);
      const turn = new Turn(0, new Journal());
      followBroadcast(room, turn, before);
      return turn.effects.flatMap((effect) =>
        effect.kind === 'send' ? [`${effect.to.join(' ')} ${serialise(effect.stanza)}`] : [],
      );
    };
    const gist = (text: string): string =>
      text.replace(/<presence from="[^/]*\/(\w+)"(?: type="(\w+)")?>.*role="(\w+)".*/, '$1 $2 $3');
    expect(told(['moderator', 'participant'])).toEqual([]);
    expect(told(['moderator', 'participant', 'visitor']).map(gist)).toEqual([
      `${CRONE1} thirdwitch  visitor`,
      `${WICCA} thirdwitch  visitor`,
    ]);
    expect(told(['moderator', 'visitor']).map(gist)).toEqual([
      `${CRONE1} secondwitch unavailable none`,
      `${HAG} secondwitch unavailable none`,
    ]);
  });
});
