import { beforeEach, expect, it } from 'vitest';
import { MAX_VOICES } from '../../src/muc/voice.ts';
import { CRONE1, HAG, ROOM, RoomStory, WICCA } from '../support/room-story.ts';

/* XEP-0045 §5.1: who may speak in a moderated room, from one visit to the next. */

let story: RoomStory;

/** A moderated room of crone1's that stays; hag66 is in it as a visitor, wiccarocks as a member. */
beforeEach(() => {
  story = new RoomStory().enter(CRONE1, 'firstwitch');
  story.configure(CRONE1, { 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_persistentroom': '1' });
  story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='member'/>`);
  story.enter(HAG, 'thirdwitch').enter(WICCA, 'secondwitch');
});

const role = (jid: string): string | undefined => story.room?.bySession(jid)?.role;
const give = (nick: string, to: string): RoomStory => story.admin(CRONE1, 'set', `<item nick='${nick}' role='${to}'/>`);

function leave(jid: string, nick: string): void {
  story.send(`<presence from='${jid}' to='${ROOM}/${nick}' type='unavailable'/>`);
}

function comesBack(jid: string, nick: string): void {
  leave(jid, nick);
  story.enter(jid, nick);
}

it('§5.1.2 is what the affiliation gives where nobody says otherwise', () => {
  comesBack(HAG, 'thirdwitch');
  comesBack(WICCA, 'secondwitch');
  expect([role(CRONE1), role(HAG), role(WICCA)]).toEqual(['moderator', 'visitor', 'participant']);
});

it('who was granted voice has it again, under another nick and after a restart too', () => {
  give('thirdwitch', 'participant');
  leave(HAG, 'thirdwitch');
  story = story.restarted();
  story.enter(HAG, 'oldhag');
  expect(role(HAG)).toBe('participant');
  story.send(`<message from='${HAG}' to='${ROOM}' type='groupchat'><body>Harpier cries</body></message>`);
  expect(story.gateway.takeText(HAG)[0]).toContain('<body>Harpier cries</body>');
});

it('who was silenced is silent again, whether they left or were sent out', () => {
  give('secondwitch', 'visitor');
  comesBack(WICCA, 'secondwitch');
  expect(role(WICCA)).toBe('visitor');
  give('secondwitch', 'none');
  story.enter(WICCA, 'secondwitch');
  expect(role(WICCA)).toBe('visitor');
  give('secondwitch', 'participant');
  comesBack(WICCA, 'secondwitch');
  expect(role(WICCA)).toBe('participant');
  expect(story.room?.settings.voices).toEqual({});
});

it('who was sent out keeps no voice that was granted, and nobody stays a moderator', () => {
  give('thirdwitch', 'participant');
  comesBack(HAG, 'thirdwitch');
  give('thirdwitch', 'none');
  story.enter(HAG, 'thirdwitch');
  expect(role(HAG)).toBe('visitor');
  give('thirdwitch', 'moderator');
  comesBack(HAG, 'thirdwitch');
  expect(role(HAG)).toBe('participant');
});

it('is forgotten where the affiliation changes, which says anew what somebody is', () => {
  give('secondwitch', 'visitor');
  leave(WICCA, 'secondwitch');
  story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='none'/>`);
  story.admin(CRONE1, 'set', `<item jid='wiccarocks@shakespeare.lit' affiliation='member'/>`);
  story.enter(WICCA, 'secondwitch');
  expect(role(WICCA)).toBe('participant');
});

it('counts in a moderated room alone', () => {
  give('secondwitch', 'visitor');
  leave(WICCA, 'secondwitch');
  story.configure(CRONE1, { 'muc#roomconfig_moderatedroom': '0' }).enter(WICCA, 'secondwitch');
  expect(role(WICCA)).toBe('participant');
});

it('is granted by a turn that can be kept, or not at all; leaving keeps nothing', () => {
  const before = story.room?.settings;
  story.gateway.store.full = true;
  give('thirdwitch', 'participant');
  expect(story.room?.settings).toBe(before);
  expect(role(HAG)).toBe('visitor');
  story.gateway.store.full = false;
  give('thirdwitch', 'participant');
  story.gateway.store.full = true;
  leave(HAG, 'thirdwitch');
  expect(role(HAG)).toBeUndefined();
});

it(`is remembered of ${MAX_VOICES} people, and forgotten of the first of more`, () => {
  const { room } = story;
  const all = Array.from({ length: MAX_VOICES }, (_, index) => [`p${index}@shakespeare.lit`, 'participant'] as const);
  if (room !== undefined) room.settings = { ...room.settings, voices: Object.fromEntries(all) };
  give('thirdwitch', 'participant');
  comesBack(HAG, 'thirdwitch');
  expect(role(HAG)).toBe('participant');
  const voices = Object.keys(story.room?.settings.voices ?? {});
  expect(voices).toHaveLength(MAX_VOICES);
  expect(voices).not.toContain('p0@shakespeare.lit');
});
