import { beforeEach, describe, expect, it } from 'vitest';
import { URGENCIES, type Urgency } from '../../src/lib/urgency.ts';
import {
  MAX_PASSED,
  MAX_WAITING,
  MAX_WAITING_CHARACTERS,
  MAX_WAITING_CONTROL,
  MAX_WAITING_PRESENCE,
  Outbox,
} from '../../src/link/outbox.ts';
import { type Outgoing, urgencyOf } from '../../src/link/outgoing.ts';
import { parseElement } from '../../src/xml/parse.ts';

/* In which order what waits for a link leaves. */

const NODE = 'room@far.lit';
let outbox: Outbox;
beforeEach(() => {
  outbox = new Outbox(true);
});

function stanza(xml: string, urgency: Urgency, more: Partial<Outgoing> = {}): Outgoing {
  const defaults = { node: NODE, room: 'room@near.lit', author: undefined, kind: 'other', inOrder: false } as const;
  return { ...defaults, xml, urgency, position: undefined, ...more };
}

const put = (xml: string, urgency: Urgency, more?: Partial<Outgoing>): void =>
  void outbox.put(stanza(xml, urgency, more));

function all(): string {
  const taken: string[] = [];
  for (let next = outbox.take(); next !== undefined; next = outbox.take()) taken.push(next.xml);
  return taken.join(' ');
}

describe('what waits leaves', () => {
  it('by urgency, whatever came first', () => {
    for (const urgency of URGENCIES.toReversed()) put(urgency, urgency);
    expect(all()).toBe('control message moderation subject presence history');
    expect(outbox.size).toBe(0);
  });

  it('one of each room in turn, and each room in its own order', () => {
    for (const xml of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) put(xml, 'message', { room: xml.slice(0, 1) });
    expect(all()).toBe('a1 b1 c1 a2 b2 a3');
  });

  it('in the end, however much is more urgent', () => {
    put('old', 'history');
    for (let number = 0; number < 2 * MAX_PASSED; number++) put('new', 'message');
    expect(all().split(' ').indexOf('old')).toBe(MAX_PASSED);
  });

  it('behind what begins a node’s part, however long it has waited, and what waited before counts no more', () => {
    put('old', 'history');
    for (let number = 0; number <= MAX_PASSED; number++) put('new', 'message');
    for (let number = 0; number < MAX_PASSED; number++) outbox.take();
    outbox.clear();
    put('history', 'history');
    put('join', 'control');
    put('message', 'message');
    expect(all()).toBe('join message history');
  });

  it('as it came where nothing is paced', () => {
    outbox = new Outbox(false);
    for (const urgency of URGENCIES.toReversed()) put(urgency, urgency, { room: urgency });
    expect(all()).toBe('history presence subject moderation message control');
  });
});

describe('what overtakes', () => {
  it('is no message whose author has not been introduced', () => {
    put('bob', 'presence', { author: 'bob', kind: 'appearance' });
    put('ann', 'presence', { author: 'ann', kind: 'appearance' });
    put('ann!', 'message', { author: 'ann', kind: 'message' });
    expect(all()).toBe('ann ann! bob');
  });

  it('is a removal, and then nobody appears who has been removed', () => {
    put('ann', 'presence', { author: 'ann', kind: 'appearance' });
    put('elsewhere', 'presence', { author: 'ann', kind: 'appearance', node: 'room@other.lit' });
    put('kick', 'moderation', { author: 'ann', kind: 'departure' });
    expect(all()).toBe('kick elsewhere');
  });

  it('is no appearance of somebody whose earlier presence waits', () => {
    put('kick', 'moderation', { author: 'ann', kind: 'departure' });
    put('back', 'presence', { author: 'ann', kind: 'appearance' });
    put('other', 'moderation', { author: 'bob', kind: 'departure' });
    put('shown', 'message', { author: 'ann', kind: 'appearance' });
    put('ann!', 'message', { author: 'ann', kind: 'message' });
    expect(all()).toBe('kick back shown ann! other');
  });

  it('is no newer presence of somebody, though it has waited for so long that it is its turn', () => {
    put('old', 'presence', { author: 'bob', kind: 'appearance' });
    for (let number = 0; number < MAX_PASSED; number++) put('m', 'message');
    put('gone', 'presence', { author: 'ann', kind: 'departure' });
    put('last words', 'message', { author: 'ann', kind: 'message' });
    put('back', 'presence', { author: 'ann', kind: 'appearance' });
    const order = all().replaceAll(/m /g, '');
    expect(order.indexOf('gone')).toBeLessThan(order.indexOf('back'));
  });

  it('is nothing where order counts, neither then nor later', () => {
    for (const xml of ['one', 'two']) put(xml, 'presence', { inOrder: true });
    put('three', 'message');
    expect(outbox.take()?.xml).toBe('one');
    expect(outbox.take()?.xml).toBe('two');
    put('four', 'control');
    put('other', 'message', { node: 'room@other.lit' });
    expect(all()).toBe('other three four');
    put('later', 'history');
    put('five', 'control');
    expect(all()).toBe('five later');
  });
});

describe('what is out of date', () => {
  it('is taken out, of one node or of all', () => {
    put('old', 'presence', { inOrder: true });
    put('other', 'presence', { node: 'room@other.lit' });
    outbox.discard(NODE);
    put('new', 'message');
    expect(all()).toBe('new other');
    put('more', 'message');
    outbox.clear();
    expect(all()).toBe('');
  });
});

describe('the bounds', () => {
  it('are a number of stanzas; the most urgent have some more', () => {
    for (let number = 0; number < 2 * MAX_WAITING; number++) put(`${number}`, 'history');
    expect(outbox.size).toBe(MAX_WAITING);
    for (let number = 0; number < 2 * MAX_WAITING_CONTROL; number++) put('c', 'control');
    expect(outbox.size).toBe(MAX_WAITING + MAX_WAITING_CONTROL);
  });

  it('of presence are its own: a list that is long keeps no message from leaving', () => {
    for (let number = 0; number < 2 * MAX_WAITING_PRESENCE; number++) put('p'.repeat(300), 'presence');
    expect(outbox.size).toBe(MAX_WAITING_PRESENCE);
    put('m', 'message');
    expect(outbox.take()?.xml).toBe('m');
  });

  it('are a number of characters', () => {
    const large = 'x'.repeat(MAX_WAITING_CHARACTERS / 4);
    for (let number = 0; number < 8; number++) put(large, 'message');
    expect(outbox.waiting('history')).toEqual({ stanzas: 4, characters: MAX_WAITING_CHARACTERS });
  });

  it('leave out every message of a node from the first on that did not fit, which is told once there is room', () => {
    const message = { kind: 'message', author: 'ann' } as const;
    for (let position = 1; position <= MAX_WAITING + 3; position++) put('m', 'message', { ...message, position });
    expect(outbox.takeOverrun().size).toBe(0);
    outbox.take();
    put('late', 'message', { ...message, position: MAX_WAITING + 4 });
    expect(outbox.size).toBe(MAX_WAITING - 1);
    expect(outbox.firstPosition(NODE)).toBe(2);
    while (outbox.size > MAX_WAITING / 2) outbox.take();
    expect([...outbox.takeOverrun()]).toEqual([[NODE, MAX_WAITING + 1]]);
    expect(outbox.takeOverrun().size).toBe(0);
    put('again', 'message', { ...message, position: MAX_WAITING + 1 });
    expect(outbox.size).toBe(MAX_WAITING / 2 + 1);
  });
});

describe('the lowest position of what has not left for a node', () => {
  it('is that of what waits or did not fit', () => {
    expect(outbox.firstPosition(NODE)).toBeUndefined();
    for (const position of [7, 5, 9]) put('m', 'message', { position });
    put('m', 'message', { position: 1, node: 'room@other.lit' });
    expect(outbox.firstPosition(NODE)).toBe(5);
  });
});

describe('the urgency of a stanza is told by what it says', () => {
  const FMUC = `<fmuc xmlns='http://isode.com/protocol/fmuc' from='ann@far.lit/r'/>`;
  const sync = (xml: string) => `<sync xmlns='urn:fmucd:sync:0' ${xml}/>`;
  const item = (xml: string) => `<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'>${xml}</item></x>`;
  const kicked = `<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'/><status code='307'/></x>`;
  it.each([
    [`<message type='error'>${FMUC}<error/></message>`, 'control'],
    [`<iq type='get'/>`, 'control'],
    [`<presence><x xmlns='http://jabber.org/protocol/muc'/>${FMUC}</presence>`, 'control'],
    [`<presence><fmuc xmlns='http://isode.com/protocol/fmuc'><left/></fmuc></presence>`, 'control'],
    [`<message>${sync("join='1'")}</message>`, 'control'],
    [`<message type='groupchat'>${FMUC}<body>hi</body></message>`, 'message'],
    [`<message type='groupchat'>${FMUC}<body>hi</body><subject>s</subject></message>`, 'message'],
    [`<message type='chat'>${FMUC}<body>hi</body></message>`, 'message'],
    [`<presence type='unavailable'>${FMUC}${kicked}</presence>`, 'moderation'],
    [`<presence>${FMUC}${item('<actor/>').replace('<actor/>', "<actor nick='m'/>")}</presence>`, 'moderation'],
    [`<message type='groupchat'>${FMUC}<subject>s</subject></message>`, 'subject'],
    [`<message type='groupchat'>${FMUC}<subject>s</subject>${sync("join='1'")}</message>`, 'presence'],
    [`<presence>${FMUC}</presence>`, 'presence'],
    [`<message>${sync("listed='1'")}</message>`, 'presence'],
    [
      `<message type='groupchat'>${FMUC}<body>hi</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>`,
      'history',
    ],
  ])('%s', (xml, urgency) => {
    expect(urgencyOf(parseElement(xml))).toBe(urgency);
  });
});
