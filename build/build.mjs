// @ts-check
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBundle } from './bundle.mjs';
import { BuildError, reasonOf } from './error.mjs';
import { writeExecutable } from './executable.mjs';
import { inRoot } from './files.mjs';
import { writeManual } from './manual.mjs';
import { nodeFor } from './node.mjs';
import { host, targets } from './targets.mjs';

const usage = `npm run build -- [--target ${Object.keys(targets).join('|')}|all] [--node FILE] [--out FOLDER] [--bundle]`;

try {
  const { target = host, node, out = inRoot('dist'), bundle } = parseCommandLine();
  const wanted = bundle ? [] : targetsOf(target);
  if (wanted.length > 1 && node !== undefined) throw new BuildError('--node is the Node of one target, not of all');
  await writeBundle(join(out, 'fmucd.cjs'));
  if (!bundle) await writeManual(out);
  for (const name of wanted) await writeExecutable(await nodeFor(name, node), join(out, `fmucd-${name}`));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}

function parseCommandLine() {
  const type = /** @type {const} */ ('string');
  const flag = /** @type {const} */ ('boolean');
  try {
    return parseArgs({ options: { target: { type }, node: { type }, out: { type }, bundle: { type: flag } } }).values;
  } catch (error) {
    throw new BuildError(`${reasonOf(error)} (usage: ${usage})`);
  }
}

/** @param {string} name */
function targetsOf(name) {
  if (name === 'all') return Object.keys(targets);
  if (name !== host && !Object.hasOwn(targets, name))
    throw new BuildError(`no target is called ${name} (usage: ${usage})`);
  return [name];
}
