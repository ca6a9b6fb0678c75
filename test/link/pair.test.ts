import { describe, expect, it } from 'vitest';
import { Network } from './network.ts';

const AT_A = { host: '10.0.0.1', port: 5270 };
const AT_B = { host: '10.0.0.2', port: 5270 };
const MEET = [
  { listen: AT_A, connect: AT_B },
  { listen: AT_B, connect: AT_A },
] as const;
/** Longer than any time to redial and connect again. */
const RECOVERY = 300_000;

const numbered = (from: string, count: number) =>
  Array.from({ length: count }, (_, i) => `<message id="${from}${i}"/>`);
const stanzas = (heard: readonly string[]) => heard.filter((each) => each.startsWith('<'));

describe('two links and a network', () => {
  it.each([0, 300, 5000, 29_000])(
    'opened at once with %i ms each way: two connections, each sent on by its opener',
    (latency) => {
      const net = new Network(latency, 1, ...MEET);
      net.start(net.a);
      net.start(net.b);
      net.run(2 * latency);
      expect(net.standing).toBe(2);
      const fromA = numbered('a', 20);
      const fromB = numbered('b', 20);
      for (const [i, xml] of fromA.entries()) {
        net.send(net.a, xml);
        net.send(net.b, fromB[i]!);
        net.run(10);
      }
      net.run(latency);
      expect(stanzas(net.a.heard)).toEqual(fromB);
      expect(stanzas(net.b.heard)).toEqual(fromA);
      expect(net.a.heard.filter((each) => each === 'link-up')).toHaveLength(1);
    },
  );

  it('opened by one: a single connection, used both ways', () => {
    const net = new Network(300, 1, { connect: AT_B }, { listen: AT_B });
    net.start(net.b);
    net.start(net.a);
    net.run(600);
    expect(net.standing).toBe(1);
    net.send(net.a, '<iq id="1"/>');
    net.send(net.b, '<iq id="2"/>');
    net.run(300);
    expect([stanzas(net.a.heard), stanzas(net.b.heard)]).toEqual([['<iq id="2"/>'], ['<iq id="1"/>']]);
  });

  it('one side may start later: it is dialled again', () => {
    const net = new Network(300, 1, { connect: AT_B }, { listen: AT_B });
    net.start(net.a);
    net.run(100_000);
    expect(net.a.link.state).not.toBe('up');
    net.start(net.b);
    net.run(RECOVERY);
    expect([net.a.link.state, net.b.link.state]).toEqual(['up', 'up']);
  });

  it('over 200 seeds, broken again and again, both sides agree on whether there is a link and find back', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const net = new Network(50 + 37 * (seed % 80), seed, ...MEET);
      net.start(net.a);
      net.run(seed * 10);
      net.start(net.b);
      for (let outage = 0; outage < 3; outage += 1) {
        net.run(RECOVERY);
        expect([net.a.link.state, net.b.link.state]).toEqual(['up', 'up']);
        expect(net.standing).toBeLessThanOrEqual(2);
        net.isOpen = false;
        net.break();
        expect([net.a.link.state, net.b.link.state]).not.toContain('up');
        net.run(20_000);
        net.isOpen = true;
      }
    }
  });

  it('stopped on one side, closed in order on both', () => {
    const net = new Network(300, 1, { connect: AT_B }, { listen: AT_B });
    net.start(net.b);
    net.start(net.a);
    net.run(600);
    net.send(net.a, '<iq/>');
    net.run(300);
    net.stop(net.a);
    net.run(300);
    expect(net.a.link.state).toBe('down');
    expect(net.b.link.state).toBe('down');
    expect(net.b.link.error).toBe('the peer closed the stream');
    expect(net.standing).toBe(0);
  });

  it('§4.1: not a byte crosses before the first stanza, nor at the end of a link that was never used', () => {
    const net = new Network(300, 1, ...MEET);
    net.start(net.a);
    net.start(net.b);
    net.run(60_000);
    net.stop(net.a);
    net.run(1000);
    for (const { link } of [net.a, net.b]) expect([link.bytesIn, link.bytesOut]).toEqual([0, 0]);
  });
});
