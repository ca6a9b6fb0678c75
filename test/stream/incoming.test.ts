import { describe, expect, it } from 'vitest';
import { MAX_FROM_ADDRESS, MAX_INCOMING } from '../../src/stream/s2s.ts';
import { NEGOTIATION_TIMEOUT } from '../../src/stream/s2s-stream.ts';
import { certificateOf, Network, type Played, type Server, type ServerOptions } from './s2s-network.ts';

/* Ours as the receiving server, against peers that a test plays byte for byte. */

const OURS = 'rooms.denmark.lit';
const PEER = 'wonderland.lit';
const HELLO = `<message from='alice@${PEER}/tea' to='elsinore@${OURS}' type='groupchat'><body>hello</body></message>`;

function header(attributes = `from='${PEER}' to='${OURS}' version='1.0'`): string {
  return (
    `<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' ` +
    `xmlns:db='jabber:server:dialback' ${attributes}>`
  );
}

const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const EXTERNAL = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`;

interface Scene {
  readonly network: Network;
  readonly server: Server;
  readonly peer: Played;
}

function connected(options: ServerOptions = {}): Scene {
  const network = new Network();
  const server = network.server(OURS, options);
  return { network, server, peer: network.connect(server) };
}

/** The same, in TLS, and with its features read. */
function secured(certificate = certificateOf([PEER]), options: ServerOptions = {}): Scene & { features: string } {
  const scene = connected(options);
  scene.peer.say(header());
  scene.peer.say(STARTTLS);
  scene.peer.secure(certificate);
  return { ...scene, features: scene.peer.say(header()) };
}

/** The same, authenticated by its certificate. */
function authenticated(options: ServerOptions = {}): Scene & { features: string } {
  const scene = secured(certificateOf([PEER]), options);
  scene.peer.say(EXTERNAL);
  return { ...scene, features: scene.peer.say(header()) };
}

/** The condition of the stream error in there, and whether the stream was ended behind it. */
function streamError(answer: string): string | undefined {
  return /<stream:error><([a-z-]+) .*<\/stream:error><\/stream:stream>$/.exec(answer)?.[1];
}

describe('RFC 6120 §4.7 the stream header', () => {
  it('is answered with ours, an id that nobody can foretell, and the features', () => {
    const ids = [1, 2].map(() => {
      const answer = connected().peer.say(header());
      expect(answer).toMatch(
        /^<\?xml version='1.0'\?><stream:stream [^>]*from='rooms.denmark.lit' to='wonderland.lit'/,
      );
      return /id='([^']+)'/.exec(answer)?.[1] ?? '';
    });
    expect(ids[0]).toHaveLength(24);
  });

  it.each([
    ['to nobody', `from='${PEER}' version='1.0'`, 'improper-addressing'],
    ['to a domain that is not ours', `from='${PEER}' to='elsewhere.lit' version='1.0'`, 'host-unknown'],
    ['to a room', `from='${PEER}' to='elsinore@${OURS}' version='1.0'`, 'host-unknown'],
    ['from no domain', `from='alice@${PEER}' to='${OURS}' version='1.0'`, 'improper-addressing'],
    ['from ourselves', `from='${OURS}' to='${OURS}' version='1.0'`, 'invalid-from'],
    ['of before version 1.0, which has no TLS', `from='${PEER}' to='${OURS}'`, 'unsupported-version'],
    ['of a version that is none', `from='${PEER}' to='${OURS}' version='one'`, 'unsupported-version'],
  ])('%s is refused behind our own', (_, attributes, condition) => {
    const { peer } = connected();
    const answer = peer.say(header(attributes));
    expect(answer).toMatch(/^<\?xml version='1.0'\?><stream:stream /);
    expect(streamError(answer)).toBe(condition);
    expect(peer.isClosed).toBe(true);
  });

  it.each([
    ['another content namespace', header().replace('jabber:server', 'jabber:client'), 'invalid-namespace'],
    ['no stream', '<presence/>', 'invalid-namespace'],
    ['no XML', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
    ['a document type', '<!DOCTYPE stream><stream/>', 'restricted-xml'],
    ['bytes that are no UTF-8', new Uint8Array([0x3c, 0xc3, 0x28]), 'unsupported-encoding'],
    ['NUL', new Uint8Array([0]), 'not-well-formed'],
  ])('with %s is refused behind our own', (_, data, condition) => {
    const { peer } = connected();
    const answer = peer.say(data);
    expect(answer).toMatch(/^<\?xml version='1.0'\?><stream:stream /);
    expect(streamError(answer)).toBe(condition);
  });
});

describe('RFC 6120 §5 STARTTLS', () => {
  it('is all that is offered where TLS is required', () => {
    const answer = connected().peer.say(header());
    expect(answer).toContain(
      `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><limits`,
    );
  });

  it('is followed by a stream of its own, with another id', () => {
    const { peer } = connected();
    const first = peer.say(header());
    expect(peer.say(STARTTLS)).toBe(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`);
    peer.secure(certificateOf([PEER]));
    expect(peer.isSecure).toBe(true);
    const second = peer.say(header());
    expect(second).toContain('<mechanism>EXTERNAL</mechanism>');
    expect(second).not.toContain('starttls');
    expect(/id='([^']+)'/.exec(second)?.[1]).not.toBe(/id='([^']+)'/.exec(first)?.[1]);
  });

  it.each([
    ['a stanza', HELLO, 'not-authorized'],
    ['SASL', EXTERNAL, 'policy-violation'],
    ['a dialback key', `<db:result from='${PEER}' to='${OURS}'>abc</db:result>`, 'policy-violation'],
    ['a question about a key', `<db:verify from='${PEER}' to='${OURS}' id='x'>abc</db:verify>`, 'policy-violation'],
    ['both directions', `<bidi xmlns='urn:xmpp:bidi'/>`, 'policy-violation'],
    ['stream management', `<enable xmlns='urn:xmpp:sm:3'/>`, 'policy-violation'],
  ])('where it is required, %s in the clear ends the stream', (_, xml, condition) => {
    const { peer, server } = connected();
    peer.say(header());
    expect(streamError(peer.say(xml))).toBe(condition);
    expect(server.stanzas).toEqual([]);
  });

  it('does not take what came behind it in the clear', () => {
    const { peer } = connected();
    peer.say(header());
    expect(streamError(peer.say(STARTTLS + header()))).toBeUndefined();
    expect(peer.isClosed).toBe(true);
    expect(peer.isSecure).toBe(false);
  });

  it('is refused a second time (§5.4.2.1)', () => {
    const { peer } = secured();
    expect(peer.say(STARTTLS)).toBe(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>`);
    expect(peer.isClosed).toBe(true);
  });

  it('is not there with tls = "off"', () => {
    const { peer } = connected({ tls: 'off', auth: ['dialback'] });
    expect(peer.say(header())).not.toContain('starttls');
    expect(peer.say(STARTTLS)).toContain('<failure');
  });

  it('may begin with the first byte (XEP-0368)', () => {
    const { peer } = connected();
    peer.say(new Uint8Array([0x16, 0x03, 0x01]));
    peer.secure(certificateOf([PEER]));
    expect(peer.say(header())).toContain('<mechanism>EXTERNAL</mechanism>');
  });
});

describe('RFC 6120 §6 SASL EXTERNAL', () => {
  it.each(['=', '', Buffer.from(PEER).toString('base64')])('lets in who shows a certificate (%j)', (response) => {
    const { peer, server } = secured();
    const auth = EXTERNAL.replace('=</auth>', `${response}</auth>`);
    expect(peer.say(auth)).toBe(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`);
    expect(peer.say(header())).toContain(`<sm xmlns='urn:xmpp:sm:3'/>`);
    peer.say(HELLO);
    expect(server.stanzas).toHaveLength(1);
  });

  it.each([
    ['another mechanism', EXTERNAL.replace('EXTERNAL', 'PLAIN'), 'invalid-mechanism'],
    ['no base64', EXTERNAL.replace('=</auth>', 'a</auth>'), 'incorrect-encoding'],
    [
      'another domain',
      EXTERNAL.replace('=</auth>', `${Buffer.from('x.lit').toString('base64')}</auth>`),
      'invalid-authzid',
    ],
    ['an abort', `<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`, 'aborted'],
  ])('fails with %s, and may be tried again', (_, xml, condition) => {
    const { peer } = secured();
    expect(peer.say(xml)).toContain(`<${condition}/>`);
    expect(peer.say(EXTERNAL)).toContain('<success');
  });

  it('ends the stream after too many failures', () => {
    const { peer } = secured();
    const wrong = EXTERNAL.replace('EXTERNAL', 'PLAIN');
    expect(streamError(peer.say(wrong + wrong + wrong))).toBe('policy-violation');
  });

  it('does not take another header than that of who was authenticated', () => {
    const { peer } = secured();
    peer.say(EXTERNAL);
    expect(streamError(peer.say(header(`from='x.lit' to='${OURS}' version='1.0'`)))).toBe('invalid-from');
  });

  const wrong = {
    'another name': [certificateOf(['looking-glass.lit']), /for looking-glass\.lit, and must be for wonderland\.lit/],
    'no trust': [certificateOf([PEER], 'expired since 2020-01-01'), /expired since 2020-01-01/],
    'no name': [certificateOf([]), /for no name/],
  } as const;

  it.each(Object.entries(wrong))('says why a certificate with %s lets nobody in', (_, [certificate, reason]) => {
    const { peer, features } = secured(certificate);
    expect(features).not.toContain('EXTERNAL');
    const answer = peer.say(EXTERNAL);
    expect(answer).toContain('<not-authorized/>');
    expect(answer).toMatch(reason);
  });

  it.each(Object.entries(wrong))(
    'ends the stream of a certificate with %s where nothing else would do',
    (_, [certificate, reason]) => {
      const { peer, features } = secured(certificate, { auth: ['external'] });
      expect(streamError(features)).toBe('not-authorized');
      expect(features).toMatch(reason);
      expect(peer.isClosed).toBe(true);
    },
  );

  it('lets in the pinned certificate alone', () => {
    const pinned = certificateOf(['whatever'], 'self-signed');
    const peers = [{ domain: PEER, pin: pinned.sha256, compression: false }];
    expect(secured(pinned, { peers }).peer.say(EXTERNAL)).toContain('<success');
    const other = secured(certificateOf([PEER]), { peers });
    expect(other.peer.say(EXTERNAL)).toContain('<not-authorized/>');
    expect(other.peer.say(`<db:result from='${PEER}' to='${OURS}'>abc</db:result>`)).toContain('not-authorized');
  });
});

describe('RFC 6120 §8.1 who may say what', () => {
  it.each([
    ['of another domain', HELLO.replace(`alice@${PEER}`, 'alice@x.lit'), 'invalid-from'],
    ['of our own domain', HELLO.replace(`alice@${PEER}`, `alice@${OURS}`), 'invalid-from'],
    ['of nobody', HELLO.replace(/from='[^']*'/, ''), 'improper-addressing'],
    ['to nobody', HELLO.replace(/to='[^']*'/, ''), 'improper-addressing'],
    ['of an address that is none', HELLO.replace(`alice@${PEER}`, '@'), 'improper-addressing'],
    ['to another domain', HELLO.replace(`elsinore@${OURS}`, 'x.lit'), 'host-unknown'],
  ])('a stanza %s ends the stream', (_, xml, condition) => {
    const { peer, server } = authenticated();
    peer.say(HELLO);
    expect(streamError(peer.say(xml))).toBe(condition);
    expect(server.stanzas).toHaveLength(1);
  });

  it('a stanza before anything is proved ends the stream', () => {
    const { peer, server } = secured();
    expect(streamError(peer.say(HELLO))).toBe('not-authorized');
    expect(server.stanzas).toEqual([]);
  });

  it.each([
    ['a stream inside the stream', header(), 'bad-format'],
    ['something else than a stanza', `<thing xmlns='urn:x'/>`, 'unsupported-stanza-type'],
    ['text between stanzas', 'text', 'bad-format'],
    ['a comment', '<!-- -->', 'restricted-xml'],
    ['NUL', '\0', 'not-well-formed'],
    ['bytes that are no UTF-8', new Uint8Array([0xff]), 'unsupported-encoding'],
  ])('%s ends the stream', (_, data, condition) => {
    expect(streamError(authenticated().peer.say(data))).toBe(condition);
  });

  it('nothing is heard behind the end of the stream', () => {
    const { peer, server } = authenticated();
    expect(peer.say(`</stream:stream>${HELLO}`)).toBe('</stream:stream>');
    expect(server.stanzas).toEqual([]);
    expect(peer.isClosed).toBe(true);
  });
});

describe('RFC 6120 §13.12 bounds', () => {
  it('a peer that stops halfway is gone after 30 s, wherever it stops', () => {
    const steps: ((scene: Scene) => void)[] = [
      () => {},
      ({ peer }) => void peer.say(header().slice(0, 20)),
      ({ peer }) => void peer.say(header()),
      ({ peer }) => void peer.say(header() + STARTTLS),
    ];
    for (const step of steps) {
      const scene = connected();
      step(scene);
      scene.network.settle(NEGOTIATION_TIMEOUT - 2000);
      expect(scene.peer.isClosed).toBe(false);
      scene.network.settle(4000);
      expect(scene.peer.isClosed).toBe(true);
    }
    const scene = secured();
    scene.network.settle(NEGOTIATION_TIMEOUT);
    expect(streamError(scene.peer.take())).toBe('connection-timeout');
  });

  it('a stanza before authentication is small', () => {
    const { peer } = secured();
    expect(streamError(peer.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${'a'.repeat(10_000)}`))).toBe(
      'policy-violation',
    );
  });

  it('streams from one address are counted, and streams in all', () => {
    const { network, server } = connected();
    const crowd = Array.from({ length: MAX_FROM_ADDRESS }, () => network.connect(server));
    network.settle(100);
    expect(crowd.filter(({ isClosed }) => isClosed)).toHaveLength(1);
    for (let n = 0; n < MAX_INCOMING; n += 1) network.connect(server, `10.1.${n >> 4}.${n & 15}`);
    expect(streamError(network.connect(server, '10.2.0.1').take())).toBe('resource-constraint');
    for (const peer of crowd) peer.close();
    expect(network.connect(server, '10.2.0.1').say(header())).toContain('<stream:features>');
  });
});
