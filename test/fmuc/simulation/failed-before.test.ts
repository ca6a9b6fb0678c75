import { expect, it } from 'vitest';
import { report, simulate } from './simulate.ts';
import type { Options } from './simulation.ts';

/* Runs that once ended badly, and what went wrong in them. */

interface Failed {
  readonly seed: number;
  readonly what: string;
  readonly options?: Options;
}

const hasFallbacks: Options = { hasFallbacks: true };

const FAILED: readonly Failed[] = [
  { seed: 4309, what: 'what was said while a plain join was under way counted as sent, and came after later words' },
  {
    seed: 543,
    what: 'a subject that overtook the answer to a join gave way to the older one in it',
    options: { isPaced: true },
  },
  {
    seed: 2671,
    what: 'what had waited for long on the connection before left ahead of the opening of an answer, and counted as older',
    options: { isPaced: true },
  },
  { seed: 1793, what: 'the same', options: { isPaced: true } },
  { seed: 5578, what: 'the same, where the node above lost power before it answered' },
  { seed: 118, what: 'who had changed ways and left stayed listed at the root', options: hasFallbacks },
  {
    seed: 1631,
    what: 'whom a node brought beside another one counted as there after it had been lost and had joined anew',
    options: hasFallbacks,
  },
  {
    seed: 480,
    what: 'a node whose last occupant went another way stayed joined, and got nothing any more',
    options: hasFallbacks,
  },
  { seed: 1204, what: 'the same, where the node above had crashed meanwhile', options: hasFallbacks },
  {
    seed: 1983,
    what: 'the answer to a join named the joining occupant as somebody from elsewhere',
    options: hasFallbacks,
  },
  { seed: 2561, what: 'who was passed on to another way was shown as before', options: hasFallbacks },
  { seed: 3583, what: 'of three nodes that brought an occupant two were remembered', options: hasFallbacks },
  {
    seed: 8167,
    what: 'a nick that was refused by one way removed who had another nick by the other',
    options: hasFallbacks,
  },
  {
    seed: 372,
    what: 'what an answer left out was told at its end, and came later when the way closed before',
    options: { isTight: true },
  },
  {
    seed: 160,
    what: 'who left before a list was asked for, and was named by the join, stayed listed',
    options: { isGathering: true },
  },
];

it.each(FAILED)(
  'seed $seed: $what',
  ({ seed, options = {} }) => {
    expect(simulate(seed, options).problems, report(seed, options)).toEqual([]);
  },
  120_000,
);
