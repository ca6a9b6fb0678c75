import { describe, expect, it } from 'vitest';
import { MAX_NICK_LENGTH } from '../../src/muc/nick.ts';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.2.8, §7.6 and §16.1: which nick somebody may have, whether they enter with it or change to it. */

/** Crone1 owns the room; hag66 is in it or about to be. */
function coven(): RoomStory {
  return new RoomStory().enter(CRONE1, 'firstwitch');
}

function ask(how: 'enter' | 'change', nick: string): { readonly story: RoomStory; readonly stanza: string } {
  const story = how === 'enter' ? coven() : coven().enter(HAG, 'thirdwitch');
  const payload = how === 'enter' ? `<x xmlns='${NS.muc}'/>` : '';
  return { story, stanza: `<presence from='${HAG}' to='${ROOM}/${nick}'>${payload}</presence>` };
}

function refused(how: 'enter' | 'change', nick: string, type: string, condition: string): string {
  const error = refusal('presence', `${ROOM}/${nick}`, type, condition);
  return how === 'enter' ? error : error.replace(/<x [^>]*\/>/, '');
}

describe.each(['enter', 'change'] as const)('to %s with', (how) => {
  it.each([
    ['§16.1 spaces alone', '   ', 'modify', 'jid-malformed'],
    ['§16.1 what shows nothing', '\u2800\u2800', 'modify', 'jid-malformed'],
    ['more characters than a nick has', 'n'.repeat(MAX_NICK_LENGTH + 1), 'modify', 'not-acceptable'],
    ['§7.2.8 somebody else’s nick', 'firstwitch', 'cancel', 'conflict'],
    ['§13.6 the same in capitals', 'FirstWitch', 'cancel', 'conflict'],
    ['§13.6 the same with a space at its end', 'firstwitch ', 'cancel', 'conflict'],
    ['§13.6 the same in wide letters', 'ｆｉｒｓｔｗｉｔｃｈ', 'cancel', 'conflict'],
  ])('%s', (_, nick, type, condition) => {
    const { story, stanza } = ask(how, nick);
    const before = [...(story.room?.occupants.keys() ?? [])];
    story.send(stanza).expectAll({ [HAG]: [refused(how, nick, type, condition)] });
    expect([...(story.room?.occupants.keys() ?? [])]).toEqual(before);
  });

  it.each(['&#x7f;', '\u200b', 'wi\u00adtch'])('§16.1 what no resource can be, as %j', (nick) => {
    const { story, stanza } = ask(how, nick);
    const before = story.room?.occupants.size;
    const [text = '', ...more] = story.send(stanza).gateway.takeText(HAG);
    expect(text).toContain('<error type="modify"><jid-malformed xmlns');
    expect(more).toEqual([]);
    expect(story.room?.occupants.size).toBe(before);
  });

  it('§7.2.8, §7.6 a nick that is reserved for somebody else, also while they are away', () => {
    for (const nick of ['secondwitch', 'SecondWitch']) {
      const { story, stanza } = ask(how, nick);
      reserve(story, 'wiccarocks@shakespeare.lit', 'secondwitch');
      story.send(stanza).expectAll({ [HAG]: [refused(how, nick, 'cancel', 'conflict')] });
      expect(story.room?.occupants.has(nick)).toBe(false);
    }
  });

  it('§7.12 a nick that is reserved for oneself', () => {
    const { story, stanza } = ask(how, 'oldhag');
    reserve(story, 'hag66@shakespeare.lit', 'oldhag');
    story.send(stanza);
    expect(story.room?.bySession(HAG)?.nick).toBe('oldhag');
  });

  it('§7.2.2, §7.6 a nick that the service prepares comes with 210', () => {
    const prepared = 'old hag';
    const { story, stanza } = ask(how, 'old\u3000hag');
    const self = how === 'enter' ? [110, 170, 210] : [110, 210];
    story.send(stanza);
    const own = story.gateway.takeText(HAG).filter((text) => text.includes(`from="${ROOM}/${prepared}"`));
    const codes = own.map((text) => [...text.matchAll(/code="(\d+)"/g)].map(([, code]) => Number(code)));
    expect(codes).toEqual([self]);
    expect(story.gateway.takeText(CRONE1).join('')).not.toContain('210');
  });
});

/** What a registration or an admin comes to. */
function reserve(story: RoomStory, jid: string, nick: string): void {
  story.room?.affiliations.set(jid, { affiliation: 'member', nick });
}

it('§7.6 somebody’s own nick in other letters is theirs', () => {
  const story = coven().enter(HAG, 'thirdwitch').send(`<presence from='${HAG}' to='${ROOM}/ThirdWitch'/>`);
  expect(story.room?.bySession(HAG)?.nick).toBe('ThirdWitch');
});

it('§7.2.8 what was reserved for somebody who is banned is free', () => {
  const story = coven();
  story.room?.affiliations.set('wiccarocks@shakespeare.lit', { affiliation: 'outcast', nick: 'secondwitch' });
  story.enter(HAG, 'secondwitch');
  expect(story.room?.bySession(HAG)?.nick).toBe('secondwitch');
});

it('§7.6 the id comes back to whoever changes, and the nick is told with the presence that it is asked with', () => {
  const story = coven().enter(HAG, 'thirdwitch').enter(WICCA, 'secondwitch');
  story.send(`<presence from='${HAG}' to='${ROOM}/oldhag' id='ifd1c35'><show>away</show></presence>`);
  const gone = { nick: 'oldhag', type: 'unavailable' } as const;
  const more = '<show>away</show>';
  story.expectAll({
    [CRONE1]: [presence('thirdwitch', { ...gone, jid: HAG, codes: [303] }), presence('oldhag', { jid: HAG, more })],
    [WICCA]: [presence('thirdwitch', { ...gone, codes: [303] }), presence('oldhag', { more })],
    [HAG]: [
      presence('thirdwitch', { ...gone, jid: HAG, codes: [110, 303] }),
      presence('oldhag', { jid: HAG, codes: [110], more }).replace('<presence', `<presence id='ifd1c35'`),
    ],
  });
});
