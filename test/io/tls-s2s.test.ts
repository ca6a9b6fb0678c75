import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectPlain, createServer as createPlainServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadIdentity } from '../../src/io/identity.ts';
import { HUNG_UP } from '../../src/io/tls-errors.ts';
import type { TlsRequest } from '../../src/lib/effects.ts';
import { Authority, type Issue, type Issued } from '../support/authority.ts';
import { atEnd, endAll, temporaryFolder } from '../support/ending.ts';
import { requires } from '../support/requires.ts';
import { Crossing, TlsWorld } from '../support/tls-world.ts';

const SERVER: TlsRequest = { role: 'server', profile: 's2s' };
const CLIENT: TlsRequest = { role: 'client', profile: 's2s', serverName: 'wonderland.lit', protocols: ['xmpp-server'] };

requires('openssl')('TLS between servers', () => {
  let folder: string;
  let authority: Authority;
  let own: Issued;
  let peer: Issued;

  beforeEach(() => {
    folder = temporaryFolder();
    authority = Authority.make(join(folder, 'authority'));
    own = authority.issue({ names: ['denmark.lit'], eku: 'serverAuth,clientAuth' });
    peer = authority.issue({ names: ['wonderland.lit'], eku: 'serverAuth,clientAuth' });
  });
  afterEach(endAll);

  /** A gateway that shows that certificate, and trusts that authority. */
  function world({ certificate, key }: Issued = own, ca = authority.certificate, now?: () => number): TlsWorld {
    const identity = { domain: 'denmark.lit', certificate, key };
    return new TlsWorld({ identity, data: join(folder, 'data'), ca }, {}, now);
  }

  /** Has whoever comes to a gateway secured at once; the port is where. */
  async function welcoming(listener: TlsWorld): Promise<number> {
    listener.onInput = ({ kind, connection }) => kind === 'accepted' && listener.tcp.secure(connection, SERVER);
    return listener.listen(1);
  }

  /** A server of the test's own, in TLS from the first byte on. */
  async function serve(options: TlsOptions, welcome: (socket: TLSSocket) => void = () => {}): Promise<number> {
    const server = createServer({ key: readFileSync(peer.key), cert: readFileSync(peer.certificate), ...options });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      welcome(socket);
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  /** A client of the test's own, with a certificate. */
  function dial(port: number, options: ConnectionOptions = {}): TLSSocket {
    const files = { key: readFileSync(peer.key), cert: readFileSync(peer.certificate) };
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...files, ...options });
    socket.on('error', () => {});
    atEnd(() => socket.destroy());
    return socket;
  }

  /** A client of the test's own in the clear. */
  async function dialPlain(port: number): Promise<Socket> {
    const socket = connectPlain(port, '127.0.0.1');
    socket.on('error', () => {});
    atEnd(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  async function servePlain(welcome: (socket: Socket) => void): Promise<number> {
    const server = createPlainServer((socket) => {
      socket.on('error', () => {});
      atEnd(() => socket.destroy());
      welcome(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    atEnd(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  /** Two gateways that go on in TLS after a word each in the clear; what one turn says around that is said at once. */
  async function upgrade(dialler: TlsWorld, listener: TlsWorld, client = CLIENT): Promise<Crossing> {
    listener.onInput = ({ kind, connection }) => {
      if (kind !== 'data' || listener.text(connection) !== '<starttls/>') return;
      listener.tcp.write(connection, '<proceed/>');
      listener.tcp.secure(connection, SERVER);
      listener.tcp.write(connection, '<stream from="wonderland.lit">');
    };
    dialler.onInput = ({ kind, connection }) => {
      if (kind === 'connected') dialler.tcp.write(connection, '<starttls/>');
      if (kind !== 'data' || dialler.text(connection) !== '<proceed/>') return;
      dialler.tcp.secure(connection, client);
      dialler.tcp.write(connection, '<stream from="denmark.lit">');
    };
    const crossing = await Crossing.to(await listener.listen(1));
    dialler.tcp.open(1, '127.0.0.1', crossing.port);
    return crossing;
  }

  describe('STARTTLS (RFC 6120 §5)', () => {
    test('what was written before leaves in the clear, and what comes after in TLS', async () => {
      const [dialler, listener] = [world(), world(peer)];
      const crossing = await upgrade(dialler, listener);
      await Promise.all([
        dialler.untilText(1, '<stream from="wonderland.lit">'),
        listener.untilText(1, '<stream from="denmark.lit">'),
      ]);
      expect(dialler.kinds(1)).toEqual(['connected', 'data', 'secured', 'data']);
      expect(listener.kinds(1)).toEqual(['accepted', 'data', 'secured', 'data']);
      const { there, back } = crossing.take();
      expect(there.toString('latin1')).toMatch(/^<starttls\/>\x16\x03\x01/);
      expect(back.toString('latin1')).toMatch(/^<proceed\/>\x16\x03\x03/);
      for (const bytes of [there, back]) expect(bytes.toString('latin1')).not.toContain('<stream');
      const [ours, theirs] = [await dialler.until('secured', 1), await listener.until('secured', 1)];
      expect(ours).toMatchObject({
        version: 'TLSv1.3',
        isResumed: false,
        certificate: { dnsNames: ['wonderland.lit'] },
      });
      expect(theirs).toMatchObject({
        version: 'TLSv1.3',
        isResumed: false,
        certificate: { dnsNames: ['denmark.lit'] },
      });
      expect([ours.certificate?.problem, theirs.certificate?.problem]).toEqual([undefined, undefined]);
    });

    test('much that was written before leaves first, whole', async () => {
      const much = 'x'.repeat(3_000_000);
      const listener = world(peer);
      listener.onInput = ({ kind, connection }) => {
        if (kind !== 'accepted') return;
        listener.tcp.write(connection, much);
        listener.tcp.secure(connection, SERVER);
        listener.tcp.write(connection, 'in TLS');
        expect(listener.tcp.buffered(connection)).toBeGreaterThan(much.length);
      };
      const socket = await dialPlain(await listener.listen(1));
      let heard = 0;
      while (heard < much.length) heard += ((await once(socket, 'data')) as [Buffer])[0].length;
      expect(heard).toBe(much.length);
      socket.removeAllListeners('data');
      const secured = connect({ socket, rejectUnauthorized: false });
      expect(String((await once(secured, 'data'))[0])).toBe('in TLS');
      await new Promise<void>((resolve) => listener.tcp.whenDrained(1, resolve));
      expect(listener.tcp.buffered(1)).toBe(0);
    });

    test('a client begins only after all that it has written in the clear', async () => {
      const parts = Array.from({ length: 16 }, () => 'x'.repeat(1024 * 1024));
      const much = parts.join('').length;
      let taken!: Socket;
      const port = await servePlain((socket) => (taken = socket.pause()));
      const settings = { identity: { domain: 'denmark.lit' }, data: join(folder, 'data') };
      const dialler = new TlsWorld(settings, { maxBuffered: 2 * much });
      dialler.tcp.open(1, '127.0.0.1', port);
      await dialler.until('connected', 1);
      for (const part of parts) {
        dialler.tcp.write(1, part);
        await new Promise(setImmediate);
      }
      dialler.tcp.secure(1, CLIENT);
      await new Promise(setImmediate);
      const heard: Buffer[] = [];
      let count = 0;
      while (count <= much) {
        taken.resume();
        const [bytes] = (await once(taken, 'data')) as [Buffer];
        taken.pause();
        heard.push(bytes);
        count += bytes.length;
      }
      const all = Buffer.concat(heard).toString('latin1');
      expect(all.indexOf('\x16')).toBe(much);
    });

    test('many bytes cross whole, both ways', async () => {
      const [dialler, listener] = [world(), world(peer)];
      await upgrade(dialler, listener);
      await Promise.all([dialler.until('secured', 1), listener.until('secured', 1)]);
      const much = 'é'.repeat(200_000);
      dialler.tcp.write(1, `${much}!`);
      listener.tcp.write(1, `${much}?`);
      await Promise.all([dialler.untilText(1, '?'), listener.untilText(1, '!')]);
      expect(listener.text(1)).toBe(`<starttls/><stream from="denmark.lit">${much}!`);
    });

    test('what one turn writes is one record', async () => {
      const [dialler, listener] = [world(), world(peer)];
      const crossing = await upgrade(dialler, listener);
      await Promise.all([dialler.until('secured', 1), listener.untilText(1, 'lit">')]);
      await dialler.untilText(1, 'lit">');
      crossing.take();
      for (const text of ['<a/>', '<b/>', '<c/>']) dialler.tcp.write(1, text);
      await listener.untilText(1, '<c/>');
      expect(crossing.take().there.length).toBe(12 + 22);
    });

    test('whoever goes on in the clear as a client is hung up on, unheard', async () => {
      const listener = world(peer);
      listener.onInput = ({ kind, connection }) => {
        if (kind !== 'data') return;
        listener.tcp.write(connection, '<proceed/>');
        listener.tcp.secure(connection, SERVER);
      };
      const socket = await dialPlain(await listener.listen(1));
      socket.write('<starttls/>');
      await once(socket, 'data');
      socket.write("<message from='queen@wonderland.lit'/>");
      expect((await listener.until('closed', 1)).reason).toMatch(/^TLS: what came isn't TLS/);
      expect(listener.text(1)).toBe('<starttls/>');
      expect(listener.kinds(1)).toEqual(['accepted', 'data', 'closed']);
    });

    test.each([false, true])('stanzas behind <proceed/> are no stanzas (all paused: %s)', async (isPaused) => {
      const dialler = world();
      const port = await servePlain((socket) => {
        socket.write('<proceed/>');
        socket.on('data', (bytes) => {
          if (!String(bytes).includes('<starttls/>')) return;
          socket.write("<message from='queen@wonderland.lit'/>");
        });
      });
      dialler.onInput = ({ kind }) => {
        if (kind !== 'data') return;
        dialler.tcp.write(1, '<starttls/>');
        if (isPaused) dialler.tcp.pause();
        dialler.tcp.secure(1, CLIENT);
        if (isPaused) setImmediate(() => dialler.tcp.resume());
      };
      dialler.tcp.open(1, '127.0.0.1', port);
      expect((await dialler.until('closed', 1)).reason).toMatch(/^TLS: what came isn't TLS/);
      expect(dialler.text(1)).toBe('<proceed/>');
    });

    test('a client that never begins is closed when it is to be', async () => {
      const listener = world(peer);
      const socket = await dialPlain(await welcoming(listener));
      await listener.until('accepted', 1);
      await new Promise(setImmediate);
      listener.tcp.close(1);
      expect((await listener.until('closed', 1)).reason).toBe('closed from our side');
      await once(socket.resume(), 'close');
      listener.tcp.secure(1, SERVER);
      listener.tcp.resume(1);
      expect(listener.kinds(1)).toEqual(['accepted', 'closed']);
    });

    test('what waits for TLS is bounded as all that waits', async () => {
      const [listener] = [new TlsWorld({ identity: { domain: 'a.lit' }, data: folder }, { maxBuffered: 1000 })];
      const port = await welcoming(listener);
      await dialPlain(port);
      await listener.until('accepted', 1);
      listener.tcp.write(1, 'x'.repeat(1001));
      expect((await listener.until('closed', 1)).reason).toContain('more than 1000 bytes waited');
    });
  });

  describe('a listener that finds TLS where a stream might begin', () => {
    test.each([1, 100, Number.POSITIVE_INFINITY])(
      'goes on with what has come, in pieces of %s bytes',
      async (piece) => {
        const listener = world(peer);
        listener.onInput = (input) => {
          if (input.kind === 'data' && input.bytes[0] === 0x16)
            listener.tcp.secure(input.connection, SERVER, input.bytes);
        };
        const crossing = await Crossing.to(await listener.listen(1), piece);
        const socket = dial(crossing.port);
        await once(socket, 'secureConnect');
        socket.write('<stream>');
        await listener.untilText(1, '<stream>');
        expect(listener.kinds(1)).toEqual(['accepted', 'data', 'secured', 'data']);
      },
    );
  });

  describe('direct TLS (XEP-0368)', () => {
    test('stands first, and then is secured, with the domain and what is to be spoken told', async () => {
      const told: unknown[] = [];
      const port = await serve({ ALPNProtocols: ['xmpp-server'] }, (socket) => {
        told.push(socket.servername, socket.alpnProtocol);
        socket.write('<stream>');
      });
      const dialler = world();
      dialler.tcp.open(1, '127.0.0.1', port, CLIENT);
      await dialler.untilText(1, '<stream>');
      expect(dialler.kinds(1)).toEqual(['connected', 'secured', 'data']);
      expect(told).toEqual(['wonderland.lit', 'xmpp-server']);
    });

    test('a listener speaks with servers, and with clients that say nothing of that, alone', async () => {
      const listener = world();
      const port = await welcoming(listener);
      const server = dial(port, { ALPNProtocols: ['xmpp-server'] });
      await once(server, 'secureConnect');
      expect(server.alpnProtocol).toBe('xmpp-server');
      await once(dial(port), 'secureConnect');
      dial(port, { ALPNProtocols: ['xmpp-client'] });
      expect((await listener.until('closed', 3)).reason).toContain('something else than server-to-server XMPP');
    });

    test('says who refuses the connection, as without TLS', async () => {
      const port = await servePlain(() => {});
      await endAll();
      const dialler = new TlsWorld({ identity: { domain: 'a.lit' }, data: temporaryFolder() });
      dialler.tcp.open(1, '127.0.0.1', port, CLIENT);
      expect((await dialler.until('closed', 1)).reason).toContain('nobody listens');
    });
  });

  describe('what is refused (RFC 9325)', () => {
    const OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const RSA_KEY_EXCHANGE = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256:AES256-SHA' } as const;

    test.each([
      ['TLS 1.0 and 1.1', OLD, /^TLS: the peer's TLS is too old/],
      ['ciphers without forward secrecy', RSA_KEY_EXCHANGE, /^TLS: no cipher that both sides would use/],
      ['a key exchange of old', { ...RSA_KEY_EXCHANGE, ciphers: 'DHE-RSA-AES128-GCM-SHA256' }, /^TLS: no cipher/],
    ])('a client with %s', async (_name, options, reason) => {
      const listener = world();
      dial(await welcoming(listener), options);
      expect((await listener.until('closed', 1)).reason).toMatch(reason);
      expect(listener.kinds(1)).toEqual(['accepted', 'closed']);
    });

    test.each([
      ['TLS 1.0 and 1.1', OLD, /^TLS: the peer (refuses our versions|'s TLS is too old)/],
      ['ciphers without forward secrecy', RSA_KEY_EXCHANGE, /^TLS: the peer refuses the handshake: no cipher/],
    ])('a server with %s', async (_name, options, reason) => {
      const dialler = world();
      dialler.tcp.open(1, '127.0.0.1', await serve(options), CLIENT);
      expect((await dialler.until('closed', 1)).reason).toMatch(reason);
      expect(dialler.kinds(1)).toEqual(['connected', 'closed']);
    });

    test('a client that negotiates anew', async () => {
      const listener = world();
      const socket = dial(await welcoming(listener), { maxVersion: 'TLSv1.2' });
      await once(socket, 'secureConnect');
      expect((await listener.until('secured', 1)).version).toBe('TLSv1.2');
      socket.renegotiate({}, () => {});
      expect((await listener.until('closed', 1)).reason).toBe(
        'TLS: the peer wanted to negotiate TLS anew, which is refused',
      );
      expect(listener.kinds(1)).toEqual(['accepted', 'secured', 'closed']);
    });

    test('a server that negotiates anew', async () => {
      let handshakes = 0;
      const port = await serve({ maxVersion: 'TLSv1.2' }, (socket) => {
        socket.on('secure', () => handshakes++);
        socket.once('data', () => socket.renegotiate({}, () => {}));
      });
      const dialler = world();
      dialler.tcp.open(1, '127.0.0.1', port, CLIENT);
      await dialler.until('secured', 1);
      dialler.tcp.write(1, 'hello');
      expect((await dialler.until('closed', 1)).reason).toMatch(/^TLS: the peer refuses the handshake/);
      expect(handshakes).toBe(0);
      expect(dialler.kinds(1)).toEqual(['connected', 'secured', 'closed']);
    });

    test('what is no TLS at all, on either side', async () => {
      const listener = world();
      const socket = await dialPlain(await welcoming(listener));
      socket.write('GET / HTTP/1.1\r\n\r\n');
      expect((await listener.until('closed', 1)).reason).toMatch(/^TLS: what came isn't TLS/);
      const dialler = world();
      dialler.tcp.open(1, '127.0.0.1', await servePlain((plain) => plain.write('<stream:stream>')), CLIENT);
      expect((await dialler.until('closed', 1)).reason).toMatch(/^TLS: what came isn't TLS/);
      expect(dialler.text(1)).toBe('');
    });

    test('a peer that hangs up amid the handshake, on either side', async () => {
      const listener = world();
      const socket = await dialPlain(await welcoming(listener));
      socket.end(Buffer.from('160301', 'hex'));
      expect((await listener.until('closed', 1)).reason).toBe(HUNG_UP);
      const dialler = world();
      const port = await servePlain((plain) => plain.once('data', () => plain.end()));
      dialler.tcp.open(1, '127.0.0.1', port, CLIENT);
      expect((await dialler.until('closed', 1)).reason).toBe(HUNG_UP);
    });

    test('says that the peer knows no authority of ours', async () => {
      const listener = world();
      const port = await welcoming(listener);
      const client = spawn(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', '-tls1_2'],
        {
          stdio: 'ignore',
        },
      );
      atEnd(() => client.kill());
      expect((await listener.until('closed', 1)).reason).toBe(
        "TLS: the peer doesn't know the authority of our certificate",
      );
    });
  });

  describe('what is told of a certificate', () => {
    const BOTH = 'serverAuth,clientAuth';

    async function told(shown: Issued, by: 'client' | 'server', now?: () => number, ca = authority.certificate) {
      const judge = world(own, ca, now);
      const files = { key: readFileSync(shown.key), cert: readFileSync(shown.certificate) };
      if (by === 'client') dial(await welcoming(judge), files);
      else judge.tcp.open(1, '127.0.0.1', await serve(files), CLIENT);
      const { certificate } = await judge.until('secured', 1);
      return certificate;
    }

    const year = (given: number): string => `${given}0101000000Z`;

    describe.each(['client', 'server'] as const)('of a %s', (by) => {
      test.each<[string, Issue, RegExp | undefined]>([
        ['a valid one', { eku: BOTH }, undefined],
        ['one for any use', {}, undefined],
        ['one that has expired', { eku: BOTH, notAfter: year(2021) }, /^expired since 2021-01-01 \(here it is/],
        ['one of the future', { eku: BOTH, notBefore: year(2048) }, /^not yet valid until 2048-01-01 .*set the clock/],
        ['one for mail', { eku: 'emailProtection' }, /^not made for this/],
        ['one for mail, expired', { eku: 'emailProtection', notAfter: year(2021) }, /expired since 2021-01-01/],
      ])('%s', async (_name, issue, problem) => {
        const certificate = await told(authority.issue({ names: ['wonderland.lit'], ...issue }), by);
        if (problem === undefined) expect(certificate?.problem).toBeUndefined();
        else expect(certificate?.problem).toMatch(problem);
        expect(certificate?.dnsNames).toEqual(['wonderland.lit']);
        expect(certificate?.sha256).toMatch(/^[\da-f]{64}$/);
      });

      test('one with its chain, and one without', async () => {
        const intermediate = authority.intermediate(join(folder, 'intermediate'));
        const whole = intermediate.issue({ names: ['wonderland.lit'], eku: BOTH });
        expect((await told(whole, by))?.problem).toBeUndefined();
        const alone = { ...whole, certificate: join(folder, 'alone.pem') };
        const [leaf = ''] = readFileSync(whole.certificate, 'utf8').split(/(?<=-----END CERTIFICATE-----\n)/);
        writeFileSync(alone.certificate, leaf);
        expect((await told(alone, by))?.problem).toMatch(/^from an unknown authority/);
      });

      test.each([BOTH, 'emailProtection'])('of another authority (%s), expired or not', async (eku) => {
        const other = Authority.make(join(folder, 'other'), 'Other authority');
        const deeper = other.intermediate(join(folder, 'deeper'));
        for (const from of [other, deeper])
          for (const notAfter of [year(2021), year(2049)]) {
            const certificate = await told(from.issue({ names: ['wonderland.lit'], eku, notAfter }), by);
            expect(certificate?.problem).toBeDefined();
          }
      });

      test('a self-signed one', async () => {
        const data = join(folder, 'self');
        loadIdentity({ domain: 'wonderland.lit' }, data);
        const file = join(data, 'identity.pem');
        const certificate = await told({ certificate: file, key: file }, by);
        expect(certificate).toMatchObject({ problem: 'self-signed', xmppAddresses: ['wonderland.lit'] });
        const trusted = await told({ certificate: file, key: file }, by, undefined, file);
        expect(trusted?.problem).toBeUndefined();
      });

      test('the box may not know the time', async () => {
        const certificate = await told(peer, by, () => Date.UTC(1970, 0, 1));
        expect(certificate?.problem).toBe('not yet valid until 2020-01-01 (here it is 1970-01-01: set the clock)');
      });

      test('every kind of name', async () => {
        const names = {
          names: ['wonderland.lit', '*.wonderland.lit'],
          srvNames: ['_xmpp-server.wonderland.lit'],
          xmppAddresses: ['wunderländ.lit'],
        };
        expect(await told(authority.issue(names), by)).toMatchObject({
          dnsNames: names.names,
          srvNames: names.srvNames,
          xmppAddresses: names.xmppAddresses,
        });
      });
    });

    test('one for servers only, shown by a client, is not taken for proven, nor hides an unknown authority', async () => {
      const other = Authority.make(join(folder, 'other'), 'Other authority').intermediate(join(folder, 'deeper'));
      for (const from of [authority, other]) {
        const certificate = await told(from.issue({ names: ['wonderland.lit'], eku: 'serverAuth' }), 'client');
        expect(certificate?.problem).toBe('not made for this: its extended key usage lacks this side of TLS');
      }
      expect((await told(authority.issue({ names: ['a.lit'], eku: 'serverAuth' }), 'server'))?.problem).toBeUndefined();
    });

    test('none at all', async () => {
      const listener = world();
      const socket = connect({ port: await welcoming(listener), host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => {});
      atEnd(() => socket.destroy());
      expect((await listener.until('secured', 1)).certificate).toBeUndefined();
    });
  });

  test('reading is held by the one pause or the other, and goes on after both', async () => {
    const [dialler, listener] = [world(), world(peer)];
    await upgrade(dialler, listener);
    await Promise.all([dialler.untilText(1, 'lit">'), listener.untilText(1, 'lit">')]);
    listener.tcp.pause(1);
    listener.tcp.pause();
    dialler.tcp.write(1, '1');
    await new Promise<void>((resolve) => dialler.tcp.whenDrained(1, resolve));
    const others = listener.inputs.length;
    listener.tcp.resume();
    await settle();
    expect(listener.inputs.length).toBe(others);
    listener.tcp.pause();
    listener.tcp.resume(1);
    await settle();
    expect(listener.inputs.length).toBe(others);
    listener.tcp.resume();
    await listener.untilText(1, '1');
  });

  test('a pause holds one connection only', async () => {
    const listener = world(peer);
    const port = await listener.listen(1);
    const [held, free] = [await dialPlain(port), await dialPlain(port)];
    await listener.until('accepted', 2);
    listener.tcp.pause(1);
    held.write('held');
    free.write('free');
    await listener.untilText(2, 'free');
    await settle();
    expect(listener.text(1)).toBe('');
    listener.tcp.resume(1);
    await listener.untilText(1, 'held');
  });

  test("a certificate that can't be had costs the connection, and says why", async () => {
    const listener = world({ certificate: join(folder, 'none.pem'), key: own.key });
    await dialPlain(await welcoming(listener));
    expect((await listener.until('closed', 1)).reason).toMatch(/none\.pem can't be read: no such file/);
    const trusting = world(own, join(folder, 'none.pem'));
    await dialPlain(await welcoming(trusting));
    expect((await trusting.until('closed', 1)).reason).toMatch(/authorities in .*none\.pem can't be read/);
  });

  test("names of authorities that the system has don't cross", async () => {
    const listener = new TlsWorld({ identity: { domain: 'a.lit' }, data: folder });
    const crossing = await Crossing.to(await welcoming(listener));
    await once(dial(crossing.port), 'secureConnect');
    await listener.until('secured', 1);
    expect(crossing.take().back.length).toBeLessThan(4000);
  });

  test('what has changed on the disk is shown once that is said', async () => {
    const shown = { certificate: join(folder, 'shown.pem'), key: join(folder, 'shown.key') };
    const put = (issued: Issued): void => {
      writeFileSync(shown.certificate, readFileSync(issued.certificate));
      writeFileSync(shown.key, readFileSync(issued.key));
    };
    put(own);
    const listener = world(shown);
    const port = await welcoming(listener);
    const look = async (): Promise<string | undefined> => {
      const socket = dial(port);
      await once(socket, 'secureConnect');
      return socket.getPeerX509Certificate()?.subject;
    };
    expect(await look()).toBe('CN=denmark.lit');
    put(peer);
    expect(await look()).toBe('CN=denmark.lit');
    listener.tls.refresh();
    expect(await look()).toBe('CN=wonderland.lit');
  });
});

/** Lets whatever has come over loopback be read, if anything is read: a round trip of another connection. */
async function settle(): Promise<void> {
  const server = createPlainServer((socket) => socket.end('x'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connectPlain((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket.resume(), 'close');
  server.close();
}
