// @ts-check
import { spawn } from 'node:child_process';
import { build } from 'esbuild';
import { writeBundle } from '../../build/bundle.mjs';
import { inRoot } from '../../build/files.mjs';

/*
 * `npm run bench`: what crosses a link, beside Prosody on the same work. README.md says what is counted and how.
 *
 *   npm run bench                    everything, in about four minutes
 *   npm run bench -- joins presence  these workloads only
 *   npm run bench -- --proxy         without network namespaces, also where they are allowed
 */

await writeBundle();
// Two folders deep, as its sources are: they name files by their own place.
const outfile = inRoot('dist/bench/main.mjs');
await build({
  entryPoints: [inRoot('test/bench/main.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
});
const child = spawn(process.execPath, [outfile, inRoot('.'), ...process.argv.slice(2)], { stdio: 'inherit' });
// It ends everything that it has started, then itself.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
