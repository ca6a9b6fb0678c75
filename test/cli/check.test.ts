import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { built } from '../../src/app/built.ts';
import type { Surroundings } from '../../src/cli/check/surroundings.ts';
import { checkOn } from '../../src/cli/check.ts';
import { unpainted } from '../../src/cli/paint.ts';
import type { ConfigFiles } from '../../src/config/files.ts';
import { fileSystemOf } from '../../src/io/file-system.ts';
import { configFiles, directoryProblem, MAX_TEXT_BYTES } from '../../src/io/files.ts';
import { findIdentity, type Identity, IdentityError } from '../../src/io/identity.ts';
import { connectProblem, isAnswering, listenProblems } from '../../src/io/probe.ts';
import { fakeFiles } from '../config/support.ts';
import { CERTIFICATE, FOREIGN_CERTIFICATE, KEY, SELF_SIGNED, SRV_CERTIFICATE } from '../support/certificates.ts';
import { fine } from './surroundings.ts';

const GATEWAY =
  'component = { secret = "s" }\n[gateway]\nlocal_domains = ["denmark.lit"]\ndomain = "rooms.denmark.lit"\n';
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
  const output = {
    print: (lines: string) => printed.push(...lines.split('\n')),
    complain: (line: string) => complaints.push(line),
    paint: unpainted,
  };
  const status = await checkOn({ file: '/f.toml', operands: [], json: false, output }, fine(text, given), unpainted);
  return { status, printed, complaints };
}

describe('the verdict', () => {
  it('on a file without faults is one word and 0', async () => {
    expect(await checked(GATEWAY)).toMatchObject({ status: 0, complaints: [] });
    expect((await checked(GATEWAY)).printed[0]).toBe('/f.toml: fine');
  });

  it('counts the warnings', async () => {
    expect(await checked('[gateway]\ndomain = "rooms.denmark.lit"\n')).toMatchObject({
      status: 0,
      printed: expect.arrayContaining(['/f.toml: fine, warnings: 1']) as string[],
      complaints: ['/f.toml:1:1: warning: nobody reaches the rooms (a [component], listen in [s2s], or a [[link]])'],
    });
  });

  it('on faults is each of them and 1', async () => {
    expect(await checked('[gateway]\ndomain = 1\nnaem = 2')).toEqual({
      status: 1,
      printed: ['/f.toml: 2 faults; all else is looked at once it has none'],
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
      "/f.toml:5:11: control can't be written: /c: permission denied (a directory of ours)",
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
    expect(complaints).toEqual(['/f.toml:8:10: 0.0.0.0:5270 is taken', '/f.toml:12:10: 0.0.0.0:5271 is taken']);
  });

  it('not where the gateway runs and holds them', async () => {
    const answering: string[] = [];
    const { status } = await checked(LINKS, {
      askGateway: async (path) => ({ runs: answering.push(path) > 0 }),
      listenProblems: async () => expect.fail('the gateway holds these addresses'),
    });
    expect([status, ...answering]).toEqual([0, '/run/fmucd/control.sock']);
  });

  it("the component's server, whose absence is no fault", async () => {
    const { status, complaints } = await checked(GATEWAY, {
      tryComponent: async () => ({ outcome: 'unreachable', reason: 'nobody listens at 127.0.0.1:5347' }),
    });
    expect(status).toBe(0);
    expect(complaints).toEqual(['/f.toml:1:13: warning: nobody listens at 127.0.0.1:5347']);
  });

  it('the addresses of [s2s] too', async () => {
    const text = `${GATEWAY}[s2s]\nlisten = ["0.0.0.0:5269",\n"[::1]:5268"]\n`;
    const { status, complaints } = await checked(text, {
      listenProblems: async (addresses) => addresses.map(({ host, port }) => `${host}:${port} is taken`),
    });
    expect(status).toBe(1);
    expect(complaints).toEqual(['/f.toml:6:11: 0.0.0.0:5269 is taken', '/f.toml:7:1: 0:0:0:0:0:0:0:1:5268 is taken']);
  });

  it('the addresses of hosts, whose absence is no fault', async () => {
    const text = `${GATEWAY}[s2s]\nhosts = { "a.lit" = "10.1.0.2:5269",\n  "b.lit" = "10.1.0.3:5269" }\n`;
    const { status, complaints } = await checked(text, {
      connectProblem: async ({ host }) => (host === '10.1.0.3' ? 'no way to 10.1.0.3:5269' : undefined),
    });
    expect(status).toBe(0);
    expect(complaints).toEqual(['/f.toml:7:13: warning: no way to 10.1.0.3:5269']);
  });

  it('the clock', async () => {
    const { status, complaints } = await checked(GATEWAY, { now: () => 1 });
    expect(status).toBe(0);
    expect(complaints).toEqual([
      '/f.toml: warning: the clock says 1970-01-01T00:00:00.001Z (set it: messages are stamped by it)',
    ]);
  });
});

describe('the certificate', () => {
  const PAIR = '[s2s]\ncertificate = "/c"\nkey = "/k"\n';
  const PIN = `[[link]]\npeer = "a.lit"\nconnect = "10.1.0.2:1"\ntls = "pinned"\npin = "${'ab'.repeat(32)}"\n`;
  const DAY = 86_400_000;
  const identity: Identity = {
    certificatePem: CERTIFICATE,
    keyPem: KEY,
    sha256: '00'.repeat(32),
    names: ['rooms.denmark.lit'],
    notBefore: Date.UTC(2026, 2, 1),
    notAfter: Date.UTC(2027, 2, 1),
    isSelfSigned: false,
  };
  const well = identity.notBefore + DAY;

  /** What is said of the certificate in that file. */
  async function said(text: string, now = well, changes: Partial<Identity> = {}) {
    const { status, complaints } = await checked(GATEWAY + text, {
      files: fakeFiles({ '/f.toml': GATEWAY + text, '/c': CERTIFICATE, '/k': KEY }),
      findIdentity: () => ({ ...identity, ...changes }),
      now: () => Math.max(now, built),
    });
    return [status, ...complaints];
  }

  it('is fine', async () => {
    expect(await said(PAIR)).toEqual([0]);
  });

  const end = identity.notAfter;
  const soon = 'warning: the certificate expires';
  it.each([
    ['30 days and a bit before it expires', end - 30 * DAY - 1, 0],
    ['30 days before', end - 30 * DAY, 0, `${soon} in 30 days, on 2027-03-01 (a new certificate)`],
    ['two days before', end - DAY - 1, 0, `${soon} in 2 days, on 2027-03-01 (a new certificate)`],
    ['when it expires', end, 0, `${soon} within a day, on 2027-03-01 (a new certificate)`],
    [
      'once it has expired',
      end + 1,
      1,
      'the certificate has expired on 2027-03-01, and here it is 2027-03-01 (a new certificate, unless the clock is wrong)',
    ],
  ])('%s', async (_, now, status, ...says) => {
    expect(await said(PAIR, now)).toEqual([status, ...says.map((line) => `/f.toml:6:15: ${line}`)]);
  });

  it('that is not valid yet, or the clock is wrong', async () => {
    expect(await said(PAIR, well, { notBefore: well + DAY, notAfter: well + 400 * DAY })).toEqual([
      1,
      "/f.toml:6:15: the certificate isn't valid before 2026-03-03, and here it is 2026-03-02 (set the clock, or another certificate)",
    ]);
  });

  const foreign = { names: ['rooms.france.lit', 'france.lit'] };
  const wrong =
    "the certificate is for rooms.france.lit, france.lit and not for rooms.denmark.lit (one that names the gateway's domain)";
  it.each([
    ['the DNS name', ['rooms.denmark.lit']],
    ['a wildcard', ['*.denmark.lit']],
    ['the SRV name', ['_xmpp-server.rooms.denmark.lit']],
  ])('that names the domain by %s', async (_, names) => {
    expect(await said(PAIR, well, { names })).toEqual([0]);
  });

  it('for another name, which other servers refuse', async () => {
    expect(await said(PAIR, well, foreign)).toEqual([1, `/f.toml:6:15: ${wrong}`]);
  });

  it('for another name, which is no proof where none is asked for', async () => {
    expect(await said(`${PAIR}auth = ["dialback"]`, well, foreign)).toEqual([0, `/f.toml:6:15: warning: ${wrong}`]);
  });

  it('for another name, or expired, which a pin stands for', async () => {
    expect(await said(PIN, well, foreign)).toEqual([0]);
    expect(await said(PIN, end + DAY)).toEqual([0]);
  });

  it('that is of no use, where the file asks for one', async () => {
    const broken = {
      findIdentity: () => {
        throw new IdentityError('others may read it');
      },
    };
    const places = async (text: string) => (await checked(GATEWAY + text, broken)).complaints;
    expect(await places('[s2s]')).toEqual(['/f.toml:5:1: others may read it']);
    expect(await places(PIN)).toEqual(['/f.toml:8:7: others may read it']);
    expect(await places('[s2s]\ntls = "off"\n')).toEqual([]);
    expect(await places('')).toEqual([]);
  });

  it('of its own, yet to be made', async () => {
    expect(await checked(`${GATEWAY}[s2s]`)).toMatchObject({ status: 0, complaints: [] });
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

  it("finds a certificate and its key, or that the key is another's", async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificate = file('cert.pem', CERTIFICATE, 0o644);
    const key = file('key.pem', KEY);
    const other = file('other.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const checkWith = (pair: readonly string[]) => {
      const [cert, secret] = pair;
      const text = `${GATEWAY}data = "${directory}"\n[s2s]\ncertificate = "${cert}"\nkey = "${secret}"\n`;
      const files: ConfigFiles = {
        read: (path) => (path === '/f.toml' ? { ok: true, text, mode: 0o600 } : configFiles.read(path)),
      };
      return checked(text, { files, findIdentity, now: () => Math.max(built, Date.UTC(2026, 5)) });
    };
    expect(await checkWith([certificate, key])).toMatchObject({ status: 0, complaints: [] });
    expect(await checkWith([file('f.pem', FOREIGN_CERTIFICATE), key])).toMatchObject({
      status: 1,
      complaints: [expect.stringMatching(/^\/f.toml:7:15: the certificate is for rooms.france.lit and not for/)],
    });
    expect(await checkWith([file('s.pem', SRV_CERTIFICATE), key])).toMatchObject({ status: 0, complaints: [] });
    expect(await checkWith([file('self.pem', SELF_SIGNED), key])).toMatchObject({ status: 0, complaints: [] });
    expect(await checkWith([certificate, other])).toMatchObject({
      status: 1,
      complaints: [expect.stringMatching(/^\/f.toml:7:15: the key in .*other.pem isn't the one of/)],
    });
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
