import { describe, expect, it } from 'vitest';
import { PROBE_TIMEOUT } from '../../src/link/direct.ts';
import { room, set, user } from '../support/chain.ts';
import { drop, enters } from '../support/nodes.ts';

/* A silent peer is asked whether it is there (XEP-0199), as often as the link's `idle` says, and never otherwise. */

const plan = { federate: { a: [], b: ['a'] } } as const;
const HOUR = 3_600_000;

describe('silence', () => {
  it('costs nothing where idle is 0', () => {
    const both = set({ ...plan, link: { dialect: 'fmucd' } });
    for (const name of ['a', 'b']) both.node(name).say(enters(user(name), room(name), name));
    both.world.settle(60_000);
    drop(both.node('a'), both.node('b'));
    both.world.settle(24 * HOUR);
    expect([...both.node('a').crossed, ...both.node('b').crossed]).toEqual([]);
  });

  it('is broken once in so many seconds, and the answer is no cause for another', () => {
    const both = set({ ...plan, link: { dialect: 'fmucd' }, linkOf: { b: { idle: 600 } } });
    drop(both.node('a'), both.node('b'));
    both.world.settle(HOUR);
    const pings = both.node('b').crossed;
    expect(pings.length).toBeGreaterThanOrEqual(5);
    expect(pings.length).toBeLessThanOrEqual(6);
    for (const ping of pings)
      expect(ping).toMatch(
        /^<iq from="rooms\.b\.lit" type="get" id="probe-\d+" to="rooms\.a\.lit"><ping xmlns="urn:xmpp:ping"\/><\/iq>$/,
      );
    expect(both.node('a').crossed).toHaveLength(pings.length);
    for (const answer of both.node('a').crossed) expect(answer).toMatch(/^<iq [^>]*type="result"/);
    expect(both.node('b').core.links[0]?.stream.state).toBe('up');
  });

  it('of a peer that is gone without a word ends the connection', () => {
    const both = set({ ...plan, link: { dialect: 'fmucd' }, linkOf: { b: { idle: 600 } } });
    const wire = both.world.wire('rooms.a.lit', 'rooms.b.lit');
    const never = { min: 100 * HOUR, max: 100 * HOUR };
    wire.weather = {
      latency: { min: 300, max: 300 },
      loss: 0,
      retransmission: { min: 0, max: 0 },
      split: 0,
      notice: never,
    };
    wire.hold(10 * HOUR);
    both.world.settle(500_000);
    expect(both.node('b').core.links[0]?.stream.state).toBe('up');
    both.world.settle(PROBE_TIMEOUT + 120_000);
    expect(both.node('b').core.links[0]?.stream.state).not.toBe('up');
    expect(both.node('b').logs.some(({ fields }) => fields?.['reason'] === 'no answer to the probe')).toBe(true);
    expect(both.node('a').core.links[0]?.stream.state).toBe('up');
  });
});
