// @ts-check
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { inRoot } from '../build/files.mjs';
import { linkApplets } from './busybox.mjs';
import { unpack } from './debian.mjs';
import { leftOut, mediumDrivers, systemDrivers } from './packages.mjs';
import { fill } from './system.mjs';
import { forgetTimes } from './tree.mjs';

const run = promisify(execFile);

/**
 * Adds the kernel to a slot's system: itself, its initial RAM disk and the boards' device trees in `boot`, its drivers in
 * `lib/modules`.
 *
 * @param {string} target
 * @param {string} archive Debian's
 * @param {string} folder of the system, with busybox in it
 */
export async function addKernel(target, archive, folder) {
  const unpacked = await mkdtemp(`${folder}-`);
  try {
    await unpack(archive, unpacked);
    const [release = ''] = await readdir(join(unpacked, 'lib/modules'));
    const modules = join(unpacked, 'lib/modules', release);
    await run('depmod', ['-b', unpacked, release]);
    const drivers = new Drivers(await readFile(join(modules, 'modules.dep'), 'utf8'));
    await mkdir(join(folder, 'boot'), { recursive: true });
    await cp(join(unpacked, `boot/vmlinuz-${release}`), join(folder, 'boot/vmlinuz'));
    await cp(join(unpacked, `usr/lib/linux-image-${release}`), join(folder, 'boot/dtb'), { recursive: true });
    await takeDrivers(unpacked, release, drivers.matching(systemDrivers), folder);
    const initrd = join(unpacked, 'initrd');
    await takeDrivers(unpacked, release, drivers.matching(mediumDrivers), initrd);
    await writeInitrd(target, folder, initrd);
  } finally {
    await rm(unpacked, { recursive: true });
  }
}

/** The kernel's loadable drivers, and which of them need which. */
class Drivers {
  /**
   * @readonly
   * @type {Map<string, string[]>}
   */
  #needs;

  /** @param {string} dependencies depmod's `modules.dep` */
  constructor(dependencies) {
    const lines = dependencies.trimEnd().split('\n');
    this.#needs = new Map(
      lines.map((line) => {
        const [file = '', needed = ''] = line.split(':');
        return [file, needed.split(' ').filter((one) => one !== '')];
      }),
    );
  }

  /**
   * Those in these places, and what they need.
   *
   * @param {readonly string[]} places
   */
  matching(places) {
    const within = (/** @type {string} */ file, /** @type {readonly string[]} */ those) =>
      those.some((place) => file.startsWith(`kernel/${place}`));
    const chosen = [...this.#needs.keys()].filter((file) => within(file, places) && !within(file, leftOut));
    return [...new Set(chosen.flatMap((file) => [file, ...(this.#needs.get(file) ?? [])]))];
  }
}

/**
 * @param {string} unpacked
 * @param {string} release
 * @param {readonly string[]} files
 * @param {string} folder
 */
async function takeDrivers(unpacked, release, files, folder) {
  const modules = join('lib/modules', release);
  for (const file of [...files, 'modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    await mkdir(dirname(join(folder, modules, file)), { recursive: true });
    await cp(join(unpacked, modules, file), join(folder, modules, file));
  }
  await run('depmod', ['-b', folder, release]);
}

/**
 * @param {string} target
 * @param {string} folder of the system
 * @param {string} initrd with the drivers in it
 */
async function writeInitrd(target, folder, initrd) {
  await mkdir(join(initrd, 'bin'));
  await cp(join(folder, 'bin/busybox'), join(initrd, 'bin/busybox'));
  await linkApplets(target, initrd);
  await fill(inRoot('image/initrd/init'), {}, join(initrd, 'init'));
  await chmod(join(initrd, 'init'), 0o755);
  await forgetTimes(initrd);
  const list = 'find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible';
  const { stdout } = await run('sh', ['-c', list], { cwd: initrd, encoding: 'buffer', maxBuffer: 1 << 30 });
  await writeFile(join(folder, 'boot/initrd.gz'), gzipSync(stdout, { level: 9 }));
}
