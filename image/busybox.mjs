// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runFor } from '../build/tools.mjs';

const PLACES = ['bin', 'sbin', 'usr/bin', 'usr/sbin'];

/**
 * Gives every program that a folder's busybox is its name in `bin`, unless there is one of that name.
 *
 * @param {string} target
 * @param {string} folder
 */
export async function linkApplets(target, folder) {
  const names = await runFor(target, join(folder, 'bin/busybox'), ['--list']);
  for (const name of names.trimEnd().split('\n')) {
    if (PLACES.some((place) => existsSync(join(folder, place, name)))) continue;
    await symlink('/bin/busybox', join(folder, 'bin', name));
  }
  await mkdir(join(folder, 'sbin'), { recursive: true });
  await symlink('/bin/busybox', join(folder, 'sbin/init'));
}
