import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/authority.ts';
import { Client } from '../support/client.ts';
import { connectionsAt } from '../support/connections.ts';
import { Ejabberd } from '../support/ejabberd.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { type Built, bundle, Gateway } from '../support/gateway.ts';
import { s2s, standalone } from '../support/gateway-file.ts';
import { nameServer } from '../support/name-server.ts';
import { Prosody, type ProsodyS2s } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { gone, present, said } from '../support/stanzas.ts';

const domain = 'rooms.verona.test';
const balcony = `balcony@${domain}`;
const addresses = { verona: '127.0.2.1', denmark: '127.0.2.2', wonderland: '127.0.2.3', names: '127.0.2.53' };
const PORT = 5269;
const DIRECT_TLS_PORT = 5270;

type Auth = 'external' | 'dialback';

const ROOM = `
  [[room]]
  name = "balcony"
`;

/** A gateway with nobody behind it, at the address where others look for its domain. */
function verona(authority: Authority, auth: Auth, hosts: Readonly<Record<string, string>>, rest = ROOM): string {
  const identity = authority.issue({ names: [domain] });
  const settings = { listen: `${addresses.verona}:${PORT}`, identity, authority: authority.certificate };
  return `${standalone(domain)}${s2s({ ...settings, auth: [auth], hosts })}${rest}`;
}

function prosody(authority: Authority, auth: Auth, options: Partial<ProsodyS2s> = {}, muc?: string): Promise<Prosody> {
  const names = ['denmark.test', ...(muc === undefined ? [] : [muc])];
  return Prosody.start({
    domain: 'denmark.test',
    address: addresses.denmark,
    users: ['hamlet'],
    ...(muc === undefined ? {} : { muc }),
    s2s: {
      interface: addresses.denmark,
      hosts: { [domain]: addresses.verona },
      tls: { ...authority.issue({ names }), authority: authority.certificate, auth },
      ...options,
    },
  });
}

function ejabberd(authority: Authority, auth: Auth, directTls: readonly string[] = []): Promise<Ejabberd> {
  const identity = authority.issue({ names: ['wonderland.test'] });
  return Ejabberd.start({
    domain: 'wonderland.test',
    address: addresses.wonderland,
    users: ['alice'],
    s2s: {
      hosts: { [domain]: addresses.verona },
      directTls,
      tls: { ...identity, authority: authority.certificate, auth },
    },
  });
}

const danishHost = { 'denmark.test': `${addresses.denmark}:${PORT}` };
const wonderlandishHost = { 'wonderland.test': `${addresses.wonderland}:${PORT}` };

describe.each(['external', 'dialback'] as const)('by %s', (auth) => {
  requires('prosody', 'ejabberd')('users of a Prosody and of an ejabberd in a room of a gateway', () => {
    let hamlet: Client;
    let alice: Client;
    let gateway: Gateway;

    beforeAll(async () => {
      const authority = Authority.make(temporaryFolder());
      const [danish, wonderlandish] = await Promise.all([prosody(authority, auth), ejabberd(authority, auth)]);
      gateway = await Gateway.start(verona(authority, auth, { ...danishHost, ...wonderlandishHost }));
      hamlet = await Client.connect(danish, 'hamlet', 'castle');
      alice = await Client.connect(wonderlandish, 'alice', 'garden');
    });
    afterAll(endAll);

    it('come in, and see each other', async () => {
      await hamlet.join(balcony, 'Hamlet');
      await alice.join(balcony, 'Alice');
      await alice.expect('Hamlet', present(balcony, 'Hamlet'));
      await hamlet.expect('Alice', present(balcony, 'Alice'));
    });

    it('talk', async () => {
      for (const [speaker, nick, listener] of [
        [hamlet, 'Hamlet', alice],
        [alice, 'Alice', hamlet],
      ] as const) {
        await speaker.say(balcony, `${nick} speaks`);
        await listener.expect('the words', said(balcony, nick, `${nick} speaks`));
        await speaker.expect('their own words', said(balcony, nick, `${nick} speaks`));
      }
    });

    it('are still heard after the gateway was killed, over streams that are new', async () => {
      await gateway.restart('SIGKILL');
      await hamlet.join(balcony, 'Hamlet');
      await alice.join(balcony, 'Alice');
      await hamlet.expect('Alice', present(balcony, 'Alice'));
      await alice.say(balcony, 'Here again');
      await hamlet.expect('the words', said(balcony, 'Alice', 'Here again'));
    });

    it('leave', async () => {
      await alice.leave(balcony);
      await hamlet.expect('Alice to go', gone(balcony, 'Alice'));
      await hamlet.leave(balcony);
    });

    it('and nothing was an error', () => {
      for (const person of [alice, hamlet])
        expect(person.collected().filter(({ attrs }) => attrs['type'] === 'error')).toEqual([]);
      expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
    });
  });
});

requires('prosody')('with a Prosody that uses one stream for both directions (XEP-0288)', () => {
  afterEach(endAll);

  it('the stream that it opened is the only one', async () => {
    const authority = Authority.make(temporaryFolder());
    const danish = await prosody(authority, 'external', { bidi: true });
    await Gateway.start(verona(authority, 'external', danishHost));
    const hamlet = await Client.connect(danish, 'hamlet', 'castle');
    await hamlet.join(balcony, 'Hamlet');
    await hamlet.say(balcony, 'Words');
    await hamlet.expect('his own words', said(balcony, 'Hamlet', 'Words'));
    expect(connections()).toEqual({ opened: 0, accepted: 1 });
  });

  it('the stream that the gateway opened is the only one', async () => {
    const authority = Authority.make(temporaryFolder());
    const muc = 'rooms.denmark.test';
    const danish = await prosody(authority, 'external', { bidi: true }, muc);
    const hosts = { ...danishHost, [muc]: `${addresses.denmark}:${PORT}` };
    const gateway = await Gateway.start(verona(authority, 'external', hosts, `${ROOM}federate = "hall@${muc}"`));
    const hamlet = await Client.connect(danish, 'hamlet', 'castle');
    await hamlet.join(balcony, 'Hamlet');
    // Prosody knows no FMUC, and answers as to any client.
    await expect.poll(async () => (await gateway.status()).rooms[0]?.state).toMatch(/joined|rejected/);
    expect(connections()).toEqual({ opened: 1, accepted: 1 });
  });

  function connections(): { readonly opened: number; readonly accepted: number } {
    return {
      opened: connectionsAt(addresses.denmark, PORT),
      accepted: connectionsAt(addresses.verona, PORT),
    };
  }
});

requires('prosody')('with a Prosody that acknowledges stanzas (XEP-0198)', () => {
  afterEach(endAll);

  it('a conversation is acknowledged, both ways', async () => {
    const authority = Authority.make(temporaryFolder());
    const danish = await prosody(authority, 'external', { smacks: true });
    await Gateway.start(verona(authority, 'external', danishHost));
    const hamlet = await Client.connect(danish, 'hamlet', 'castle');
    await hamlet.join(balcony, 'Hamlet');
    for (let count = 1; count <= 20; count += 1) {
      await hamlet.say(balcony, `Word ${count}`);
      await hamlet.expect('his own word', said(balcony, 'Hamlet', `Word ${count}`));
    }
    // His presence, and his words; ours are more.
    for (const acknowledgement of [/Received\[s2sout\]: <a .*h='2\d'/, /Sending\[s2sin\]: <a .*h='2\d'/])
      await danish.log.expect(String(acknowledgement), (line) => acknowledgement.test(line), 20_000);
  });
});

requires('ejabberd')('with an ejabberd that begins with TLS (XEP-0368)', () => {
  afterEach(endAll);

  it('its users come in', async () => {
    const authority = Authority.make(temporaryFolder());
    const wonderlandish = await ejabberd(authority, 'external', [domain]);
    await Gateway.start(verona(authority, 'external', wonderlandishHost));
    const alice = await Client.connect(wonderlandish, 'alice', 'garden');
    await alice.join(balcony, 'Alice');
    await alice.say(balcony, 'Words');
    await alice.expect('her own words', said(balcony, 'Alice', 'Words'));
  });
});

requires('prosody', 'a file system of its own')('with a Prosody that is found by its SRV record alone', () => {
  afterEach(endAll);

  it.each([
    ['_xmpps-server', DIRECT_TLS_PORT, 'TLS comes first (XEP-0368)'],
    ['_xmpp-server', PORT, 'STARTTLS (RFC 6120 §3.2.1)'],
  ] as const)('%s at port %d: %s', async (service, port, _what) => {
    const authority = Authority.make(temporaryFolder());
    const danish = await prosody(authority, 'external', { directTlsPort: DIRECT_TLS_PORT });
    await nameServer({ [`${service}._tcp.denmark.test`]: { port, target: addresses.denmark } }, addresses.names, 53);
    await Gateway.start(verona(authority, 'external', {}), asking(addresses.names));
    const hamlet = await Client.connect(danish, 'hamlet', 'castle');
    await hamlet.join(balcony, 'Hamlet');
    expect(connectionsAt(addresses.denmark, port)).toBe(1);
  });

  /** The program, where that name server is the machine's. */
  function asking(server: string): Built {
    const file = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(file, `nameserver ${server}\n`);
    const script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
    return ['unshare', '-rm', 'sh', '-c', script, 'sh', file, ...bundle];
  }
});
