// @ts-check

/**
 * What an image for a target is made of.
 *
 * @typedef {object} Board
 * @property {string} architecture as Debian calls it
 * @property {string} kernelPackage whose one dependency is the newest kernel
 * @property {string} bootCommand of U-Boot, for a kernel of this kind
 * @property {number} kernelRoom bytes that the kernel takes in memory, packed and unpacked, from 2 MB above its beginning on. Of 64 MB,
 *   U-Boot has the latter half
 * @property {string} mkimageArchitecture
 * @property {readonly string[]} emulator what starts the whole disk in U-Boot, but for the memory and the disk
 */

/** @type {Readonly<Record<string, Board>>} */
export const boards = {
  'linux-armv7l': {
    architecture: 'armhf',
    kernelPackage: 'linux-image-armmp',
    bootCommand: 'bootz',
    kernelRoom: 0x170_0000,
    mkimageArchitecture: 'arm',
    emulator: [
      'qemu-system-arm',
      '-M',
      'virt,highmem=off',
      '-cpu',
      'cortex-a7',
      '-bios',
      '/usr/lib/u-boot/qemu_arm/u-boot.bin',
    ],
  },
  'linux-arm64': {
    architecture: 'arm64',
    kernelPackage: 'linux-image-arm64',
    bootCommand: 'booti',
    kernelRoom: 0x400_0000,
    mkimageArchitecture: 'arm64',
    emulator: [
      'qemu-system-aarch64',
      '-M',
      'virt',
      '-cpu',
      'cortex-a53',
      '-bios',
      '/usr/lib/u-boot/qemu_arm64/u-boot.bin',
    ],
  },
};

/**
 * The command that boots a disk in an emulator as a board would: its console in the terminal, its SSH at a port of this
 * machine's loopback address, Ctrl-A X to pull the plug.
 *
 * @param {Board} board
 * @param {{ readonly disk: string, readonly megabytes?: number, readonly sshPort?: number }} how
 */
export function emulatorCommand({ emulator }, { disk, megabytes = 128, sshPort = 12222 }) {
  const devices = {
    '-drive': [`file=${disk},format=raw,if=none,id=disk`],
    '-netdev': [`user,id=net,hostfwd=tcp:127.0.0.1:${sshPort}-:22`],
    '-device': ['virtio-blk-device,drive=disk', 'virtio-net-device,netdev=net', 'virtio-rng-device'],
  };
  const options = Object.entries(devices).flatMap(([option, values]) => values.flatMap((value) => [option, value]));
  return [...emulator, '-m', String(megabytes), '-nographic', '-no-reboot', ...options];
}
