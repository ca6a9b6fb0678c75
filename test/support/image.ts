import { spawnSync } from 'node:child_process';
import { copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from './build.ts';
import { temporaryFolder } from './ending.ts';

const MB = 1024 * 1024;

/** What `npm run image` has made for a target. */
export interface Image {
  readonly target: string;
  readonly file: string;
  readonly update: string;
  /** What updates are signed with. */
  readonly key: string;
}

/** Makes the image of a target, with a key of its own. */
export function image(target: string): Image {
  const out = temporaryFolder();
  const key = join(out, 'update.sec');
  const made = spawnSync('signify-openbsd', ['-G', '-n', '-p', join(out, 'update.pub'), '-s', key]);
  expect(made.status).toBe(0);
  const { status, stderr } = makeImage('--target', target, '--key', key, '--out', out);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const name = join(out, `fmucd-${target}`);
  return { target, file: `${name}.img`, update: `${name}.update`, key };
}

/** `npm run image` with those options: its exit status, and what it said. */
export function makeImage(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, 'image/image.mjs'), ...options], { encoding: 'utf8' });
}

/** A medium of that many megabytes with the image on it. */
export function flashed({ file }: Image, megabytes: number): string {
  const disk = join(temporaryFolder(), 'disk');
  copyFileSync(file, disk);
  truncateSync(disk, megabytes * MB);
  return disk;
}
