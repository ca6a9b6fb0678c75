// @ts-check
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { writeBundle } from '../../build/bundle.mjs';
import { inRoot } from '../../build/files.mjs';

/*
 * `npm run bench`: what crosses a link, beside Prosody on the same work. README.md says what is counted and how.
 *
 *   npm run bench                    everything, about five minutes
 *   npm run bench -- joins presence  these only
 *   npm run bench -- --proxy         without network namespaces, also where they are allowed
 */

const options = process.argv.slice(2);
const wanted = options.filter((option) => option !== '--proxy');

await writeBundle();
// Two folders deep as its sources are, so that it finds what they name by their own place.
const driver = inRoot('dist/bench/bench.mjs');
await build({
  entryPoints: { bench: inRoot('test/bench/main.ts'), report: inRoot('test/bench/report.ts'), namespaces: inRoot('test/bench/namespaces.ts'), workloads: inRoot('test/bench/workloads.ts') },
  outdir: inRoot('dist/bench'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
});
/** @type {typeof import('./namespaces.ts')} */
const { namespacesAllowed } = await import(inRoot('dist/bench/namespaces.mjs'));
/** @type {typeof import('./workloads.ts')} */
const { WORKLOADS } = await import(inRoot('dist/bench/workloads.mjs'));
/** @type {typeof import('./report.ts')} */
const { report } = await import(inRoot('dist/bench/report.mjs'));

const names = wanted.length > 0 ? wanted : Object.keys(WORKLOADS);
const unknown = names.filter((name) => WORKLOADS[name] === undefined);
if (unknown.length > 0) {
  console.error(`bench: no workload is called ${unknown.join(', ')} (${Object.keys(WORKLOADS).join(', ')})`);
  process.exit(1);
}

const emulation = namespacesAllowed() && !options.includes('--proxy') ? 'namespaces' : 'proxy';
const hasProsody = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'prosody'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

const settings = { emulation, names, program: inRoot('dist/fmucd.cjs'), hasProsody };
const [command, ...args] = emulation === 'namespaces' ? ['unshare', '--net', process.execPath, driver] : [process.execPath, driver];
const started = performance.now();
const child = spawn(command ?? '', args, {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, FMUCD_BENCH: JSON.stringify(settings) },
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
/** @type {readonly import('./measure.ts').Measured[]} */
let results = [];
child.on('message', (message) => {
  results = /** @type {typeof results} */ (message);
});
child.on('exit', async (code) => {
  if (code !== 0) process.exitCode = 1;
  else await report(results, { emulation, hasProsody, seconds: (performance.now() - started) / 1000 });
});
