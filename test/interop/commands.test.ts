import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway, runToEnd } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import type { Person } from '../support/person.ts';
import { freePort } from '../support/ports.ts';
import type { Program } from '../support/program.ts';
import { present, said } from '../support/stanzas.ts';

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

/* `fmucd trace` and `fmucd history`, the program, at two gateways with a link, each with a scripted server. */

let denmark: Gateway;
let wonderland: Gateway;
let hamlet: Person;
let alice: Person;

beforeAll(async () => {
  const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  wonderland = await Gateway.start(`
    ${gatewayOf('wonderland.test', wonderlandish)}
    ${linkTo('denmark.test', 'dialect = "xep"')}
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `);
  denmark = await Gateway.start(`
    ${gatewayOf('denmark.test', danish)}
    ${linkTo('wonderland.test', 'dialect = "xep"')}
    connect = "127.0.0.1:${port}"
    [[room]]
    name = "elsinore"
    federate = "${rabbithole}"
  `);
  alice = wonderlandish.user('alice@wonderland.test/garden');
  hamlet = danish.user('hamlet@denmark.test/castle');
  await alice.join(rabbithole, 'Alice');
  await hamlet.join(elsinore, 'Hamlet');
  await hamlet.expect('Alice', present(elsinore, 'Alice'));
  await alice.expect('Hamlet', present(rabbithole, 'Hamlet'));
});
afterAll(endAll);

/** Starts to trace, and resolves once it does. */
async function startTrace(gateway: Gateway, ...args: readonly string[]): Promise<Program> {
  const trace = gateway.command('trace', ...args);
  await trace.lines.expect('to trace', (line) => line.startsWith('tracing '));
  return trace;
}

async function converse(words: string): Promise<void> {
  await hamlet.say(elsinore, words);
  await alice.expect('his words', said(rabbithole, 'Hamlet', words));
  await alice.say(rabbithole, `${words}?`);
  await hamlet.expect('her question', said(elsinore, 'Alice', `${words}?`));
}

it('trace shows a message and its answer as they cross, with their sizes, until ctrl-C', async () => {
  const trace = await startTrace(denmark, 'rooms.wonderland.test', '--xml');
  await converse('Words');
  const head = (direction: string, nick: string) =>
    new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${direction} +\\d+ +\\d+ message  ${nick}, elsinore, rooms\\.wonderland\\.test$`);
  await trace.lines.expect('his words', (line) => head('out', 'Hamlet').test(line));
  await trace.lines.expect('their XML', (line) => /^ {4}.*<body>Words<\/body>/.test(line));
  await trace.lines.expect('her question', (line) => head('in ', 'Alice').test(line));
  await trace.lines.expect('its XML', (line) => /^ {4}.*<body>Words\?<\/body>/.test(line));
  expect(await trace.kill('SIGINT')).toEqual({ code: 0, signal: null });
});

it('trace --json at both ends tells of the same stanzas', async () => {
  const traces = await Promise.all([startTrace(denmark, '--json'), startTrace(wonderland, '--json')]);
  const before = (await denmark.status()).links[0];
  await converse('Slings');
  const messages: { direction: string; room: string; kind: string; bytes: number; wire: number; xml: string }[][] = [];
  for (const trace of traces) {
    await trace.lines.expect('her question', (line) => line.includes('<body>Slings?</body>'));
    const lines = trace.lines.all().filter((line) => line.includes('<body>'));
    messages.push(lines.map((line) => JSON.parse(line) as (typeof messages)[number][number]));
    await trace.kill('SIGTERM');
  }
  const brief = messages.map((seen) => seen.map(({ direction, room, kind }) => [direction, room, kind]));
  expect(brief).toEqual([
    [
      ['out', elsinore, 'message'],
      ['in', elsinore, 'message'],
    ],
    [
      ['in', rabbithole, 'message'],
      ['out', rabbithole, 'message'],
    ],
  ]);
  const after = (await denmark.status()).links[0];
  expect(messages[0]?.map(({ wire }) => wire)).toEqual([
    (after?.bytes_out ?? 0) - (before?.bytes_out ?? 0),
    (after?.bytes_in ?? 0) - (before?.bytes_in ?? 0),
  ]);
});

it('history tells what both have said, oldest first, and where it came from', async () => {
  const { code, output } = await runToEnd(['history', 'elsinore', '--json', '-c', denmark.file]);
  const { room, messages } = JSON.parse(output.join('\n')) as { room: string; messages: Record<string, unknown>[] };
  expect([code, room]).toEqual([0, elsinore]);
  const hamlets = { nick: 'Hamlet', author: 'hamlet@denmark.test/castle', origin: elsinore, via: null };
  const alices = { nick: 'Alice', author: 'alice@wonderland.test/garden', via: rabbithole };
  expect(messages).toMatchObject([
    { ...hamlets, body: 'Words' },
    { ...alices, body: 'Words?' },
    { ...hamlets, body: 'Slings' },
    { ...alices, body: 'Slings?' },
  ]);

  const time = messages[2]?.['time'] as string;
  const since = await runToEnd(['history', 'elsinore', '--since', time, '-c', denmark.file]);
  expect([since.code, since.output.filter((line) => line.startsWith('    '))]).toEqual([
    0,
    ['    Slings', '    Slings?'],
  ]);
  expect(since.output[0]).toBe(`${time} Hamlet (hamlet@denmark.test/castle), here`);
  const later = await runToEnd(['history', elsinore, '--since', '2999-01-01', '-c', denmark.file]);
  expect(later).toEqual({ code: 0, output: [] });
});

it('trace names the links that there are where one is wrong', async () => {
  expect(await runToEnd(['trace', 'rooms.tempest.test', '-c', denmark.file])).toEqual({
    code: 1,
    output: ['fmucd: no link to "rooms.tempest.test" (rooms.wonderland.test)'],
  });
});

it('trace ends with the gateway, and says so', async () => {
  const trace = await startTrace(denmark);
  expect(await denmark.stop()).toEqual({ code: 0, signal: null });
  expect(await trace.exited).toEqual({ code: 3, signal: null });
  expect(trace.lines.all().at(-1)).toMatch(/^fmucd: the gateway has ended /);
});

it('history and export read the store while the gateway does not run, and leave it as it is', async () => {
  const running = await denmark.toEnd('history', 'elsinore', '--lines');
  const transcript = await denmark.toEnd('export', 'elsinore');
  await denmark.kill('SIGKILL');
  const data = join(denmark.folder, 'data');
  const before = readdirSync(data);
  expect(await denmark.toEnd('history', 'elsinore', '--lines')).toEqual(running);
  expect(await denmark.toEnd('export', 'elsinore')).toEqual(transcript);
  expect(readdirSync(data)).toEqual(before);
  expect(transcript.output.slice(0, 2)).toEqual(['Room:     elsinore', 'Domain:   rooms.denmark.test']);
  expect(transcript.output).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d Hamlet: Words$/));
  const none = await denmark.toEnd('export', 'tower');
  expect(none).toEqual({ code: 1, output: [`fmucd: no room "tower" (${elsinore})`] });
});
