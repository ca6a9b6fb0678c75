import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { STORE_FILE } from '../../src/io/store-files.ts';
import type { Element } from '../../src/xml/element.ts';
import { Client } from '../support/client.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { LinkEmulator } from '../support/link-emulator.ts';
import { freePort } from '../support/ports.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { gone, present } from '../support/stanzas.ts';

/** Longer than what an expectation waits for, so that it fails first and says what was missing. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const secret = 'in a nutshell';
const names = ['a', 'b', 'c'] as const;
type Name = (typeof names)[number];

/** Fast for a radio, so that the test is; the delay is what matters. */
const BITS_PER_SECOND = 400_000;
const DELAY = 50;
/** How long an expectation waits, in milliseconds: redialling takes its time. */
const PATIENCE = 40_000;
const BURST = 20;

const room = (name: Name): string => `room@rooms.${name}.test`;

/** Three gateways, each a component of a Prosody of its own, in a chain: c joins b, which joins a. */
requires('prosody')('a chain of three gateways on slow links that are cut', () => {
  const gateways = {} as Record<Name, Gateway>;
  const users = {} as Record<Name, Client>;
  const links = {} as Record<'b' | 'c', LinkEmulator>;
  /** What was said and reflected to its author, by author. */
  const heard = new Map<Name, string[]>(names.map((name) => [name, []]));

  beforeAll(async () => {
    const servers = await Promise.all(
      names.map((name, index) =>
        Prosody.start({
          domain: `${name}.test`,
          address: `127.0.0.${5 + index}`,
          users: ['user'],
          components: { [`rooms.${name}.test`]: secret },
        }),
      ),
    );
    const ports = { b: await freePort('127.0.0.1'), c: await freePort('127.0.0.1') };
    for (const name of ['b', 'c'] as const) links[name] = await LinkEmulator.start(ports[name], BITS_PER_SECOND, DELAY);
    await Promise.all(
      names.map(async (name, index) => {
        const [parent] = names.slice(index - 1, index);
        const [child] = names.slice(index + 1) as ('b' | 'c')[];
        const server = servers[index] as Prosody;
        gateways[name] = await Gateway.start(`
          [gateway]
          domain = "rooms.${name}.test"
          data = "data"
          control = "control.sock"
          local_domains = ["${name}.test"]
          [component]
          host = "${server.address}"
          port = ${server.componentPort}
          secret = "${secret}"
          ${parent === undefined ? '' : link(parent, names.slice(0, index), `connect = "127.0.0.1:${links[name as 'b' | 'c'].port}"`)}
          ${child === undefined ? '' : link(child, names.slice(index + 1), `listen = "127.0.0.1:${ports[child]}"\nfrom = ["127.0.0.1"]`)}
          [[room]]
          name = "room"
          ${parent === undefined ? '' : `federate = "${room(parent)}"`}
          ${child === undefined ? '' : `accept = ["${room(child)}"]`}
        `);
        users[name] = await Client.connect(server, 'user', name);
      }),
    );
    for (const name of names) await users[name].join(room(name), name.toUpperCase());
    for (const name of names)
      for (const other of names)
        if (other !== name) await users[name].expect(other, present(room(name), other.toUpperCase()), PATIENCE);
  });
  afterAll(endAll);

  /** Says so many things, without waiting for anything. */
  async function burst(name: Name, what: string): Promise<void> {
    for (let number = 0; number < BURST; number++) await users[name].say(room(name), `${name} ${what} ${number}`);
  }

  /** Everybody has everything of that burst, theirs and the others'. */
  async function expectAll(what: string, authors: readonly Name[] = names): Promise<void> {
    for (const author of authors) {
      const mine = Array.from({ length: BURST }, (_, number) => `${author} ${what} ${number}`);
      heard.get(author)?.push(...mine);
      for (const name of names)
        for (const body of mine) await users[name].expect(body, said(room(name), author.toUpperCase(), body), PATIENCE);
    }
  }

  it('everyone hears everyone', async () => {
    for (const name of names) await burst(name, 'calm');
    await expectAll('calm');
  });

  it('a cut in the middle of a conversation, with messages under way from all sides', async () => {
    const talk = Promise.all(names.map((name) => burst(name, 'cut')));
    await untilSeen('a', 'C', 'c cut 0');
    links.c.cut();
    await talk;
    await expectAll('cut');
  });

  it('an outage, with all sides talking: rooms tells who waits for what, and then that nobody does', async () => {
    links.c.hold();
    await vi.waitFor(async () => expect((await neighbours('b')).find(isC)).toMatchObject({ state: 'away' }), PATIENCE);
    await Promise.all(names.map((name) => burst(name, 'outage')));
    await untilSeen('a', 'B', 'b outage 19');
    await untilSeen('b', 'A', 'a outage 19');
    await vi.waitFor(async () => {
      expect((await neighbours('b')).find(isC)?.misses).toBeGreaterThanOrEqual(2 * BURST);
      const [above] = await neighbours('c');
      expect(above).toMatchObject({ node: room('b'), side: 'joined', state: 'away' });
      expect(above?.misses).toBeGreaterThanOrEqual(BURST);
    }, PATIENCE);
    links.c.mend();
    await expectAll('outage');
    expect((await neighbours('b')).find(isC)).toMatchObject({ state: 'here', misses: 0, dropped: 0, dialect: 'fmucd' });
  });

  it('nobody was shown to have left meanwhile', () => {
    for (const name of names)
      expect(users[name].collected().filter((stanza) => stanza.attrs['type'] === 'unavailable')).toEqual([]);
  });

  it('the gateway in the middle is killed in the middle of a conversation', async () => {
    const talk = Promise.all((['a', 'c'] as const).map((name) => burst(name, 'kill')));
    await untilSeen('a', 'C', 'c kill 0');
    await gateways.b.restart('SIGKILL');
    await talk;
    await users.b.join(room('b'), 'B');
    for (const author of ['a', 'c'] as const) {
      const mine = Array.from({ length: BURST }, (_, number) => `${author} kill ${number}`);
      heard.get(author)?.push(...mine);
      for (const name of ['a', 'c'] as const)
        for (const body of mine) await users[name].expect(body, said(room(name), author.toUpperCase(), body), PATIENCE);
    }
  });

  it('an outage longer than the grace: the others leave with 333, and come back', async () => {
    links.b.hold();
    for (const other of ['B', 'C'])
      await users.a.expect('to be lost', gone(room('a'), other, { status: [333] }), PATIENCE);
    links.b.mend();
    for (const other of ['B', 'C']) await users.a.expect('to be back', present(room('a'), other), PATIENCE);
    await burst('c', 'after');
    await expectAll('after', ['c']);
  });

  it('nobody saw anything twice, and each author’s words in their order', () => {
    for (const name of names)
      for (const author of names) {
        const bodies = users[name]
          .collected()
          .filter((stanza) => isLive(stanza) && stanza.attrs['from'] === `${room(name)}/${author.toUpperCase()}`)
          .map((stanza) => stanza.getChildText('body') ?? '');
        const expected = heard.get(author) ?? [];
        // Whoever was away while b was killed got that part as history.
        if (name !== 'b') expect(bodies, `${author} at ${name}`).toEqual(expected);
        expect(new Set(bodies).size, `${author} at ${name}`).toBe(bodies.length);
      }
  });

  it('every store has everything once, each author’s in order', async () => {
    await Promise.all(names.map((name) => gateways[name].stop()));
    for (const name of names) {
      const store = new SQLite(join(gateways[name].folder, 'data', STORE_FILE), { readonly: true });
      const rows = store
        .prepare<[], { nick: string; stanza: string }>('SELECT nick, stanza FROM message ORDER BY seq')
        .all();
      store.close();
      for (const author of names) {
        const bodies = rows
          .filter(({ nick }) => nick === author.toUpperCase())
          .map(({ stanza }) => /<body>(.*)<\/body>/.exec(stanza)?.[1]);
        expect(bodies, `${author} at ${name}`).toEqual(heard.get(author));
      }
    }
  });

  /** Looks for it without answering another expectation. */
  async function untilSeen(name: Name, nick: string, body: string): Promise<void> {
    await vi.waitFor(
      () => expect(users[name].collected().some(said(room(name), nick, body)), body).toBe(true),
      PATIENCE,
    );
  }

  const isC = ({ node }: { readonly node: string }): boolean => node === room('c');

  async function neighbours(name: Name) {
    return (await gateways[name].status()).rooms[0]?.neighbours ?? [];
  }
});

function link(peer: Name, behind: readonly Name[], way: string): string {
  return `
    [[link]]
    peer = "rooms.${peer}.test"
    domains = [${behind.map((name) => `"${name}.test"`).join(', ')}]
    ${way}
    compression = true
    coalesce = 1
    presence = "full"
    grace = ${peer === 'b' ? 8 : 120}
    history = { messages = 1000, bytes = 1000000, age = 86400 }
  `;
}

/** A message of that nick, at once or after an outage. */
function said(of: string, nick: string, body: string): (stanza: Element) => boolean {
  return (stanza) =>
    stanza.attrs['from'] === `${of}/${nick}` &&
    stanza.attrs['type'] === 'groupchat' &&
    stanza.getChildText('body') === body;
}

/** Not what a client gets as history when it enters: that is stamped by its own room. */
function isLive(stanza: Element): boolean {
  if (stanza.attrs['type'] !== 'groupchat' || stanza.getChild('body') === undefined) return false;
  const from = String(stanza.getChild('delay')?.attrs['from'] ?? '');
  return from === '' || from !== String(stanza.attrs['from']).replace(/\/.*/, '');
}
