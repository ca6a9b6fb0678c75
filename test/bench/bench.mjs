// @ts-check
import { spawn } from 'node:child_process';
import { build } from 'esbuild';
import { writeBundle } from '../../build/bundle.mjs';
import { writeExecutable } from '../../build/executable.mjs';
import { inRoot } from '../../build/files.mjs';
import { nodeFor } from '../../build/node.mjs';
import { host } from '../../build/targets.mjs';

/*
 * `npm run bench`: what crosses a link, beside Prosody on the same work, and what a box has to have for a gateway. README.md
 * says what is counted and how.
 *
 *   npm run bench                    what crosses a link, in about four minutes
 *   npm run bench -- joins presence  these workloads only
 *   npm run bench -- --proxy         without network namespaces, also where they are allowed
 *   npm run bench -- fanout          how fast a room gives what is said to its occupants, beside Prosody, and what a crowd holds up
 *   npm run bench -- answer          how long an operator waits for an answer of a gateway that is busy
 *   npm run bench -- backup          how long a backup takes, and what it holds up
 *   npm run bench -- memory          memory and start of this machine's executable, and memory in the ARMv7 image
 */

await writeBundle();
const [first, ...rest] = process.argv.slice(2);
const [command = '', ...args] =
  first === 'memory' && rest.length === 0
    ? await memory()
    : first === 'fanout' || first === 'answer' || first === 'backup'
      ? [await bundled(`${first}-main`), ...rest]
      : [await bundled('main'), ...process.argv.slice(2)];
const child = spawn(process.execPath, ['--expose-gc', command, inRoot('.'), ...args], { stdio: 'inherit' });
// It ends everything that it has started, then itself.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

async function memory() {
  const node = await nodeFor(host, undefined);
  const executable = inRoot(`dist/fmucd-${host}`);
  await writeExecutable(node, executable);
  return [await bundled('box-main'), executable, node.file];
}

/**
 * One of ours as a single file, two folders deep as its sources are: they name files by their own place.
 *
 * @param {string} name
 */
async function bundled(name) {
  const outfile = inRoot(`dist/bench/${name}.mjs`);
  await build({
    entryPoints: [inRoot(`test/bench/${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}
