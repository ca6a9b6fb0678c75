import { expect, it } from 'vitest';
import { NS } from '../../src/xml/names.ts';
import { CRONE1, done, HAG, presence, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0045 §7.2.8: several clients of one bare JID under one nick. */

const PHONE = 'hag66@shakespeare.lit/phone';
const SHOWS = { pda: '<show>away</show>', phone: '<show>dnd</show>' };
const noSubject = `<message from='${ROOM}' type='groupchat'><subject/></message>`;

function here(jid: string, nick: string, inside: string): string {
  return `<presence from='${jid}' to='${ROOM}/${nick}'>${inside}</presence>`;
}

function join(jid: string, nick: string, show = ''): string {
  return here(jid, nick, `${show}<x xmlns='${NS.muc}'/>`);
}

/** Crone1 owns the room, hag66 is in it with a handheld and a phone, each with its show. */
function coven(): RoomStory {
  return new RoomStory()
    .enter(CRONE1, 'firstwitch')
    .send(join(HAG, 'thirdwitch', SHOWS.pda), join(PHONE, 'thirdwitch', SHOWS.phone))
    .forget();
}

it('a second client gets all that a newcomer gets, and its presence is shown from now on', () => {
  const story = new RoomStory()
    .enter(CRONE1, 'firstwitch')
    .send(join(HAG, 'thirdwitch', SHOWS.pda))
    .forget();
  const more = SHOWS.phone;
  story.send(join(PHONE, 'thirdwitch', SHOWS.phone)).expectAll({
    [CRONE1]: [presence('thirdwitch', { jid: HAG, more })],
    [HAG]: [presence('thirdwitch', { jid: HAG, more, codes: [110] })],
    [PHONE]: [
      presence('firstwitch', { affiliation: 'owner', role: 'moderator' }),
      presence('thirdwitch', { jid: HAG, more, codes: [110, 170] }),
      noSubject,
    ],
  });
  expect(story.room?.occupants.size).toBe(2);
});

it('each may speak, and each hears what is said', () => {
  const story = coven();
  for (const jid of [HAG, PHONE]) {
    story.send(`<message from='${jid}' to='${ROOM}' type='groupchat'><body>Double, double</body></message>`);
    for (const hears of [CRONE1, HAG, PHONE]) {
      const [text = '', ...more] = story.gateway.takeText(hears);
      expect(text).toContain(`from="${ROOM}/thirdwitch"`);
      expect(more).toEqual([]);
    }
  }
});

it('§7.7 the presence of either is shown to everyone, the other included', () => {
  const story = coven().send(here(HAG, 'thirdwitch', '<show>xa</show>'));
  const shown = { jid: HAG, more: '<show>xa</show>' };
  const self = presence('thirdwitch', { ...shown, codes: [110] });
  story.expectAll({ [CRONE1]: [presence('thirdwitch', shown)], [HAG]: [self], [PHONE]: [self] });
});

it('§7.14 the one whose presence is shown leaves: the other’s is shown again', () => {
  const story = coven().send(`<presence from='${PHONE}' to='${ROOM}/thirdwitch' type='unavailable'/>`);
  const shown = { jid: HAG, more: SHOWS.pda };
  story.expectAll({
    [PHONE]: [presence('thirdwitch', { role: 'none', jid: HAG, type: 'unavailable', codes: [110] })],
    [CRONE1]: [presence('thirdwitch', shown)],
    [HAG]: [presence('thirdwitch', { ...shown, codes: [110] })],
  });
});

it('§7.14 the other one leaves: nobody hears of it but itself', () => {
  const story = coven().send(`<presence from='${HAG}' to='${ROOM}/thirdwitch' type='unavailable'/>`);
  story.expectAll({ [HAG]: [presence('thirdwitch', { role: 'none', jid: HAG, type: 'unavailable', codes: [110] })] });
  story.send(`<presence from='${PHONE}' to='${ROOM}/thirdwitch' type='unavailable'/>`);
  expect(story.room?.occupants.has('thirdwitch')).toBe(false);
  expect(story.gateway.recipients.toSorted()).toEqual([CRONE1, PHONE].toSorted());
});

it('§7.6 one changes the nick of both', () => {
  const story = coven().send(here(HAG, 'oldhag', ''));
  const gone = { jid: HAG, nick: 'oldhag', type: 'unavailable' } as const;
  const own = [presence('thirdwitch', { ...gone, codes: [110, 303] }), presence('oldhag', { jid: HAG, codes: [110] })];
  story.expectAll({
    [CRONE1]: [presence('thirdwitch', { ...gone, codes: [303] }), presence('oldhag', { jid: HAG })],
    [HAG]: own,
    [PHONE]: own,
  });
});

it('§8.2 a kick is one of both', () => {
  const story = coven().admin(CRONE1, 'set', `<item nick='thirdwitch' role='none'/>`);
  const kicked = (codes: number[]): string =>
    presence('thirdwitch', {
      role: 'none',
      jid: HAG,
      type: 'unavailable',
      codes,
      inside: `<actor nick='firstwitch'/>`,
    });
  story.expectAll({
    [HAG]: [kicked([110, 307])],
    [PHONE]: [kicked([110, 307])],
    [CRONE1]: [done('admin'), kicked([307])],
  });
  story.send(here(PHONE, 'thirdwitch', ''));
  expect(story.gateway.takeText(PHONE)[0]).toContain('<status code="307"/>');
});

it('§11.1 one is out of reach: it alone leaves, with 333', () => {
  const story = coven().send(`<presence from='${HAG}' to='${ROOM}/firstwitch' type='error'>
    <error type='wait'><remote-server-timeout xmlns='${NS.stanzaErrors}'/></error></presence>`);
  story.expectAll({
    [HAG]: [presence('thirdwitch', { role: 'none', jid: HAG, type: 'unavailable', codes: [110, 333] })],
  });
  expect(story.room?.occupants.get('thirdwitch')?.sessions).toEqual([PHONE]);
});

it('§7.2.8 under another nick a client of the same user is somebody of its own', () => {
  const story = coven().enter('hag66@shakespeare.lit/laptop', 'oldhag');
  expect(story.room?.occupants.size).toBe(3);
  story.send(here(HAG, 'oldhag', ''));
  story.expectAll({ [HAG]: [refusal('presence', `${ROOM}/oldhag`, 'cancel', 'conflict').replace(/<x [^>]*\/>/, '')] });
});

it('after a nick change under way from a shared nick nothing of the old one is left', () => {
  const story = coven().send(here(HAG, 'oldhag', ''));
  story.enter(WICCA, 'thirdwitch');
  expect(story.room?.bySession(WICCA)?.nick).toBe('thirdwitch');
  expect(story.room?.occupants.get('oldhag')?.sessions).toEqual([HAG, PHONE]);
});
