import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { helloLength, offeredSession } from '../../src/io/client-hello.ts';
import { atEnd, endAll } from '../support/ending.ts';
import { listen } from '../support/ports.ts';

afterEach(endAll);

/** What Node's own client begins with. */
async function realHello(): Promise<Buffer> {
  const server = createServer();
  atEnd(() => server.close());
  const client = connect({ port: await listen(server, '127.0.0.1'), host: '127.0.0.1' }).on('error', () => {});
  atEnd(() => client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  atEnd(() => socket.destroy());
  const [hello] = (await once(socket, 'data')) as [Buffer];
  return hello;
}

const EXTENSION = Buffer.from('0029000f000a0004aabbccdd00000000000100', 'hex');

/** A hello that names a session, as RFC 8446 §4.2.11 has it: the last of its extensions. */
function naming(hello: Buffer): Buffer {
  const named = Buffer.concat([hello, EXTENSION]);
  let at = 5 + 4 + 2 + 32;
  at += 1 + named.readUInt8(at);
  at += 2 + named.readUInt16BE(at);
  at += 1 + named.readUInt8(at);
  named.writeUInt16BE(named.readUInt16BE(at) + EXTENSION.length, at);
  return named;
}

test('a real one is as long as it says, and names no session', async () => {
  const hello = await realHello();
  expect(helloLength(hello)).toBe(hello.length);
  expect(offeredSession(hello)).toBeUndefined();
});

test('the session that it names is found', async () => {
  expect(Buffer.from(offeredSession(naming(await realHello())) ?? []).toString('hex')).toBe('aabbccdd');
});

test('what is no TLS has no length, and of what is short none is known', () => {
  expect(helloLength(Buffer.from('<stream'))).toBe(0);
  expect(helloLength(Buffer.from('160301', 'hex'))).toBeUndefined();
  expect(helloLength(Buffer.alloc(0))).toBeUndefined();
  expect(offeredSession(Buffer.from('1603010001020000', 'hex'))).toBeUndefined();
});

test('whatever comes is read to its end', async () => {
  const named = naming(await realHello());
  fc.assert(
    fc.property(fc.nat(named.length), fc.array(fc.tuple(fc.nat(named.length - 1), fc.nat(255))), (length, changes) => {
      const damaged = Buffer.from(named.subarray(0, length));
      for (const [at, value] of changes) if (at < length) damaged[at] = value;
      helloLength(damaged);
      const session = offeredSession(damaged);
      expect(session === undefined || session.length > 0).toBe(true);
    }),
    { numRuns: 2000, seed: 1 },
  );
});
