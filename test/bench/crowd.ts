import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/ending.ts';
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
/** Milliseconds in which all have left who are gone. */
const AFTERWARDS = 3000;
const ROUNDS = 3;

export const PHASES = ['idle', 'enter', 'talk', 'vanish'] as const;
export type CrowdResult = Readonly<Record<(typeof PHASES)[number], number>>;

/** Medians of the longest delays, in milliseconds: with nothing to do, as all come in at once, talk, and are gone at once. */
export async function measureCrowd(program: readonly [string, string], stalls: string): Promise<CrowdResult> {
  const rounds: CrowdResult[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await crowd(program, stalls));
  const of = (phase: keyof CrowdResult): number => median(rounds.map((one) => one[phase]));
  return { idle: of('idle'), enter: of('enter'), talk: of('talk'), vanish: of('vanish') };
}

async function crowd([node, code]: readonly [string, string], stalls: string): Promise<CrowdResult> {
  const file = join(temporaryFolder(), 'stalls');
  process.env['FMUCD_STALLS'] = file;
  const { audience, gateway } = await Audience.ofOurs(OCCUPANTS, ADDRESSES, [node, '--require', stalls, code]);
  const longest = async (): Promise<number> => {
    const before = told(file).length;
    process.kill(gateway.pid, 'SIGUSR2');
    await until('the longest delay', () => told(file).length > before);
    return told(file).at(-1) ?? Number.NaN;
  };
  await longest();
  await sleep(1000);
  const idle = await longest();
  await audience.enter();
  const enter = await longest();
  await audience.talk(UNDER_WAY, TALK);
  const talk = await longest();
  audience.vanish();
  await sleep(AFTERWARDS);
  const vanish = await longest();
  await end(gateway);
  return { idle, enter, talk, vanish };
}

const end = (gateway: Gateway): Promise<unknown> => gateway.stop();

function told(file: string): number[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map(Number) : [];
}
