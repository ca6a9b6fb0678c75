import { existsSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_DAMAGED_STORES, STORE_FILE } from '../../src/io/store-files.ts';
import { parseStamp } from '../../src/lib/stamp.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway, messageOf } from '../support/gateway.ts';
import { gatewayOf, SECRET } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';
import { said } from '../support/stanzas.ts';

const ROOM = 'elsinore@rooms.denmark.test';

afterEach(endAll);

interface Scene {
  readonly server: ComponentServer;
  readonly gateway: Gateway;
  readonly data: string;
  readonly file: string;
}

/** The program with a store in which so many messages were said. */
async function begin(messages: number): Promise<Scene> {
  const server = await ComponentServer.start(SECRET);
  const gateway = await Gateway.start(`${gatewayOf('denmark.test', server)}\n[[room]]\nname = "elsinore"\n`);
  const hamlet = server.user('hamlet@denmark.test/castle');
  await hamlet.join(ROOM, 'Hamlet');
  for (let number = 1; number <= messages; number += 1) await hamlet.say(ROOM, `words ${number}`);
  await hamlet.expect('his last words', said(ROOM, 'Hamlet', `words ${messages}`));
  const data = join(gateway.folder, 'data');
  return { server, gateway, data, file: join(data, STORE_FILE) };
}

/** What is kept of damaged stores, without the files that belong to each. */
function keptIn(data: string): string[] {
  return readdirSync(data).filter((name) => /damaged-\w+(?:\.\d+)?$/.test(name));
}

/** Says something and hears it. */
async function converse({ server }: Scene, nick: string, body: string): Promise<void> {
  const person = server.user(`${nick.toLowerCase()}@denmark.test/court`);
  await person.join(ROOM, nick);
  await person.say(ROOM, body);
  await person.expect('the words', said(ROOM, nick, body));
}

/** The highest position that the store has given to a message of its own. */
function lastOwn(file: string): number {
  const store = new SQLite(file, { readonly: true });
  const last = store.prepare<[], number>('SELECT max(own) FROM message').pluck().get() ?? 0;
  store.close();
  return last;
}

describe('a store that is damaged at the start is kept beside a fresh one', () => {
  it.each<[string, (file: string) => void]>([
    ['in the header', (file) => writeFileSync(file, readFileSync(file).fill(0, 0, 512))],
    ['in the middle', (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 4096, 20_480))],
    ['by being cut off', (file) => truncateSync(file, 7 * 1024)],
  ])('%s', async (_, damage) => {
    const scene = await begin(60);
    const { gateway, data, file } = scene;
    await gateway.stop();
    const before = lastOwn(file);
    damage(file);
    const damaged = readFileSync(file);
    await gateway.restart();
    const [kept = '', ...others] = keptIn(data);
    expect(others).toEqual([]);
    expect(readFileSync(join(data, kept)).equals(damaged)).toBe(true);
    expect(gateway.log.all()).toContainEqual(
      expect.stringMatching(new RegExp(`level=error msg="damaged store set aside" kept=${join(data, kept)}$`)),
    );
    const problem = `the store was damaged, and a fresh one goes on: it is kept as ${join(data, kept)}; remove it once looked at`;
    expect((await gateway.status()).problems).toContain(problem);
    await converse(scene, 'Ophelia', 'after');
    await gateway.stop();
    expect(lastOwn(file)).toBeGreaterThan(before + 60);
  });

  it('and so is one that turns out to be damaged while it runs: the gateway begins anew by itself', async () => {
    const scene = await begin(1200);
    const { gateway, data, file } = scene;
    await gateway.stop();
    const content = readFileSync(file);
    const page = Math.floor(content.indexOf('words 300<') / 1024) * 1024;
    writeFileSync(file, content.fill(0x5a, page, page + 1024));
    // Of a room that the file doesn't name, only the newest messages are read at the start.
    writeFileSync(gateway.file, readFileSync(gateway.file, 'utf8').replace(/\[\[room\]\][^]*/, ''));
    await gateway.restart();
    expect(keptIn(data)).toEqual([]);
    const history = gateway.command('history', ROOM);
    expect(await history.exited).toMatchObject({ code: 1 });
    await gateway.log.expect('to set it aside', (line) => messageOf(line) === 'damaged store set aside');
    await gateway.ready();
    expect(keptIn(data)).toHaveLength(1);
    await converse(scene, 'Ophelia', 'after');
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });

  it(`at most ${MAX_DAMAGED_STORES} are kept`, async () => {
    const { gateway, data, file } = await begin(1);
    for (let count = 0; count <= MAX_DAMAGED_STORES; count += 1) {
      await gateway.stop();
      writeFileSync(file, `no database, for the time number ${count}. `.repeat(50));
      await gateway.restart();
    }
    const kept = keptIn(data);
    expect(kept).toHaveLength(MAX_DAMAGED_STORES);
    const texts = kept.map((name) => readFileSync(join(data, name), 'utf8').slice(0, 34));
    expect(texts.toSorted()).toEqual([1, 2, 3].map((count) => `no database, for the time number ${count}`));
    const { problems } = await gateway.status();
    expect(problems).toContainEqual(
      expect.stringMatching(/kept as \S+ \(and older ones: 2\); remove it once looked at$/),
    );
  });
});

it('a peer takes what is said upon a fresh store for new, and brings back what it has', async () => {
  const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  const link = (domain: string) => `[[link]]\npeer = "rooms.${domain}"\ndomains = ["${domain}"]\n`;
  await Gateway.start(
    `${gatewayOf('wonderland.test', wonderlandish)}\n${link('denmark.test')}listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]\n[[room]]\nname = "rabbithole"\naccept = ["*"]\n`,
  );
  const denmark = await Gateway.start(
    `${gatewayOf('denmark.test', danish)}\n${link('wonderland.test')}connect = "127.0.0.1:${port}"
    [[room]]\nname = "elsinore"\nfederate = "rabbithole@rooms.wonderland.test"\n`,
  );
  const rabbithole = 'rabbithole@rooms.wonderland.test';
  const alice = wonderlandish.user('alice@wonderland.test/garden');
  const hamlet = danish.user('hamlet@denmark.test/castle');
  await alice.join(rabbithole, 'Alice');
  await hamlet.join(ROOM, 'Hamlet');
  for (const words of ['one', 'two', 'three']) {
    await hamlet.say(ROOM, words);
    await alice.expect('his words', said(rabbithole, 'Hamlet', words));
  }
  await alice.say(rabbithole, 'four');
  await hamlet.expect('her words', said(ROOM, 'Alice', 'four'));

  await denmark.stop();
  const file = join(denmark.folder, 'data', STORE_FILE);
  writeFileSync(file, readFileSync(file).fill(0x5a, 1024));
  await denmark.restart();
  expect(keptIn(join(denmark.folder, 'data'))).toHaveLength(1);
  const ophelia = danish.user('ophelia@denmark.test/brook');
  await ophelia.join(ROOM, 'Ophelia');
  await ophelia.expect('what was said', (stanza) => stanza.getChildText('body') === 'four');
  for (const words of ['five', 'six', 'seven', 'eight']) {
    await ophelia.say(ROOM, words);
    await alice.expect('her words', said(rabbithole, 'Ophelia', words));
  }
});

describe('clock', () => {
  async function askClock(gateway: Gateway): Promise<number> {
    const { lines, exited } = gateway.command('clock');
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(lines.all()).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)]);
    return parseStamp(lines.all()[0] ?? '') ?? Number.NaN;
  }

  /** Has the newest message have come at that time. */
  function backdate(file: string, received: number): void {
    const store = new SQLite(file);
    store.prepare('UPDATE message SET received = ? WHERE id = (SELECT max(id) FROM message)').run(received);
    store.close();
  }

  it('tells when the newest message came, running or not, and leaves the store as it is', async () => {
    const { gateway, data, file } = await begin(3);
    const newest = Math.ceil(Date.now() / 1000) * 1000 + 86_400_000;
    await gateway.stop();
    backdate(file, newest - 500);
    const before = readFileSync(file);
    expect(await askClock(gateway)).toBe(newest);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(`${file}-shm`)).toBe(false);
    await gateway.restart();
    expect(await askClock(gateway)).toBe(newest);
    expect((await gateway.status()).problems).toContainEqual(
      expect.stringMatching(/^the clock says \S+, and the newest message came at \S+: set the clock/),
    );
    await gateway.kill('SIGKILL');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(await askClock(gateway)).toBe(newest);
    expect(readdirSync(data).sort()).toEqual([STORE_FILE, `${STORE_FILE}-wal`, 'identity.pem']);
  });

  it('tells when a store was last written that is damaged, and when the program was where there is none', async () => {
    const { gateway, file } = await begin(3);
    await gateway.stop();
    const written = Math.ceil(Date.now() / 1000) + 86_400;
    writeFileSync(file, 'words, words, words\n'.repeat(500));
    utimesSync(file, written, written);
    expect(await askClock(gateway)).toBe(written * 1000);
    const none = Gateway.run('[gateway]\ndomain = "rooms.denmark.test"\ndata = "none"\ncontrol = "control"\nx = 1\n');
    await none.exited;
    const built = await askClock(none);
    expect(built).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1));
    expect(built).toBeLessThanOrEqual(Date.now());
  });
});

it('a gateway that turns sets the times of its control socket', async () => {
  const { gateway } = await begin(1);
  const control = join(gateway.folder, 'control.sock');
  utimesSync(control, 1, 1);
  await vi.waitFor(() => expect(statSync(control).mtimeMs).toBeGreaterThan(Date.now() - 20_000), 15_000);
});
