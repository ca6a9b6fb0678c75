import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { TraceRecord } from '../../src/gateway/report.ts';
import { type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway, runToEnd } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import { LinkEmulator } from '../support/link-emulator.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import type { Program } from '../support/program.ts';
import { present, said } from '../support/stanzas.ts';

/* `fmucd trace`, the program, at both ends of a slow link that goes down and comes back. */

/** Longer than what an expectation waits for, so that it fails first and says what was missing. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';
const nunnery = 'nunnery@rooms.denmark.test';
const BITS_PER_SECOND = 9600;
/** One way, in milliseconds. */
const DELAY = 50;
/** How long an expectation waits, in milliseconds: redialling takes its time. */
const PATIENCE = 40_000;
const PASSWORD = 'rosemary for remembrance';

let air: LinkEmulator;
let denmark: Gateway;
let wonderland: Gateway;
let hamlet: Person;
let alice: Person;

beforeAll(async () => {
  const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  air = await LinkEmulator.start(port, BITS_PER_SECOND, DELAY);
  const settings = ['dialect = "fmucd"', `bandwidth = ${BITS_PER_SECOND}`, 'coalesce = 0', 'compression = true'];
  wonderland = await Gateway.start(`
    ${gatewayOf('wonderland.test', wonderlandish)}
    ${linkTo('denmark.test', ...settings, `listen = "127.0.0.1:${port}"`, 'from = ["127.0.0.1"]')}
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `);
  denmark = await Gateway.start(`
    ${gatewayOf('denmark.test', danish)}
    ${linkTo('wonderland.test', ...settings, `connect = "127.0.0.1:${air.port}"`)}
    [[room]]
    name = "elsinore"
    federate = "${rabbithole}"
    [[room]]
    name = "moor"
  `);
  alice = wonderlandish.user('alice@wonderland.test/garden');
  hamlet = danish.user('hamlet@denmark.test/castle');
  await alice.join(rabbithole, 'Alice');
  await hamlet.join(elsinore, 'Hamlet');
  await hamlet.expect('Alice', present(elsinore, 'Alice'), PATIENCE);
  await alice.expect('Hamlet', present(rabbithole, 'Hamlet'), PATIENCE);
});
afterAll(endAll);

/** Starts to trace, and resolves once it does. */
async function trace(gateway: Gateway, ...args: readonly string[]): Promise<Program> {
  const program = gateway.command('trace', ...args);
  await program.lines.expect('to trace', (line) => line.startsWith('tracing '));
  return program;
}

function records(program: Program): TraceRecord[] {
  return program.lines.all().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as TraceRecord] : []));
}

it('tells at both ends what becomes of a message that is said while the link is down', async () => {
  const near = await trace(denmark, '--room', 'elsinore', '--kind', 'message');
  const nearAll = await trace(denmark, '--json');
  const far = await trace(wonderland, 'rooms.denmark.test', '--json');
  await hamlet.say(elsinore, 'before');
  await alice.expect('what was said before', said(rabbithole, 'Hamlet', 'before'), PATIENCE);

  air.hold();
  await denmark.log.expect('to know that the link is down', (line) => line.includes('state=out-of-reach'), PATIENCE);
  await hamlet.say(elsinore, 'meanwhile');
  await near.lines.expect('to say that it is kept', (line) =>
    /^\S+ out +held message {2}Hamlet, elsinore, /.test(line),
  );
  await near.lines.expect('and why', (line) => line.startsWith('    the way there is down: kept until it is back'));

  air.mend();
  await alice.expect('what was said meanwhile', (stanza) => stanza.getChildText('body') === 'meanwhile', PATIENCE);
  await far.lines.expect('to show it come', (line) => line.includes('<body>meanwhile</body>'), PATIENCE);
  await nearAll.lines.expect('to show it leave', (line) => line.includes('<body>meanwhile</body>'), PATIENCE);

  const words = records(nearAll).filter(
    ({ kind, who }) => (kind === 'message' || kind === 'history') && who === 'Hamlet',
  );
  expect(words.map(({ verdict, reason }) => [verdict, reason]).filter(([, reason]) => reason !== 'waits-turn')).toEqual(
    [
      ['crossed', null],
      ['held', 'link-down'],
      ['crossed', null],
    ],
  );
  const come = records(far).filter(({ xml }) => xml.includes('<body>'));
  expect(come.map(({ direction, room, verdict }) => [direction, room, verdict])).toEqual([
    ['in', rabbithole, 'crossed'],
    ['in', rabbithole, 'crossed'],
  ]);
  for (const program of [near, nearAll, far]) expect(await program.kill('SIGINT')).toEqual({ code: 0, signal: null });
});

it('shows no password, in lines or in JSON', async () => {
  const [lines, json] = [await trace(denmark, '--xml'), await trace(denmark, '--json')];
  await hamlet.join(nunnery, 'Hamlet');
  const field = (name: string, value: string): Element => element('field', { var: name }, element('value', {}, value));
  const form = element(
    'x',
    { xmlns: NS.dataForms, type: 'submit' },
    field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'),
    field('muc#roomconfig_passwordprotectedroom', '1'),
    field('muc#roomconfig_roomsecret', PASSWORD),
  );
  await hamlet.request(nunnery, 'set', element('query', { xmlns: NS.mucOwner }, form));
  const invite = element('invite', { to: 'alice@wonderland.test' });
  await hamlet.send(element('message', { to: nunnery }, element('x', { xmlns: NS.mucUser }, invite)));
  await json.lines.expect('to show the invitation', (line) => line.includes('<password>***</password>'), PATIENCE);
  await lines.lines.expect('to show it too', (line) => line.includes('nunnery'), PATIENCE);
  for (const program of [lines, json]) {
    await program.kill('SIGINT');
    expect(program.lines.all().join('\n')).not.toContain(PASSWORD);
  }
});

it('says in a line what it cannot show', async () => {
  const run = (...args: readonly string[]) => runToEnd(['trace', '-c', denmark.file, ...args]);
  expect(await run('--room', 'heath')).toEqual({
    code: 1,
    output: ['fmucd: no room "heath" (elsinore, moor, nunnery)'],
  });
  expect(await run('--kind', 'mesage')).toEqual({
    code: 64,
    output: ['fmucd: no kind "mesage" (did you mean message?)'],
  });
  expect(await run('--room')).toEqual({ code: 64, output: ['fmucd: --room needs its ROOM'] });
});
