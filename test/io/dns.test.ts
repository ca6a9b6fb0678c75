import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Dns, type DnsOptions, MAX_ADDRESSES, MAX_RECORDS, MAX_RESOLUTIONS, MAX_WAITING } from '../../src/io/dns.ts';
import { type DnsAnswer, DnsServer } from '../support/dns-server.ts';
import { endAll } from '../support/ending.ts';

afterEach(endAll);

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'xmpp.wonderland.lit': ['2001:db8:0:0:0:0:0:1', '10.1.0.2'],
  'denmark.lit': ['10.1.0.1'],
};

async function lookup(name: string): Promise<readonly string[]> {
  const found = HOSTS[name];
  if (found === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  return found;
}

async function dns(answers: Record<string, DnsAnswer>, options: DnsOptions = {}): Promise<Dns> {
  const server = await DnsServer.start(answers);
  return new Dns({ servers: [server.address], lookup, ...options });
}

const xmpp = '_xmpp-server._tcp.wonderland.lit';
const xmpps = '_xmpps-server._tcp.wonderland.lit';

describe('the addresses of a host', () => {
  test('are those of its name, whatever services there are', async () => {
    const found = await dns({ '_xmpp-server._tcp.denmark.lit': [{ port: 5269, target: 'xmpp.wonderland.lit' }] });
    expect(await found.resolveHost('denmark.lit')).toEqual({ records: [], addresses: ['10.1.0.1'], isDefinite: false });
  });

  test('that is unknown', async () => {
    const found = await dns({});
    expect(await found.resolveHost('nowhere.lit')).toEqual({
      records: [],
      addresses: [],
      problem: 'no such domain in DNS',
      isDefinite: true,
    });
  });
});

describe('the records of a domain (RFC 6120 §3.2.1, XEP-0368)', () => {
  test('come of both services, with the addresses of their targets', async () => {
    const target = 'xmpp.wonderland.lit';
    const found = await dns({
      [xmpp]: [{ priority: 10, weight: 5, port: 5269, target }],
      [xmpps]: [
        { priority: 1, port: 5270, target },
        { priority: 2, port: 5270, target: 'nowhere.wonderland.lit' },
      ],
    });
    const addresses = ['2001:db8:0:0:0:0:0:1', '10.1.0.2'];
    expect(await found.resolve('wonderland.lit')).toEqual({
      records: [
        { service: 'xmpp-server', priority: 10, weight: 5, port: 5269, target, addresses },
        { service: 'xmpps-server', priority: 1, weight: 0, port: 5270, target, addresses },
        {
          service: 'xmpps-server',
          priority: 2,
          weight: 0,
          port: 5270,
          target: 'nowhere.wonderland.lit',
          addresses: [],
        },
      ],
      addresses: [],
      isDefinite: false,
    });
  });

  test('say that there is no such service with a dot', async () => {
    const found = await dns({ [xmpp]: [{ port: 0, target: '.' }] });
    expect((await found.resolve('wonderland.lit')).records).toEqual([
      { service: 'xmpp-server', priority: 0, weight: 0, port: 0, target: '.', addresses: [] },
    ]);
  });

  test('of one service are enough, where there is no answer for the other', async () => {
    const found = await dns({ [xmpp]: [{ port: 5269, target: 'xmpp.wonderland.lit' }], [xmpps]: 'fault' });
    const { records, problem } = await found.resolve('wonderland.lit');
    expect(records).toHaveLength(1);
    expect(problem).toBeUndefined();
  });

  test('are asked for in ASCII', async () => {
    const server = await DnsServer.start({});
    await new Dns({ servers: [server.address], lookup }).resolve('wunderländ.lit');
    expect(server.asked.toSorted()).toEqual([
      '_xmpp-server._tcp.xn--wunderlnd-12a.lit',
      '_xmpps-server._tcp.xn--wunderlnd-12a.lit',
    ]);
  });

  test('are followed up to a bound, the preferred ones, each with some addresses', async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ priority: 20 - index, port: 1, target: `t${index}.lit` }));
    const asked: string[] = [];
    const found = await dns(
      { [xmpp]: many, [xmpps]: many },
      {
        lookup: async (name) => {
          asked.push(name);
          return Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`);
        },
      },
    );
    const { records } = await found.resolve('wonderland.lit');
    expect(records).toHaveLength(2 * MAX_RECORDS);
    expect(Math.max(...records.map(({ priority }) => priority))).toBe(MAX_RECORDS);
    for (const { addresses } of records) expect(addresses).toHaveLength(MAX_ADDRESSES);
    expect(asked).toHaveLength(MAX_RECORDS); // the same targets of both services
  });
});

describe('where there are none', () => {
  test("the domain's own addresses are what there is", async () => {
    const found = await dns({});
    expect(await found.resolve('denmark.lit')).toEqual({ records: [], addresses: ['10.1.0.1'], isDefinite: false });
  });

  test("of a domain that isn't there, that is certain", async () => {
    const found = await dns({});
    expect(await found.resolve('wonderland.lit')).toEqual({
      records: [],
      addresses: [],
      problem: 'no such domain in DNS',
      isDefinite: true,
    });
  });

  test.each([
    ['fault', 'the DNS server has met a fault: try again later'],
    ['refused', "the DNS server doesn't answer us: does it admit this machine?"],
  ] as const)('because of a %s, nothing is certain', async (answer, problem) => {
    const found = await dns({ [xmpp]: answer });
    expect(await found.resolve('wonderland.lit')).toEqual({ records: [], addresses: [], problem, isDefinite: false });
  });

  test('because nobody listens, that is said', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    const none = new Dns({ servers: [`127.0.0.1:${port}`], lookup });
    expect(await none.resolve('wonderland.lit')).toMatchObject({
      problem: 'no DNS server answers: does /etc/resolv.conf name one?',
      isDefinite: false,
    });
    expect((await none.resolve('denmark.lit')).addresses).toEqual(['10.1.0.1']); // of /etc/hosts
  });

  test('because nobody answers, it is over in time', async () => {
    const found = await dns({ [xmpp]: 'silence', [xmpps]: 'silence' }, { timeout: 20 });
    expect(await found.resolve('wonderland.lit')).toEqual({
      records: [],
      addresses: [],
      problem: 'no DNS server answers in time: is the network up?',
      isDefinite: false,
    });
  });

  test('because the system hangs, it is over in time', async () => {
    const found = await dns({}, { timeout: 20, lookup: () => new Promise(() => {}) });
    expect((await found.resolve('wonderland.lit')).problem).toBe('no DNS server answers in time: is the network up?');
  });
});

test.each(['10.1.0.2', '[::ffff:10.1.0.2]'])('%s is an address, and nobody is asked', async (domain) => {
  const server = await DnsServer.start({});
  const resolution = await new Dns({ servers: [server.address], lookup }).resolve(domain);
  expect(resolution).toEqual({ records: [], addresses: ['10.1.0.2'], isDefinite: false });
  expect(server.asked).toEqual([]);
});

test("what DNS can't have is certainly not there", async () => {
  const found = await dns({});
  expect(await found.resolve('no_dots..here')).toMatchObject({
    isDefinite: true,
    problem: 'no name that DNS can have',
  });
});

test('the system itself knows localhost', async () => {
  const server = await DnsServer.start({});
  const { addresses } = await new Dns({ servers: [server.address] }).resolve('localhost');
  expect(['127.0.0.1', '0:0:0:0:0:0:0:1']).toContain(addresses[0]);
});

test('some are resolved at a time, some wait, and more are refused', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const slow = (): Promise<readonly string[]> => {
    const answer = new Promise<readonly string[]>((resolve) => waiting.push(() => resolve(['10.1.0.1'])));
    most = Math.max(most, waiting.length);
    return answer;
  };
  const found = await dns({}, { lookup: slow });
  const all = Array.from({ length: MAX_RESOLUTIONS + MAX_WAITING }, () => found.resolve('denmark.lit'));
  expect(await found.resolve('denmark.lit')).toMatchObject({ problem: 'too many domains are being resolved' });
  let done = 0;
  for (const resolution of all) void resolution.then(() => done++);
  while (done < all.length) {
    for (const answer of waiting.splice(0)) answer();
    await new Promise(setImmediate);
  }
  expect(most).toBeLessThanOrEqual(MAX_RESOLUTIONS);
  expect((await Promise.all(all)).every(({ addresses }) => addresses.length === 1)).toBe(true);
});
