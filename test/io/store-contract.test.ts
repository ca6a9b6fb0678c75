import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/io/sqlite.ts';
import {
  COVER_AFTER,
  LASTING_NOTE,
  MAX_KEPT_PARTS,
  MAX_NEIGHBOURS,
  MAX_NOTES,
  MAX_SESSION_STANZAS,
  MAX_SESSIONS,
} from '../../src/io/store-bounds.ts';
import { STORE_FILE } from '../../src/io/store-files.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import { Random } from '../../src/lib/random.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import type { HistoryQuery, MessageRecord, NeighbourRecord, StoreWrite } from '../../src/muc/records.ts';
import type { ArchiveFilter, Search } from '../../src/muc/search.ts';
import type { SessionRecord, SessionWrite, UnacknowledgedStanza } from '../../src/stream/session-record.ts';
import { DEFAULT_LIMITS } from '../../src/xml/stream-parser.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { append, elsinore, message, midnight, rabbithole, remote, room } from './store-records.ts';

/* The store and the one that the core's suites have in its place: whatever is written, they answer alike. */

const forest = 'forest@rooms.arden.lit';
const ROOMS = [elsinore, 'dunsinane@rooms.denmark.lit'];
const NODES = [rabbithole, forest];

let directory: string;
let now: number;
let disk: Store;
let memory: MemoryStore;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  now = midnight;
  disk = openStore(directory, { now: () => now });
  memory = new MemoryStore();
});

afterEach(() => {
  disk.close();
  rmSync(directory, { recursive: true });
});

function commit(writes: readonly (StoreWrite | SessionWrite)[]): void {
  disk.commit(writes);
  memory.commit(writes);
}

function restart(): void {
  disk.close();
  disk = openStore(directory, { now: () => now });
  memory.restart();
}

type Answering = Pick<Store, 'rooms' | 'archives' | 'origins' | 'foreign' | 'neighbours' | 'entries' | 'lastVia'> &
  Pick<Store, 'note' | 'history' | 'referable' | 'sessions' | 'vcard'>;

/** Everything that a store says by itself, in an order that is the same for both. */
function answers(store: Answering) {
  const byKey = (one: string, other: string) => (one < other ? -1 : 1);
  return {
    rooms: store.rooms,
    archives: [...store.archives].sort((one, other) => byKey(one.room, other.room)),
    sessions: store.sessions(),
    notes: ['a', 'b', 'c'].map((key) => store.note(key)),
    ofRooms: ROOMS.map((jid) => ({
      origins: store
        .origins(jid)
        .map(({ by, had, gaps }) => ({ by, had: had.toString(), gaps: gaps.toString() }))
        .sort((one, other) => byKey(one.by, other.by)),
      neighbours: store.neighbours(jid),
      vcard: store.vcard(jid),
      entries: store.entries(jid, 0),
      foreign: store.foreign(jid, 9999),
      referable: [0, 7, 9999].map((limit) => store.referable(jid, limit, 20)),
      lastVia: NODES.map((node) => store.lastVia(jid, node)),
      history: store.history({ room: jid }),
    })),
  };
}

function expectAlike(): void {
  expect(answers(disk)).toEqual(answers(memory));
}

function session(domain: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return { domain, id: 'id-1', acknowledged: 0, handled: 0, until: midnight, ...changes };
}

function waiting(number: number, text = ''): UnacknowledgedStanza {
  return { number: number % 2 ** 32, xml: `<message><body>${text}</body></message>`, since: now };
}

/** Writes and questions as they may come, from that chance alone. */
class Script {
  readonly #random: Random;
  /** By room and origin, the last number given. */
  readonly #numbers = new Map<string, number>();
  readonly #positions = new Map<string, number>();

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Whether something comes to pass that does so once in that many times. */
  oncePer(times: number): boolean {
    return this.below(times) === 0;
  }

  ranges(): Ranges {
    let ranges = Ranges.empty;
    for (let part = this.below(4); part > 0; part--) {
      const low = 1 + this.below(300);
      ranges = ranges.with(low, low + this.below(20));
    }
    return ranges;
  }

  write(): StoreWrite | SessionWrite {
    if (this.oncePer(5)) return this.#sessionWrite();
    const jid = this.oneOf(ROOMS);
    if (!this.oncePer(3)) return this.#append(jid);
    switch (this.below(10)) {
      case 0:
        return { kind: 'save', record: room({ room: jid, affiliations: this.#affiliations() }) };
      case 1:
        return { kind: 'gaps', room: jid, by: this.oneOf([...ROOMS, ...NODES]), gaps: this.ranges() };
      case 2:
      case 3:
        return { kind: 'neighbour', room: jid, record: this.#neighbour() };
      case 4:
        return { kind: 'drop-neighbour', room: jid, node: this.oneOf(NODES) };
      case 5:
        return { kind: 'note', key: this.oneOf(['a', 'b', 'c']), value: String(this.below(100)) };
      case 6:
        return { kind: 'vcard', room: jid, vcard: this.oncePer(3) ? undefined : `<vCard>${this.below(9)}</vCard>` };
      case 7: {
        const seq = (this.#positions.get(jid) ?? 0) - this.below(9);
        return { kind: 'replace', room: jid, seq, stanza: `<message>${this.below(100)}</message>` };
      }
      default:
        return this.oncePer(20) ? { kind: 'forget', room: jid } : this.#append(jid);
    }
  }

  query(): HistoryQuery {
    const jid = this.oneOf(ROOMS);
    const last = this.#positions.get(jid) ?? 0;
    return {
      room: jid,
      ...(this.oncePer(3) && { maxMessages: this.below(8) }),
      ...(this.oncePer(3) && { maxChars: this.below(1000) }),
      ...(this.oncePer(3) && { since: now - this.below(100_000) }),
      ...(this.oncePer(3) && { afterSeq: last - this.below(40) }),
      ...(this.oncePer(3) && { upToSeq: last - this.below(20) }),
      ...(this.oncePer(3) && { notVia: this.oneOf(NODES) }),
      ...(this.oncePer(2) && { wanted: this.#wanted() }),
    };
  }

  /** One look for anything, with any bounds. */
  search(): Search {
    const jid = this.oneOf(ROOMS);
    const last = this.#positions.get(jid) ?? 0;
    const look = { room: jid, rows: 1 + this.below(30), ...(this.oncePer(4) && { from: last - this.below(40) }) };
    switch (this.below(4)) {
      case 0: {
        const number = this.#numbers.get(`${jid} ${jid}`) ?? 0;
        const by = this.oneOf([jid, jid, ...NODES]);
        const origins = Array.from({ length: this.below(4) }, () => ({
          by,
          id: sequenceId(number - this.below(40) + 1),
        }));
        const upTo = this.oncePer(2) && { upToSeq: last - this.below(20) };
        return { ...look, kind: 'recall', seqs: this.#seqs(last), origins, ...upTo };
      }
      case 1:
        return { ...look, kind: 'count', filter: this.#filter(last) };
      default: {
        const most = { maxMessages: this.below(8), maxCharacters: this.oncePer(2) ? this.below(1000) : 1e9 };
        return { ...look, kind: 'page', filter: this.#filter(last), isBackwards: this.oncePer(2), ...most };
      }
    }
  }

  #filter(last: number): ArchiveFilter {
    const by = this.oneOf([
      { nick: 'hamlet' },
      { nick: 'yorick' },
      { author: 'hamlet@denmark.lit/chamber' },
      { author: 'hamlet@denmark.lit' },
      { bare: 'hamlet@denmark.lit' },
      { bare: 'hamlet@denmark.li' },
    ]);
    return {
      ...(this.oncePer(4) && { startsAt: now - this.below(100_000) }),
      ...(this.oncePer(4) && { endsAt: now - this.below(100_000) }),
      ...(this.oncePer(4) && { afterSeq: last - this.below(40) }),
      ...(this.oncePer(4) && { beforeSeq: last - this.below(20) }),
      ...(this.oncePer(4) && { seqs: this.#seqs(last) }),
      ...(this.oncePer(3) && { by }),
    };
  }

  #seqs(last: number): number[] {
    return Array.from({ length: this.below(5) }, () => last + 1 - this.below(40));
  }

  /** Numbers go on where the last stanza's ended, over the end of the counts too. */
  #sessionWrite(): SessionWrite {
    const domain = this.oneOf(['verona.lit', 'arden.lit', 'elsewhere.lit']);
    const last = this.#numbers.get(domain) ?? 2 ** 32 - this.below(20);
    switch (this.below(8)) {
      case 0:
      case 1:
        return { kind: 'session', record: session(domain, { handled: this.below(9), until: now }) };
      case 2:
        return {
          kind: 'session',
          record: session(domain, { id: `id-${this.below(3)}`, acknowledged: last % 2 ** 32 }),
        };
      case 3:
        return this.oncePer(4)
          ? { kind: 'drop-session', domain }
          : { kind: 'acknowledged', domain, upTo: last % 2 ** 32 };
      case 4:
        return { kind: 'acknowledged', domain, upTo: (last + 2 ** 32 - this.below(6)) % 2 ** 32 };
      default: {
        const count = 1 + this.below(4);
        this.#numbers.set(domain, last + count);
        const stanzas = Array.from({ length: count }, (_, index) =>
          waiting(last + 1 + index, '☃𝄞x'.repeat(this.below(200))),
        );
        return { kind: 'unacknowledged', domain, stanzas };
      }
    }
  }

  #append(jid: string): StoreWrite {
    const seq = (this.#positions.get(jid) ?? 0) + 1;
    this.#positions.set(jid, seq);
    const keep = this.oneOf([
      { messages: 0, age: 0 },
      { messages: 5, age: 0 },
      { messages: 70, age: 0 },
      { messages: 0, age: 60 },
      { messages: 30, age: 100 },
    ]);
    const write = append(this.#message(jid, seq), keep);
    return this.oncePer(3) ? ({ ...write, neededFrom: Math.max(seq - this.below(50), 1) } as StoreWrite) : write;
  }

  #message(jid: string, seq: number): MessageRecord {
    const stanza = `<message><body>${'☃𝄞x'.repeat(this.below(50))}</body></message>`;
    const common = {
      ...(this.oncePer(3) &&
        this.oneOf([{ author: 'hamlet@denmark.lit' }, { author: 'yorick@denmark.lit/grave', nick: 'yorick' }])),
      room: jid,
      received: now,
      stamp: now - this.oneOf([0, 0, 5000, 1e12, -1e12]),
      stanza,
      ...(this.oncePer(5) && ({ unlogged: true } as const)),
    };
    const via = this.oneOf(NODES);
    switch (this.below(6)) {
      case 0:
      case 1: {
        const number = this.#number(jid, jid);
        return message(seq, { ...common, origin: { by: jid, id: sequenceId(number) }, originSeq: number });
      }
      case 2: {
        const number = this.#number(jid, jid);
        const foreign = this.oncePer(2) && { foreign: { by: via, id: `f/${seq}` } };
        return remote(seq, {
          ...common,
          via,
          origin: { by: jid, id: sequenceId(number) },
          originSeq: number,
          ...foreign,
        });
      }
      case 3: {
        const { origin: _, ...plain } = remote(seq, { ...common, via, foreign: { by: forest, id: `f/${seq}` } });
        return plain;
      }
      default: {
        const by = this.oneOf(NODES);
        return remote(seq, { ...common, via, origin: { by, id: sequenceId(this.#number(jid, by)) } });
      }
    }
  }

  /** Most come in order; some leave a hole behind. */
  #number(jid: string, by: string): number {
    const key = `${jid} ${by}`;
    const number = (this.#numbers.get(key) ?? 0) + 1 + (this.oncePer(30) ? this.below(5) : 0);
    this.#numbers.set(key, number);
    return number;
  }

  #neighbour(): NeighbourRecord {
    return {
      node: this.oneOf([...NODES, `n${this.below(9)}@rooms.arden.lit`]),
      isUpward: this.oncePer(2),
      settled: this.below(100),
      isLive: this.oncePer(2),
      dropped: this.below(9),
      since: now,
    };
  }

  #affiliations() {
    const nick = this.oncePer(2) ? { nick: `n${this.below(3)}` } : {};
    return this.oncePer(2) ? {} : { [`p${this.below(3)}@denmark.lit`]: { affiliation: 'member' as const, ...nick } };
  }

  #wanted(): ReadonlyMap<string, Ranges> {
    return new Map([...ROOMS, ...NODES].map((by) => [by, this.ranges()] as const));
  }
}

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  'a random life, seed %i',
  { timeout: 60_000 },
  (seed) => {
    const script = new Script(seed);
    for (let turn = 0; turn < 250; turn++) {
      now += script.below(script.oncePer(10) ? 30_000 : 1000);
      const writes = Array.from({ length: 1 + script.below(4) }, () => script.write());
      if (script.oncePer(8)) expectTakenBack(writes);
      commit(writes);
      if (script.oncePer(25)) restart();
      const query = script.query();
      expect(disk.history(query), JSON.stringify(query)).toEqual(memory.history(query));
      const search = script.search();
      expect(disk.search(search), JSON.stringify(search)).toEqual(memory.search(search));
      if (script.oncePer(4)) expectAlike();
    }
    restart();
    expectAlike();
  },
);

/** A turn whose last write fails leaves nothing behind. */
function expectTakenBack(writes: readonly (StoreWrite | SessionWrite)[]): void {
  const own = append(message(99_999, { received: now, originSeq: 99_999 }));
  expect(() => disk.commit([...writes, own, own])).toThrow('UNIQUE');
  expectAlike();
}

test('a long archive, with what is had of it, outlives every start', () => {
  const keep = { messages: 40, age: 0 };
  for (let seq = 1; seq <= 3 * COVER_AFTER; seq += 50) {
    const messages = Array.from({ length: 50 }, (_, index) => message(seq + index, { received: now }));
    commit(messages.map((record) => append(record, keep)));
    if (seq % 3 === 0) restart();
    expectAlike();
  }
  disk.close();
  const file = new SQLite(join(directory, STORE_FILE));
  const unread = file.prepare('SELECT max(seq) - covered FROM message, room').pluck().get();
  file.close();
  disk = openStore(directory);
  expect(unread).toBeLessThan(COVER_AFTER);
  expectAlike();
});

test('dropping a neighbour of an unknown room makes no room', () => {
  commit([{ kind: 'drop-neighbour', room: elsinore, node: rabbithole }]);
  expectAlike();
  expect(disk.archives).toEqual([]);
});

test(`what was had is kept in ${MAX_KEPT_PARTS} parts, the lowest holes filled`, () => {
  const numbers = Array.from({ length: 2 * MAX_KEPT_PARTS }, (_, index) => 2 * index + 1);
  const keep = { messages: 3, age: 0 };
  for (const [index, number] of numbers.entries()) {
    const origin = { by: rabbithole, id: sequenceId(number) };
    commit([append(remote(index + 1, { origin }), keep)]);
  }
  commit([
    { kind: 'gaps', room: elsinore, by: forest, gaps: numbers.reduce((all, one) => all.with(one), Ranges.empty) },
  ]);
  restart();
  expectAlike();
  const [had, gaps] = [disk.origins(elsinore).find(({ by }) => by === rabbithole)!.had, disk.origins(elsinore)];
  expect(had.parts).toBe(MAX_KEPT_PARTS);
  expect(had.last).toBe(numbers.at(-1));
  expect(gaps.find(({ by }) => by === forest)!.gaps.parts).toBe(MAX_KEPT_PARTS);
});

test('beyond the bounds of neighbours and notes the one written longest ago goes', () => {
  const note = (key: string): StoreWrite => ({ kind: 'note', key, value: 'x' });
  const lasting = `${LASTING_NOTE}one`;
  commit([note(lasting)]);
  commit(Array.from({ length: MAX_NOTES }, (_, index) => note(`k${index}`)));
  for (let times = 0; times < 3; times++) commit(Array.from({ length: MAX_NOTES }, () => note('k0')));
  expect(disk.note('k1')).toBe('x');
  commit([note('new')]);
  for (const store of [disk, memory])
    expect(['k0', 'k1', 'k2', 'new'].map((key) => store.note(key))).toEqual(['x', undefined, 'x', 'x']);
  for (const store of [disk, memory]) expect(store.note(lasting)).toBe('x');

  const neighbour = (index: number): StoreWrite => ({
    kind: 'neighbour',
    room: elsinore,
    record: { node: `n${index}@rooms.arden.lit`, isUpward: false, settled: 0, isLive: true, dropped: 0, since: index },
  });
  commit(Array.from({ length: MAX_NEIGHBOURS }, (_, index) => neighbour(index)));
  commit([neighbour(0), neighbour(MAX_NEIGHBOURS)]);
  expectAlike();
  expect(disk.neighbours(elsinore)).toHaveLength(MAX_NEIGHBOURS);
  expect(disk.neighbours(elsinore).map(({ node }) => node)).not.toContain('n1@rooms.arden.lit');
});

test('the stanzas of a session are of that session alone', () => {
  const domains = ['a.lit', 'b.lit', 'c.lit'];
  commit(domains.map((domain) => ({ kind: 'session', record: session(domain) })));
  for (let number = 1; number <= 3; number++)
    commit(domains.map((domain) => ({ kind: 'unacknowledged', domain, stanzas: [waiting(number, domain)] })));
  commit([
    { kind: 'acknowledged', domain: 'a.lit', upTo: 2 },
    { kind: 'session', record: session('b.lit', { id: 'another' }) },
    { kind: 'session', record: session('c.lit', { handled: 7 }) },
    { kind: 'unacknowledged', domain: 'unknown.lit', stanzas: [waiting(1)] },
  ]);
  restart();
  expectAlike();
  expect(disk.sessions().map(({ domain, id, handled, stanzas }) => [domain, id, handled, stanzas.length])).toEqual([
    ['a.lit', 'id-1', 0, 1],
    ['b.lit', 'another', 0, 0],
    ['c.lit', 'id-1', 7, 3],
  ]);
  commit([
    { kind: 'drop-session', domain: 'c.lit' },
    { kind: 'session', record: session('c.lit') },
  ]);
  expectAlike();
  expect(disk.sessions().at(-1)!.stanzas).toEqual([]);
});

test('XEP-0198 §4: stanzas are acknowledged where the counts begin anew', () => {
  const stanzas = [2 ** 32 - 2, 2 ** 32 - 1, 0, 1].map((number) => waiting(number));
  commit([
    { kind: 'session', record: session('a.lit') },
    { kind: 'unacknowledged', domain: 'a.lit', stanzas },
    { kind: 'acknowledged', domain: 'a.lit', upTo: 0 },
  ]);
  expectAlike();
  expect(disk.sessions()[0]!.stanzas).toEqual(stanzas.slice(3));
});

test('a stanza that is damaged is not sent: the store is', () => {
  commit([
    { kind: 'session', record: session('a.lit') },
    { kind: 'unacknowledged', domain: 'a.lit', stanzas: [{ ...waiting(1), xml: '<message><body>' }] },
  ]);
  expect(() => disk.sessions()).toThrow('damaged');
  expect(disk.damage).toBeDefined();
});

test('a stanza that has grown beyond what a stream may bring is none that is damaged', () => {
  const body = 'x'.repeat(DEFAULT_LIMITS.stanzaBytes);
  commit([
    { kind: 'session', record: session('a.lit') },
    { kind: 'unacknowledged', domain: 'a.lit', stanzas: [waiting(1, body)] },
  ]);
  expectAlike();
});

test('beyond the bounds of sessions and their stanzas the oldest go', () => {
  const domains = Array.from({ length: MAX_SESSIONS }, (_, index) => `d${index}.lit`);
  for (const domain of [...domains, 'd0.lit', 'new.lit'])
    commit([
      { kind: 'session', record: session(domain) },
      { kind: 'unacknowledged', domain, stanzas: [waiting(1)] },
    ]);
  expectAlike();
  expect(disk.sessions()).toHaveLength(MAX_SESSIONS);
  expect(disk.sessions().map(({ domain }) => domain)).not.toContain('d0.lit');

  const many = Array.from({ length: MAX_SESSION_STANZAS + 2 }, (_, index) => waiting(index + 2));
  commit([{ kind: 'unacknowledged', domain: 'd1.lit', stanzas: many }]);
  expectAlike();
  const kept = disk.sessions()[0]!.stanzas;
  expect([kept.length, kept[0]!.number]).toEqual([MAX_SESSION_STANZAS, 4]);
  disk.close();
  const file = new SQLite(join(directory, STORE_FILE));
  const rows = file.prepare('SELECT count(*) FROM unacknowledged').pluck().get();
  file.close();
  disk = openStore(directory);
  expect(rows).toBe(MAX_SESSION_STANZAS + MAX_SESSIONS - 1);
});
