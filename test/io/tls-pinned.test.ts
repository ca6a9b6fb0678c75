import { X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { der, TAG } from '../../src/io/der.ts';
import { loadIdentity } from '../../src/io/identity.ts';
import { HUNG_UP } from '../../src/io/tls-errors.ts';
import { TlsSessions } from '../../src/io/tls-sessions.ts';
import type { TlsRequest } from '../../src/lib/effects.ts';
import { Authority } from '../support/authority.ts';
import { atEnd, endAll, temporaryFolder } from '../support/ending.ts';
import { listen } from '../support/ports.ts';
import { Crossing, TlsWorld } from '../support/tls-world.ts';

/* A link with tls = "pinned": what crosses is counted, since its links have some bytes a second. */

const SERVER: TlsRequest = { role: 'server', profile: 'pinned' };
const CLIENT: TlsRequest = { role: 'client', profile: 'pinned', serverName: 'rooms.wonderland.lit' };

let folder: string;

beforeEach(() => (folder = temporaryFolder()));
afterEach(endAll);

/** A gateway with that domain, as it is after a start: what it knows is in its directory. */
function start(domain: string): TlsWorld {
  return new TlsWorld({ identity: { domain }, data: join(folder, domain) });
}

const denmark = (): TlsWorld => start('rooms.denmark.lit');
const wonderland = (): TlsWorld => start('rooms.wonderland.lit');

function hashOf(domain: string): string {
  return loadIdentity({ domain }, join(folder, domain)).sha256;
}

/** Has one dial the other, with a word each way, and says what crossed and what each has heard of the other. */
async function meet(dialler: TlsWorld, listener: TlsWorld, piece?: number, name = 1) {
  listener.onInput = (input) => {
    if (input.kind === 'accepted') listener.tcp.secure(input.connection, SERVER);
  };
  const crossing = await Crossing.to(await listener.listen(1), piece);
  dialler.tcp.open(name, '127.0.0.1', crossing.port, CLIENT);
  const [ours, theirs] = await Promise.all([dialler.until('secured', name), listener.until('secured', 1)]);
  listener.tcp.write(1, 'welcome');
  await dialler.untilText(name, 'welcome'); // behind the sessions that the server tells of
  dialler.tcp.write(name, 'hello');
  await listener.untilText(1, 'hello');
  await new Promise(setImmediate);
  return { ours, theirs, crossed: crossing.take() };
}

/** Of either word, its record in TLS 1.3: header, type and tag beside it. */
const RECORD = 5 + 1 + 16;
const handshakeBytes = ({ there, back }: { there: Buffer; back: Buffer }) => ({
  there: there.length - 'hello'.length - RECORD,
  back: back.length - 'welcome'.length - RECORD,
});

describe('a pinned link', () => {
  test('shows each side the certificate of the other, and nothing but that', async () => {
    const { ours, theirs, crossed } = await meet(denmark(), wonderland());
    expect(ours).toMatchObject({ version: 'TLSv1.3', isResumed: false });
    expect(ours.certificate).toMatchObject({
      sha256: hashOf('rooms.wonderland.lit'),
      dnsNames: ['rooms.wonderland.lit'],
      xmppAddresses: ['rooms.wonderland.lit'],
      problem: 'self-signed',
    });
    expect(theirs.certificate?.sha256).toBe(hashOf('rooms.denmark.lit'));
    expect(crossed.there.toString('latin1')).not.toContain('wonderland');
    const { there, back } = handshakeBytes(crossed);
    expect(there).toBeLessThan(800);
    expect(back).toBeLessThan(1000);
  });

  test('goes on after a restart of both sides, without certificates', async () => {
    await meet(denmark(), wonderland());
    for (let again = 0; again < 3; again++) {
      const { ours, theirs, crossed } = await meet(denmark(), wonderland());
      expect(ours).toMatchObject({ isResumed: true, version: 'TLSv1.3' });
      expect(ours.certificate?.sha256).toBe(hashOf('rooms.wonderland.lit'));
      expect(theirs.isResumed).toBe(true);
      expect(theirs.certificate?.sha256).toBe(hashOf('rooms.denmark.lit'));
      const { there, back } = handshakeBytes(crossed);
      expect(there).toBeLessThanOrEqual(322);
      expect(back).toBeLessThanOrEqual(304);
    }
  });

  test('with a hello in pieces goes on as well', async () => {
    await meet(denmark(), wonderland());
    const { ours } = await meet(denmark(), wonderland(), 3);
    expect(ours.isResumed).toBe(true);
  });

  test('needs both sides to remember: one that has forgotten is shown certificates again', async () => {
    for (const forgetful of ['rooms.denmark.lit', 'rooms.wonderland.lit']) {
      await meet(denmark(), wonderland());
      writeFileSync(join(folder, forgetful, 'tls-sessions.json'), '{"damaged":');
      expect((await meet(denmark(), wonderland())).ours.isResumed).toBe(false);
      expect((await meet(denmark(), wonderland())).ours.isResumed).toBe(true);
    }
  });

  test('a session that is damaged costs one connection at most', async () => {
    for (const session of [Buffer.from('nothing'), der(TAG.sequence, der(TAG.context(3), Buffer.from('nothing')))]) {
      await meet(denmark(), wonderland());
      for (const domain of ['rooms.denmark.lit', 'rooms.wonderland.lit']) {
        const file = join(folder, domain, 'tls-sessions.json');
        const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<
          'dialled' | 'accepted',
          [string, string, string][]
        >;
        for (const pair of [...kept.dialled, ...kept.accepted]) pair[1] = Buffer.from(session).toString('base64');
        writeFileSync(file, JSON.stringify(kept));
        const dialler = denmark();
        const [first] = await Promise.allSettled([meet(dialler, wonderland())]);
        if (first.status === 'rejected') expect(dialler.kinds(1)).toEqual(['connected', 'closed']);
        else expect(first.value.ours.isResumed).toBe(false);
        await meet(dialler, wonderland(), undefined, 2);
      }
    }
  });

  test.each(['rooms.denmark.lit', 'rooms.wonderland.lit'])(
    'shows the new certificate once %s has another one',
    async (domain) => {
      await meet(denmark(), wonderland());
      const former = hashOf(domain);
      renameSync(join(folder, domain, 'identity.pem'), join(folder, 'former.pem'));
      const { ours, theirs } = await meet(denmark(), wonderland());
      expect(ours.isResumed).toBe(false);
      expect(hashOf(domain)).not.toBe(former);
      expect([ours.certificate?.sha256, theirs.certificate?.sha256]).toContain(hashOf(domain));
    },
  );

  test.each(['dialler', 'listener'] as const)('whom the %s turns away begins anew', async (who) => {
    await meet(denmark(), wonderland());
    const [dialler, listener] = [denmark(), wonderland()];
    const world = { dialler, listener }[who];
    listener.onInput = ({ kind, connection }) => kind === 'accepted' && listener.tcp.secure(connection, SERVER);
    const { onInput } = world;
    world.onInput = (input) => {
      onInput(input);
      if (input.kind === 'secured') world.tcp.close(input.connection);
    };
    dialler.tcp.open(1, '127.0.0.1', await listener.listen(1), CLIENT);
    expect(await world.until('secured', 1)).toMatchObject({ isResumed: true });
    await Promise.all([dialler.until('closed', 1), listener.until('closed', 1)]);
    expect((await meet(denmark(), wonderland())).ours.isResumed).toBe(false);
  });

  test('a link that is lost amid its handshake goes on the next time', async () => {
    await meet(denmark(), wonderland());
    const dialler = denmark();
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    atEnd(() => server.close());
    dialler.tcp.open(1, '127.0.0.1', await listen(server, '127.0.0.1'), CLIENT);
    expect((await dialler.until('closed', 1)).reason).toBe(HUNG_UP);
    expect((await meet(dialler, wonderland(), undefined, 2)).ours.isResumed).toBe(true);
  });

  test('a session that was told and lost leaves the one before', async () => {
    await meet(denmark(), wonderland());
    const file = join(folder, 'rooms.denmark.lit', 'tls-sessions.json');
    const before = readFileSync(file);
    await meet(denmark(), wonderland());
    writeFileSync(file, before);
    expect((await meet(denmark(), wonderland())).ours.isResumed).toBe(true);
  });

  test('keeps what it knows for its owner alone, and writes it once for each connection', async () => {
    const kept = (['keepDialled', 'keepAccepted'] as const).map((name) => vi.spyOn(TlsSessions.prototype, name));
    await meet(denmark(), wonderland());
    for (const keep of kept) expect(keep).toHaveBeenCalledOnce();
    await meet(denmark(), wonderland());
    for (const keep of kept) expect(keep).toHaveBeenCalledTimes(2);
    for (const domain of ['rooms.denmark.lit', 'rooms.wonderland.lit'])
      expect(statSync(join(folder, domain, 'tls-sessions.json')).mode & 0o777).toBe(0o600);
    vi.restoreAllMocks();
  });

  test("doesn't go below TLS 1.3", async () => {
    const listener = wonderland();
    listener.onInput = ({ kind, connection }) => kind === 'accepted' && listener.tcp.secure(connection, SERVER);
    const port = await listener.listen(1);
    const socket = connect({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    atEnd(() => socket.destroy());
    socket.on('error', () => {});
    expect((await listener.until('closed', 1)).reason).toContain('too old');
    expect(listener.kinds(1)).toEqual(['accepted', 'closed']);
  });

  test('takes a certificate of the operator too, without its chain', async () => {
    const authority = Authority.make(folder).intermediate(join(folder, 'intermediate'));
    const { certificate, key } = authority.issue({ names: ['rooms.wonderland.lit'], rsaBits: 2048 });
    const listener = new TlsWorld({
      identity: { domain: 'rooms.wonderland.lit', certificate, key },
      data: join(folder, 'rooms.wonderland.lit'),
    });
    const { ours, crossed } = await meet(denmark(), listener);
    expect(ours.certificate).toMatchObject({ dnsNames: ['rooms.wonderland.lit'] });
    expect(ours.certificate?.problem).toBeDefined();
    const leaf = new X509Certificate(readFileSync(certificate)).raw.length;
    expect(handshakeBytes(crossed).back).toBeLessThan(leaf + 850);
  });
});
