// @ts-check
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';

/*
 * Simulated trees of FMUC nodes by the thousand, on every core:
 *
 *   node test/fmuc/simulate.mjs 10000               that many runs
 *   node test/fmuc/simulate.mjs 10000 --from 5001   starting with that seed
 *   node test/fmuc/simulate.mjs --seed 42           one run; --trace 200 shows the last lines of what happened in it,
 *                                                   --shrink leaves out every step that its failure doesn't need,
 *                                                   --problem order: that failure
 *   --calm                                          links that hold, and no crashes
 *   --kinds say,flap --size 3 --length 20           only these steps, so many nodes, so many steps
 *   --fallbacks --replicated --tight --paced --coalesce --references
 *                                                   other sets: see Options in simulation/simulation.ts
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'string', default: '0' },
    shrink: { type: 'boolean', default: false },
    problem: { type: 'string' },
    calm: { type: 'boolean', default: false },
    fallbacks: { type: 'boolean', default: false },
    replicated: { type: 'boolean', default: false },
    tight: { type: 'boolean', default: false },
    references: { type: 'boolean', default: false },
    paced: { type: 'boolean', default: false },
    coalesce: { type: 'boolean', default: false },
    kinds: { type: 'string' },
    size: { type: 'string' },
    length: { type: 'string' },
  },
});

/** How many seeds a worker gets at a time. */
const CHUNK = 20;
/** How many failures are told of each kind. */
const SHOWN = 10;

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('simulation/worker.ts', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  logLevel: 'error',
});
const code = outputFiles[0]?.text ?? '';
const options = {
  calm: values.calm,
  hasFallbacks: values.fallbacks,
  isReplicated: values.replicated,
  isTight: values.tight,
  hasReferences: values.references,
  isPaced: values.paced,
  isGathering: values.coalesce,
  ...(values.kinds === undefined ? {} : { kinds: values.kinds.split(',') }),
  ...(values.size === undefined ? {} : { size: Number(values.size) }),
  ...(values.length === undefined ? {} : { length: Number(values.length) }),
};

if (values.seed === undefined) await runMany(Number(values.from), Number(positionals[0] ?? 1000));
else {
  const request = {
    seed: Number(values.seed),
    shrink: values.shrink,
    problem: values.problem,
    lines: Number(values.trace),
  };
  const worker = new Worker(code, { eval: true, workerData: options });
  worker.on('message', (text) => {
    console.log(text);
    void worker.terminate();
  });
  worker.postMessage(request, []);
}

/**
 * @param {number} first
 * @param {number} count
 */
async function runMany(first, count) {
  const started = Date.now();
  let next = first;
  let done = 0;
  /** @type {Map<string, number[]>} */
  const failures = new Map();
  /** @type {Set<number>} */
  const failed = new Set();
  /** @type {Record<string, number>} */
  const counts = {};
  await Promise.all(
    Array.from({ length: availableParallelism() }, () => {
      const worker = new Worker(code, { eval: true, workerData: options });
      const hand = () => {
        if (next >= first + count) return void worker.terminate();
        const seeds = Array.from({ length: Math.min(CHUNK, first + count - next) }, (_, index) => next + index);
        next += seeds.length;
        worker.postMessage({ seeds }, []);
      };
      worker.on('message', (/** @type {import('./simulation/worker.ts').Result[]} */ results) => {
        for (const result of results) {
          done++;
          for (const [what, times] of Object.entries(result.counts)) counts[what] = (counts[what] ?? 0) + times;
          for (const kind of result.kinds) failures.set(kind, [...(failures.get(kind) ?? []), result.seed]);
          if (result.kinds.length > 0) failed.add(result.seed);
        }
        hand();
      });
      hand();
      return new Promise((resolve, reject) => {
        worker.on('exit', resolve);
        worker.on('error', reject);
      });
    }),
  );
  const seconds = (Date.now() - started) / 1000;
  console.log(`${done} runs in ${seconds.toFixed(1)} s, ${failed.size} failed`);
  for (const [kind, seeds] of failures)
    console.log(
      `  ${kind}: ${seeds.length}, seeds ${seeds
        .toSorted((a, b) => a - b)
        .slice(0, SHOWN)
        .join(' ')}`,
    );
  console.log(
    Object.entries(counts)
      .map(([what, times]) => `${what} ${times}`)
      .join(', '),
  );
  if (failed.size > 0) process.exitCode = 1;
}
