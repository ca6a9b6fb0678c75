import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isOnPath } from '../../build/on-path.mjs';
import { endAll } from '../support/ending.ts';
import { measure } from './measure.ts';
import { namespacesAllowed } from './namespaces.ts';
import { report } from './report.ts';
import { WORKLOADS } from './workloads.ts';

/* What bench.mjs starts. Where it may, it starts itself again in a network namespace, in which it may make links. */

/** Set in a process that has a network namespace to itself. */
const INSIDE = 'FMUCD_BENCH_NAMESPACE';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { proxy: { type: 'boolean', default: false } },
});
const [root = '.', ...wanted] = positionals;
const names = wanted.length > 0 ? wanted : Object.keys(WORKLOADS);
const unknown = names.filter((name) => WORKLOADS[name] === undefined);

if (unknown.length > 0) {
  console.error(`bench: no workload is called ${unknown.join(', ')} (${Object.keys(WORKLOADS).join(', ')})`);
  process.exitCode = 2;
} else if (process.env[INSIDE] === undefined && !values.proxy && namespacesAllowed()) startInside();
else await run();

function startInside(): void {
  const command = ['--net', process.execPath, ...process.argv.slice(1)];
  const child = spawn('unshare', command, { stdio: 'inherit', env: { ...process.env, [INSIDE]: 'yes' } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

async function run(): Promise<void> {
  // Every program here is ended with us.
  process.setMaxListeners(0);
  let isEnding = false;
  // Ctrl-C comes from the terminal and from who started us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!isEnding) void endAll().finally(() => process.exit(1));
      isEnding = true;
    });
  const emulation = process.env[INSIDE] === undefined ? 'proxy' : 'namespaces';
  const hasProsody = isOnPath('prosody');
  const program = [process.execPath, join(root, 'dist/fmucd.cjs')] as const;
  const started = performance.now();
  try {
    const results = await measure({ emulation, names, program, hasProsody });
    report(results, { root, emulation, hasProsody, seconds: (performance.now() - started) / 1000 });
  } finally {
    await endAll();
  }
}
