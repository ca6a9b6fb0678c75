import { describe, expect, it } from 'vitest';
import { MAX_SEEN, SeenMessages } from '../../src/fmuc/seen.ts';
import { Journal } from '../../src/lib/journal.ts';
import type { RoomMessage } from '../../src/muc/message.ts';
import { element } from '../../src/xml/element.ts';

function message(changes: Partial<RoomMessage>, body = 'x'): RoomMessage {
  return {
    nick: 'Alice',
    author: 'alice@wonderland.lit/garden',
    source: 'rabbithole@rooms.wonderland.lit',
    origin: undefined,
    stamp: 0,
    content: element('message', {}, element('body', {}, body)),
    ...changes,
  };
}

const numbered = (id: number): RoomMessage => message({ origin: { by: 'r@a.lit', id: String(id) } });

describe('SeenMessages', () => {
  it('knows a message again by its origin, and what the store kept', () => {
    const seen = new SeenMessages();
    const journal = new Journal();
    expect(seen.isNew(numbered(1), journal)).toBe(true);
    expect(seen.isNew(numbered(1), journal)).toBe(false);
    seen.restore({ by: 'r@a.lit', id: '2' });
    expect(seen.isNew(numbered(2), journal)).toBe(false);
    expect(seen.isNew(message({ origin: { by: 'r@b.lit', id: '1' } }), journal)).toBe(true);
  });

  it('without an origin by author, stamp and body, but only what is not live', () => {
    const seen = new SeenMessages();
    const journal = new Journal();
    const old = { delayedBy: 'r@a.lit', stamp: 5 };
    expect(seen.isNew(message(old), journal)).toBe(true);
    expect(seen.isNew(message({ ...old, author: 'alice@wonderland.lit/tea' }), journal)).toBe(false);
    expect(seen.isNew(message({ ...old, stamp: 6 }), journal)).toBe(true);
    expect(seen.isNew(message(old, 'y'), journal)).toBe(true);
    expect([seen.isNew(message({}), journal), seen.isNew(message({}), journal)]).toEqual([true, true]);
  });

  it('of a turn that is taken back is new again', () => {
    const seen = new SeenMessages();
    const journal = new Journal();
    seen.isNew(numbered(1), journal);
    journal.rollback();
    expect(seen.isNew(numbered(1), journal)).toBe(true);
  });

  it(`remembers the latest ${MAX_SEEN}`, () => {
    const seen = new SeenMessages();
    const journal = new Journal();
    for (let id = 0; id <= MAX_SEEN; id++) seen.isNew(numbered(id), journal);
    expect(seen.size).toBe(MAX_SEEN);
    expect(seen.isNew(numbered(MAX_SEEN), journal)).toBe(false);
    expect(seen.isNew(numbered(0), journal)).toBe(true);
  });
});
