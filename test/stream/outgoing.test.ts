import { describe, expect, it } from 'vitest';
import {
  CONNECT_TIMEOUT,
  IDLE_TIME,
  MAX_BOUNCED,
  MAX_QUEUED,
  MAX_QUEUED_CHARACTERS,
  MAX_VERIFICATIONS,
  QUEUE_TIME,
  RESOLVE_TIMEOUT,
  VERIFY_TIMEOUT,
} from '../../src/stream/route.ts';
import { MAX_CLAIMED_ROUTES, MAX_ROUTES } from '../../src/stream/s2s.ts';
import { MAX_CLAIMS, NEGOTIATION_TIMEOUT } from '../../src/stream/s2s-stream.ts';
import { certificateOf, Network, type Played, type Server, type ServerOptions } from './s2s-network.ts';

/* Ours as the initiating server, against servers that a test plays byte for byte. */

const OURS = 'rooms.denmark.lit';
const PEER = 'wonderland.lit';
const HELLO = `<message from="elsinore@${OURS}/Hamlet" to="alice@${PEER}" type="groupchat"><body>hello</body></message>`;

const HEADER =
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' ` +
  `xmlns:db='jabber:server:dialback' from='${PEER}' to='${OURS}' id='s1' version='1.0'>`;
const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const EXTERNAL = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>`;
const BIDI = `<bidi xmlns='urn:xmpp:features:bidi'/>`;
const SM = `<sm xmlns='urn:xmpp:sm:3'/>`;
const PROCEED = `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const SUCCESS = `<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`;

function features(...offered: readonly string[]): string {
  return `<stream:features>${offered.join('')}</stream:features>`;
}

interface Scene {
  readonly network: Network;
  readonly server: Server;
  /** The connections that ours has opened to the peer, in their order. */
  readonly peers: Played[];
  /** The last of them. */
  readonly peer: () => Played;
}

function scene(options: ServerOptions = {}): Scene {
  const network = new Network();
  const peers: Played[] = [];
  network.play(PEER, 1, (peer) => peers.push(peer));
  const server = network.server(OURS, options);
  return {
    network,
    server,
    peers,
    peer: () => {
      const last = peers.at(-1);
      if (last === undefined) throw new Error('nobody has connected');
      return last;
    },
  };
}

/** Something is to be sent, and the peer has TLS done with that certificate. */
function secured(certificate = certificateOf([PEER]), options: ServerOptions = {}): Scene {
  const played = scene(options);
  played.server.send(PEER, HELLO);
  played.network.settle();
  played.peer().take();
  played.peer().say(HEADER + features(STARTTLS));
  played.peer().say(PROCEED);
  played.peer().secure(certificate);
  return played;
}

/** The same, authenticated by certificates; what ours says to these features is given. */
function authenticated(
  offered: readonly string[] = [],
  options: ServerOptions = {},
): Scene & { readonly said: string } {
  const played = secured(certificateOf([PEER]), options);
  played.peer().say(HEADER + features(EXTERNAL, ...offered.filter((one) => one === BIDI)));
  played.peer().say(SUCCESS);
  return { ...played, said: played.peer().say(HEADER + features(...offered.filter((one) => one !== BIDI))) };
}

/** The conditions of what came back to the room, oldest first. */
function bounces(server: Server): (string | undefined)[] {
  return server.stanzas.map(
    (stanza) => /type="error".*?<([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/.exec(stanza)?.[1],
  );
}

describe('RFC 6120 §4.3 what an initiating server takes of what it is offered', () => {
  it('is TLS, then a certificate, then the stanzas', () => {
    const { server, network, peer } = scene();
    server.send(PEER, HELLO);
    network.settle();
    expect(peer().take()).toMatch(
      /^<\?xml version='1.0'\?><stream:stream [^>]*from='rooms.denmark.lit' to='wonderland.lit'/,
    );
    expect(peer().say(HEADER)).toBe('');
    expect(peer().say(features(STARTTLS, BIDI))).toBe(STARTTLS);
    peer().say(PROCEED);
    peer().secure(certificateOf([PEER]));
    expect(peer().take()).toContain('<stream:stream ');
    expect(peer().say(HEADER + features(EXTERNAL))).toBe(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>${Buffer.from(OURS).toString('base64')}</auth>`,
    );
    expect(peer().say(SUCCESS)).toContain('<stream:stream ');
    expect(peer().say(HEADER + features())).toBe(HELLO);
  });

  it('both directions come before who we are, and acknowledgements after (XEP-0288, XEP-0198)', () => {
    const { peer } = secured();
    expect(peer().say(HEADER + features(EXTERNAL, BIDI))).toMatch(/<bidi xmlns='urn:xmpp:bidi'>.*<\/bidi><auth /);
    peer().say(SUCCESS);
    expect(peer().say(HEADER + features(SM))).toMatch(/^<enable xmlns='urn:xmpp:sm:3' resume='true' max='600'\/>$/);
    expect(peer().say(`<enabled xmlns='urn:xmpp:sm:3'/>`)).toContain('hello');
  });

  it.each([
    ['offers no TLS', features(EXTERNAL), {}, /offers no TLS/],
    [
      'wants TLS, which is off',
      features(STARTTLS.replace('/>', '><required/></starttls>')),
      { tls: 'off', auth: ['dialback'] },
      /wants TLS/,
    ],
  ] as const)('the stream is given up where the peer %s', (_, offered, options, reason) => {
    const { server, network, peer } = scene(options);
    server.send(PEER, HELLO);
    network.settle();
    peer().take();
    expect(peer().say(HEADER + offered)).toBe('</stream:stream>');
    expect(server.core.report(PEER)?.error ?? server.log.join()).toMatch(reason);
    expect(bounces(server)).toEqual(['remote-server-not-found']);
  });

  it.each([
    ['a failure in place of <proceed/>', `<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`],
    ['something behind <proceed/>', PROCEED + features()],
  ])('%s ends the stream', (_, answer) => {
    const { server, network, peer } = scene();
    server.send(PEER, HELLO);
    network.settle();
    peer().say(HEADER + features(STARTTLS));
    peer().say(answer);
    expect(peer().isClosed).toBe(true);
    expect(peer().isSecure).toBe(false);
  });

  it.each([
    ['another domain', HEADER.replace(PEER, 'x.lit'), 'invalid-from'],
    ['no id', HEADER.replace("id='s1'", ''), 'bad-format'],
  ])('a header with %s ends the stream', (_, header, condition) => {
    const { server, network, peer } = scene();
    server.send(PEER, HELLO);
    network.settle();
    expect(peer().say(header)).toContain(`<${condition} `);
    expect(peer().isClosed).toBe(true);
  });

  it('a stanza on a stream for one direction ends it', () => {
    const { peer } = authenticated();
    expect(peer().say(`<presence from='alice@${PEER}' to='elsinore@${OURS}'/>`)).toContain('<not-authorized ');
  });
});

describe('RFC 6120 §13.7.2 a certificate that proves nothing', () => {
  it.each([
    ['another name', certificateOf(['x.lit']), /the certificate is for x\.lit, and must be for wonderland\.lit/],
    ['a date that has passed', certificateOf([PEER], 'the certificate has expired'), /has expired/],
  ])('ends the stream where nothing else would do: %s', (_, certificate, reason) => {
    const { peer, server } = secured(certificate, { auth: ['external'] });
    expect(peer().isClosed).toBe(true);
    expect(server.log.join('\n')).toMatch(reason);
    expect(bounces(server)).toEqual(['remote-server-not-found']);
  });

  it('leaves it to dialback where that may be', () => {
    const { peer, server } = secured(certificateOf(['x.lit']));
    expect(peer().say(HEADER + features(EXTERNAL))).toMatch(/<db:result from='rooms.denmark.lit' to='wonderland.lit'>/);
    expect(server.log.join('\n')).toMatch(/certificate is no proof.*x\.lit/);
  });

  it('ends the stream where another is pinned', () => {
    const { peer } = secured(certificateOf([PEER]), {
      peers: [{ domain: PEER, pin: 'a'.repeat(64), compression: false }],
    });
    expect(peer().isClosed).toBe(true);
  });

  it('our own may be refused: dialback follows', () => {
    const { peer } = secured();
    peer().say(HEADER + features(EXTERNAL));
    const failure = `<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>`;
    expect(peer().say(failure)).toContain('<db:result ');
  });
});

describe('XEP-0220 dialback', () => {
  const DIALBACK = { certificate: certificateOf([OURS], 'self-signed') };

  /** Ours has shown its key. */
  function shown(): Scene & { readonly key: string } {
    const played = secured(certificateOf([PEER], 'self-signed'), DIALBACK);
    const said = played.peer().say(HEADER + features());
    return { ...played, key: />([\da-f]+)<\/db:result>/.exec(said)?.[1] ?? '' };
  }

  it('§2.1.1: stanzas follow the answer that the key is valid', () => {
    const { peer } = shown();
    expect(peer().say(`<db:result from='${PEER}' to='${OURS}' type='valid'/>`)).toBe(HELLO);
  });

  it.each([
    ['invalid', `<db:result from='${PEER}' to='${OURS}' type='invalid'/>`],
    [
      'an error',
      `<db:result from='${PEER}' to='${OURS}' type='error'><error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>`,
    ],
  ])('§2.1.1: that it is %s bounces what waits', (_, answer) => {
    const { peer, server } = shown();
    peer().say(answer);
    expect(bounces(server)).toEqual(['remote-server-not-found']);
    expect(peer().isClosed).toBe(true);
  });

  it('§2.1.1: an answer for other domains is none', () => {
    const { peer } = shown();
    expect(peer().say(`<db:result from='x.lit' to='${OURS}' type='valid'/>`)).toBe('');
    expect(peer().say(`<db:result from='${PEER}' to='x.lit' type='valid'/>`)).toBe('');
  });

  it('§2.3: as the authoritative server we know our own keys, for that stream and domain alone', () => {
    const { network, server, key } = shown();
    const asking = network.connect(server);
    const header = HEADER.replace("id='s1'", '');
    asking.say(header);
    asking.say(STARTTLS);
    asking.secure();
    asking.say(header);
    const ask = (attributes: string, shownKey: string): string =>
      asking.say(`<db:verify from='${PEER}' ${attributes}>${shownKey}</db:verify>`);
    expect(ask(`to='${OURS}' id='s1'`, key)).toBe(`<db:verify from='${OURS}' to='${PEER}' id='s1' type='valid'/>`);
    expect(ask(`to='${OURS}' id='s2'`, key)).toContain(`type='invalid'`);
    expect(ask(`to='${OURS}' id='s1'`, `${key}0`)).toContain(`type='invalid'`);
    expect(ask(`to='x.lit' id='s1'`, key)).toMatch(/type='error'.*<item-not-found /);
  });

  /** A server claims to be the peer; whether it is, only the peer's own knows. */
  function claimed(): Scene & { readonly claimant: Played; readonly id: string } {
    const played = scene(DIALBACK);
    const claimant = played.network.connect(played.server);
    const header = HEADER.replace("id='s1'", '');
    claimant.say(header);
    claimant.say(STARTTLS);
    claimant.secure(certificateOf([PEER], 'self-signed'));
    const id = /id='([^']+)'/.exec(claimant.say(header))?.[1] ?? '';
    claimant.say(`<db:result from='${PEER}' to='${OURS}'>the key</db:result>`);
    return { ...played, claimant, id };
  }

  /** The peer's own server has TLS done, and is asked. */
  function asked(): ReturnType<typeof claimed> & { readonly question: string } {
    const played = claimed();
    const { peer } = played;
    peer().say(HEADER + features(STARTTLS));
    peer().say(PROCEED);
    peer().secure(certificateOf([PEER], 'self-signed'));
    return { ...played, question: peer().say(HEADER + features()) };
  }

  it('§2.2: a claim is verified by the domain itself, before anything else is heard', () => {
    const { claimant, peer, id, question, server } = asked();
    expect(question).toContain(`<db:verify from='${OURS}' to='${PEER}' id='${id}'>the key</db:verify>`);
    peer().say(`<db:verify from='${PEER}' to='${OURS}' id='${id}' type='valid'/>`);
    expect(claimant.take()).toBe(`<db:result from='${OURS}' to='${PEER}' type='valid'/>`);
    claimant.say(`<presence from='alice@${PEER}' to='elsinore@${OURS}'/>`);
    expect(server.stanzas).toHaveLength(1);
  });

  it('§2.2.1: a wrong key ends the stream', () => {
    const { claimant, peer, id } = asked();
    peer().say(`<db:verify from='${PEER}' to='${OURS}' id='${id}' type='invalid'/>`);
    expect(claimant.take()).toBe(`<db:result from='${OURS}' to='${PEER}' type='invalid'/></stream:stream>`);
  });

  it.each([
    ['of another domain', `<db:verify from='x.lit' to='${OURS}' id='ID' type='valid'/>`],
    ['for another stream', `<db:verify from='${PEER}' to='${OURS}' id='other' type='valid'/>`],
  ])('§2.2: an answer %s is none', (_, answer) => {
    const { claimant, peer, id, server } = asked();
    peer().say(answer.replace('ID', id));
    expect(claimant.take()).toBe('');
    expect(server.core.report(PEER)?.proof).toBeUndefined();
  });

  it('§2.2: nobody may answer the question that was put to another', () => {
    const { network, server, claimant, id } = asked();
    const stranger = network.connect(server);
    stranger.say(HEADER.replace("id='s1'", ''));
    stranger.say(STARTTLS);
    stranger.secure();
    stranger.say(HEADER.replace("id='s1'", ''));
    stranger.say(`<db:verify from='${PEER}' to='${OURS}' id='${id}' type='valid'/>`);
    claimant.say(`<db:verify from='${PEER}' to='${OURS}' id='${id}' type='valid'/>`);
    expect(claimant.take()).not.toContain(`type='valid'`);
  });

  it('§2.4.2: where the domain can not be asked the claim fails, and the stream stays', () => {
    const { network, claimant } = claimed();
    network.settle(VERIFY_TIMEOUT);
    expect(claimant.take()).toMatch(/type='error'><error type='wait'><remote-server-timeout /);
  });

  it('§2.5: claims are counted', () => {
    const { network, server } = claimed();
    const answers = Array.from({ length: MAX_VERIFICATIONS }, (_, index) => {
      const claimant = network.connect(server, `10.0.1.${index}`);
      const header = HEADER.replace("id='s1'", '');
      claimant.write(header + STARTTLS);
      network.settle(100);
      claimant.ready(certificateOf([PEER], 'self-signed'));
      network.settle(100);
      claimant.write(`${header}<db:result from='${PEER}' to='${OURS}'>the key</db:result>`);
      network.settle(100);
      return claimant;
    }).map((claimant) => claimant.read());
    expect(answers.filter((answer) => answer.includes('<resource-constraint '))).toHaveLength(1);
  });
});

describe('who claims domains that are not theirs', () => {
  it('is held to a few at a time, on one stream and in all', () => {
    const { network, server } = scene({ hosts: {} });
    network.isDnsMute = true;
    const claims = (stream: number): string => {
      const claimant = network.connect(server, `10.0.2.${stream}`);
      const header = HEADER.replace("id='s1'", '');
      claimant.write(header + STARTTLS);
      network.settle(100);
      claimant.ready(certificateOf([], 'self-signed'));
      network.settle(100);
      const domains = Array.from({ length: MAX_CLAIMS + 1 }, (_, n) => `d${n}.s${stream}.lit`);
      claimant.write(header + domains.map((from) => `<db:result from='${from}' to='${OURS}'>k</db:result>`).join(''));
      network.settle(100);
      return claimant.read();
    };
    const refused = (answer: string): number => answer.match(/<resource-constraint /g)?.length ?? 0;
    const streams = MAX_CLAIMED_ROUTES / MAX_CLAIMS;
    for (let stream = 0; stream < streams; stream += 1) expect(refused(claims(stream))).toBe(1);
    expect(refused(claims(streams))).toBe(MAX_CLAIMS + 1);
    server.send('nowhere.lit', HELLO.replace(PEER, 'nowhere.lit'));
    expect(bounces(server)).toEqual([]);
  });

  it('is told of once a minute', () => {
    const { network, server } = scene();
    for (let n = 0; n < 10; n += 1) network.connect(server).say('nonsense');
    expect(server.log.filter((line) => line.startsWith('stream refused'))).toHaveLength(1);
    network.settle(60_000);
    network.connect(server).say('nonsense');
    expect(server.log.at(-1)).toContain('"suppressed":9');
  });
});

describe('where a domain is', () => {
  const answer = { records: [], addresses: ['10.0.0.8', '10.0.0.9'], isDefinite: false };

  it('the file says, else DNS; an address that is dead costs one bounded try', () => {
    const { network, server, peers } = scene({ hosts: {} });
    network.dns.set(PEER, {
      ...answer,
      records: [
        { service: 'xmpp-server', priority: 1, weight: 0, port: 9, target: 'dead.lit', addresses: ['10.0.0.8'] },
        { service: 'xmpp-server', priority: 2, weight: 0, port: 1, target: 'live.lit', addresses: ['10.0.0.9'] },
      ],
    });
    server.send(PEER, HELLO);
    network.settle(CONNECT_TIMEOUT + 1000);
    expect(peers).toHaveLength(1);
  });

  it('direct TLS is tried where a record says so (XEP-0368)', () => {
    const { network, server, peer } = scene({ hosts: {} });
    network.dns.set(PEER, {
      ...answer,
      records: [
        { service: 'xmpps-server', priority: 1, weight: 0, port: 1, target: 'live.lit', addresses: ['10.0.0.9'] },
      ],
    });
    server.send(PEER, HELLO);
    network.settle();
    expect(peer().take()).toBe('');
    peer().secure(certificateOf([PEER]));
    expect(peer().take()).toContain('<stream:stream ');
    expect(peer().say(HEADER + features(EXTERNAL))).toContain('<auth ');
  });

  it('a domain that there is none of bounces at once', () => {
    const { network, server } = scene();
    server.send('nowhere.lit', HELLO.replace(PEER, 'nowhere.lit'));
    network.settle();
    expect(bounces(server)).toEqual(['remote-server-not-found']);
    expect(server.stanzas[0]).toMatch(
      /^nowhere\.lit: <message from="alice@nowhere\.lit" to="elsinore@rooms\.denmark\.lit\/Hamlet"/,
    );
  });

  it('who does not answer is waited for as long as stanzas may wait, then they bounce as worth another try', () => {
    const { network, server } = scene({ hosts: { 'dead.lit': { host: '10.0.0.99', port: 1 } } });
    server.send('dead.lit', HELLO.replace(PEER, 'dead.lit'));
    network.settle(QUEUE_TIME - 1000);
    expect(bounces(server)).toEqual([]);
    network.settle(2000);
    expect(bounces(server)).toEqual(['remote-server-timeout']);
    expect(server.stanzas[0]).toContain('type="wait"');
    network.settle(600_000);
    expect(server.core.reports()).toEqual([]);
  });

  it('what waited for it is sent back a part at a time', () => {
    const { network, server } = scene({ hosts: { 'dead.lit': { host: '10.0.0.99', port: 1 } } });
    server.send('dead.lit', ...Array.from({ length: 2 * MAX_BOUNCED + 1 }, () => HELLO.replace(PEER, 'dead.lit')));
    network.settle(QUEUE_TIME - 1000);
    const late = network.now + 2000;
    const parts = Array.from({ length: 4 }, () => {
      const effects = server.core.handleTimeout(late);
      const isMoreToCome = (server.core.nextTimeout() ?? Number.POSITIVE_INFINITY) <= late;
      return [effects.filter(({ kind }) => kind === 'stanza').length, isMoreToCome];
    });
    expect(parts).toEqual([
      [MAX_BOUNCED, true],
      [MAX_BOUNCED, true],
      [1, false],
      [0, false],
    ]);
  });

  it('DNS that never answers ends in time too', () => {
    const { network, server } = scene({ hosts: {} });
    network.isDnsMute = true;
    server.send(PEER, HELLO);
    network.settle(RESOLVE_TIMEOUT + 1000);
    expect(server.core.report(PEER)?.error).toContain('nobody knew an address');
  });

  it('a peer that stops halfway is given up after 30 s', () => {
    const { network, server, peers } = scene();
    server.send(PEER, HELLO);
    network.settle();
    peers[0]?.say(HEADER);
    network.settle(NEGOTIATION_TIMEOUT);
    expect(peers[0]?.take()).toContain('<connection-timeout ');
  });
});

describe('what waits', () => {
  it('is bounded for a domain; what is more bounces', () => {
    const { network, server } = scene();
    server.send(PEER, ...Array.from({ length: MAX_QUEUED + 2 }, () => HELLO));
    network.settle(1);
    expect(bounces(server)).toEqual(['resource-constraint', 'resource-constraint']);
  });

  it('is bounded by its characters', () => {
    const { server } = scene();
    const large = HELLO.replace('hello', 'x'.repeat(100_000));
    server.send(PEER, ...Array.from({ length: Math.ceil(MAX_QUEUED_CHARACTERS / 100_000) }, () => large));
    expect(bounces(server)).toEqual(['resource-constraint']);
  });

  it('is bounded by the number of domains', () => {
    const { network, server } = scene();
    for (let n = 0; n <= MAX_ROUTES; n += 1) server.send(`d${n}.lit`, HELLO.replace(PEER, `d${n}.lit`));
    expect(bounces(server)).toEqual(['resource-constraint']);
    network.settle(1);
  });

  it('a bounce is never bounced', () => {
    const { network, server } = scene();
    server.send('nowhere.lit', `<message from="elsinore@${OURS}" to="alice@nowhere.lit" type="error"/>`);
    network.settle();
    expect(server.stanzas).toEqual([]);
  });

  it('what the peer says that it does not take bounces too (XEP-0478)', () => {
    const limits = `<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes></limits>`;
    const { server, peer } = authenticated([limits]);
    server.send(PEER, HELLO.replace('hello', 'x'.repeat(10_000)), HELLO);
    expect(bounces(server)).toEqual(['policy-violation']);
    expect(peer().take()).toBe(HELLO);
  });

  it('a stream that nobody uses is ended in order, and another one is opened when it is needed', () => {
    const { network, server, peer, peers } = authenticated();
    network.settle(IDLE_TIME + 1000);
    expect(peer().take()).toBe('</stream:stream>');
    peer().say('</stream:stream>');
    expect(server.core.reports()).toEqual([]);
    server.send(PEER, HELLO);
    network.settle();
    expect(peers).toHaveLength(2);
  });
});

describe('the peer of a link', () => {
  const peers = [{ domain: PEER, pin: '', compression: false }];

  it('has a stream as long as there is a way, and hears nothing of it otherwise', () => {
    const { network, server, peer, peers: connections } = scene({ peers });
    expect(connections).toHaveLength(0);
    network.settle();
    expect(connections).toHaveLength(1);
    peer().say(HEADER + features(STARTTLS));
    peer().say(PROCEED);
    peer().secure(certificateOf([PEER]));
    peer().say(HEADER + features(EXTERNAL));
    peer().say(SUCCESS);
    expect(peer().say(HEADER + features())).toBe('');
    expect(server.events).toEqual([`s2s-up ${PEER}`]);
    network.settle(10 * IDLE_TIME);
    expect(peer().take()).toBe('');
    peer().cut();
    expect(server.events).toEqual([`s2s-up ${PEER}`, `s2s-down ${PEER}`]);
    network.settle(5000);
    expect(connections.length).toBeGreaterThan(1);
  });
});
