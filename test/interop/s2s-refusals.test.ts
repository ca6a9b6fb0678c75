import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { attribute } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { isStreamError, type StreamErrorCondition } from '../../src/xml/stream-errors.ts';
import { Authority, type Issued } from '../support/authority.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { s2s, standalone } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { requires } from '../support/requires.ts';
import { auth, isNamed, type PeerTls, S2sPeer, streamHeader } from '../support/s2s-peer.ts';
import { S2sServer } from '../support/s2s-server.ts';

/** Longer than the deadline of a negotiation, so that a peer that is kept beyond it is seen. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const domain = 'rooms.wonderland.test';
const address = '127.0.4.1';
/** Everyone but the good peer comes from here. */
const localAddress = '127.0.4.9';
const ends = { from: 'oz.test', to: domain };
/** Of everything that a peer may be told: nothing of where the gateway runs, of what it is made, or of what it keeps to itself. */
const INDISCREET = /\/tmp|\/work|\/home|\/usr|\/etc|node:|\.[cm]?[jt]s\b|\bat \w+ \(|PRIVATE/;

/** How far a peer gets before it does what it must not. */
type Stage = 'dialled' | 'open' | 'secured' | 'authenticated';

/** What is sent, whole, and how the stream ends for it. */
interface Refusal {
  readonly name: string;
  readonly stage: Stage;
  readonly sends: string | Uint8Array;
  readonly condition: StreamErrorCondition;
}

const header = streamHeader(ends);
const stanza = (attributes: string): string => `<message ${attributes}><body>Words</body></message>`;
const proper = `from='${ends.from}' to='${domain}'`;

const refusals: readonly Refusal[] = [
  { name: 'something else than XML', stage: 'dialled', sends: 'GET / HTTP/1.1\r\n\r\n', condition: 'not-well-formed' },
  {
    name: 'another encoding (§11.6)',
    stage: 'dialled',
    sends: header.replace("version='1.0'", "version='1.0' encoding='iso-8859-1'"),
    condition: 'unsupported-encoding',
  },
  {
    name: 'a document type before the stream (§11.1)',
    stage: 'dialled',
    sends: `<!DOCTYPE stream [<!ENTITY lol 'lol'>]>${header}`,
    condition: 'restricted-xml',
  },
  {
    name: 'another namespace than that of streams (§4.8.1)',
    stage: 'dialled',
    sends: header.replaceAll(NS.streams, 'urn:oz'),
    condition: 'invalid-namespace',
  },
  {
    name: "a client's stream (§4.8.2)",
    stage: 'dialled',
    sends: header.replace(`xmlns='${NS.server}'`, "xmlns='jabber:client'"),
    condition: 'invalid-namespace',
  },
  {
    name: 'a stream to a domain that is not here (§4.9.3.6)',
    stage: 'dialled',
    sends: streamHeader({ ...ends, to: 'emerald.test' }),
    condition: 'host-unknown',
  },
  {
    name: 'a stream to nobody (§4.7.2)',
    stage: 'dialled',
    sends: streamHeader({ from: ends.from }),
    condition: 'improper-addressing',
  },
  {
    name: "a stream from the gateway's own domain (§4.9.3.9)",
    stage: 'dialled',
    sends: streamHeader({ from: domain, to: domain }),
    condition: 'invalid-from',
  },
  {
    name: 'a stream of no version, which can have no TLS (§4.9.3.25)',
    stage: 'dialled',
    sends: header.replace(" version='1.0' xmlns:db", ' xmlns:db'),
    condition: 'unsupported-version',
  },
  {
    name: 'a header without an end (§4.9.3.14)',
    stage: 'dialled',
    sends: `${header.slice(0, -1)} a='${'a'.repeat(300_000)}`,
    condition: 'policy-violation',
  },
  { name: 'a stanza in the clear', stage: 'open', sends: stanza(proper), condition: 'not-authorized' },
  {
    name: 'a stanza before it is known who sends it (§4.9.3.12)',
    stage: 'secured',
    sends: stanza(proper),
    condition: 'not-authorized',
  },
  {
    name: 'an endless stanza before that',
    stage: 'secured',
    sends: `<message ${proper}><body>${'a'.repeat(300_000)}`,
    condition: 'policy-violation',
  },
  {
    name: 'a forged sender (§4.9.3.9)',
    stage: 'authenticated',
    sends: stanza(`from='hamlet@denmark.test' to='${domain}'`),
    condition: 'invalid-from',
  },
  {
    name: 'a sender beneath the domain that was proved',
    stage: 'authenticated',
    sends: stanza(`from='dorothy@farm.${ends.from}' to='${domain}'`),
    condition: 'invalid-from',
  },
  {
    name: 'a stanza from nobody (§4.9.3.7)',
    stage: 'authenticated',
    sends: stanza(`to='${domain}'`),
    condition: 'improper-addressing',
  },
  {
    name: 'a stanza to nobody (§4.9.3.7)',
    stage: 'authenticated',
    sends: stanza(`from='${ends.from}'`),
    condition: 'improper-addressing',
  },
  {
    name: 'a stanza from what is no JID',
    stage: 'authenticated',
    sends: stanza(`from='@${ends.from}' to='${domain}'`),
    condition: 'improper-addressing',
  },
  {
    name: 'a stanza to a domain that is not here (§4.9.3.6)',
    stage: 'authenticated',
    sends: stanza(`from='${ends.from}' to='hamlet@denmark.test'`),
    condition: 'host-unknown',
  },
  {
    name: 'what is no stanza (§4.9.3.24)',
    stage: 'authenticated',
    sends: `<letter ${proper}/>`,
    condition: 'unsupported-stanza-type',
  },
  { name: 'a stream inside the stream', stage: 'authenticated', sends: header.slice(21), condition: 'bad-format' },
  {
    name: 'a stream inside a stanza',
    stage: 'authenticated',
    sends: `<message ${proper}>${header.slice(21)}`,
    condition: 'bad-format',
  },
  { name: 'text between stanzas', stage: 'authenticated', sends: 'Words, words, words', condition: 'bad-format' },
  {
    name: 'bytes that are no UTF-8 (§11.6)',
    stage: 'authenticated',
    sends: Buffer.concat([
      Buffer.from(`<message ${proper}><body>`),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from('</body></message>'),
    ]),
    condition: 'unsupported-encoding',
  },
  { name: 'NUL', stage: 'authenticated', sends: `<message ${proper}><body>\0</body>`, condition: 'not-well-formed' },
  {
    name: 'tags that cross (§11.3)',
    stage: 'authenticated',
    sends: `<message ${proper}><body></message></body>`,
    condition: 'not-well-formed',
  },
  { name: 'a comment (§11.1)', stage: 'authenticated', sends: '<!-- Words -->', condition: 'restricted-xml' },
  {
    name: 'a processing instruction (§11.1)',
    stage: 'authenticated',
    sends: `<message ${proper}><?words words?></message>`,
    condition: 'restricted-xml',
  },
  {
    name: 'an entity (§11.1)',
    stage: 'authenticated',
    sends: `<message ${proper}><body>&words;</body></message>`,
    condition: 'restricted-xml',
  },
  {
    name: 'a stanza beyond the bound (§13.12)',
    stage: 'authenticated',
    sends: stanza(proper).replace('Words', 'a'.repeat(300_000)),
    condition: 'policy-violation',
  },
  {
    name: 'a stanza as deep as it gets (§13.12)',
    stage: 'authenticated',
    sends: `<message ${proper}>${'<a>'.repeat(1000)}`,
    condition: 'policy-violation',
  },
];

requires('openssl')('at a gateway that other servers reach by streams of their own (RFC 6120)', () => {
  let authority: Authority;
  let identity: Issued;
  let gateway: Gateway;
  /** The same, but that believes certificates alone. */
  let strict: Gateway;
  let port: number;
  let strictPort: number;
  let good: S2sServer;
  let goodIdentity: Issued;
  let oz: S2sServer;
  let pings = 0;
  const peers: S2sPeer[] = [];
  /** Each began, and stopped halfway. */
  let halted: readonly S2sPeer[];

  const dial = async (to = port): Promise<S2sPeer> => {
    const peer = await S2sPeer.dial({ address, port: to, localAddress });
    peers.push(peer);
    return peer;
  };

  /** A peer that has come so far. */
  const reach = async (stage: Stage): Promise<S2sPeer> => {
    const peer = await dial();
    if (stage === 'open') await peer.open(ends);
    if (stage === 'secured' || stage === 'authenticated') await peer.startTls(ends, { identity });
    if (stage === 'secured') await peer.open(ends);
    if (stage === 'authenticated') await peer.external(ends);
    return peer;
  };

  /** A peer in TLS that has shown no certificate, so that only a key can prove who it is. */
  const unproved = async (): Promise<S2sPeer> => {
    const peer = await dial();
    await peer.startTls(ends, {});
    await peer.open(ends);
    return peer;
  };

  beforeAll(async () => {
    authority = Authority.make(temporaryFolder());
    identity = authority.issue({ names: [ends.from, 'imposter.test'] });
    goodIdentity = authority.issue({ names: ['good.test'] });
    good = await S2sServer.start({
      domain: 'good.test',
      address: '127.0.4.2',
      identity: goodIdentity,
      auth: 'external',
    });
    oz = await S2sServer.start({ domain: ends.from, address: '127.0.4.3', identity, auth: 'dialback' });
    const imposter = await S2sServer.start({
      domain: 'imposter.test',
      address: '127.0.4.4',
      identity: goodIdentity,
      auth: 'external',
    });
    port = await freePort(address);
    strictPort = await freePort(address);
    const servers = [good, oz, imposter];
    const settings = {
      identity: authority.issue({ names: [domain] }),
      authority: authority.certificate,
      hosts: Object.fromEntries(servers.map((server) => [server.domain, `${server.address}:${server.port}`])),
    };
    [gateway, strict] = await Promise.all([
      Gateway.start(`${standalone(domain)}${s2s({ ...settings, listen: `${address}:${port}` })}`),
      Gateway.start(
        `${standalone(domain)}${s2s({ ...settings, listen: `${address}:${strictPort}`, auth: ['external'] })}`,
      ),
    ]);
    halted = await Promise.all([
      dial(),
      reach('open'),
      reach('secured'),
      ...[`<?xml version='1.0'`, `${header}<starttls xmlns='${NS.tls}'/>`].map(async (text) => {
        const peer = await dial();
        peer.send(text);
        return peer;
      }),
    ]);
  });
  afterEach(() => Promise.all([port, strictPort].map(expectGood)));
  afterAll(endAll);

  it.each(refusals)('$name is answered with $condition', async ({ stage, sends, condition }) => {
    const peer = await reach(stage);
    peer.send(sends);
    expect((await peer.refusal()).condition).toBe(condition);
  });

  it('bytes behind the end of the stream are nobody’s (§4.4)', async () => {
    const peer = await reach('authenticated');
    const before = peer.received;
    peer.send(`</stream:stream>${ping('smuggled')}`);
    await peer.closed;
    expect(peer.received.slice(before.length)).toBe('</stream:stream>');
    expectUnheard('smuggled');
  });

  it.each([
    ['at once', (peer: S2sPeer) => peer.send(`<starttls xmlns='${NS.tls}'/>${header}${ping('injected')}`)],
    [
      'once it may proceed',
      async (peer: S2sPeer) => {
        peer.send(`<starttls xmlns='${NS.tls}'/>`);
        await peer.expect('to proceed', isNamed('proceed', NS.tls));
        peer.send(`${header}${ping('injected')}`);
      },
    ],
  ] as const)('what follows <starttls/> in the clear, %s, is not taken into TLS (§5.3.5)', async (_when, inject) => {
    const peer = await reach('open');
    await inject(peer);
    await peer.closed;
    expect(peer.collected().map(({ name }) => name)).not.toContain('success');
    expectUnheard('injected');
  });

  it('TLS inside TLS is refused (§5.4.2.2)', async () => {
    const peer = await reach('secured');
    peer.send(`<starttls xmlns='${NS.tls}'/>`);
    await peer.expect('a failure', isNamed('failure', NS.tls));
    await peer.closed;
    expect(peer.received).toMatch(/<\/stream:stream>$/);
  });

  it('TLS 1.1 is not to be had (RFC 8996)', async () => {
    const peer = await dial();
    await expect(peer.startTls(ends, { identity, maxVersion: 'TLSv1.1' })).rejects.toThrow(
      /ended|alert|protocol|version/i,
    );
    await peer.closed;
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is', async (maxVersion) => {
    const peer = await dial();
    await peer.startTls(ends, { identity, maxVersion });
    await peer.external(ends);
    expect(peer.tlsVersion).toBe(maxVersion);
  });

  it('a renegotiation is refused, and ends the stream', async () => {
    const peer = await dial();
    await peer.startTls(ends, { identity, maxVersion: 'TLSv1.2' });
    await peer.external(ends);
    await expect(peer.renegotiate()).rejects.toThrow(/ended|renegotiation/i);
    await peer.closed;
  });

  it('TLS from the first byte on is taken too (XEP-0368)', async () => {
    const peer = await dial();
    await peer.secure('client', { identity, protocols: ['xmpp-server'] });
    await peer.external(ends);
    expect(peer.received).not.toContain('starttls');
  });

  it('somebody who says who they are, and is somebody else, is not let in', async () => {
    const peer = await dial();
    await peer.startTls(ends, { identity });
    await peer.open(ends);
    peer.send(auth('good.test'));
    const failure = await peer.expect('a failure', isNamed('failure', NS.sasl));
    expect(failure.getChild('invalid-authzid')).toBeDefined();
  });

  it('a wrong dialback key is refused, and proves nothing (XEP-0220 §2.2)', async () => {
    const peer = await unproved();
    oz.knows = (verify) => verify.text() === 'the right key';
    expect(attribute(await peer.dialback(ends, 'a wrong key'), 'type')).toBe('invalid');
    peer.send(ping('unproved'));
    await peer.closed;
    expectUnheard('unproved');
  });

  it('the right one is not', async () => {
    const peer = await unproved();
    oz.knows = (verify) => verify.text() === 'the right key';
    expect(attribute(await peer.dialback(ends, 'the right key'), 'type')).toBe('valid');
    peer.send(ping('proved'));
    await oz.inbox.expect('an answer', ({ attrs }) => attrs['id'] === 'proved');
  });

  it('dialback for a domain that nobody can find fails, as an error or as an end (XEP-0220 §2.4)', async () => {
    const from = 'nowhere.invalid';
    const peer = await dial();
    await peer.startTls({ ...ends, from }, {});
    await peer.open({ ...ends, from });
    expect(attribute(await peer.dialback({ ...ends, from }, 'any key'), 'type')).toBe('error');
  });

  it.each<readonly [what: string, issue: () => Issued | undefined, words: readonly string[]]>([
    ['for another domain', () => authority.issue({ names: ['emerald.test'] }), [ends.from, 'emerald.test']],
    [
      'for another service (RFC 4985)',
      () => authority.issue({ srvNames: [`_imaps.${ends.from}`] }),
      [ends.from, `_imaps.${ends.from}`],
    ],
    ['without a name', () => authority.issue({}), [ends.from]],
    [
      'that has expired',
      () =>
        authority.issue({
          names: [ends.from],
          notAfter: '20210101000000Z',
        }),
      ['expired'],
    ],
    [
      'that is not valid yet',
      () => authority.issue({ names: [ends.from], notBefore: '20480101000000Z' }),
      ['not yet valid'],
    ],
    ['of an authority that nobody knows', () => Authority.make(temporaryFolder()).issue({ names: [ends.from] }), []],
    ['that is signed by itself', () => Authority.selfSigned(temporaryFolder(), ends.from), ['self-signed']],
    ['that was left at home', () => undefined, ['no certificate']],
  ])('a certificate %s is refused, in words that say why (RFC 6125)', async (_what, issue, words) => {
    const peer = await dial(strictPort);
    const shown = issue();
    await peer.startTls(ends, shown === undefined ? {} : { identity: shown });
    peer.restart();
    peer.send(streamHeader(ends));
    const { condition, text } = await peer.refusal();
    expect(condition).toBe('not-authorized');
    for (const word of words) expect(text).toContain(word);
  });

  it.each([
    ['its DNS name', { names: [ends.from] }],
    ['a wildcard for it', { names: ['*.kansas.test'] }, 'oz.kansas.test'],
    ['its SRV name (RFC 4985)', { srvNames: [`_xmpp-server.${ends.from}`] }],
    ['its XMPP address (§13.7.1.4)', { xmppAddresses: [ends.from] }],
  ])('a certificate with %s is taken', async (_what, names, from = ends.from) => {
    const peer = await dial(strictPort);
    await peer.startTls({ ...ends, from }, { identity: authority.issue(names) });
    await peer.external({ ...ends, from });
  });

  it('a server that shows the certificate of another is told nothing, and the operator whose it was', async () => {
    const from = 'imposter.test';
    const tls: PeerTls = { identity };
    const peer = await S2sPeer.authenticated({ address, port: strictPort, localAddress }, { from, to: domain }, tls);
    peer.send(ping('for the other', from));
    await strict.log.expect(
      'the name that was wanted, and the one that was found',
      (line) => line.includes('imposter.test') && line.includes('good.test'),
    );
  });

  it('many connections from one address are refused, and the others let in meanwhile', async () => {
    const crowd = await Promise.all(
      Array.from({ length: 60 }, () => S2sPeer.dial({ address, port, localAddress: '127.0.4.8' })),
    );
    peers.push(...crowd);
    await Promise.any(crowd.map((peer) => peer.closed));
    await expectGood(port);
    for (const peer of crowd) peer.destroy();
    const said = crowd.flatMap((peer) => peer.collected()).filter(isStreamError);
    for (const error of said) expect(String(error)).toMatch(/policy-violation|resource-constraint/);
  });

  it('whoever stops halfway is gone in the end (30 s)', async () => {
    await Promise.all(halted.map((peer) => peer.closed));
  });

  it('nobody was told anything about where the gateway runs', () => {
    for (const peer of peers) expect(peer.received).not.toMatch(INDISCREET);
    for (const { folder } of [gateway, strict])
      expect(peers.some((peer) => peer.received.includes(folder))).toBe(false);
  });

  it('and for the gateway itself nothing was an error', () => {
    for (const { log } of [gateway, strict])
      expect(log.all().filter((line) => line.includes('level=error'))).toEqual([]);
  });

  function ping(id: string, from: string = ends.from): string {
    return `<iq from='${from}' to='${domain}' type='get' id='${id}'><ping xmlns='${NS.ping}'/></iq>`;
  }

  /** What was answered goes to the server of the domain. */
  function expectUnheard(id: string): void {
    expect([...oz.inbox.all(), ...good.inbox.all()].filter(({ attrs }) => attrs['id'] === id)).toEqual([]);
  }

  /** Somebody who does everything right is let in, and answered. */
  async function expectGood(to: number): Promise<void> {
    const who = { from: good.domain, to: domain };
    const peer = await S2sPeer.authenticated({ address, port: to, localAddress: good.address }, who, {
      identity: goodIdentity,
    });
    const id = `good-${++pings}`;
    peer.send(ping(id, good.domain));
    await good.inbox.expect(`an answer to ${id}`, ({ attrs }) => attrs['id'] === id && attrs['type'] === 'result');
    peer.end();
    await peer.closed;
  }
});
