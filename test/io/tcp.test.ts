import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Tcp, type TcpBounds } from '../../src/io/tcp.ts';
import type { ConnectionInput } from '../../src/lib/effects.ts';

/** Real sockets on loopback. Nothing here waits for time: each step waits for the report that it expects. */
class Recorder {
  readonly inputs: ConnectionInput[] = [];
  #changed = () => {};

  readonly report = (input: ConnectionInput): void => {
    this.inputs.push(input);
    this.#changed();
  };

  async until<K extends ConnectionInput['kind']>(
    kind: K,
    connection: number,
  ): Promise<Extract<ConnectionInput, { kind: K }>> {
    for (;;) {
      const found = this.inputs.find((input) => input.kind === kind && input.connection === connection);
      if (found !== undefined) return found as Extract<ConnectionInput, { kind: K }>;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  text(connection: number): string {
    const chunks = this.inputs.filter((input) => input.kind === 'data' && input.connection === connection);
    return Buffer.concat(chunks.map((input) => (input.kind === 'data' ? input.bytes : new Uint8Array()))).toString();
  }

  kinds(connection: number): string[] {
    return this.inputs.filter((input) => input.connection === connection).map((input) => input.kind);
  }
}

let recorder: Recorder;
let tcp: Tcp;
let servers: Server[];
let sockets: Socket[];

beforeEach(() => {
  recorder = new Recorder();
  tcp = new Tcp(recorder.report);
  servers = [];
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await tcp.shutdown();
  for (const server of servers) server.close();
});

function bounded(bounds: TcpBounds): void {
  tcp = new Tcp(recorder.report, bounds);
}

/** A server of the test's own that hands each peer to `welcome`. */
async function serve(welcome: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    welcome(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host);
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('a connection that we open', () => {
  test('is reported, carries bytes both ways, and ends once', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, 'grüße');
    await recorder.until('data', 1);
    expect(recorder.text(1)).toBe('grüße');
    tcp.close(1);
    expect(await recorder.until('closed', 1)).toEqual({
      kind: 'closed',
      connection: 1,
      reason: 'closed from our side',
    });
    expect(recorder.kinds(1)).toEqual(['connected', 'data', 'closed']);
    tcp.write(1, 'nobody reads this');
    tcp.close(1);
    expect(tcp.buffered(1)).toBe(0);
  });

  test('says who refuses it and what to look at', async () => {
    const port = await serve(() => {});
    servers.pop()!.close();
    tcp.open(1, '127.0.0.1', port);
    expect((await recorder.until('closed', 1)).reason).toBe(
      `nobody listens at 127.0.0.1:${port}: is the server there running and its port open?`,
    );
    expect(recorder.kinds(1)).toEqual(['closed']);
  });

  test('reports the end of the peer', async () => {
    const port = await serve((socket) => socket.end('last words'));
    tcp.open(1, '127.0.0.1', port);
    expect((await recorder.until('closed', 1)).reason).toBe('the peer closed the connection');
    expect(recorder.text(1)).toBe('last words');
  });

  test('reports a reset', async () => {
    const port = await serve((socket) => socket.on('data', () => socket.resetAndDestroy()));
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, 'x');
    expect((await recorder.until('closed', 1)).reason).toBe('the peer dropped the connection');
  });

  test('may be closed before it stands', async () => {
    const port = await serve(() => {});
    tcp.open(1, '127.0.0.1', port);
    tcp.close(1);
    await recorder.until('closed', 1);
    expect(recorder.kinds(1)).toEqual(['closed']);
  });
});

describe('writing', () => {
  test('what one turn writes leaves together', async () => {
    const chunks: string[] = [];
    const port = await serve((socket) =>
      socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()) && socket.write('.')),
    );
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, '<a/>');
    tcp.write(1, '<b/>');
    tcp.write(1, '<c/>');
    expect(tcp.buffered(1)).toBe(12);
    await recorder.until('data', 1);
    expect(chunks).toEqual(['<a/><b/><c/>']);
  });

  test('closing brings out everything first', async () => {
    const size = 3 * 1024 * 1024;
    let received = 0;
    const port = await serve((socket) => {
      socket.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => socket.end());
    });
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, 'x'.repeat(size));
    tcp.close(1);
    tcp.write(1, 'too late');
    await recorder.until('closed', 1);
    expect(received).toBe(size);
  });

  test('a peer that reads nothing is dropped at the bound, counted in bytes', async () => {
    bounded({ maxBuffered: 1000 });
    const port = await serve((socket) => socket.pause());
    tcp.open(1, '127.0.0.1', port);
    tcp.write(1, 'é'.repeat(500)); // still connecting: all of it waits
    expect(tcp.buffered(1)).toBe(1000);
    tcp.write(1, 'x');
    expect((await recorder.until('closed', 1)).reason).toBe(
      'the peer takes too little: more than 1000 bytes waited for it',
    );
    expect(recorder.kinds(1)).toEqual(['closed']);
  });

  test('nobody is heard while paused, newcomers included, and everybody after that', async () => {
    const port = await serve((socket) => {
      socket.write('hello');
      socket.on('data', () => socket.write('again'));
    });
    tcp.pause();
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, 'x');
    await new Promise<void>((resolve) => tcp.whenDrained(1, resolve));
    expect(recorder.kinds(1)).toEqual(['connected']);
    tcp.resume();
    await recorder.until('data', 1);
  });

  test('is drained once the peer has taken everything, or has gone', async () => {
    const port = await serve((socket) => socket.pause());
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.write(1, 'x'.repeat(3_000_000));
    const drained = new Promise<void>((resolve) => tcp.whenDrained(1, resolve));
    expect(tcp.buffered(1)).toBeGreaterThan(0);
    sockets[0]?.resume();
    await drained;
    expect(tcp.buffered(1)).toBe(0);
    sockets[0]?.pause();
    tcp.write(1, 'x'.repeat(4_000_000));
    const gone = new Promise<void>((resolve) => tcp.whenDrained(1, resolve));
    tcp.abort(1, 'for a test');
    await gone;
    expect((await recorder.until('closed', 1)).reason).toBe('for a test');
    await new Promise<void>((resolve) => tcp.whenDrained(1, resolve));
  });

  test('a peer that never ends its side is dropped after the linger', async () => {
    bounded({ linger: 20 });
    const port = await serve((socket) => socket.resume());
    tcp.open(1, '127.0.0.1', port);
    await recorder.until('connected', 1);
    tcp.close(1);
    expect((await recorder.until('closed', 1)).reason).toBe('closed from our side');
  });
});

describe('listening', () => {
  test('reports who came, to which listener, and hears them', async () => {
    const bound = await tcp.listen({ host: '127.0.0.1', port: 0 }, () => 7);
    const socket = await dial(bound.port);
    expect(await recorder.until('accepted', 7)).toEqual({
      kind: 'accepted',
      connection: 7,
      listener: '127.0.0.1:0',
      address: '127.0.0.1',
    });
    socket.write('hello');
    await recorder.until('data', 7);
    tcp.write(7, 'welcome');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toBe('welcome');
    expect(recorder.kinds(7)).toEqual(['accepted', 'data']);
  });

  test('shows an IPv4 peer as IPv4 on an IPv6 listener', async ({ skip }) => {
    const bound = await tcp.listen({ host: '::', port: 0 }, () => 1).catch(() => undefined);
    if (bound === undefined) return skip('this machine has no IPv6');
    await dial(bound.port);
    const accepted = await recorder.until('accepted', 1);
    expect(accepted).toMatchObject({ listener: '[::]:0', address: '127.0.0.1' });
  });

  test('says that an address is taken', async () => {
    const port = await serve(() => {});
    await expect(tcp.listen({ host: '127.0.0.1', port }, () => 1)).rejects.toMatchObject({
      name: 'ListenError',
      condition: 'EADDRINUSE',
      message: `127.0.0.1:${port} is taken: does another program, or another fmucd, listen there?`,
    });
  });

  test("says that an address isn't this machine's", async () => {
    await expect(tcp.listen({ host: '192.0.2.1', port: 0 }, () => 1)).rejects.toMatchObject({
      condition: 'EADDRNOTAVAIL',
      message: "192.0.2.1:0 isn't an address of this machine: is its network interface up?",
    });
  });

  test('turns away more peers than its bound', async () => {
    bounded({ maxAccepted: 2 });
    let next = 1;
    const bound = await tcp.listen({ host: '127.0.0.1', port: 0 }, () => next++);
    await dial(bound.port);
    await recorder.until('accepted', 1);
    await dial(bound.port);
    await recorder.until('accepted', 2);
    const third = await dial(bound.port);
    await once(third.resume(), 'close');
    expect(next).toBe(3);
  });
});

test('shutdown frees the ports, brings out what was written, and waits for the last end', async () => {
  bounded({ shutdownLinger: 20 });
  let next = 1;
  const bound = await tcp.listen({ host: '127.0.0.1', port: 0 }, () => next++);
  const polite = await dial(bound.port);
  await recorder.until('accepted', 1);
  const rude = connect({ port: bound.port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(rude);
  rude.on('error', () => {}).resume();
  await recorder.until('accepted', 2);
  let heard = '';
  polite.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  tcp.write(1, '</stream:stream>');
  await tcp.shutdown();
  expect(recorder.kinds(1)).toEqual(['accepted', 'closed']);
  expect(recorder.kinds(2)).toEqual(['accepted', 'closed']);
  expect((await recorder.until('closed', 2)).reason).toBe('the gateway stops');
  if (!polite.destroyed) await once(polite, 'close');
  expect(heard).toBe('</stream:stream>');
  await tcp.listen({ host: '127.0.0.1', port: bound.port }, () => 9);
});
