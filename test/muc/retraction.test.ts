import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/lib/message-id.ts';
import { formatStamp } from '../../src/lib/stamp.ts';
import { MAX_REASON_LENGTH } from '../../src/muc/moderate.ts';
import { MAX_REFERABLE } from '../../src/muc/referable.ts';
import { NS } from '../../src/xml/names.ts';
import { canonical } from '../support/canonical.ts';
import { Reader } from '../support/reader.ts';
import { CRONE1, done, HAG, ROOM, RoomStory, refusal, WICCA } from '../support/room-story.ts';

/* XEP-0424 and XEP-0425: messages that are retracted, by their author or by a moderator. */

const EVERYONE = [CRONE1, WICCA, HAG];

/** Crone1 owns the room. */
function coven(): RoomStory {
  const story = new RoomStory().enter(CRONE1, 'firstwitch').enter(WICCA, 'secondwitch').enter(HAG, 'thirdwitch');
  return story.configure(CRONE1, { 'muc#roomconfig_persistentroom': '1' }).forget();
}

const says = (jid: string, payloads: string, id = 'm1') =>
  `<message from='${jid}' to='${ROOM}' type='groupchat' id='${id}'>${payloads}</message>`;
const retracts = (jid: string, what: string, id = 'r1') =>
  says(jid, `<retract xmlns='${NS.retract}' id='${what}'/><body>gone</body>`, id);
const moderates = (jid: string, what: string, reason = '') =>
  `<iq from='${jid}' to='${ROOM}' type='set' id='mod'><moderate xmlns='${NS.moderate}' id='${what}'>
    <retract xmlns='${NS.retract}'/>${reason}</moderate></iq>`;

/** Somebody says something; answers the id that the room gives it. */
function said(story: RoomStory, jid: string, body: string, id = 'm1'): string {
  story.forget().send(says(jid, `<body>${body}</body>`, id));
  const reader = new Reader(ROOM);
  reader.read(story.gateway.take(WICCA));
  story.forget();
  return reader.stanzaId(body);
}

const kept = (story: RoomStory) => story.gateway.store.messages(ROOM).map(({ stanza }) => canonical(stanza));
/** When the newest message was said. */
const nowOf = (story: RoomStory) => formatStamp(story.gateway.store.messages(ROOM).at(-1)?.stamp ?? 0);
/** What the next message that enters the set here is called everywhere. */
const nextId = (story: RoomStory, ahead = 1) =>
  messageId({ by: ROOM, id: `~${((story.room?.lastOriginSeq ?? 0) + ahead).toString(36)}` });
const all = (stanza: string) => Object.fromEntries(EVERYONE.map((jid) => [jid, [stanza]]));
const stanzaId = (story: RoomStory) =>
  `<stanza-id xmlns='${NS.stanzaId}' by='${ROOM}' id='${story.room?.stanzaIdOf(story.room.lastSeq)}'/>`;

/** What somebody reads in the archive. */
function archived(story: RoomStory, jid = HAG): string[] {
  story.forget().send(`<iq from='${jid}' to='${ROOM}' type='set' id='q'><query xmlns='${NS.mam}'/></iq>`);
  const results = story.gateway.take(jid).slice(0, -1);
  return results.map((stanza) =>
    canonical(stanza.getChild('result')?.getChild('forwarded')?.getChild('message', NS.client) ?? '', {
      children: [`occupant-id ${NS.occupantId}`],
    }),
  );
}

describe('XEP-0424 the author retracts a message', () => {
  it('§3, §4 everyone is told, and there is a tombstone in its place', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    const retraction = nextId(story);
    story.send(retracts(HAG, id));
    story.expectAll(
      all(`<message from='${ROOM}/thirdwitch' type='groupchat' id='r1'><body>gone</body>
        <retract xmlns='${NS.retract}' id='${id}'/>${stanzaId(story)}</message>`),
    );
    expect(kept(story)[0]).toBe(
      canonical(
        `<message id='m1'><retracted xmlns='${NS.retract}' id='${retraction}' stamp='${nowOf(story)}'/></message>`,
      ),
    );
    const [first, second] = archived(story);
    expect(first).toBe(
      canonical(`<message xmlns='jabber:client' from='${ROOM}/thirdwitch' id='m1' type='groupchat'>
        <retracted xmlns='${NS.retract}' id='r1' stamp='${nowOf(story)}'/>
        <stanza-id xmlns='${NS.stanzaId}' by='${ROOM}' id='${id}'/></message>`),
    );
    expect(second).toContain(`<retract id='${id}' xmlns='${NS.retract}'>`);
  });

  it('§5 a newcomer gets the tombstone, also after a restart', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    story.send(retracts(HAG, id));
    const at = nowOf(story);
    for (const start of [() => story, () => story.restarted()]) {
      const room = start();
      const banquo = 'banquo@shakespeare.lit/x';
      room.forget().send(`<presence from='${banquo}' to='${ROOM}/banquo'><x xmlns='${NS.muc}'/></presence>`);
      const history = room.gateway.takeText(banquo).join();
      expect(history).toContain(`<retracted xmlns="${NS.retract}" id="r1" stamp="${at}"/>`);
      expect(history).not.toContain('wrong');
    }
  });

  it('§5 somebody else’s message stays as it is', () => {
    const story = coven();
    const id = said(story, HAG, 'mine');
    story.send(retracts(CRONE1, id));
    expect(story.gateway.takeText(HAG).join()).not.toContain('<retract');
    expect(kept(story)[0]).toContain('mine');
  });

  it('by another of their clients, under another nick', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    const other = 'hag66@shakespeare.lit/laptop';
    story.enter(other, 'hag').send(retracts(other, id));
    expect(kept(story)[0]).toContain('<retracted');
  });

  it('a retraction without an id is called by the one that it has everywhere', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    const retraction = nextId(story);
    story.send(retracts(HAG, id).replace(" id='r1'", ''));
    expect(archived(story)[0]).toContain(`id='${retraction}'`);
  });

  it('once is enough: the first retraction counts', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    story.send(retracts(HAG, id), retracts(HAG, id, 'r2'));
    expect(archived(story)[0]).toContain("id='r1'");
    const again = story
      .restarted()
      .enter(HAG, 'thirdwitch')
      .send(retracts(HAG, id, 'r3'));
    expect(archived(again)[0]).toContain("id='r1'");
  });

  it('a user claims no message to have been retracted', () => {
    const story = coven();
    story.send(says(HAG, `<body>x</body><retracted xmlns='${NS.retract}' id='y'/>`));
    expect(story.gateway.takeText(CRONE1).join()).not.toContain('retracted');
    story.send(
      says(
        HAG,
        `<body>x</body><retract xmlns='${NS.retract}' id='y'>
      <moderated xmlns='${NS.moderate}' by='${ROOM}/firstwitch'/></retract>`,
      ),
    );
    expect(story.gateway.takeText(CRONE1).join()).not.toContain('moderated');
  });

  it('reaches back behind what the room remembers', { timeout: 60_000 }, () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    for (let count = 0; count <= MAX_REFERABLE; count++) story.send(says(CRONE1, '<body>x</body>'));
    story.forget().send(retracts(CRONE1, id));
    expect(kept(story)[0]).toContain('wrong');
    expect(story.gateway.takeText(WICCA).join()).not.toContain('<retract ');
    story.send(retracts(HAG, id));
    expect(story.gateway.takeText(WICCA).join()).toContain(`<retract xmlns="${NS.retract}" id="${id}"/>`);
    expect(kept(story)[0]).toContain('<retracted');
  });

  it('of what is no message the archive changes nothing', () => {
    const story = coven();
    said(story, HAG, 'one');
    const before = kept(story);
    for (const id of ['nothing', story.room?.stanzaIdOf(7) ?? '', '']) story.send(retracts(HAG, id));
    expect(kept(story).slice(0, 1)).toEqual(before);
  });

  it('is taken back with a full disk, and said to have failed', () => {
    const story = coven();
    const id = said(story, HAG, 'wrong');
    story.gateway.store.full = true;
    story.send(retracts(HAG, id));
    story.expectAll({
      [HAG]: [refusal('message', ROOM, 'wait', 'resource-constraint', 'r1')],
    });
    story.gateway.store.full = false;
    story.send(retracts(HAG, id));
    expect(kept(story)[0]).toContain('<retracted');
  });
});

describe('XEP-0425 a moderator has a message retracted', () => {
  it('§3.1, §4 everyone is told who and why, and there is a tombstone in its place', () => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    const retraction = nextId(story);
    story.send(moderates(CRONE1, id, '<reason>inappropriate</reason>'));
    const occupantId = `<occupant-id xmlns='${NS.occupantId}' id='${story.room?.service.occupantIds.of(ROOM, 'crone1@shakespeare.lit')}'/>`;
    const moderated = `<moderated xmlns='${NS.moderate}' by='${ROOM}/firstwitch'>${occupantId}</moderated><reason>inappropriate</reason>`;
    const told = `<message from='${ROOM}' type='groupchat' id='${retraction}'>
      <retract xmlns='${NS.retract}' id='${id}'>${moderated}</retract>${stanzaId(story)}</message>`;
    story.expectAll({ ...all(told), [CRONE1]: [told, done('mod')] });
    const tombstone = `<retracted xmlns='${NS.retract}' id='${retraction}' stamp='${nowOf(story)}'>${moderated}</retracted>`;
    expect(kept(story)[0]).toBe(canonical(`<message id='m1'>${tombstone}</message>`));
    expect(archived(story)[0]).toBe(
      canonical(`<message xmlns='jabber:client' from='${ROOM}/thirdwitch' id='m1' type='groupchat'>${tombstone.replace(occupantId, '')}
        <stanza-id xmlns='${NS.stanzaId}' by='${ROOM}' id='${id}'/></message>`),
    );
    expect(archived(story.restarted())[0]).toContain("by='coven@chat.shakespeare.lit/firstwitch'");
  });

  it('without a reason there is none', () => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    story.send(moderates(CRONE1, id));
    expect(story.gateway.takeText(HAG).join()).not.toContain('reason');
  });

  it('however old it is', { timeout: 60_000 }, () => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    for (let count = 0; count <= MAX_REFERABLE; count++) story.send(says(CRONE1, '<body>x</body>'));
    story.forget().send(moderates(CRONE1, id));
    const [told = '', answer] = story.gateway.takeText(CRONE1);
    expect(told).toContain(`<retract xmlns="${NS.retract}" id="${id}">`);
    expect(answer).toContain('type="result"');
    expect(kept(story)[0]).toContain('<retracted');
  });

  it('also one that no other node is told of', () => {
    const story = coven();
    story.send(says(HAG, `<x xmlns='urn:example:rude'/><store xmlns='${NS.hints}'/>`));
    const id = story.room?.stanzaIdOf(story.room.lastSeq) ?? '';
    story.forget().send(moderates(CRONE1, id));
    expect(story.gateway.takeText(HAG).join()).toContain(`<retract xmlns="${NS.retract}" id="${id}">`);
    expect(kept(story)[0]).toMatch(/^<message id='m1'><retracted/);
  });

  it('one that is retracted already stays as it is, and nobody is told again', () => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    story.send(moderates(CRONE1, id));
    const before = kept(story);
    story.forget().send(moderates(CRONE1, id, '<reason>again</reason>'));
    story.expectAll({ [CRONE1]: [done('mod')] });
    story.send(retracts(HAG, id)).forget();
    expect(kept(story)[0]).toBe(before[0]);
  });

  it.each([
    ['somebody who isn’t a moderator', HAG, (id: string) => moderates(HAG, id), 'modify', 'forbidden'],
    [
      'somebody who isn’t in the room',
      'macbeth@shakespeare.lit/x',
      (id: string) => moderates('macbeth@shakespeare.lit/x', id),
      'modify',
      'not-acceptable',
    ],
    ['an unknown id', CRONE1, () => moderates(CRONE1, 'nothing'), 'cancel', 'item-not-found'],
    ['the id attribute instead of the room’s', CRONE1, () => moderates(CRONE1, 'm1'), 'cancel', 'item-not-found'],
    ['no id', CRONE1, (id: string) => moderates(CRONE1, id).replace(` id='${id}'`, ''), 'modify', 'bad-request'],
    [
      'nothing to be done',
      CRONE1,
      (id: string) => moderates(CRONE1, id).replace(`<retract xmlns='${NS.retract}'/>`, '<edit/>'),
      'modify',
      'bad-request',
    ],
    [
      'a reason that is too long',
      CRONE1,
      (id: string) => moderates(CRONE1, id, `<reason>${'x'.repeat(MAX_REASON_LENGTH + 1)}</reason>`),
      'modify',
      'not-acceptable',
    ],
  ])('§3.2 %s is refused, and nothing changes', (_, jid, stanza, type, condition) => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    const before = kept(story);
    story.send(stanza(id)).expectAll({ [jid]: [refusal('iq', ROOM, type, condition, 'mod')] });
    expect(kept(story)).toEqual(before);
  });

  it('a position that has no message is no message', () => {
    const story = coven();
    said(story, HAG, 'rude');
    story.send(moderates(CRONE1, story.room?.stanzaIdOf(story.room.lastSeq + 1) ?? ''));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'cancel', 'item-not-found', 'mod')] });
  });

  it('is taken back with a full disk, and said to have failed', () => {
    const story = coven();
    const id = said(story, HAG, 'rude');
    story.gateway.store.full = true;
    story.send(moderates(CRONE1, id));
    story.expectAll({ [CRONE1]: [refusal('iq', ROOM, 'wait', 'resource-constraint', 'mod')] });
    story.gateway.store.full = false;
    expect(story.room?.referable.at(story.room.lastSeq)?.isRetracted).toBe(false);
  });
});
