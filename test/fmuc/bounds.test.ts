import { describe, expect, it } from 'vitest';
import { Backlog } from '../../src/fmuc/backlog.ts';
import { Dialects, MAX_ASKED, MAX_DIALECTS } from '../../src/fmuc/dialects.ts';
import { MAX_UNCONFIRMED } from '../../src/fmuc/exchange.ts';
import { RETURN_AFTER } from '../../src/fmuc/fallback.ts';
import { HadMessages, MAX_FOREIGN } from '../../src/fmuc/had.ts';
import { REJOIN_WAIT, REJOIN_WAIT_OURS } from '../../src/fmuc/joined.ts';
import { SECOND_PRESENCE_WAIT } from '../../src/fmuc/openfire.ts';
import type { Peers } from '../../src/fmuc/peer.ts';
import { claim } from '../../src/fmuc/rehome.ts';
import { MAX_RIVALS } from '../../src/fmuc/rivals.ts';
import { merge } from '../../src/io/had.ts';
import { MAX_KEPT_PARTS } from '../../src/io/store-bounds.ts';
import { Jid } from '../../src/lib/jid.ts';
import { Journal } from '../../src/lib/journal.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import type { RoomMessage } from '../../src/muc/message.ts';
import { Turn } from '../../src/muc/turn.ts';
import { MAX_ORIGINS, MAX_PARTS, MAX_PATH, readSync, syncElement } from '../../src/stanza/sync.ts';
import { element } from '../../src/xml/element.ts';
import { room, set, user } from '../support/chain.ts';
import { brief, drop, enters, says } from '../support/nodes.ts';

/* Every bound of what is known of other nodes, reached. */

const message = (changes: Partial<RoomMessage>): RoomMessage => ({
  nick: 'n',
  author: 'u@a.lit/r',
  source: 'room@b',
  origin: undefined,
  stamp: 1,
  content: element('message', {}, element('body', {}, 'x')),
  ...changes,
});

describe('what a room has had', () => {
  it(`is told apart by no more than ${MAX_ORIGINS} origins, each in no more than ${MAX_PARTS} parts`, () => {
    const journal = new Journal();
    const had = new HadMessages('room@a', journal);
    for (let node = 0; node <= MAX_ORIGINS; node++) had.add(`room@n${node}`, 1);
    expect(had.have().size).toBe(MAX_ORIGINS);
    for (let number = 1; number <= 3 * MAX_PARTS; number += 2) had.add('room@n0', number);
    expect(had.have().get('room@n0')?.parts).toBe(MAX_PARTS);
  });

  it(`without numbers is remembered for the latest ${MAX_FOREIGN}`, () => {
    const journal = new Journal();
    const had = new HadMessages('room@a', journal);
    for (let id = 0; id <= MAX_FOREIGN; id++) {
      const one = message({ foreign: { by: 'room@b', id: `${id}` } });
      expect(had.take(one, journal)).toBeUndefined();
      expect(had.take(one, journal)).toBe('id');
    }
    expect(had.foreignSize).toBe(MAX_FOREIGN);
    expect(had.take(message({ foreign: { by: 'room@b', id: '0' } }), journal)).toBeUndefined();
  });

  it('is told apart by author, stamp and body where there is no id, and only in history', () => {
    const journal = new Journal();
    const had = new HadMessages('room@a', journal);
    const old = message({ delayedBy: 'room@b' });
    expect([had.take(old, journal), had.take(old, journal)]).toEqual([undefined, 'words']);
    expect(had.take({ ...old, stamp: 2 }, journal)).toBeUndefined();
    expect(had.take({ ...old, author: 'v@a.lit/r' }, journal)).toBeUndefined();
    expect(had.take(message({}), journal)).toBeUndefined();
    expect(had.take(message({}), journal)).toBeUndefined();
  });

  it('is taken back with the turn', () => {
    const journal = new Journal();
    const had = new HadMessages('room@a', journal);
    const one = message({ origin: { by: 'room@b', id: sequenceId(7) }, foreign: { by: 'c', id: 'x' } });
    had.take(one, journal);
    journal.rollback();
    expect(had.take(one, journal)).toBeUndefined();
  });

  it(`is kept in no more than ${MAX_KEPT_PARTS} parts`, () => {
    let ranges = Ranges.empty;
    for (let number = 0; number < 3 * MAX_KEPT_PARTS; number += 2) ranges = ranges.with(number);
    expect(merge([], new Map([['room@b', ranges]])).get('room@b')?.parts).toBe(MAX_KEPT_PARTS);
  });
});

it('the backlog is taken back with the turn, and shrinks as it is settled', () => {
  const journal = new Journal();
  const backlog = new Backlog(journal);
  const entry = (seq: number) => ({ seq, received: 0, characters: 1 });
  for (let seq = 1; seq <= 200; seq++) backlog.push(entry(seq));
  journal.commit();
  backlog.push(entry(201));
  backlog.settle(150);
  expect([...backlog.after(198)].map(({ seq }) => seq)).toEqual([199, 200, 201]);
  expect(backlog.size).toBe(51);
  journal.rollback();
  expect(backlog.size).toBe(200);
});

describe('what is read of a peer’s payload', () => {
  it(`is no more than ${MAX_ORIGINS} origins, and a path of ${MAX_PATH} nodes`, () => {
    const have = new Map(Array.from({ length: MAX_ORIGINS + 1 }, (_, index) => [`r@n${index}`, Ranges.of(1)]));
    const path = Array.from({ length: MAX_PATH + 1 }, (_, index) => `r@n${index}`);
    const sync = readSync(element('message', {}, syncElement({ have, path })));
    expect(sync?.have?.size).toBe(MAX_ORIGINS);
    expect(sync?.path).toBeUndefined();
    expect(readSync(element('message', {}, syncElement({ path: path.slice(1) })))?.path).toHaveLength(MAX_PATH);
  });

  it('that can’t be understood is as if it weren’t there', () => {
    const payload = syncElement({});
    payload.cnode(element('have', { by: '@' }, '1'));
    payload.cnode(element('have', { by: 'r@n' }, '9-1'));
    payload.cnode(element('have', {}, '1'));
    expect(readSync(element('message', {}, payload))?.have?.size).toBe(0);
  });
});

describe('dialects', () => {
  const peers = {
    domain: 'rooms.a.lit',
    isKnown: () => true,
    to: () => ({ dialect: 'auto' }),
  } as unknown as Peers;

  it(`are remembered of ${MAX_DIALECTS} domains, and asked of ${MAX_ASKED} at a time`, () => {
    const journal = new Journal();
    const dialects = new Dialects(peers, journal);
    const turn = new Turn(0, journal);
    for (let number = 0; number <= MAX_DIALECTS; number++) dialects.learn(turn, `d${number}.lit`, 'xep');
    expect([dialects.of('d0.lit'), dialects.of('d1.lit'), dialects.of(`d${MAX_DIALECTS}.lit`)]).toEqual([
      undefined,
      'xep',
      'xep',
    ]);
    const asking = new Turn(0, journal);
    for (let number = 0; number <= MAX_ASKED; number++) dialects.ask(asking, `x${number}.lit`);
    dialects.ask(asking, 'x1.lit');
    expect(asking.effects).toHaveLength(MAX_ASKED);
  });
});

describe('times', () => {
  const plan = { federate: { a: [], b: ['a'] }, link: { dialect: 'xep' } } as const;

  it(`a plain node whose way is open again, and which goes on as if nothing had been, gets what it missed after ${REJOIN_WAIT} ms`, () => {
    const both = set({ ...plan, linkOf: { b: { dialect: 'xep' } } });
    for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    both.world.settle(60_000);
    // The joining one is struck dumb: it neither joins anew nor leaves.
    const node = both.node('b').core.federation.node(room('b'));
    if (node?.upward === undefined) throw new Error('no node');
    both.node('a').cut();
    node.upward.state = 'rejected';
    node.timers.set('retry', both.world.now + 10 * REJOIN_WAIT);
    both.world.settle(100);
    both.node('a').send(says(user('a'), room('a'), 'missed'));
    drop(both.node('a'));
    both.world.settle(5000);
    expect(both.node('a').crossed).toEqual([]);
    both.world.settle(REJOIN_WAIT);
    expect(both.node('a').crossed.filter((xml) => xml.includes('missed'))).toHaveLength(1);
  });

  it(`one of ours that doesn’t join anew within ${REJOIN_WAIT_OURS} ms is told that it isn’t joined`, () => {
    const both = set({ ...plan, link: { dialect: 'fmucd' } });
    for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
    both.world.settle(60_000);
    const node = both.node('b').core.federation.node(room('b'));
    if (node?.upward === undefined) throw new Error('no node');
    both.node('a').cut();
    node.upward.state = 'rejected';
    drop(both.node('a'));
    both.world.settle(REJOIN_WAIT_OURS + 10_000);
    expect(both.node('a').crossed.join('')).toContain('<left/>');
  });

  it('the others are what the texts say', () => {
    expect([RETURN_AFTER, SECOND_PRESENCE_WAIT]).toEqual([60_000, 30_000]);
  });
});

it(`no more than ${MAX_UNCONFIRMED} messages wait for a confirmation that never comes`, () => {
  const both = set({ federate: { a: [], b: ['a'] }, link: { dialect: 'fmucd' } });
  for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(60_000);
  const far = both.node('a').core.federation.node(room('a'))?.joined.get(room('b'));
  if (far === undefined) throw new Error('no neighbour');
  for (let number = 0; number < MAX_UNCONFIRMED + 50; number++) {
    far.unconfirmedCount = -1000;
    both.node('b').send(says(user('b'), room('b'), `${number}`));
    both.world.settle(1000);
  }
  const node = both.node('b').core.federation.node(room('b'));
  expect(node?.upward?.at.waitingMessages).toBe(MAX_UNCONFIRMED);
  expect(node?.backlog.size).toBeLessThan(MAX_UNCONFIRMED + 100);
});

it(`no more than ${MAX_RIVALS} occupants are remembered of a second neighbour`, () => {
  const both = set({ federate: { a: [], b: ['a'], c: ['b'] }, link: { dialect: 'fmucd' } });
  for (const name of ['a', 'b', 'c']) both.node(name).say(enters(user(name), room(name), name.toUpperCase()));
  both.world.settle(60_000);
  const node = both.node('b').core.federation.node(room('b'));
  const above = node?.upward?.at;
  const occupant = node?.room.occupants.get('C');
  if (node === undefined || above === undefined || occupant === undefined) throw new Error('no node');
  const turn = new Turn(both.world.now, node.journal);
  for (let number = 0; number <= MAX_RIVALS; number++) {
    const other = { ...occupant, jid: Jid.parse(`u${number}@c.lit/r`) };
    claim(node, turn, above, other, { ...other, source: above.node });
  }
  expect(node.rivals.size).toBe(MAX_RIVALS);
  expect(brief(both.node('b').take(user('b'))).length).toBeGreaterThan(0);
});
