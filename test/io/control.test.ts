import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ControlRequest,
  ControlServer,
  MAX_COMMANDS,
  MAX_REQUEST_BYTES,
  RequestError,
} from '../../src/io/control.ts';
import { ask } from '../../src/io/control-client.ts';

let directory: string;
let path: string;
let servers: { close(): void }[];
let sockets: Socket[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-control-'));
  path = join(directory, 'run', 'control.sock');
  servers = [];
  sockets = [];
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true });
});

async function serve(answer: (request: ControlRequest) => unknown = (request) => request, deadline?: number) {
  const server = new ControlServer(path, answer, deadline);
  servers.push(server);
  await server.listen();
  return server;
}

/** Something at the path that is no gateway. */
async function pretend(welcome: (socket: Socket) => void): Promise<string> {
  const other = join(directory, 'other.sock');
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    welcome(socket);
  });
  servers.push(server);
  server.listen(other);
  await once(server, 'listening');
  return other;
}

async function dial(): Promise<Socket> {
  const socket = connect(path);
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function say(text: string): Promise<string> {
  const socket = await dial();
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('a running gateway', () => {
  test('answers a command', async () => {
    await serve(({ command }) => ({ was: command, text: 'ünï' }));
    expect(await ask(path, { command: 'status' })).toEqual({ ok: true, result: { was: 'status', text: 'ünï' } });
  });

  test('that fails to answer says so, and goes on', async () => {
    await serve(() => expect.fail('a bug'));
    for (let time = 1; time <= 2; time += 1)
      expect(await ask(path, { command: 'status' })).toEqual({
        ok: false,
        error: 'the gateway failed to answer: a bug',
      });
  });

  test("keeps its socket from others than its user and group, and leaves the process's own mask alone", async () => {
    const mask = umask();
    await serve();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(statSync(join(directory, 'run')).mode & 0o027).toBe(0);
    expect(umask()).toBe(mask);
  });

  test('takes its socket with it', async () => {
    const server = await serve();
    server.close();
    await expect(ask(path, { command: 'status' })).rejects.toMatchObject({ condition: 'not-running' });
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each(['nonsense', '{}', '[]', 'null', '{"command":"format"}', '{"command":["status"]}'])(
    'refuses %s',
    async (text) => {
      await serve();
      expect(JSON.parse(await say(`${text}\n`))).toEqual({
        ok: false,
        error: "the gateway doesn't know this command: is it of another version?",
      });
    },
  );

  test('refuses a request beyond the bound, ended or not', async () => {
    await serve();
    const tooLong = { ok: false, error: 'the request is too long' };
    const request = JSON.stringify({ command: 'status', padding: 'x'.repeat(MAX_REQUEST_BYTES) });
    expect(JSON.parse(await say(request))).toEqual(tooLong);
    expect(JSON.parse(await say(`${request}\n`))).toEqual(tooLong);
  });

  test('ends a connection that asks nothing', async () => {
    await serve(undefined, 20);
    expect(await say('{"command":')).toBe('');
  });

  test('turns away more commands than its bound', async () => {
    await serve();
    for (let count = 0; count < MAX_COMMANDS; count += 1) await dial();
    const extra = await dial();
    await once(extra.resume(), 'close');
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(MAX_COMMANDS);
  });
});

describe('starting', () => {
  test('a second gateway is refused', async () => {
    await serve();
    await expect(serve()).rejects.toMatchObject({
      condition: 'already-running',
      message: `the gateway is already running (it answers at ${path}): stop that one first`,
    });
    expect(await ask(path, { command: 'status' })).toMatchObject({ ok: true });
  });

  test('the socket of a process that was killed is replaced', async () => {
    await serve().then((server) => server.close());
    const leave = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave]);
    expect(statSync(path).isSocket()).toBe(true);
    await expect(ask(path, { command: 'status' })).rejects.toMatchObject({ condition: 'not-running' });
    await serve();
    expect(await ask(path, { command: 'status' })).toMatchObject({ ok: true });
  });

  test('a file in its place is left alone', async () => {
    path = join(directory, 'control.sock');
    writeFileSync(path, 'precious');
    await expect(serve()).rejects.toMatchObject({
      condition: 'taken',
      message: `${path} is no socket: move it away, or change "control" in the file`,
    });
  });

  test("a directory that can't be made is named", async () => {
    writeFileSync(join(directory, 'run'), '');
    await expect(serve()).rejects.toMatchObject({ condition: 'unusable' });
  });
});

describe('asking', () => {
  test('without a gateway says how to start it', async () => {
    await expect(ask(path, { command: 'status' })).rejects.toMatchObject({
      condition: 'not-running',
      message: `the gateway isn't running (nobody answers at ${path}): start it with "fmucd run"`,
    });
  });

  test('a gateway that is stuck', async () => {
    const stuck = await pretend((socket) => socket.resume());
    await expect(ask(stuck, { command: 'status' }, 20)).rejects.toMatchObject({ condition: 'silent' });
  });

  test('one that hangs up', async () => {
    const rude = await pretend((socket) => socket.end());
    await expect(ask(rude, { command: 'status' })).rejects.toMatchObject({ condition: 'silent' });
  });

  test('something that is no gateway', async () => {
    const other = await pretend((socket) => socket.end('220 mail.denmark.lit ESMTP\r\n'));
    await expect(ask(other, { command: 'status' })).rejects.toMatchObject({ condition: 'garbled' });
  });
});

/** The process's mask, as the kernel has it: asking Node for it would write it. */
function umask(): string | undefined {
  return /^Umask:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
}

test('a request bears what it is for, and one that cannot be met is refused with the reason', async () => {
  await serve((request) => {
    if (request.room === 'nowhere') throw new RequestError('no room "nowhere" that federates');
    return request;
  });
  const asked = { command: 'fetch', room: 'elsinore' } as const;
  expect(await ask(path, asked)).toEqual({ ok: true, result: asked });
  expect(await ask(path, { command: 'fetch', room: 'nowhere' })).toEqual({
    ok: false,
    error: 'no room "nowhere" that federates',
  });
});
