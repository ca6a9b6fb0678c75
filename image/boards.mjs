// @ts-check

/**
 * What an image for a target is made of.
 *
 * @typedef {object} Board
 * @property {string} architecture as Debian calls it
 * @property {string} kernelPackage whose one dependency is the newest kernel
 * @property {string} bootCommand of U-Boot, for a kernel of this kind
 * @property {number} kernelRoom bytes that the kernel takes in memory, packed and unpacked
 * @property {string} mkimageArchitecture
 * @property {readonly string[]} emulator what starts the whole disk in U-Boot, but for the memory and the disk
 */

/** @type {Readonly<Record<string, Board>>} */
export const boards = {
  'linux-armv7l': {
    architecture: 'armhf',
    kernelPackage: 'linux-image-armmp',
    bootCommand: 'bootz',
    kernelRoom: 0x200_0000,
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
 * The command that boots an image in an emulator, as a person types it: console in the terminal, SSH at port 12222 of this
 * machine, Ctrl-A X to pull the plug.
 *
 * @param {Board} board
 * @param {string} image
 */
export function emulatorLine({ emulator }, image) {
  return [
    ...emulator,
    '-m 128 -nographic -no-reboot',
    `-drive file=${image},format=raw,if=none,id=disk -device virtio-blk-device,drive=disk`,
    '-netdev user,id=net,hostfwd=tcp:127.0.0.1:12222-:22 -device virtio-net-device,netdev=net',
    '-device virtio-rng-device',
  ].join(' ');
}
