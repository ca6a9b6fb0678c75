import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { atEnd, endAll } from '../support/ending.ts';
import { Gateway, messageOf } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import type { Person } from '../support/person.ts';
import { freePort, listen } from '../support/ports.ts';
import { present, said } from '../support/stanzas.ts';

/* `fmucd reload` and SIGHUP, the program, at two gateways with a link, each with a scripted server. */

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

let danish: ComponentServer;
let port: number;
let text: string;
let denmark: Gateway;
let wonderland: Gateway;
let hamlet: Person;
let alice: Person;

beforeEach(async () => {
  const wonderlandish = await ComponentServer.start(SECRET);
  danish = await ComponentServer.start(SECRET);
  port = await freePort('127.0.0.1');
  wonderland = await Gateway.start(`
    ${gatewayOf('wonderland.test', wonderlandish)}
    ${linkTo('denmark.test')}
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `);
  text = `${gatewayOf('denmark.test', danish)}
    ${linkTo('wonderland.test')}
    connect = "127.0.0.1:${port}"
    [[room]]
    name = "elsinore"
    federate = "${rabbithole}"
  `;
  denmark = await Gateway.start(text);
  await danish.handshake('accepted');
  alice = wonderlandish.user('alice@wonderland.test/garden');
  hamlet = danish.user('hamlet@denmark.test/castle');
  await alice.join(rabbithole, 'Alice');
  await hamlet.join(elsinore, 'Hamlet');
  await hamlet.expect('Alice', present(elsinore, 'Alice'));
  await alice.expect('Hamlet', present(rabbithole, 'Hamlet'));
});
afterEach(endAll);

const logged = (message: string) => (line: string) => messageOf(line) === message;

/** The link to Wonderland is the one that it was, and carries. */
async function expectUndisturbed(since: string | undefined): Promise<void> {
  const { links } = await denmark.status();
  expect(links.find(({ peer }) => peer === 'rooms.wonderland.test')).toMatchObject({ state: 'up', since });
  await hamlet.say(elsinore, 'to be');
  await alice.expect('his words', said(rabbithole, 'Hamlet', 'to be'));
}

async function sinceOf(): Promise<string | undefined> {
  return (await denmark.status()).links[0]?.since;
}

it('a file that is the same changes nothing, and says so', async () => {
  expect(await denmark.toEnd('reload')).toEqual({ code: 0, output: [`${denmark.file}: nothing changed`] });
});

it('takes over what has changed, and names what needs a restart', async () => {
  const since = await sinceOf();
  const other = await freePort('127.0.0.1');
  denmark.write(
    `${text.replace('[gateway]', '[gateway]\nadmins = ["hamlet@denmark.test"]\nmemory = 64').replace('data = "data"', 'data = "elsewhere"')}
    [log]
    level = "debug"
    [[link]]
    peer = "rooms.france.test"
    listen = "127.0.0.1:${other}"
    from = ["127.0.0.1"]
    [[room]]
    name = "heath"
    [[room]]
    name = "court"
    keep = { messages = 20 }`.replace('name = "elsinore"', 'name = "elsinore"\nleave_after = 5'),
  );
  expect(await denmark.toEnd('reload')).toEqual({
    code: 0,
    output: [
      `${denmark.file}: taken over`,
      '  gateway.admins: changed',
      '  log.level: changed',
      '  link rooms.france.test: added',
      '  room elsinore: changed',
      '  room heath: added',
      '  room court: added',
      '! gateway.data: needs a restart',
      '! gateway.memory: needs a restart',
    ],
  });
  await denmark.log.expect('the change in the log', (line) => line.includes('change="room heath: added"'));
  const { links, rooms } = await denmark.status();
  expect(links.map(({ peer }) => peer)).toEqual(['rooms.wonderland.test', 'rooms.france.test']);
  expect(rooms.map(({ jid }) => jid.split('@')[0])).toEqual(['elsinore', 'heath', 'court']);
  await expectUndisturbed(since);
  expect((await denmark.toEnd('reload')).output).toEqual([
    `${denmark.file}: nothing changed`,
    '! gateway.data: needs a restart',
    '! gateway.memory: needs a restart',
  ]);
});

it('a file with faults changes nothing, and each is named', async () => {
  const since = await sinceOf();
  denmark.write(
    `[gateway]\ndomain = "rooms.denmark.test"\ncontrol = "control.sock"\nfrobnicate = 1\n[log]\nlevel = "loud"\n`,
  );
  const { code, output } = await denmark.toEnd('reload');
  expect(code).toBe(1);
  expect(output).toEqual([
    expect.stringContaining(`${denmark.file}:4:1: unknown key "frobnicate"`),
    expect.stringContaining(`${denmark.file}:6:9: level can't be "loud" (error, warn, info or debug`),
  ]);
  await denmark.log.expect('the fault in the log', (line) => line.includes('level=error') && line.includes(':6:9: '));
  await expectUndisturbed(since);
});

it('a listener that can not be had leaves everything as it was, with the reason', async () => {
  const since = await sinceOf();
  const taken = createServer();
  const takenPort = await listen(taken, '127.0.0.1');
  atEnd(() => taken.close());
  const free = await freePort('127.0.0.1');
  const waiting = (peer: string, at: number) =>
    `[[link]]\npeer = "${peer}"\nlisten = "127.0.0.1:${at}"\nfrom = ["127.0.0.1"]\n`;
  denmark.write(`${text}\n${waiting('rooms.france.test', free)}${waiting('rooms.arden.test', takenPort)}`);
  expect(await denmark.toEnd('reload')).toEqual({
    code: 1,
    output: [
      `fmucd: nothing has changed: 127.0.0.1:${takenPort} is taken: does another program, or another fmucd, listen there?`,
    ],
  });
  expect((await denmark.status()).links).toHaveLength(1);
  await expectFree(free);
  await expectUndisturbed(since);
});

/** Nobody listens there. */
async function expectFree(free: number): Promise<void> {
  const server = createServer();
  server.listen(free, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  server.close();
}

it('a listener moves to every address of its port', async () => {
  const since = await sinceOf();
  const text2 = (host: string) => `
    ${gatewayOf('wonderland.test', { address: '127.0.0.1', port: 9 })}
    ${linkTo('denmark.test')}
    listen = "${host}:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `;
  wonderland.write(text2('0.0.0.0'));
  expect((await wonderland.toEnd('reload')).output).toEqual([
    `${wonderland.file}: taken over`,
    '  component: changed',
    '  link rooms.denmark.test: changed, connects anew',
  ]);
  await vi.waitFor(async () => expect((await denmark.status()).links[0]?.state).toBe('up'), 20_000);
  expect(await sinceOf()).not.toBe(since);
});

it('SIGHUP does the same, and a component with another secret attaches anew', async () => {
  const since = await sinceOf();
  danish.secret = 'another';
  denmark.write(text.replace(SECRET, 'another'));
  process.kill(denmark.pid, 'SIGHUP');
  await denmark.log.expect('the change', (line) => line.includes('change="component: changed"'));
  await danish.handshake('accepted');
  expect(denmark.log.all().join('\n')).not.toContain('another');
  await expectUndisturbed(since);
  denmark.write(`${text}[[link\n`);
  process.kill(denmark.pid, 'SIGHUP');
  await denmark.log.expect('why not', logged('nothing reloaded'));
  await expectUndisturbed(since);
});
