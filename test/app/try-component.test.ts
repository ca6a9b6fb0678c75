import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { tryComponent } from '../../src/app/try-component.ts';
import { NS } from '../../src/xml/names.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';
import { ComponentServer } from '../support/component-server.ts';
import { atEnd, endAll } from '../support/ending.ts';
import { freePort, listen } from '../support/ports.ts';

/* Trying the component's secret, on servers that do as they are told. */

afterEach(endAll);

const host = '127.0.0.1';

function attempt(port: number, secret = 's3cret', timeout = 30_000) {
  return tryComponent({ domain: 'rooms.denmark.test', host, port, secret }, timeout);
}

/** A server that does this with whoever connects. */
async function server(greet: (socket: Socket) => void): Promise<number> {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    atEnd(() => socket.destroy());
    greet(socket);
  });
  atEnd(() => listener.close());
  return listen(listener, host);
}

const HEADER = `<?xml version='1.0'?><stream:stream xmlns='${NS.component}' xmlns:stream='${NS.streams}' id='1'>`;

it('a server that takes the secret sees the stream end', async () => {
  const scripted = await ComponentServer.start('s3cret');
  expect(await attempt(scripted.port)).toEqual({ outcome: 'accepted' });
  await scripted.stream.closed;
});

it('a server that has another secret', async () => {
  const scripted = await ComponentServer.start('another');
  expect(await attempt(scripted.port)).toEqual({
    outcome: 'refused',
    condition: 'not-authorized',
    reason: 'not-authorized: Wrong secret',
  });
});

it.each(['host-unknown', 'conflict', 'resource-constraint'] as const)('a server that says %s', async (condition) => {
  const port = await server((socket) => socket.write(`${HEADER}${new StreamError(condition).toXml()}</stream:stream>`));
  expect(await attempt(port)).toMatchObject({ outcome: 'refused', condition });
});

it.each([
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['a stream without an id', HEADER.replace(" id='1'", '')],
  ['a stream that offers what clients want', `${HEADER}<stream:features/>`],
])('%s', async (_, words) => {
  const port = await server((socket) => socket.write(words));
  expect(await attempt(port)).toMatchObject({ outcome: 'foreign' });
});

it('a server that hangs up', async () => {
  const port = await server((socket) => socket.end());
  expect(await attempt(port)).toEqual({ outcome: 'hung-up', reason: 'the peer closed the connection' });
});

it('a server that says nothing', async () => {
  const port = await server(() => {});
  expect(await attempt(port, 's3cret', 100)).toEqual({ outcome: 'silent' });
});

it('a server that takes the stream and never answers the handshake', async () => {
  const port = await server((socket) => socket.write(HEADER));
  expect(await attempt(port, 's3cret', 100)).toEqual({ outcome: 'silent' });
});

it('no server', async () => {
  const port = await freePort(host);
  expect(await attempt(port)).toEqual({
    outcome: 'unreachable',
    reason: `nobody listens at ${host}:${port}: is the server there running and its port open?`,
  });
});
