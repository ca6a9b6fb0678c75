import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check, type Surroundings } from '../../src/cli/check.ts';
import { fileSystemOf } from '../../src/io/file-system.ts';
import { configFiles, directoryProblem, MAX_TEXT_BYTES } from '../../src/io/files.ts';
import { connectProblem, isAnswering, listenProblems } from '../../src/io/probe.ts';
import { fakeFiles } from '../config/support.ts';

const GATEWAY = 'component = { secret = "s" }\n[gateway]\ndomain = "rooms.denmark.lit"\n';
const LINKS = `${GATEWAY}
[[link]]
peer = "rooms.wonderland.lit"
listen = "0.0.0.0:5270"
from = ["10.1.0.2"]
[[link]]
peer = "rooms.france.lit"
listen = "0.0.0.0:5271"
from = ["10.1.0.3"]
[[link]]
peer = "rooms.norway.lit"
listen = "0.0.0.0:5270"
from = ["10.1.0.4"]
`;

/** Runs `check` on `/f.toml` where everything is as it should be but for what is given. */
async function checked(text: string, given: Partial<Surroundings> = {}) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const status = await check('/f.toml', {
    files: fakeFiles({ '/f.toml': text }),
    directoryProblem: () => undefined,
    fileSystemOf: () => ({ isInMemory: false, free: 500_000, size: 1_000_000 }),
    listenProblems: async (addresses) => addresses.map(() => undefined),
    connectProblem: async () => undefined,
    isAnswering: async () => false,
    now: () => Date.UTC(2026, 0, 1),
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
    ...given,
  });
  return { status, printed, complaints };
}

describe('the verdict', () => {
  it('on a file without faults is one line and 0', async () => {
    expect(await checked(GATEWAY)).toEqual({ status: 0, printed: ['/f.toml: fine'], complaints: [] });
  });

  it('counts the warnings', async () => {
    expect(await checked('[gateway]\ndomain = "rooms.denmark.lit"\n')).toEqual({
      status: 0,
      printed: ['/f.toml: fine, warnings: 1'],
      complaints: ['/f.toml:1:1: warning: nobody reaches the rooms (a [component], listen in [s2s], or a [[link]])'],
    });
  });

  it('on faults is each of them and 1', async () => {
    expect(await checked('[gateway]\ndomain = 1\nnaem = 2')).toEqual({
      status: 1,
      printed: [],
      complaints: [
        "/f.toml:2:10: domain can't be 1 (a domain, such as denmark.lit)",
        '/f.toml:3:1: unknown key "naem" (did you mean name?)',
      ],
    });
  });

  it('on no file is one line and 2', async () => {
    expect(await checked('', { files: fakeFiles({}) })).toEqual({
      status: 2,
      printed: [],
      complaints: ['/f.toml: no such file or directory'],
    });
  });
});

describe('what a human would check', () => {
  it('the directories of the store and of the control socket', async () => {
    const { status, complaints } = await checked(`${GATEWAY}control = "/c/s"`, {
      directoryProblem: (path) => `${path}: permission denied`,
    });
    expect(status).toBe(1);
    expect(complaints).toEqual([
      "/f.toml:2:1: data can't be written: /var/lib/fmucd: permission denied (a directory of ours)",
      "/f.toml:4:11: control can't be written: /c: permission denied (a directory of ours)",
    ]);
  });

  it.each([
    [{ isInMemory: false, free: 50_000, size: 1_000_000 }, []],
    [
      { isInMemory: false, free: 49_999, size: 1_000_000 },
      ['the file system of /var/lib/fmucd is 95 % full (50.0 kB left: free some)'],
    ],
    [
      { isInMemory: true, free: 0, size: 1_000_000 },
      [
        '/var/lib/fmucd is in memory: what is kept is gone at power-off (a directory on a disk)',
        'the file system of /var/lib/fmucd is 100 % full (0 B left: free some)',
      ],
    ],
    [{ isInMemory: false, free: 0, size: 0 }, []],
    [undefined, []],
  ])('what the store stands on: %j', async (fileSystem, warnings) => {
    const { status, complaints } = await checked(GATEWAY, { fileSystemOf: () => fileSystem });
    expect([status, complaints]).toEqual([0, warnings.map((text) => `/f.toml:2:1: warning: ${text}`)]);
  });

  it('the addresses to listen on, each once', async () => {
    const { status, complaints } = await checked(LINKS, {
      listenProblems: async (addresses) => addresses.map(({ host, port }) => `${host}:${port} is taken`),
    });
    expect(status).toBe(1);
    expect(complaints).toEqual(['/f.toml:7:10: 0.0.0.0:5270 is taken', '/f.toml:11:10: 0.0.0.0:5271 is taken']);
  });

  it('not where the gateway runs and holds them', async () => {
    const answering: string[] = [];
    const { status } = await checked(LINKS, {
      isAnswering: async (path) => answering.push(path) > 0,
      listenProblems: async () => expect.fail('the gateway holds these addresses'),
    });
    expect([status, ...answering]).toEqual([0, '/run/fmucd/control.sock']);
  });

  it("the component's server, whose absence is no fault", async () => {
    const { status, complaints } = await checked(GATEWAY, {
      connectProblem: async ({ host, port }) => `nobody listens at ${host}:${port}`,
    });
    expect(status).toBe(0);
    expect(complaints).toEqual(['/f.toml:1:13: warning: nobody listens at 127.0.0.1:5347']);
  });

  it('the clock', async () => {
    const { status, complaints } = await checked(GATEWAY, { now: () => 1 });
    expect(status).toBe(0);
    expect(complaints).toEqual([
      '/f.toml: warning: the clock says 1970-01-01T00:00:00.001Z (set it: messages are stamped by it)',
    ]);
  });
});

describe('on real files and sockets', () => {
  let directory = '';
  let servers: Server[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fmucd-check-'));
  });

  afterEach(async () => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    servers = [];
    rmSync(directory, { recursive: true });
  });

  function listening(at: string | { host: string; port: number }): Promise<number> {
    const server = createServer((socket) => socket.destroy());
    servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(typeof at === 'string' ? { path: at } : at, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  function file(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  it('reads a file with its mode', () => {
    expect(configFiles.read(file('f', 'é\n', 0o640))).toEqual({ ok: true, text: 'é\n', mode: 0o100640 });
  });

  it('says why a file is not read', () => {
    const reason = (path: string) => {
      const content = configFiles.read(path);
      return content.ok ? 'read' : [content.isMissing, content.reason];
    };
    expect(reason(join(directory, 'none'))).toEqual([true, 'no such file or directory']);
    expect(reason(directory)).toEqual([false, 'illegal operation on a directory']);
    expect(reason(file('latin1', Uint8Array.of(0xe9)))).toEqual([false, "isn't text in UTF-8"]);
    expect(reason(file('full', 'a'.repeat(MAX_TEXT_BYTES)))).toBe('read');
    expect(reason(file('large', 'a'.repeat(MAX_TEXT_BYTES + 1)))).toEqual([false, 'larger than 1048576 bytes']);
  });

  it('says why a directory is of no use', () => {
    const plain = file('plain', '');
    mkdirSync(join(directory, 'there'));
    expect(directoryProblem(join(directory, 'there'))).toBeUndefined();
    expect(directoryProblem(join(directory, 'yet', 'to', 'be', 'made'))).toBeUndefined();
    expect(directoryProblem(plain)).toBe(`${plain} isn't a directory`);
    expect(directoryProblem(join(plain, 'below'))).toBe(`${join(plain, 'below')}: not a directory`);
  });

  it('tells what a directory stands on, also one that is yet to be made', () => {
    const found = fileSystemOf(directory);
    expect(found?.size).toBeGreaterThan(found?.free ?? Number.NaN);
    expect(fileSystemOf(join(directory, 'yet', 'to', 'be', 'made'))?.size).toBe(found?.size);
    expect(fileSystemOf('/dev/shm')?.isInMemory).toBe(true);
  });

  it('tries listeners and leaves them free', async () => {
    const taken = { host: '127.0.0.1', port: await listening({ host: '127.0.0.1', port: 0 }) };
    const free = { host: '127.0.0.2', port: taken.port };
    const expected = [undefined, expect.stringContaining(`127.0.0.1:${taken.port} is taken`)];
    expect(await listenProblems([free, taken])).toEqual(expected);
    expect(await listenProblems([free, taken])).toEqual(expected);
  });

  it('tells who answers', async () => {
    const port = await listening({ host: '127.0.0.1', port: 0 });
    expect(await connectProblem({ host: '127.0.0.1', port })).toBeUndefined();
    expect(await connectProblem({ host: '127.0.0.2', port })).toContain(`nobody listens at 127.0.0.2:${port}`);
    const socket = join(directory, 's');
    expect(await isAnswering(socket)).toBe(false);
    await listening(socket);
    expect(await isAnswering(socket)).toBe(true);
  });
});
