import { parentPort, workerData } from 'node:worker_threads';
import { PEOPLE } from './script.ts';
import { report, shrink, simulate } from './simulate.ts';
import type { Options } from './simulation.ts';

/* A thread of test/fmuc/simulate.mjs. */

type Request =
  | { readonly seeds: readonly number[] }
  | { readonly seed: number; readonly shrink: boolean; readonly problem?: string; readonly lines: number };

/** What a run came to. */
export interface Result {
  readonly seed: number;
  /** The names of what was broken. */
  readonly kinds: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

const { calm, ...rest } = workerData as Options & { readonly calm: boolean };
const options: Options = { ...(calm ? { kinds: PEOPLE } : {}), ...rest };

parentPort?.on('message', (request: Request) => {
  if ('seeds' in request) parentPort?.postMessage(request.seeds.map(resultOf), []);
  else {
    const { seed, problem, lines } = request;
    const steps = request.shrink ? { steps: shrink(seed, options, problem) } : {};
    parentPort?.postMessage(report(seed, { ...options, ...steps }, lines), []);
  }
});

function resultOf(seed: number): Result {
  const { problems, counts } = simulate(seed, options);
  return { seed, kinds: [...new Set(problems.map((problem) => problem.slice(0, problem.indexOf(':'))))], counts };
}
