import type { Random } from '../../../src/lib/random.ts';
import { below } from './tree.ts';

/*
 * A run is a list of steps, made before it starts. Each holds chance of its own, so that leaving one out changes as
 * little as can be of what the others do.
 */

/** What people do. Who isn't in the room enters, whatever the step would be. */
export const PEOPLE = ['say', 'leave', 'show', 'rename', 'subject', 'private', 'kick'] as const;
/** What befalls the nodes and what lies between them. */
export const FAULTS = ['flap', 'outage', 'crash', 'crash amid a turn', 'restart'] as const;

/** What operators do. */
export const OPERATORS = ['reload'] as const;

export type PeopleDo = (typeof PEOPLE)[number];
export type Fault = (typeof FAULTS)[number];
export type Happening = PeopleDo | Fault | (typeof OPERATORS)[number];

export interface Step {
  readonly kind: Happening;
  /** Milliseconds that pass before it. */
  readonly wait: number;
  /** Chance, each in [0, 1). */
  readonly who: number;
  readonly what: number;
  readonly which: number;
}

const WEIGHTS: Readonly<Record<Happening, number>> = {
  say: 40,
  leave: 7,
  show: 8,
  rename: 8,
  subject: 4,
  private: 8,
  kick: 4,
  flap: 5,
  outage: 4,
  crash: 2,
  'crash amid a turn': 3,
  restart: 2,
  reload: 8,
};

export function randomScript(random: Random, length: number, kinds: readonly Happening[]): Step[] {
  const total = kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  return Array.from({ length }, () => {
    let left = random.next() * total;
    const kind = kinds.find((candidate) => (left -= WEIGHTS[candidate]) < 0) ?? 'say';
    return { kind, wait: randomWait(random), who: random.next(), what: random.next(), which: random.next() };
  });
}

/** Mostly a few seconds; at times none, at times longer than the grace. */
function randomWait(random: Random): number {
  const choice = random.next();
  if (choice < 0.15) return 0;
  if (choice < 0.35) return below(random, 300);
  if (choice < 0.8) return below(random, 5000);
  if (choice < 0.97) return below(random, 60_000);
  return below(random, 900_000);
}
