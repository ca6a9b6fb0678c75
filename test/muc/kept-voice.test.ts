import { describe, expect, it } from 'vitest';
import { keepVoice, MAX_KEPT_VOICES } from '../../src/muc/kept-voice.ts';
import { coven, MODERATED } from '../support/coven.ts';
import { CRONE1, HAG, ROOM, type RoomStory } from '../support/room-story.ts';

/* XEP-0045 §5.1: in a moderated room voice lasts across visits. */

const leaves = `<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`;
const comesAgain = (story: RoomStory): string | undefined =>
  story.send(leaves).enter(HAG, 'thirdwitch').room?.bySession(HAG)?.role;
const gives = (story: RoomStory, role: string): RoomStory =>
  story.admin(CRONE1, 'set', `<item nick='thirdwitch' role='${role}'/>`);

describe('§5.1 roles persist across visits of a moderated room', () => {
  it('who has been given voice still has it', () => {
    expect(comesAgain(coven({}, MODERATED))).toBe('visitor');
    expect(comesAgain(gives(coven({}, MODERATED), 'participant'))).toBe('participant');
  });

  it('who has lost it does not get it back by leaving', () => {
    const story = gives(coven({ 'hag66@shakespeare.lit': 'member' }, MODERATED), 'visitor');
    expect(comesAgain(story)).toBe('visitor');
    gives(story, 'none');
    expect(story.enter(HAG, 'fourthwitch').room?.bySession(HAG)?.role).toBe('visitor');
  });

  it('a change of affiliation says anew what they are, and an admin is a moderator in any case', () => {
    const story = gives(coven({ 'hag66@shakespeare.lit': 'member' }, MODERATED), 'visitor');
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='none'/>`);
    story.admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='member'/>`);
    expect(comesAgain(story)).toBe('participant');
    gives(story, 'visitor').admin(CRONE1, 'set', `<item jid='hag66@shakespeare.lit' affiliation='admin'/>`);
    expect(comesAgain(story)).toBe('moderator');
  });

  it('in other rooms a role is for one visit', () => {
    expect(comesAgain(gives(coven(), 'visitor'))).toBe('participant');
    const story = gives(coven({}, MODERATED), 'participant').configure(CRONE1, {
      'muc#roomconfig_moderatedroom': '0',
    });
    expect(comesAgain(gives(story, 'visitor'))).toBe('participant');
  });

  it('a moderator of that visit alone has been given nothing that lasts', () => {
    expect(comesAgain(gives(coven({}, MODERATED), 'moderator'))).toBe('visitor');
  });

  it(`of ${MAX_KEPT_VOICES} people, and the first is forgotten`, () => {
    const story = gives(coven({}, MODERATED), 'participant');
    const { room } = story;
    if (room === undefined) throw new Error('there is no room');
    for (let at = 1; at < MAX_KEPT_VOICES; at += 1) keepVoice(room, `m${at}@b.lit`, 'visitor');
    expect(comesAgain(story)).toBe('participant');
    keepVoice(room, 'last@b.lit', 'visitor');
    expect(story.room?.voices.size).toBe(MAX_KEPT_VOICES);
    expect(comesAgain(story)).toBe('visitor');
  });
});
