import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import { said } from '../support/stanzas.ts';

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

afterEach(endAll);

interface Scene {
  readonly denmark: Gateway;
  readonly wonderland: Gateway;
  readonly danish: ComponentServer;
  readonly wonderlandish: ComponentServer;
}

/** Two gateways with a link over which everything that is missed comes back. */
async function begin(): Promise<Scene> {
  const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  const history = 'history = { messages = 1000, bytes = 1000000, age = 86400 }';
  const wonderland = await Gateway.start(`
    ${gatewayOf('wonderland.test', wonderlandish)}
    ${linkTo('denmark.test', history)}
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `);
  const denmark = await Gateway.start(`
    ${gatewayOf('denmark.test', danish)}
    ${linkTo('wonderland.test', history)}
    connect = "127.0.0.1:${port}"
    [[room]]
    name = "elsinore"
    federate = "${rabbithole}"
  `);
  return { denmark, wonderland, danish, wonderlandish };
}

/** What a gateway's archive has said, by author and words, in no order. */
async function archived(gateway: Gateway, room: string): Promise<string[]> {
  const { code, output } = await gateway.toEnd('history', room, '--json');
  expect(code).toBe(0);
  const { messages } = JSON.parse(output.join('\n')) as {
    messages: { nick: string; body: string; via: string | null }[];
  };
  return messages.map(({ nick, body }) => `${nick}: ${body}`).sort();
}

/** Each says so many things, and hears what the other says. */
async function converse(hamlet: Person, alice: Person, words: string, count: number): Promise<string[]> {
  const lines: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    await hamlet.say(elsinore, `${words} ${number}`);
    await alice.expect('his words', said(rabbithole, 'Hamlet', `${words} ${number}`));
    await alice.say(rabbithole, `${words} ${number}`);
    await hamlet.expect('her words', said(elsinore, 'Alice', `${words} ${number}`));
    lines.push(`Hamlet: ${words} ${number}`, `Alice: ${words} ${number}`);
  }
  return lines;
}

describe('after a restore nothing is lost and nothing comes twice, at either gateway', () => {
  it.each([
    ['while it runs', 'running'],
    ['while it does not', 'stopped'],
    ['upon a store that is gone', 'gone'],
  ])(
    '%s',
    async (_, how) => {
      const { denmark, wonderland, danish, wonderlandish } = await begin();
      const alice = wonderlandish.user('alice@wonderland.test/garden');
      const hamlet = danish.user('hamlet@denmark.test/castle');
      await alice.join(rabbithole, 'Alice');
      await hamlet.join(elsinore, 'Hamlet');
      const file = join(temporaryFolder(), 'backup.db');
      const before = await converse(hamlet, alice, 'before', 5);
      const made = await denmark.toEnd('backup', file, '--json');
      expect(made.code).toBe(0);
      expect(JSON.parse(made.output.join('\n'))).toMatchObject({ file, rooms: 1, messages: 10 });
      const between = await converse(hamlet, alice, 'between', 25);

      if (how !== 'running') await denmark.stop();
      if (how === 'gone') rmSync(join(denmark.folder, 'data'), { recursive: true });
      const restored = await denmark.toEnd('restore', file, '--yes', '--json');
      expect(restored.code, restored.output.join('\n')).toBe(0);
      expect(JSON.parse(restored.output.join('\n'))).toMatchObject({
        messages: 10,
        replaced: how === 'gone' ? null : { messages: 60 },
        running: how === 'running',
      });
      if (how === 'running') await denmark.ready();
      else await denmark.restart();

      const ophelia = danish.user('ophelia@denmark.test/brook');
      await ophelia.join(elsinore, 'Ophelia');
      for (const line of between) {
        const [nick = '', body = ''] = line.split(': ');
        await ophelia.expect(
          line,
          (stanza) => stanza.getChildText('body') === body && stanza.attrs['from'] === `${elsinore}/${nick}`,
        );
      }
      const after: string[] = [];
      for (let number = 1; number <= 10; number += 1) {
        await ophelia.say(elsinore, `after ${number}`);
        await alice.expect('her words', said(rabbithole, 'Ophelia', `after ${number}`));
        await alice.say(rabbithole, `after ${number}`);
        await ophelia.expect('her words', said(elsinore, 'Alice', `after ${number}`));
        after.push(`Ophelia: after ${number}`, `Alice: after ${number}`);
      }
      const all = [...before, ...between, ...after].sort();
      expect(await archived(denmark, elsinore)).toEqual(all);
      expect(await archived(wonderland, rabbithole)).toEqual(all);
      // And so it stays when they meet once more.
      await denmark.restart();
      const again = danish.user('ophelia@denmark.test/river');
      await again.join(elsinore, 'Ophelia');
      await again.say(elsinore, 'once more');
      await alice.expect('her words', (stanza) => stanza.getChildText('body') === 'once more');
      const last = [...all, 'Ophelia: once more'].sort();
      expect(await archived(denmark, elsinore)).toEqual(last);
      expect(await archived(wonderland, rabbithole)).toEqual(last);
    },
    60_000,
  );
});
