// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '../build/cache.mjs';
import { BuildError } from '../build/error.mjs';
import { inRoot } from '../build/files.mjs';

const run = promisify(execFile);

/** Where a builder who names no key has one made. */
const OWN_KEY = 'dist/update.sec';

/**
 * The pair of files of signify that updates are signed with: NAME.sec and NAME.pub. One that isn't named is made once.
 *
 * @param {string | undefined} file the secret one
 */
export async function keyPair(file) {
  const secret = file ?? inRoot(OWN_KEY);
  const open = secret.replace(/\.sec$/, '.pub');
  if (open === secret) throw new BuildError(`${secret}: a key's file ends in .sec, and its public part in .pub`);
  if (file === undefined && !existsSync(secret)) {
    await mkdir(dirname(secret), { recursive: true });
    await run('signify-openbsd', ['-G', '-n', '-c', 'fmucd update', '-p', open, '-s', secret]);
  }
  for (const part of [secret, open]) if (!existsSync(part)) throw new BuildError(`no key ${part}`);
  return { secret, open };
}

/**
 * Writes a file's signature beside it, with `.sig` at the end of its name.
 *
 * @param {string} file
 * @param {string} key secret file
 */
export async function sign(file, key) {
  await run('signify-openbsd', ['-S', '-s', key, '-m', file, '-x', `${file}.sig`]);
}

/**
 * Writes a system as an update: a tar archive of a manifest, its signature, and the slot's file system in xz.
 *
 * @param {object} of
 * @param {string} of.target
 * @param {string} of.version
 * @param {string} of.slot file of the slot's file system
 * @param {string} of.key secret file
 * @param {string} folder to work in
 * @param {string} file
 */
export async function writeUpdate({ target, version, slot, key }, folder, file) {
  const packed = join(folder, 'system.xz');
  // In blocks, so that all of the builder's processors have something to do; the box unpacks it in 9 MB of memory.
  await run('sh', ['-c', 'xz -T4 -6 --block-size=24MiB -c "$1" >"$2"', 'sh', slot, packed]);
  const manifest = [
    `target=${target}`,
    `version=${version}`,
    `bytes=${(await stat(slot)).size}`,
    `system=${digestOf(await readFile(slot))}`,
    `packed=${digestOf(await readFile(packed))}`,
    '',
  ].join('\n');
  await writeFile(join(folder, 'manifest'), manifest);
  await sign(join(folder, 'manifest'), key);
  const made = join(folder, 'update');
  const same = ['--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=644'];
  await run('tar', [...same, '-C', folder, '-cf', made, 'manifest', 'manifest.sig', 'system.xz']);
  await copyFile(made, file);
}
