// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { transform } from 'esbuild';
import { inRoot } from './files.mjs';
import { runFor } from './tools.mjs';

/** @typedef {import('./node.mjs').NodeBinary} NodeBinary */

/** What load.cjs calls a part of the program with, and finds at its beginning. */
const beginning = '(function(require,__filename,module){';

/**
 * V8 takes only what was compiled under the same flags, and before Node 24 the bounds of the heap are among those that count.
 * Once the heap has taken them, they can be set back.
 *
 * @param {NodeBinary} node
 */
const flagsFor = (node) => (isBefore24(node) ? ['--max-old-space-size=0', '--max-semi-space-size=0'] : []);

/**
 * What has V8 keep less, where there is little memory: no code of its quick compiler, which is large, and of the other one only what
 * runs ten times as often as it would ask for; what hasn't run since the last two collections only as source, where V8 goes by that;
 * and a collection once the heap has grown by a fifth of what V8 would let it grow by, which is 8 MB however small it is.
 *
 * @param {NodeBinary} node
 */
const frugalFlagsFor = (node) => [
  '--optimize-for-size',
  '--no-sparkplug',
  '--incremental-marking-soft-trigger=20',
  '--incremental-marking-hard-trigger=30',
  ...(isBefore24(node)
    ? ['--interrupt-budget=1000000', '--bytecode-old-age=2']
    : ['--no-maglev', '--invocation-count-for-turbofan=30000']),
];

/** @param {NodeBinary} node */
const isBefore24 = ({ version }) => Number.parseInt(version.slice(1), 10) < 24;

/**
 * The program of an executable: what Node runs first, and what has to stand at the executable's end.
 *
 * @param {NodeBinary} node
 * @param {import('./bundle.mjs').Parts} parts
 * @param {string} folder to work in
 * @returns {Promise<{ readonly main: string, readonly end: Buffer }>}
 */
export async function programOf(node, { main, gateway, commands, addon }, folder) {
  const [first, ran, called] = [main, gateway, commands].map((code) => Buffer.from(`${beginning}${code}\n})`));
  if (first === undefined || ran === undefined || called === undefined) throw new RangeError('a part is missing');
  const pieces = {
    main: first,
    mainCompiled: await compile(node, first, folder),
    gateway: ran,
    gatewayCompiled: await compile(node, ran, folder),
    // Called now and then, by somebody who waits for the machine's answer anyway.
    commands: brotliCompressSync(called),
    addon,
  };
  let fromEnd = Object.values(pieces).reduce((sum, { length }) => sum + length, 0);
  const place = Object.fromEntries(
    Object.entries(pieces).map(([name, { length }]) => {
      const piece = { bytes: length, fromEnd };
      fromEnd -= length;
      return [name, piece];
    }),
  );
  const constants = { beginning, flags: flagsFor(node), frugalFlags: frugalFlagsFor(node), ...place };
  const loader = await readFile(inRoot('build/start/load.cjs'), 'utf8');
  const { code } = await transform(loader, { define: { PROGRAM: JSON.stringify(constants) }, minify: true });
  return { main: code, end: Buffer.concat(Object.values(pieces)) };
}

/**
 * What V8 makes of a part of a program. Which bytes that is depends on chance, for which there is a seed.
 *
 * @param {NodeBinary} node
 * @param {Buffer} part
 * @param {string} folder
 */
async function compile(node, part, folder) {
  const [code, compiled] = [join(folder, 'program.cjs'), join(folder, 'program.compiled')];
  await writeFile(code, part);
  const script = inRoot('build/start/compile.cjs');
  await runFor(node.target, node.file, ['--random-seed=1', script, code, compiled, ...flagsFor(node)]);
  return readFile(compiled);
}
