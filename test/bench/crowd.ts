import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, temporaryFolder } from '../support/ending.ts';
import type { Gateway } from '../support/gateway.ts';
import { Audience } from './audience.ts';
import { median } from './median.ts';
import { sleep, until } from './waiting.ts';

/* How long the event loop is held up at most by a large room: a gateway that does something else meanwhile is late by that. */

const OCCUPANTS = 500;
const ADDRESSES = { users: '127.0.57.5', rooms: '127.0.57.6' } as const;
/** Messages under way at a time, and for how many milliseconds. */
const UNDER_WAY = 4;
const TALK = 3000;
const ROUNDS = 3;

export const PHASES = ['idle', 'enter', 'talk', 'vanish'] as const;
export type Phase = (typeof PHASES)[number];

/** The longest that the event loop was held up, and that it worked in one go, in milliseconds (`stalls.cjs`). */
export interface Stall {
  readonly delay: number;
  readonly work: number;
}

export type CrowdResult = Readonly<Record<Phase, Stall>>;

/** Medians of the longest of each round: with nothing to do, as all come in at once, talk, and are gone at once. */
export async function measureCrowd(program: readonly [string, string], stalls: string): Promise<CrowdResult> {
  const rounds: CrowdResult[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await crowd(program, stalls));
  const of = (phase: Phase): Stall => ({
    delay: median(rounds.map((one) => one[phase].delay)),
    work: median(rounds.map((one) => one[phase].work)),
  });
  return { idle: of('idle'), enter: of('enter'), talk: of('talk'), vanish: of('vanish') };
}

async function crowd([node, code]: readonly [string, string], stalls: string): Promise<CrowdResult> {
  const file = join(temporaryFolder(), 'stalls');
  process.env['FMUCD_STALLS'] = file;
  const { audience, gateway } = await Audience.ofOurs(OCCUPANTS, ADDRESSES, [node, '--require', stalls, code]);
  const longest = async (): Promise<Stall> => {
    const before = linesOf(file).length;
    process.kill(gateway.pid, 'SIGUSR2');
    await until('the longest delay', () => linesOf(file).length > before);
    const [delay = Number.NaN, work = Number.NaN] = linesOf(file).at(-1)?.split(' ').map(Number) ?? [];
    return { delay, work };
  };
  await longest();
  await sleep(1000);
  const idle = await longest();
  await audience.enter();
  const enter = await longest();
  await audience.talk(UNDER_WAY, TALK);
  const talk = await longest();
  await audience.vanish();
  await until('all to be gone', async () => (await occupantsOf(gateway)) === 0);
  const vanish = await longest();
  await endAll();
  return { idle, enter, talk, vanish };
}

async function occupantsOf(gateway: Gateway): Promise<number | undefined> {
  return (await gateway.status()).rooms[0]?.occupants.local;
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}
