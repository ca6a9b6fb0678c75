import type { Built } from '../support/gateway.ts';
import { Audience } from './audience.ts';
import { median } from './median.ts';

/* How many stanzas a second a room gives to its occupants, who are all behind one other server. */

const OCCUPANTS = 100;
/** Messages under way at a time: there is always a next one, and no queue overflows. */
const UNDER_WAY = 20;
const ROUNDS = 7;
/** Milliseconds of the first round, which isn't counted, and of each after it. */
const WARM_UP = 4000;
const COUNTED = 3000;

const ADDRESSES = {
  ours: { users: '127.0.57.1', rooms: '127.0.57.2' },
  prosody: { users: '127.0.57.3', rooms: '127.0.57.4' },
} as const;

/** Stanzas delivered a second: of each round, and the medians. */
export interface FanoutResult {
  readonly rounds: { readonly ours: readonly number[]; readonly prosody: readonly number[] };
  readonly ours: number;
  readonly prosody: number | undefined;
  /** The median of ours over Prosody's, round by round: others use the machine too. */
  readonly ratio: number | undefined;
}

/** Measures the program, and Prosody by turns with it where it is at hand. */
export async function measureFanout(program: Built, hasProsody: boolean): Promise<FanoutResult> {
  const { audience } = await Audience.ofOurs(OCCUPANTS, ADDRESSES.ours, program);
  const other = hasProsody ? await Audience.ofProsody(OCCUPANTS, ADDRESSES.prosody) : undefined;
  const all = [audience, other].filter((one) => one !== undefined);
  for (const one of all) {
    await one.enter();
    await one.talk(UNDER_WAY, WARM_UP);
  }
  const rounds = { ours: [] as number[], prosody: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.ours.push(await audience.talk(UNDER_WAY, COUNTED));
    if (other !== undefined) rounds.prosody.push(await other.talk(UNDER_WAY, COUNTED));
  }
  const ratios = rounds.prosody.map((rate, round) => (rounds.ours[round] ?? 0) / rate);
  return {
    rounds,
    ours: median(rounds.ours),
    prosody: other && median(rounds.prosody),
    ratio: other && median(ratios),
  };
}
