import { afterAll, expect, it, vi } from 'vitest';
import { ComponentServer } from '../support/component-server.ts';
import { endAll } from '../support/ending.ts';
import { Gateway } from '../support/gateway.ts';
import { gatewayOf, linkTo, SECRET } from '../support/gateway-file.ts';
import { freePort } from '../support/ports.ts';

/* The built program on a link of 300 bit/s: what its trace shows of a message that is said while a resync is under way. */

/** The join and a few messages take so long on the line. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
const PATIENCE = 60_000;
afterAll(endAll);

const elsinore = 'elsinore@rooms.denmark.test';
const rabbithole = 'rabbithole@rooms.wonderland.test';

const SLOW = [
  'dialect = "fmucd"',
  'bandwidth = 300',
  'compression = true',
  'history = { messages = 500, bytes = 200000, age = 86400 }',
];

interface Traced {
  readonly direction: 'in' | 'out';
  readonly bytes: number;
  readonly wire: number | null;
  readonly xml: string;
}

it('a fresh message overtakes 200 that were missed', async () => {
  const [danish, wonderlandish] = await Promise.all([ComponentServer.start(SECRET), ComponentServer.start(SECRET)]);
  const port = await freePort('127.0.0.1');
  const wonderlands = `
    ${gatewayOf('wonderland.test', wonderlandish)}
    ${linkTo('denmark.test', ...SLOW)}
    listen = "127.0.0.1:${port}"
    from = ["127.0.0.1"]
    [[room]]
    name = "rabbithole"
    accept = ["*"]
  `;
  const wonderland = await Gateway.start(wonderlands);
  const denmark = await Gateway.start(`
    ${gatewayOf('denmark.test', danish)}
    ${linkTo('wonderland.test', ...SLOW)}
    connect = "127.0.0.1:${port}"
    [[room]]
    name = "elsinore"
    federate = "${rabbithole}"
  `);
  const hamlet = danish.user('hamlet@denmark.test/castle');
  await hamlet.join(elsinore, 'Hamlet');
  await wonderland.stop();
  for (let number = 1; number <= 200; number++) await hamlet.say(elsinore, `missed ${number}`);
  const trace = denmark.command('trace', '--json');
  await trace.lines.expect('to trace', (line) => line.startsWith('tracing '));

  const back = await Gateway.start(wonderlands);
  await trace.lines.expect('the resync', (line) => line.includes('<body>missed 3</body>'), PATIENCE);
  await hamlet.say(elsinore, 'fresh');
  await trace.lines.expect('the fresh message', (line) => line.includes('<body>fresh</body>'), PATIENCE);
  await trace.lines.expect('the resync to go on', (line) => line.includes('<body>missed 6</body>'), PATIENCE);
  await trace.kill('SIGINT');

  const carried = trace.lines
    .all()
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Traced)
    .filter(({ direction, xml }) => direction === 'out' && xml.includes('<body>'));
  const bodies = carried.map(({ xml }) => /<body>(.*)<\/body>/.exec(xml)?.[1]);
  const fresh = bodies.indexOf('fresh');
  const missed = bodies.filter((body) => body !== 'fresh');
  expect(missed).toEqual(missed.map((_, index) => `missed ${index + 1}`));
  // One may have left since the third was seen, and one may be on the line.
  expect(fresh).toBeGreaterThanOrEqual(3);
  expect(fresh).toBeLessThanOrEqual(5);
  expect(missed.length).toBeLessThan(20);
  expect(carried[fresh]?.xml).not.toContain('<delay');
  for (const { bytes, wire } of carried) expect(wire ?? 0).toBeLessThan(bytes / 4);
  await back.stop();
});
