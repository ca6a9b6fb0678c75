import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import { Line } from '../support/line.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import { present, said } from '../support/stanzas.ts';

/** Longer than what an expectation waits for, so that it fails first and says what was missing. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const PATIENCE = 60_000;

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

/** A `direct` link over which each side lets in one certificate and no other: nobody vouches for them, and no name is looked at. */
describe('a pinned link between two gateways', () => {
  let denmark: Gateway;
  let wonderland: Gateway;
  let hamlet: Person;
  let alice: Person;
  let line: Line;
  let danishFile: (pin: string) => string;
  let pins: { readonly danish: string; readonly wonderlandish: string };

  beforeAll(async () => {
    const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
    const port = await freePort('127.0.0.1');
    line = await Line.start('127.0.0.1', port);
    const withoutLink = {
      danish: `${gatewayOf('denmark.test', danish)}[[room]]\nname = "elsinore"\nfederate = "${rabbithole}"\n`,
      wonderlandish: `${gatewayOf('wonderland.test', wonderlandish)}[[room]]\nname = "rabbithole"\naccept = ["*"]\n`,
    };
    [denmark, wonderland] = await Promise.all([
      Gateway.start(withoutLink.danish),
      Gateway.start(withoutLink.wonderlandish),
    ]);
    pins = { danish: await fingerprintOf(denmark), wonderlandish: await fingerprintOf(wonderland) };
    const link = (domain: string, where: string, pin: string): string =>
      linkTo(domain, where, 'tls = "pinned"', `pin = "${pin}"`, 'dialect = "fmucd"');
    danishFile = (pin) => `${withoutLink.danish}${link('wonderland.test', `connect = "127.0.0.1:${line.port}"`, pin)}`;
    denmark.write(danishFile(pins.wonderlandish));
    wonderland.write(
      `${withoutLink.wonderlandish}${link('denmark.test', `listen = "127.0.0.1:${port}"`, pins.danish)}`,
    );
    await wonderland.restart();
    await denmark.restart();
    hamlet = danish.user('hamlet@denmark.test/castle');
    alice = wonderlandish.user('alice@wonderland.test/garden');
  });
  afterAll(endAll);

  it('each has made a certificate of its own, and keeps it', async () => {
    expect(pins.danish).toMatch(/^[\da-f]{64}$/);
    expect(pins.danish).not.toBe(pins.wonderlandish);
    expect(await fingerprintOf(denmark)).toBe(pins.danish);
  });

  it.each([
    ['the one that dials', () => denmark],
    ['the one that waits', () => wonderland],
  ] as const)('%s starts anew: the link comes back by its ticket, with fewer bytes', async (_which, restarted) => {
    await expectUp();
    const [first] = line.connections;
    const made = line.connections.length;
    await restarted().restart('SIGKILL');
    await expect.poll(() => line.connections.length, { timeout: PATIENCE }).toBeGreaterThan(made);
    await expectUp();
    const last = line.connections.at(-1);
    expect(last?.bytes).toBeGreaterThan(0);
    // Nothing but the handshake has crossed yet on either: nobody is in a room.
    expect(last?.bytes).toBeLessThan((first?.bytes ?? 0) / 2);
  });

  it('messages cross, and not in the clear', async () => {
    await alice.join(rabbithole, 'Alice');
    await hamlet.join(elsinore, 'Hamlet');
    await hamlet.expect('Alice', present(elsinore, 'Alice'), PATIENCE);
    await hamlet.say(elsinore, 'Words, words, words');
    await alice.expect('his words', said(rabbithole, 'Hamlet', 'Words, words, words'), PATIENCE);
    await alice.say(rabbithole, 'What do they mean?');
    await hamlet.expect('her question', said(elsinore, 'Alice', 'What do they mean?'), PATIENCE);
    for (const { text } of line.connections) expect(text).not.toMatch(/Words|message|Alice|denmark|wonderland/);
  });

  it('another certificate than the pinned one is refused, and the link says which it was', async () => {
    const wrong = 'f'.repeat(64);
    denmark.write(danishFile(wrong));
    await denmark.restart();
    await expect
      .poll(async () => (await denmark.status()).links[0]?.error ?? '', { timeout: PATIENCE })
      .toContain(pins.wonderlandish);
    const { output } = await denmark.toEnd('links', '--json');
    const { links } = JSON.parse(output.join('\n')) as {
      readonly links: readonly { readonly state: string; readonly error: string }[];
    };
    expect(links[0]?.state).not.toBe('up');
    expect(links[0]?.error).toContain(wrong);
  });

  it('with the right one it is back, and so is what was said meanwhile', async () => {
    await alice.say(rabbithole, 'Still there?');
    denmark.write(danishFile(pins.wonderlandish));
    await denmark.restart();
    await expectUp();
    await hamlet.join(elsinore, 'Hamlet');
    await hamlet.expect('her question', (stanza) => stanza.getChildText('body') === 'Still there?', PATIENCE);
  });

  async function expectUp(): Promise<void> {
    for (const gateway of [denmark, wonderland])
      await expect.poll(async () => (await gateway.status()).links[0]?.state, { timeout: PATIENCE }).toBe('up');
  }
});

/** By which the other side is to know it. */
async function fingerprintOf(gateway: Gateway): Promise<string> {
  return (await gateway.status()).certificate?.sha256 ?? '';
}
