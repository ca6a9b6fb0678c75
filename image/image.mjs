// @ts-check
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { digestOf } from '../build/cache.mjs';
import { BuildError, reasonOf } from '../build/error.mjs';
import { writeExecutable } from '../build/executable.mjs';
import { inRoot } from '../build/files.mjs';
import { nodeFor } from '../build/node.mjs';
import { boards, emulatorCommand } from './boards.mjs';
import { Debian } from './debian.mjs';
import { writeDisk } from './disk.mjs';
import { addKernel } from './kernel.mjs';
import { packages } from './packages.mjs';
import { writeSlot } from './slot.mjs';
import { makeSystem } from './system.mjs';
import { checkTools } from './tools.mjs';
import { keyPair, sign, writeUpdate } from './update.mjs';

const usage = `npm run image -- --target ${Object.keys(boards).join('|')} [--node FILE] [--key FILE.sec] [--mirror URL] [--out FOLDER]`;

try {
  await writeImage(parseCommandLine());
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`image: ${error.message}`);
  process.exitCode = 1;
}

/** @param {ReturnType<typeof parseCommandLine>} options */
async function writeImage({ target, node, key, mirror = 'http://deb.debian.org', out = inRoot('dist') }) {
  const board = boards[target ?? ''];
  if (target === undefined || board === undefined)
    throw new BuildError(`no image is made for ${target ?? 'no target'} (usage: ${usage})`);
  checkTools();
  const keys = await keyPair(key);
  await mkdir(out, { recursive: true });
  const [name, folder] = [join(resolve(out), `fmucd-${target}`), await mkdtemp(join(resolve(out), 'image-'))];
  try {
    await writeExecutable(await nodeFor(target, node), name);
    const debian = new Debian(board.architecture);
    await debian.update(mirror);
    const kernel = await debian.successor(board.kernelPackage);
    const names = [...Object.keys(packages), kernel];
    const files = await debian.fetch(names);
    const archives = new Map(names.map((one, index) => [one, files[index] ?? '']));

    const system = join(folder, 'system');
    await mkdir(system);
    const version = await versionOfSource();
    await makeSystem({ target, archives, program: name, publicKey: keys.open, version }, system);
    await addKernel(target, archives.get(kernel) ?? '', system);
    const slot = join(folder, 'slot');
    await writeSlot(system, slot);
    await writeUpdate({ target, version, slot, key: keys.secret }, folder, `${name}.update`);
    await writeDisk(board, slot, folder, join(folder, 'image'));
    await rename(join(folder, 'image'), `${name}.img`);
    await writeFile(`${name}.img.sha256`, `${digestOf(await readFile(`${name}.img`))}  fmucd-${target}.img\n`);
    await sign(`${name}.img.sha256`, keys.secret);
    const line = emulatorCommand(board, { disk: `${name}.img` }).join(' ');
    await writeFile(`${name}.qemu`, `#!/bin/sh\nexec ${line}\n`);
    await chmod(`${name}.qemu`, 0o755);
    console.log(`${name}.img: ${megabytes((await stat(slot)).size)} MB in a slot; to boot it here:\n${line}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The version of the source and, where it is known, the commit. */
async function versionOfSource() {
  const { version } = /** @type {{ version: string }} */ (JSON.parse(await readFile(inRoot('package.json'), 'utf8')));
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', inRoot(''), 'rev-parse', '--short=10', 'HEAD']);
    return `${version}-${stdout.trim()}`;
  } catch {
    return version;
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function parseCommandLine() {
  const type = /** @type {const} */ ('string');
  try {
    return parseArgs({ options: { target: { type }, node: { type }, key: { type }, mirror: { type }, out: { type } } })
      .values;
  } catch (error) {
    throw new BuildError(`${reasonOf(error)} (usage: ${usage})`);
  }
}
