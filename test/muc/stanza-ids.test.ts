import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/lib/journal.ts';
import type { StoreWrite } from '../../src/muc/records.ts';
import { StanzaIds } from '../../src/muc/stanza-ids.ts';
import { Turn } from '../../src/muc/turn.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { CRONE1, ROOM, RoomStory } from '../support/room-story.ts';

/* XEP-0359: the ids that rooms give to their messages. */

const CAVE = 'cave@chat.shakespeare.lit';

/** Ids of a service that has kept that store, started with that entropy. */
function idsOf(store: MemoryStore, byte: number): StanzaIds {
  const ids = new StanzaIds();
  const turn = new Turn(0, new Journal());
  ids.restore(turn, store, new Uint8Array(32).fill(byte));
  store.commit(turn.effects as StoreWrite[]);
  return ids;
}

describe('§4 a stanza-id', () => {
  it('leads back to the position that it stands for, and no other text does', () => {
    const ids = idsOf(new MemoryStore(), 1);
    for (const seq of [1, 216_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER])
      expect(ids.position(ROOM, ids.of(ROOM, seq))).toBe(seq);
    const id = ids.of(ROOM, 7);
    for (const other of [
      '',
      '7',
      id.slice(1),
      `${id}A`,
      id.replace(/^./, (char) => (char === 'A' ? 'B' : 'A')),
      `${id}==`,
    ])
      expect(ids.position(ROOM, other), other).toBeUndefined();
  });

  it('is of one room, and of one service', () => {
    const ids = idsOf(new MemoryStore(), 1);
    const id = ids.of(ROOM, 7);
    expect(ids.of(CAVE, 7)).not.toBe(id);
    expect(ids.position(CAVE, id)).toBeUndefined();
    expect(idsOf(new MemoryStore(), 2).position(ROOM, id)).toBeUndefined();
  });

  it('never changes: the key is kept, whatever chance gives at the next start', () => {
    const store = new MemoryStore();
    const id = idsOf(store, 1).of(ROOM, 7);
    expect(idsOf(store, 2).of(ROOM, 7)).toBe(id);
  });

  it('of the room is the only one that a message has, whatever its user claims', () => {
    const story = new RoomStory().enter(CRONE1, 'firstwitch');
    story.send(`<message from='${CRONE1}' to='${ROOM}' type='groupchat'><body>x</body>
      <stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='forged'/>
      <stanza-id xmlns='urn:xmpp:sid:0' by='crone1@shakespeare.lit' id='real'/>
      <origin-id xmlns='urn:xmpp:sid:0' id='mine'/></message>`);
    const [text = ''] = story.gateway.takeText(CRONE1);
    expect(text).not.toMatch(/forged|id="real"/);
    expect(text).toContain('<origin-id xmlns="urn:xmpp:sid:0" id="mine"/>');
    expect(text.split('<stanza-id')).toHaveLength(2);
  });
});
