import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openStore } from '../../src/io/sqlite.ts';
import { sequenceId } from '../../src/lib/message-id.ts';
import type { StoreWrite } from '../../src/muc/records.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import type { Gateway } from '../support/gateway.ts';
import { Audience } from './audience.ts';
import { median } from './median.ts';
import { sleep } from './waiting.ts';

/* How long an operator waits for what a gateway has to say of itself, with much in it and much to do. */

const ROOMS = 1000;
/** Messages in the archive of each, all of which wait for a node behind a link that is down. */
const MESSAGES = 100;
const LINKS = 20;
const OCCUPANTS = 500;
/** Messages under way at a time: the event loop is never without work. */
const UNDER_WAY = 4;
const ASKED = 50;
/** Milliseconds from an answer to the next question. */
const PAUSE = 100;
/** How often the program itself is run. */
const RUN = 5;

const SERVICE = 'rooms.denmark.test';
const ADDRESSES = { users: '127.0.57.7', rooms: '127.0.57.8' } as const;
/** Nobody listens there. */
const NOWHERE = '127.0.57.9';

/** Milliseconds, the middle one and the longest. */
export interface Waits {
  readonly median: number;
  readonly longest: number;
}

export interface AnswerResult {
  /** Until the answer at the control socket was there. */
  readonly idle: Waits;
  readonly busy: Waits;
  /** `fmucd status`, from its start to its end. */
  readonly program: Waits;
}

const run = promisify(execFile);

/** Asks a gateway at rest, and one with as much to do as there can be. */
export async function measureAnswer(program: readonly [string, string], asks: string): Promise<AnswerResult> {
  const data = join(temporaryFolder(), 'data');
  fill(data);
  const { audience, gateway } = await Audience.ofOurs(OCCUPANTS, ADDRESSES, program, headOf(data));
  await audience.enter();
  const idle = await ask(gateway, asks);
  const busy = await whileTalking(audience, () => ask(gateway, asks));
  const ofProgram = await whileTalking(audience, async () => {
    const took: number[] = [];
    for (let time = 0; time < RUN; time++) {
      const begun = performance.now();
      await run(program[0], [program[1], 'status', '-c', gateway.file]);
      took.push(performance.now() - begun);
    }
    return took;
  });
  await endAll();
  return { idle: waitsOf(idle), busy: waitsOf(busy), program: waitsOf(ofProgram) };
}

function waitsOf(took: readonly number[]): Waits {
  return { median: median(took), longest: Math.max(...took) };
}

async function ask(gateway: Gateway, asks: string): Promise<readonly number[]> {
  const socket = join(gateway.folder, 'control.sock');
  const { stdout } = await run(process.execPath, [asks, socket, String(ASKED), String(PAUSE)]);
  return JSON.parse(stdout) as number[];
}

/** Has everybody talk until it is done. */
async function whileTalking(audience: Audience, work: () => Promise<readonly number[]>): Promise<readonly number[]> {
  const end = new AbortController();
  const talking = (async () => {
    while (!end.signal.aborted) await audience.talk(UNDER_WAY, 1000);
  })();
  await sleep(1000);
  const took = await work();
  end.abort();
  await talking;
  return took;
}

const nameOf = (number: number): string => `room-${number}`;
const peerOf = (number: number): string => `rooms.peer-${number % LINKS}.test`;

function headOf(data: string): string {
  const links = Array.from(
    { length: LINKS },
    (_, number) => `[[link]]\npeer = "${peerOf(number)}"\nconnect = "${NOWHERE}:${5270 + number}"\n`,
  );
  const rooms = Array.from(
    { length: ROOMS },
    (_, number) => `[[room]]\nname = "${nameOf(number)}"\naccept = ["${peerOf(number)}"]\n`,
  );
  return `
    [gateway]
    domain = "${SERVICE}"
    data = "${data}"
    control = "control.sock"
    ${[...links, ...rooms].join('')}
  `;
}

/** A store with all of that in it. */
function fill(data: string): void {
  const store = openStore(data);
  const now = Date.now();
  for (let number = 0; number < ROOMS; number++) {
    const room = `${nameOf(number)}@${SERVICE}`;
    const writes = Array.from({ length: MESSAGES }, (_, at): StoreWrite => {
      const seq = at + 1;
      const message = {
        room,
        seq,
        origin: { by: room, id: sequenceId(seq) },
        originSeq: seq,
        nick: 'hamlet',
        author: 'hamlet@denmark.test/castle',
        stamp: now,
        received: now,
        stanza: `<message id='m${seq}'><body>words, words, words</body></message>`,
      };
      return { kind: 'append', message, keep: { messages: 0, age: 0 } };
    });
    const node = `far@${peerOf(number)}`;
    const record = { node, isUpward: false, settled: 0, isLive: false, dropped: 0, since: now };
    store.commit([...writes, { kind: 'neighbour', room, record }]);
  }
  store.close();
}
