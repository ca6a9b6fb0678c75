import { describe, expect, it } from 'vitest';
import type { Resolution, ServiceRecord } from '../../src/lib/effects.ts';
import { Random } from '../../src/lib/random.ts';
import { candidatesOf, MAX_CANDIDATES } from '../../src/stream/candidates.ts';

function record(target: string, changes: Partial<ServiceRecord> = {}): ServiceRecord {
  const addresses = [`10.0.0.${target.charCodeAt(0)}`];
  return { service: 'xmpp-server', priority: 0, weight: 0, port: 5269, target, addresses, ...changes };
}

function resolution(...records: readonly ServiceRecord[]): Resolution {
  return { records, addresses: [], isDefinite: false };
}

/** The names in the order that a seed gives. */
function order(records: readonly ServiceRecord[], seed: number): string {
  return candidatesOf(resolution(...records), new Random(seed))
    .map(({ name }) => name)
    .join(' ');
}

/** How often each order comes of so many seeds. */
function orders(records: readonly ServiceRecord[], seeds: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= seeds; seed++) {
    const names = order(records, seed);
    counts.set(names, (counts.get(names) ?? 0) + 1);
  }
  return counts;
}

describe('RFC 2782: the order of records', () => {
  it('is by priority, the lowest first, whatever the weights', () => {
    const records = [
      record('c', { priority: 20, weight: 65_535 }),
      record('a', { priority: 3 }),
      record('b', { priority: 10, weight: 1 }),
    ];
    expect([...orders(records, 50).keys()]).toEqual(['a b c']);
  });

  it('is any among equals of the same weight', () => {
    for (const weight of [0, 1, 100]) {
      const counts = orders([record('a', { weight }), record('b', { weight })], 200);
      // Of those with weight 0 the first is drawn: their order is whoever answered's.
      expect([...counts.keys()].sort()).toEqual(weight === 0 ? ['a b'] : ['a b', 'b a']);
    }
  });

  it('is among equals as likely as the weights say', () => {
    const records = [record('a', { weight: 10 }), record('b', { weight: 30 }), record('c', { weight: 60 })];
    const counts = orders(records, 4000);
    const parts = {
      'a b c': 10 * 30,
      'a c b': 10 * 60,
      'b a c': 30 * 10,
      'b c a': 30 * 60,
      'c a b': 60 * 10,
      'c b a': 60 * 30,
    };
    expect([...counts.keys()].sort()).toEqual(Object.keys(parts));
    for (const [names, part] of Object.entries(parts)) {
      const first = { a: 10, b: 30, c: 60 }[names[0] as 'a' | 'b' | 'c'];
      const expected = (4000 * part) / (100 * (100 - first));
      expect(Math.abs(counts.get(names)! - expected), names).toBeLessThan(0.2 * expected + 20);
    }
  });

  it('draws from the sum of the weights, ends included', () => {
    const records = [record('a', { weight: 1 }), record('b', { weight: 2 }), record('c', { weight: 0 })];
    const seen = new Set<number>();
    for (let seed = 1; seed <= 200; seed++) {
      const drawn = Math.floor(new Random(seed).next() * 4);
      seen.add(drawn);
      expect(order(records, seed)[0]).toBe('cabb'[drawn]);
    }
    expect(seen.size).toBe(4);
  });

  it('leaves a weight of 0 a very small chance', () => {
    const counts = orders([record('a', { weight: 99 }), record('b')], 4000);
    expect([...counts.keys()].sort()).toEqual(['a b', 'b a']);
    expect(counts.get('b a')).toBeGreaterThan(10);
    expect(counts.get('b a')).toBeLessThan(100);
  });
});

describe('XEP-0368 §3: both services', () => {
  it('stand in one list, each with its own beginning of TLS', () => {
    const records = [
      record('b', { priority: 2 }),
      record('a', { service: 'xmpps-server', priority: 1, port: 443 }),
      record('c', { service: 'xmpps-server', priority: 3, port: 5270 }),
    ];
    expect(candidatesOf(resolution(...records), new Random(1))).toEqual([
      { host: '10.0.0.97', port: 443, isDirectTls: true, name: 'a' },
      { host: '10.0.0.98', port: 5269, isDirectTls: false, name: 'b' },
      { host: '10.0.0.99', port: 5270, isDirectTls: true, name: 'c' },
    ]);
  });

  it('mix their weights', () => {
    const records = [record('a', { weight: 5 }), record('b', { service: 'xmpps-server', weight: 5 })];
    expect([...orders(records, 100).keys()].sort()).toEqual(['a b', 'b a']);
  });

  it('a target . says that there is no such service, so that the domain’s own addresses don’t count', () => {
    const none = record('.', { service: 'xmpps-server', addresses: [] });
    expect(order([none, record('a')], 1)).toBe('a');
    expect(candidatesOf({ ...resolution(none), addresses: ['10.0.0.1'] }, new Random(1))).toEqual([]);
  });
});

describe('addresses', () => {
  it('of a target are tried one after the other, before the next target', () => {
    const records = [
      record('a', { priority: 1, addresses: ['fd00::1', '10.0.0.1'] }),
      record('b', { priority: 2, addresses: ['fd00::2'] }),
    ];
    const hosts = candidatesOf(resolution(...records), new Random(1)).map(({ host }) => host);
    expect(hosts).toEqual(['fd00::1', '10.0.0.1', 'fd00::2']);
  });

  it('RFC 6120 §3.2.2: of the domain itself are tried where there are no records', () => {
    const own = { records: [], addresses: ['fd00::1', '10.0.0.1'], isDefinite: false };
    expect(candidatesOf(own, new Random(1))).toEqual([
      { host: 'fd00::1', port: 5269, isDirectTls: false, name: undefined },
      { host: '10.0.0.1', port: 5269, isDirectTls: false, name: undefined },
    ]);
    const unused = { ...resolution(record('a', { addresses: [] })), addresses: ['10.0.0.1'] };
    expect(candidatesOf(unused, new Random(1))).toEqual([]);
  });

  it('that several records have are tried once for each port and way', () => {
    const addresses = ['10.0.0.1'];
    const records = [
      record('a', { priority: 1, addresses }),
      record('b', { priority: 2, addresses }),
      record('c', { priority: 3, addresses, port: 443 }),
      record('d', { priority: 4, addresses, port: 443, service: 'xmpps-server' }),
    ];
    expect(order(records, 1)).toBe('a c d');
  });

  it('are so many at most', () => {
    const many = Array.from({ length: MAX_CANDIDATES + 1 }, (_, index) => `10.0.1.${index}`);
    const own = { records: [], addresses: [...many, ...many], isDefinite: false };
    expect(candidatesOf(own, new Random(1)).map(({ host }) => host)).toEqual(many.slice(0, MAX_CANDIDATES));
    const records = many.map((host, priority) => record('a', { priority, addresses: [host] }));
    expect(candidatesOf(resolution(...records), new Random(1))).toHaveLength(MAX_CANDIDATES);
  });

  it('nothing is nowhere', () => {
    expect(candidatesOf(resolution(), new Random(1))).toEqual([]);
  });
});
