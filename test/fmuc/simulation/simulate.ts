import type { Step } from './script.ts';
import { type Options, Simulation } from './simulation.ts';
import { drawTree } from './tree.ts';
import { problemsOf } from './verdict.ts';

export interface Outcome {
  readonly seed: number;
  /** The tree, as `1→0 2→1`. */
  readonly tree: string;
  readonly script: readonly Step[];
  /** What isn't as it should be; empty: all is well. */
  readonly problems: readonly string[];
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
}

/** One run, the same for the same seed and options. */
export function simulate(seed: number, options: Options = {}): Outcome {
  const simulation = new Simulation(seed, options);
  const problems: string[] = [];
  try {
    simulation.run();
    problems.push(...problemsOf(simulation));
  } catch (error) {
    problems.push(`fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  for (const user of simulation.users) {
    for (let message = 0; message < user.reflected.size; message++) simulation.count('reflected');
    for (let secret = 0; secret < user.secrets.length; secret++) simulation.count('secret arrived');
  }
  return {
    seed,
    tree: drawTree(simulation.tree),
    script: simulation.script,
    problems,
    counts: simulation.counts,
    trace: simulation.trace,
  };
}

/** The fewest steps that still break the same, or what the whole script breaks first, by index. */
export function shrink(seed: number, options: Options = {}, problem?: string): number[] {
  const whole = simulate(seed, options);
  const broken = problem ?? kindOf(whole.problems);
  let steps = options.steps === undefined ? [...whole.script.keys()] : [...options.steps];
  if (broken === undefined) return steps;
  const stillFails = (fewer: readonly number[]): boolean =>
    simulate(seed, { ...options, steps: fewer, trace: false }).problems.some((problem) => kindOf([problem]) === broken);
  for (let chunk = Math.ceil(steps.length / 2); chunk >= 1; ) {
    let removed = false;
    for (let start = 0; start < steps.length; ) {
      const fewer = [...steps.slice(0, start), ...steps.slice(start + chunk)];
      if (stillFails(fewer)) {
        steps = fewer;
        removed = true;
      } else start += chunk;
    }
    if (chunk === 1 && !removed) break;
    chunk = chunk === 1 ? 1 : Math.ceil(chunk / 2);
  }
  return steps;
}

function kindOf(problems: readonly string[]): string | undefined {
  return problems[0]?.slice(0, problems[0].indexOf(':'));
}

/** What went wrong, for people: the seed, the tree, the steps, and the last lines of what happened. */
export function report(seed: number, options: Options = {}, lines = 0): string {
  const { tree, script, problems, trace } = simulate(seed, { ...options, trace: lines > 0 });
  const steps = options.steps ?? [...script.keys()];
  return [
    `seed ${seed}, tree ${tree}, ${steps.length} of ${script.length} steps`,
    ...(options.steps === undefined ? [] : steps.map((step) => `  step ${step}: ${script[step]?.kind}`)),
    ...problems.slice(0, 12).map((problem) => `  ✗ ${problem}`),
    ...(problems.length > 12 ? [`  … and ${problems.length - 12} more`] : []),
    ...trace.slice(-lines),
  ].join('\n');
}
