import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Authority } from '../support/authority.ts';
import { Client } from '../support/client.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET, s2s } from '../support/gateway-file.ts';
import { Line } from '../support/line.ts';
import { freePort } from '../support/ports.ts';
import { Prosody } from '../support/prosody.ts';
import { requires } from '../support/requires.ts';
import { bodiesOf, hasBody, present, said } from '../support/stanzas.ts';

/** Longer than what an expectation waits for, so that it fails first and says what was missing. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
/** Streams that were lost are tried again at intervals that grow. */
const PATIENCE = 90_000;
/** What crosses for some of the messages between two cuts, compressed or not. */
const BYTES_OF_A_FEW = 1500;

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

interface Way {
  readonly name: string;
  readonly auth: 'external' | 'dialback';
  /** What each says of its link to the other, if it has one. */
  readonly link?: readonly string[];
}

const ways: readonly Way[] = [
  { name: 'by certificates', auth: 'external' },
  { name: 'by dialback', auth: 'dialback' },
  {
    name: 'as a link, paced and compressed',
    auth: 'external',
    link: ['transport = "s2s"', 'bandwidth = 512000', 'compression = true', 'presence = "full"', 'coalesce = 0'],
  },
];

describe.each(ways)('$name', ({ auth, link }) => {
  // What dialback alone vouches for is offered no stream management: the room is joined anew, and what that brings is bounded.
  const isResumable = auth === 'external';
  const count = isResumable ? 1000 : 400;
  requires('prosody', 'openssl')('a room federated between two gateways over streams between servers', () => {
    let denmark: Gateway;
    let wonderland: Gateway;
    let hamlet: Client;
    let alice: Client;
    /** What carries the streams that each of them opens. */
    let lines: readonly Line[];

    beforeAll(async () => {
      ({ denmark, wonderland, hamlet, alice, lines } = await start(auth, link));
    });
    afterAll(endAll);

    it('each sees the other', async () => {
      await alice.join(rabbithole, 'Alice');
      await hamlet.join(elsinore, 'Hamlet');
      await hamlet.expect('Alice', present(elsinore, 'Alice'), PATIENCE);
      await alice.expect('Hamlet', present(rabbithole, 'Hamlet'), PATIENCE);
      // What is said before the join is done comes as history.
      await expect.poll(async () => (await denmark.status()).rooms[0]?.state, { timeout: PATIENCE }).toBe('joined');
    });

    it('they talk, both ways', async () => {
      await hamlet.say(elsinore, 'Words, words, words');
      await alice.expect('his words', said(rabbithole, 'Hamlet', 'Words, words, words'), PATIENCE);
      await alice.say(rabbithole, 'What do they mean?');
      await hamlet.expect('her question', said(elsinore, 'Alice', 'What do they mean?'), PATIENCE);
    });

    it('nothing of it crosses in the clear', () => {
      const carried = lines.flatMap(({ connections }) => connections.map(({ text }) => text));
      expect(carried.length).toBeGreaterThan(0);
      for (const text of carried) expect(text).not.toContain('Words, words, words');
    });

    it('one is killed: what was said before and meanwhile is there once, on both sides', async () => {
      await hamlet.say(elsinore, 'Before');
      await alice.expect('his words', said(rabbithole, 'Hamlet', 'Before'), PATIENCE);
      await wonderland.kill('SIGKILL');
      await hamlet.say(elsinore, 'Meanwhile');
      await hamlet.expect('his own words', said(elsinore, 'Hamlet', 'Meanwhile'));
      await wonderland.restart();
      await alice.join(rabbithole, 'Alice');
      await alice.expect('what was said meanwhile', hasBody('Meanwhile'), PATIENCE);
      await alice.say(rabbithole, 'After');
      await hamlet.expect('her words', said(elsinore, 'Alice', 'After'), PATIENCE);
      await hamlet.say(elsinore, 'And after that');
      await alice.expect('his words', said(rabbithole, 'Hamlet', 'And after that'), PATIENCE);

      const everything = [
        'Words, words, words',
        'What do they mean?',
        'Before',
        'Meanwhile',
        'After',
        'And after that',
      ];
      expect(bodiesOf(hamlet)).toEqual(everything);
      // What she heard before the gateway was killed is in the history of her second join.
      expect(bodiesOf(alice)).toEqual([...everything.slice(0, 3), ...everything]);
    });

    it(`the line is cut four times in ${count} messages: none is lost or doubled`, async () => {
      const streams = (): number => lines.reduce((sum, { connections }) => sum + connections.length, 0);
      const before = bodiesOf(alice).length;
      const messages = Array.from({ length: count }, (_, index) => `Message ${index + 1}`);
      for (let first = 0; first < count; first += count / 4) {
        const opened = streams();
        const some = messages.slice(first, first + count / 4);
        const cut = Promise.race(lines.map((line) => line.cutAfter(BYTES_OF_A_FEW))).then(() => {
          for (const line of lines) line.cut();
        });
        for (const message of some) await hamlet.say(elsinore, message);
        await cut;
        for (const message of some) await alice.expect(message, hasBody(message), PATIENCE);
        expect(streams()).toBeGreaterThan(opened);
      }
      const heard = bodiesOf(alice).slice(before);
      expect(isResumable ? heard : heard.toSorted()).toEqual(isResumable ? messages : messages.toSorted());
      const isUp = expect.objectContaining({ state: 'up', resumable: isResumable }) as unknown;
      for (const gateway of [denmark, wonderland]) expect((await gateway.status()).s2s).toContainEqual(isUp);
    });

    it('and nothing was an error to anyone', () => {
      for (const person of [alice, hamlet])
        expect(person.collected().filter(({ attrs }) => attrs['type'] === 'error')).toEqual([]);
      for (const gateway of [denmark, wonderland])
        expect(gateway.log.all().filter((line) => line.includes('level=error'))).toEqual([]);
    });
  });
});

async function start(auth: Way['auth'], link: Way['link']) {
  const authority = Authority.make(temporaryFolder());
  const sides = await Promise.all(
    (['denmark', 'wonderland'] as const).map(async (name, index) => {
      const domain = `${name}.test`;
      const server = await Prosody.start({
        domain,
        address: `127.0.3.${2 + index}`,
        users: ['hamlet', 'alice'],
        components: { [`rooms.${domain}`]: SECRET },
      });
      const address = `127.0.3.${4 + index}`;
      const port = await freePort(address);
      return { domain, server, address, port, line: await Line.start(address, port) };
    }),
  );
  const [danish, wonderlandish] = sides as [(typeof sides)[number], (typeof sides)[number]];
  const run = (here: typeof danish, there: typeof danish, room: string): Promise<Gateway> =>
    Gateway.start(`
      ${gatewayOf(here.domain, { address: here.server.address, port: here.server.componentPort })}
      ${s2s({
        listen: `${here.address}:${here.port}`,
        identity: authority.issue({ names: [`rooms.${here.domain}`] }),
        authority: authority.certificate,
        auth: [auth],
        hosts: { [`rooms.${there.domain}`]: `127.0.0.1:${there.line.port}` },
      })}
      ${link === undefined ? '' : linkTo(there.domain, ...link)}
      ${room}
    `);
  const [denmark, wonderland] = await Promise.all([
    run(danish, wonderlandish, `[[room]]\nname = "elsinore"\nfederate = "${rabbithole}"`),
    run(wonderlandish, danish, `[[room]]\nname = "rabbithole"\naccept = ["${elsinore}"]`),
  ]);
  const [hamlet, alice] = await Promise.all([
    Client.connect(danish.server, 'hamlet', 'castle'),
    Client.connect(wonderlandish.server, 'alice', 'garden'),
  ]);
  return { denmark, wonderland, hamlet, alice, lines: sides.map(({ line }) => line) };
}
