import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/lib/journal.ts';
import { MAX_RECALLED, MAX_REFERABLE, ownerOf, ReferableMessages, STANZA_START } from '../../src/muc/referable.ts';
import { NS } from '../../src/xml/names.ts';
import { message } from '../io/store-records.ts';
import { Reader } from '../support/reader.ts';
import { CRONE1, HAG, ROOM, RoomStory } from '../support/room-story.ts';

/* Messages that refer to others, in one room: XEP-0308, XEP-0424, XEP-0444, XEP-0461. */

const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };

const coven = () =>
  new RoomStory().enter(CRONE1, 'firstwitch').enter(HAG, 'thirdwitch').configure(CRONE1, PERSISTENT).forget();
const says = (jid: string, payloads: string, id = 'm1') =>
  `<message from='${jid}' to='${ROOM}' type='groupchat' id='${id}'>${payloads}</message>`;
const corrects = (id: string) => `<replace xmlns='${NS.correction}' id='${id}'/>`;
const reacts = (id: string) => `<reactions xmlns='${NS.reactions}' id='${id}'><reaction>x</reaction></reactions>`;
const replies = (id: string) => `<reply xmlns='${NS.reply}' to='${ROOM}/thirdwitch' id='${id}'/>`;

describe('in a room', () => {
  it('they say to those here what their author’s client said, and are kept in the form that is the same everywhere', () => {
    const story = coven().send(says(HAG, '<body>By the pricking</body>', 'one'));
    const reader = new Reader(ROOM);
    const read = () => reader.read(story.gateway.take(CRONE1));
    expect(read()).toEqual(['thirdwitch By the pricking']);
    const id = reader.stanzaId('By the pricking');
    story.send(says(HAG, `<body>of my thumbs</body>${corrects('one')}`, 'two'));
    story.send(says(CRONE1, `<body>what?</body>${replies(id)}`), says(CRONE1, reacts(id)));
    expect(read()).toEqual([
      'thirdwitch of my thumbs (corrects By the pricking)',
      'firstwitch what? (replies to By the pricking)',
      'firstwitch (reacts to By the pricking)',
    ]);
    const kept = story.gateway.store.messages(ROOM);
    const [first] = kept;
    const everywhere = `id="${first?.origin?.id}@${ROOM}"`;
    for (const { stanza } of kept.slice(1)) expect(stanza).toContain(everywhere);
    expect(kept[2]?.stanza).not.toContain(' to=');
  });

  it('of two messages of somebody with the same id the later one is meant', () => {
    const story = coven().send(says(HAG, '<body>one</body>'), says(HAG, '<body>two</body>'));
    story.send(says(HAG, `<body>three</body>${corrects('m1')}`, 'm2'));
    const [, second, third] = story.gateway.store.messages(ROOM);
    expect(third?.stanza).toContain(`id="${second?.origin?.id}@${ROOM}"`);
  });

  it('are understood after a restart, in the history and anew', () => {
    const id = 'a&apos;b&amp;c&gt;d';
    const story = coven().send(says(HAG, '<body>one</body>', id), says(HAG, '<body>two</body>'));
    story.send(says(HAG, `<body>uno</body>${corrects(id)}`, 'm2'));
    const again = story.restarted();
    const reader = new Reader(ROOM);
    again.send(`<presence from='${HAG}' to='${ROOM}/thirdwitch'><x xmlns='${NS.muc}'/></presence>`);
    expect(reader.read(again.gateway.take(HAG))).toEqual([
      'thirdwitch one',
      'thirdwitch two',
      'thirdwitch uno (corrects one)',
    ]);
    again.send(says(HAG, `<body>dos</body>${corrects('m1')}`, 'm3'));
    expect(reader.read(again.gateway.take(HAG))).toEqual(['thirdwitch dos (corrects two)']);
  });

  it('may not refer to a message that a full disk has taken back', () => {
    const story = coven();
    story.gateway.store.full = true;
    story.send(says(HAG, '<body>lost</body>', 'lost'));
    story.gateway.store.full = false;
    expect(story.room?.referable.size).toBe(0);
    story.forget().send(says(HAG, '<body>kept</body>', 'kept'));
    expect(story.room?.referable.withId('lost')).toBeUndefined();
    expect(story.room?.referable.withId('kept')?.nick).toBe('thirdwitch');
  });

  it('are forgotten with the room', () => {
    const story = coven().send(says(HAG, '<body>one</body>'));
    expect(story.room?.referable.size).toBe(1);
    story.send(
      `<iq from='${CRONE1}' to='${ROOM}' type='set' id='d'><query xmlns='${NS.mucOwner}'><destroy/></query></iq>`,
    );
    story.forget().enter(CRONE1, 'firstwitch');
    expect(story.room?.referable.size).toBe(0);
  });

  it('never forge the form that is the same everywhere', () => {
    const story = coven().send(says(CRONE1, '<body>one</body>'));
    const id = `${story.gateway.store.messages(ROOM)[0]?.origin?.id}@${ROOM}`;
    story.forget().send(says(HAG, `<body>two</body>${corrects(id)}${replies(id)}${reacts(`~zzz@${ROOM}`)}`));
    expect(story.gateway.takeText(CRONE1)[0]).not.toMatch(/replace|reply|reactions/);
  });
});

describe('what others can refer to', () => {
  const kept = (count: number) => Array.from({ length: count }, (_, index) => message(index + 1));

  it('is bounded: the oldest goes', () => {
    const journal = new Journal();
    const referable = new ReferableMessages();
    for (const record of kept(MAX_REFERABLE + 1)) referable.add(record, journal);
    journal.commit();
    expect(referable.size).toBe(MAX_REFERABLE);
    expect(referable.at(1)).toBeUndefined();
    expect(referable.withId('m1')).toBeUndefined();
    expect(referable.at(2)?.id).toBe('m2');
    expect(referable.at(MAX_REFERABLE + 1)?.id).toBe(`m${MAX_REFERABLE + 1}`);
  });

  it('is taken back with the turn, the oldest included', () => {
    const journal = new Journal();
    const referable = new ReferableMessages();
    referable.restore(kept(MAX_REFERABLE));
    for (const seq of [1001, 1002]) referable.add(message(seq), journal);
    expect(referable.at(1)).toBeUndefined();
    journal.rollback();
    expect([referable.size, referable.at(1)?.id, referable.at(1001)]).toEqual([MAX_REFERABLE, 'm1', undefined]);
  });

  it(`is ${MAX_RECALLED} older ones besides, which were looked up`, () => {
    const journal = new Journal();
    const referable = new ReferableMessages();
    referable.restore(kept(3).slice(2));
    referable.recall(kept(2), journal);
    journal.commit();
    expect([referable.size, referable.at(1)?.id, referable.of(message(2).origin ?? { by: '', id: '' })?.id]).toEqual([
      1,
      'm1',
      'm2',
    ]);
    referable.recall(kept(MAX_RECALLED + 3).slice(3), journal);
    expect([referable.at(2), referable.at(4)?.id]).toEqual([undefined, 'm4']);
    journal.rollback();
    expect([referable.at(2)?.id, referable.at(4)]).toEqual(['m2', undefined]);
  });

  it('is the newest of what the store has, within the bound', () => {
    const referable = new ReferableMessages();
    referable.restore(kept(MAX_REFERABLE + 10));
    expect([referable.size, referable.at(10), referable.at(11)?.id]).toEqual([MAX_REFERABLE, undefined, 'm11']);
  });

  it('leaves out what has no number', () => {
    const referable = new ReferableMessages();
    const { origin: _, ...record } = message(1);
    referable.restore([record, message(2, { origin: { by: 'x@y', id: 'r2' } })]);
    expect(referable.size).toBe(0);
  });

  it.each([
    ["<message id='a'><body>x</body></message>", 'a'],
    ['<message id="a&amp;b" xml:lang="en"/>', 'a&b'],
    ['<message xml:lang="en" id="&quot;"><x id="no"/></message>', '"'],
    ['<message><x id="no"/></message>', ''],
    ['<message id=""/>', ''],
    [`<message id="${'x'.repeat(STANZA_START)}"/>`, ''],
  ])('%s is called %s', (stanza, id) => {
    const referable = new ReferableMessages();
    referable.restore([message(1, { stanza })]);
    expect(referable.at(1)?.id).toBe(id);
    expect(referable.withId('')).toBeUndefined();
  });
});

it('a message belongs to the user behind it; of a node that names occupants instead, to each of them', () => {
  expect(ownerOf('a@b/c', undefined)).toBe('a@b');
  expect(ownerOf('a@b', 'n@m')).toBe('a@b');
  expect(ownerOf('n@m/Alice', 'n@m')).toBe('n@m/Alice');
});
