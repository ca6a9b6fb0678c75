import { describe, expect, it } from 'vitest';
import { Random } from '../../src/lib/random.ts';
import type {
  KeptSession,
  SessionRecord,
  SessionWrite,
  UnacknowledgedStanza,
} from '../../src/stream/session-record.ts';
import {
  ACK_AFTER,
  ACK_AFTER_STANZAS,
  ACK_TIMEOUT,
  KEEP_AFTER,
  MAX_UNACKNOWLEDGED,
  MAX_UNACKNOWLEDGED_CHARACTERS,
  StreamManagement,
} from '../../src/stream/stream-management.ts';
import { NS } from '../../src/xml/names.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';

const COUNTS = 2 ** 32;
const domain = 'verona.lit';

function kept(changes: Partial<KeptSession> = {}): KeptSession {
  return { domain, id: 'one', acknowledged: 0, handled: 0, until: 1e9, stanzas: [], ...changes };
}

/** A session that stands where its counts begin anew soon: one stanza less than that many are left. */
function beforeWrap(count: number): StreamManagement {
  const session = StreamManagement.restore(kept({ acknowledged: COUNTS - count, handled: COUNTS - count }));
  session.resume(COUNTS - count, 0);
  return session;
}

function send(session: StreamManagement, count: number, now = 0): void {
  for (let sent = 0; sent < count; sent++) session.sent(`<message id='${sent}'/>`, now);
}

const numbers = (session: StreamManagement) => Array.from(session.unacknowledged, ({ number }) => number);

describe('XEP-0198 §4: acknowledgements', () => {
  it('a stanza waits until the count reaches its number', () => {
    const session = new StreamManagement();
    send(session, 3);
    expect([...session.unacknowledged]).toEqual([
      { number: 1, xml: "<message id='0'/>", since: 0 },
      { number: 2, xml: "<message id='1'/>", since: 0 },
      { number: 3, xml: "<message id='2'/>", since: 0 },
    ]);
    expect(session.acknowledge(2, 0)).toBe(2);
    expect(numbers(session)).toEqual([3]);
    expect(session.acknowledge(2, 0)).toBe(0);
    expect(session.acknowledge(3, 0)).toBe(1);
    expect(session.size).toBe(0);
  });

  it('what was handled is counted', () => {
    const session = new StreamManagement();
    expect(session.h).toBe(0);
    session.handled();
    session.handled();
    expect(session.h).toBe(2);
  });

  it('counts begin anew after 2^32 - 1', () => {
    const session = beforeWrap(2);
    send(session, 4);
    expect(numbers(session)).toEqual([COUNTS - 1, 0, 1, 2]);
    expect(session.acknowledge(COUNTS - 1, 0)).toBe(1);
    expect(session.acknowledge(0, 0)).toBe(1);
    expect(session.acknowledge(2, 0)).toBe(2);
    for (let handled = 0; handled < 3; handled++) session.handled();
    expect(session.h).toBe(1);
  });

  it.each([
    ['more than were sent', 5],
    ['fewer than before', 1],
    ['none any more', 0],
    ['the last before the counts begin anew', COUNTS - 1],
  ])('§6: %s are too many', (_, h) => {
    const session = new StreamManagement();
    send(session, 4);
    session.acknowledge(2, 0);
    const refused = () => session.acknowledge(h, 0);
    expect(refused).toThrow(StreamError);
    expect(refused).toThrow(`h is ${h}: what may be acknowledged is 2 to 4`);
    try {
      refused();
    } catch (error) {
      const { condition, application } = error as StreamError;
      expect(condition).toBe('undefined-condition');
      expect(application).toEqual({ name: 'handled-count-too-high', namespace: NS.sm });
    }
    expect(numbers(session)).toEqual([3, 4]);
  });

  it('§6: the same where the counts begin anew', () => {
    const session = beforeWrap(2);
    send(session, 3);
    expect(() => session.acknowledge(2, 0)).toThrow('may be acknowledged is 4294967294 to 1');
    expect(() => session.acknowledge(COUNTS - 3, 0)).toThrow(StreamError);
    expect(session.acknowledge(1, 0)).toBe(3);
  });
});

describe('what waits is bounded', () => {
  it('by stanzas', () => {
    const session = new StreamManagement();
    send(session, MAX_UNACKNOWLEDGED - 1);
    expect(session.isFull).toBe(false);
    send(session, 1);
    expect(session.isFull).toBe(true);
    session.acknowledge(1, 0);
    expect(session.isFull).toBe(false);
  });

  it('by characters', () => {
    const session = new StreamManagement();
    const stanza = 'x'.repeat(MAX_UNACKNOWLEDGED_CHARACTERS / 4);
    for (let sent = 0; sent < 3; sent++) session.sent(stanza, 0);
    session.sent(stanza.slice(1), 0);
    expect(session.isFull).toBe(false);
    session.sent('x', 0);
    expect(session.isFull).toBe(true);
    expect(session.requestDue(0)).toBe(true);
    session.acknowledge(2, 0);
    expect(session.characters).toBe(MAX_UNACKNOWLEDGED_CHARACTERS / 2);
    expect(session.isFull).toBe(false);
  });
});

describe('§7.2: requests are gathered', () => {
  it('are none where nothing waits', () => {
    const session = new StreamManagement();
    expect(session.nextRequest()).toBeUndefined();
    expect(session.requestDue(Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('are due after a while', () => {
    const session = new StreamManagement();
    session.sent('<a/>', 100);
    session.sent('<b/>', 900);
    expect(session.nextRequest()).toBe(100 + ACK_AFTER);
    expect(session.requestDue(100 + ACK_AFTER - 1)).toBe(false);
    expect(session.requestDue(100 + ACK_AFTER)).toBe(true);
    session.requested(100 + ACK_AFTER);
    expect(session.nextRequest()).toBeUndefined();
    session.sent('<c/>', 5000);
    expect(session.nextRequest()).toBe(5000 + ACK_AFTER);
  });

  it('are due after so many, whether or not the last request was answered', () => {
    const session = new StreamManagement();
    for (let round = 1; round <= 3; round++) {
      send(session, ACK_AFTER_STANZAS - 1, 100);
      expect(session.requestDue(100)).toBe(false);
      send(session, 1, 100);
      expect(session.requestDue(100)).toBe(true);
      session.requested(100);
    }
  });

  it('are none for what was acknowledged without', () => {
    const session = new StreamManagement();
    send(session, 20, 100);
    session.sent('<a/>', 500);
    session.acknowledge(20, 600);
    expect(session.nextRequest()).toBe(500 + ACK_AFTER);
    session.acknowledge(21, 600);
    expect(session.nextRequest()).toBeUndefined();
  });
});

describe('a request that isn’t answered', () => {
  it('has the stream count as dead', () => {
    const session = new StreamManagement();
    send(session, 1, 0);
    expect(session.deadline).toBeUndefined();
    session.requested(10);
    session.requested(5000);
    expect(session.deadline).toBe(10 + ACK_TIMEOUT);
    session.acknowledge(1, 6000);
    expect(session.deadline).toBeUndefined();
  });

  it('an answer to an earlier one gives the later ones as long again', () => {
    const session = new StreamManagement();
    send(session, 1, 0);
    session.requested(10);
    send(session, 1, 20);
    session.requested(5000);
    session.acknowledge(1, 6000);
    expect(session.deadline).toBe(6000 + ACK_TIMEOUT);
    session.acknowledge(2, 7000);
    expect(session.deadline).toBeUndefined();
  });

  it('what came after it need not be acknowledged', () => {
    const session = new StreamManagement();
    send(session, 1, 0);
    session.requested(10);
    send(session, 1, 20);
    session.acknowledge(1, 30);
    expect(session.deadline).toBeUndefined();
  });

  it('where nothing waits shows whether somebody is there', () => {
    const session = new StreamManagement();
    session.requested(10);
    expect(session.deadline).toBe(10 + ACK_TIMEOUT);
    session.acknowledge(0, 20);
    expect(session.deadline).toBeUndefined();
  });

  it('belongs to its stream', () => {
    const session = new StreamManagement();
    send(session, 1, 0);
    session.requested(10);
    session.resume(0, 50_000);
    expect(session.deadline).toBeUndefined();
    expect(session.requestDue(50_000)).toBe(true);
  });
});

describe('§5: resumption', () => {
  it('sends again what the peer hasn’t handled, and what came meanwhile', () => {
    const session = new StreamManagement();
    send(session, 3);
    session.sent('<later/>', 700);
    expect(session.resume(2, 1000)).toEqual([
      { number: 3, xml: "<message id='2'/>", since: 0 },
      { number: 4, xml: '<later/>', since: 700 },
    ]);
    send(session, 1);
    expect(numbers(session)).toEqual([3, 4, 5]);
  });

  it('refuses a count that can’t be', () => {
    const session = new StreamManagement();
    send(session, 3);
    expect(() => session.resume(4, 0)).toThrow('is 0 to 3');
  });

  it('after a restart the peer may have handled what is forgotten', () => {
    const stanzas = [{ number: 6, xml: '<six/>', since: 0 }];
    const session = StreamManagement.restore(kept({ acknowledged: 5, stanzas }));
    expect(session.resume(9, 0)).toEqual([]);
    send(session, 1);
    expect(numbers(session)).toEqual([10]);
    expect(() => session.resume(11, 0)).toThrow('is 9 to 10');
  });

  it('after a restart a count from long ago is refused', () => {
    const session = StreamManagement.restore(kept({ acknowledged: 5 }));
    expect(() => session.resume(4, 0)).toThrow('is 5 to 5');
  });

  it('counts on from what the peer says where stanzas between the others are missing', () => {
    const stanzas = [6, 7, 11, 12].map((number) => ({ number, xml: `<n${number}/>`, since: 0 }));
    const session = StreamManagement.restore(kept({ acknowledged: 5, stanzas }));
    expect(session.resume(6, 0)).toEqual([
      { number: 7, xml: '<n7/>', since: 0 },
      { number: 8, xml: '<n11/>', since: 0 },
      { number: 9, xml: '<n12/>', since: 0 },
    ]);
    expect(session.acknowledge(7, 0)).toBe(1);
    expect(session.toKeep(0)).toEqual([
      { kind: 'drop-session', domain },
      { kind: 'session', record: { domain, id: 'one', acknowledged: 7, handled: 0, until: 1e9 } },
      { kind: 'unacknowledged', domain, stanzas: [...session.unacknowledged] },
    ]);
    expect(session.toKeep(KEEP_AFTER)).toEqual([]);
  });
});

describe('what is to outlive the process', () => {
  const record = (changes: Partial<SessionRecord> = {}) => {
    const { stanzas: _, ...session } = kept();
    return { ...session, ...changes };
  };

  it('is nothing of a session that can’t be resumed', () => {
    const session = new StreamManagement();
    send(session, 1, 0);
    expect(session.nextKeep()).toBeUndefined();
    expect(session.toKeep(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('is nothing that is acknowledged soon', () => {
    const session = new StreamManagement();
    expect(session.record(domain, 'one', 1e9)).toEqual(record());
    send(session, 5, 0);
    expect(session.nextKeep()).toBe(KEEP_AFTER);
    session.handled();
    expect(session.toKeep(KEEP_AFTER - 1)).toEqual([]);
    session.acknowledge(5, KEEP_AFTER - 1);
    expect(session.nextKeep()).toBeUndefined();
    expect(session.toKeep(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('is what has waited long, once', () => {
    const session = new StreamManagement();
    session.record(domain, 'one', 1e9);
    send(session, 2, 0);
    session.acknowledge(1, 10);
    session.sent('<later/>', 1000);
    const second = { number: 2, xml: "<message id='1'/>", since: 0 };
    const later = { number: 3, xml: '<later/>', since: 1000 };
    expect(session.toKeep(KEEP_AFTER)).toEqual([
      { kind: 'session', record: record({ acknowledged: 1 }) },
      { kind: 'unacknowledged', domain, stanzas: [second] },
    ]);
    expect(session.toKeep(KEEP_AFTER)).toEqual([]);
    expect(session.nextKeep()).toBe(1000 + KEEP_AFTER);
    expect(session.toKeep(1000 + KEEP_AFTER)).toEqual([{ kind: 'unacknowledged', domain, stanzas: [later] }]);
    expect(session.nextKeep()).toBeUndefined();
  });

  it('is all of it once the stream is lost', () => {
    const session = new StreamManagement();
    session.record(domain, 'one', 1e9);
    send(session, 2, 1e6);
    const [, unacknowledged] = session.toKeep(Number.POSITIVE_INFINITY);
    expect(unacknowledged).toEqual({ kind: 'unacknowledged', domain, stanzas: [...session.unacknowledged] });
  });

  it('what is acknowledged after all is taken out together', () => {
    const session = new StreamManagement();
    session.record(domain, 'one', 1e9);
    send(session, 3, 0);
    session.toKeep(KEEP_AFTER);
    session.acknowledge(1, 10_000);
    session.acknowledge(2, 11_000);
    expect(session.nextKeep()).toBe(10_000 + KEEP_AFTER);
    expect(session.toKeep(10_000 + KEEP_AFTER)).toEqual([
      { kind: 'session', record: record({ acknowledged: 2 }) },
      { kind: 'acknowledged', domain, upTo: 2 },
    ]);
    expect(session.nextKeep()).toBeUndefined();
  });

  it('the session goes with the last of it, and comes again', () => {
    const session = new StreamManagement();
    session.record(domain, 'one', 1e9);
    send(session, 1, 0);
    session.toKeep(KEEP_AFTER);
    session.acknowledge(1, 6000);
    expect(session.toKeep(6000 + KEEP_AFTER)).toEqual([{ kind: 'drop-session', domain }]);
    session.handled();
    expect(session.nextKeep()).toBeUndefined();
    send(session, 1, 20_000);
    expect(session.toKeep(20_000 + KEEP_AFTER)).toEqual([
      { kind: 'session', record: record({ acknowledged: 1, handled: 1 }) },
      { kind: 'unacknowledged', domain, stanzas: [...session.unacknowledged] },
    ]);
  });

  it('what was handled counts at once while the session is in the store', () => {
    const session = new StreamManagement();
    session.record(domain, 'one', 1e9);
    send(session, 1, 0);
    session.toKeep(KEEP_AFTER);
    session.handled();
    expect(session.nextKeep()).toBe(0);
    expect(session.toKeep(KEEP_AFTER)).toEqual([{ kind: 'session', record: record({ handled: 1 }) }]);
    expect(session.nextKeep()).toBeUndefined();
    session.record(domain, 'one', 2e9);
    expect(session.toKeep(KEEP_AFTER)).toEqual([{ kind: 'session', record: record({ handled: 1, until: 2e9 }) }]);
  });

  it('goes on after a restart', () => {
    const stanzas = [4, 5, 6].map((number) => ({ number, xml: '<a/>', since: 0 }));
    const session = StreamManagement.restore(kept({ acknowledged: 3, handled: 7, stanzas }));
    expect(session.h).toBe(7);
    expect(session.characters).toBe(12);
    expect(session.toKeep(Number.POSITIVE_INFINITY)).toEqual([]);
    session.resume(5, 1000);
    expect(session.toKeep(1000 + KEEP_AFTER)).toEqual([
      { kind: 'session', record: record({ acknowledged: 5, handled: 7 }) },
      { kind: 'acknowledged', domain, upTo: 5 },
    ]);
  });
});

/** What the store would have, written as naively as can be. */
class NaiveStore {
  session: SessionRecord | undefined;
  stanzas: UnacknowledgedStanza[] = [];

  carryOut(write: SessionWrite): void {
    switch (write.kind) {
      case 'session':
        this.session = write.record;
        return;
      case 'unacknowledged':
        expect(this.session).toBeDefined();
        this.stanzas.push(...write.stanzas);
        return;
      case 'acknowledged':
        this.stanzas.splice(0, this.stanzas.findIndex(({ number }) => number === write.upTo) + 1);
        return;
      case 'drop-session':
        this.session = undefined;
        this.stanzas = [];
    }
  }
}

/** Two sides whose network, processes and clocks do what chance says; the peer counts what comes, and notes it. */
class Life {
  readonly #random: Random;
  readonly #store = new NaiveStore();
  #now = 1e12;
  #next = 1;
  #session: StreamManagement;
  /** What is on its way to the peer. */
  #onWay: string[] = [];
  /** What the peer has had, and how it counts that. */
  readonly had: string[] = [];
  #h: number;
  /** What may be lost: it was not acknowledged nor in the store when the process ended. */
  readonly forgotten = new Set<string>();
  readonly sent: string[] = [];
  resumed = 0;
  restored = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#h = COUNTS - this.#below(60);
    this.#session = beforeWrap(COUNTS - this.#h);
    this.#h %= COUNTS;
    this.#session.record(domain, 'one', 1e15);
  }

  turn(): void {
    this.#now += this.#below(this.#below(4) === 0 ? 8000 : 300);
    const chance = this.#below(100);
    if (chance < 45) this.#send();
    else if (chance < 75) this.#arrive(this.#below(4));
    else if (chance < 88) this.#acknowledge();
    else if (chance < 92) this.#session.handled();
    else if (chance < 97) this.#cut();
    else this.#crash();
    this.#keep(this.#now);
  }

  /** Everything arrives, and is acknowledged. */
  end(): void {
    this.#cut();
    this.#arrive(this.#onWay.length);
    this.#acknowledge();
    this.#keep(Number.POSITIVE_INFINITY);
    expect(this.#session.size).toBe(0);
    expect(this.#session.characters).toBe(0);
    expect(this.#store.session).toBeUndefined();
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }

  #send(): void {
    if (this.#session.isFull) return;
    const xml = `<message id='${this.#next++}'/>`;
    this.sent.push(xml);
    this.#session.sent(xml, this.#now);
    this.#onWay.push(xml);
  }

  #arrive(count: number): void {
    const arrived = this.#onWay.splice(0, count);
    this.had.push(...arrived);
    this.#h = (this.#h + arrived.length) % COUNTS;
  }

  #acknowledge(): void {
    const before = this.#session.size;
    const count = this.#session.acknowledge(this.#h, this.#now);
    expect(this.#session.size).toBe(before - count);
    expect(Array.from(this.#session.unacknowledged, ({ xml }) => xml)).toEqual(this.#onWay);
  }

  #cut(): void {
    this.#keep(Number.POSITIVE_INFINITY);
    this.#resume();
  }

  #resume(): void {
    this.#onWay = this.#session.resume(this.#h, this.#now).map(({ xml }) => xml);
    this.resumed += 1;
  }

  #crash(): void {
    const { session, stanzas } = this.#store;
    const stored = new Set(stanzas.map(({ xml }) => xml));
    for (const { xml } of this.#session.unacknowledged) if (!stored.has(xml)) this.forgotten.add(xml);
    if (session === undefined) return this.#beginAnew();
    expect(session.handled).toBe(this.#session.h);
    this.#session = StreamManagement.restore({ ...session, stanzas });
    this.restored += 1;
    this.#resume();
  }

  /** As where nothing is kept: another session. */
  #beginAnew(): void {
    this.#session = new StreamManagement();
    this.#session.record(domain, `session-${this.#next}`, 1e15);
    this.#onWay = [];
    this.#h = 0;
  }

  #keep(now: number): void {
    const due = this.#session.nextKeep();
    const writes = this.#session.toKeep(now);
    expect(writes.length > 0).toBe(
      now === Number.POSITIVE_INFINITY ? writes.length > 0 : due !== undefined && due <= now,
    );
    for (const write of writes) this.#store.carryOut(write);
    expect(this.#session.toKeep(now)).toEqual([]);
    this.#checkStore(now);
  }

  /** The store has what has waited long, in order; of what doesn't wait any more only what went a short time ago. */
  #checkStore(now: number): void {
    const waiting = [...this.#session.unacknowledged];
    const stored = this.#store.stanzas;
    const first = waiting[0];
    const start = first === undefined ? -1 : stored.findIndex(({ number }) => number === first.number);
    const current = start === -1 ? [] : stored.slice(start);
    expect(waiting.slice(0, current.length)).toEqual(current);
    for (const { since } of waiting.slice(current.length)) expect(since + KEEP_AFTER).toBeGreaterThan(now);
    expect(this.#store.session === undefined).toBe(stored.length === 0);
    if (this.#store.session !== undefined) expect(this.#store.session.handled).toBe(this.#session.h);
  }
}

describe('whatever happens', () => {
  it.each(Array.from({ length: 30 }, (_, index) => index + 1))('nothing is lost or doubled, seed %i', (seed) => {
    const life = new Life(seed);
    for (let turn = 0; turn < 600; turn++) life.turn();
    life.end();
    const had = new Set(life.had);
    expect(had.size).toBe(life.had.length);
    expect(life.sent.filter((xml) => !had.has(xml) && !life.forgotten.has(xml))).toEqual([]);
    expect(life.had).toEqual(life.sent.filter((xml) => had.has(xml)));
    expect(life.resumed).toBeGreaterThan(10);
  });

  it('a restart is among it', () => {
    const life = new Life(1);
    for (let turn = 0; turn < 2000; turn++) life.turn();
    expect(life.restored).toBeGreaterThan(10);
    expect(life.forgotten.size).toBeGreaterThan(0);
    expect(life.had.length).toBeGreaterThan(500);
  });
});
