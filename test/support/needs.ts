import { spawnSync } from 'node:child_process';
import { isOnPath } from '../../build/on-path.mjs';
import { imageTools } from '../../image/tools.mjs';
import { lintersNeed, lintersRun } from '../lint/linters.mjs';

interface Need {
  readonly isMet: boolean;
  readonly remedy: string;
}

/** Debian's own, which alone has Debian's libraries. */
export const DEBIANS_PYTHON = '/usr/bin/python3';

const BOARD = 'qemu-system-arm u-boot-qemu openssh-client e2fsprogs';

/** What a suite may need of the machine. */
export const needs = {
  prosody: programs('prosody', 'prosody lua-unbound'),
  ejabberd: programs('ejabberdctl erl openssl', 'ejabberd openssl'),
  slixmpp: {
    isMet: spawnSync(DEBIANS_PYTHON, ['-c', 'import slixmpp']).status === 0,
    remedy: 'apt-get install python3-slixmpp',
  },
  'prometheus-client': {
    isMet: spawnSync(DEBIANS_PYTHON, ['-c', 'import prometheus_client']).status === 0,
    remedy: 'apt-get install python3-prometheus-client',
  },
  tmux: programs('tmux', 'tmux'),
  openssl: programs('openssl', 'openssl'),
  'arm-linux-gnueabihf-g++': programs('arm-linux-gnueabihf-g++', 'gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf'),
  'qemu-arm-static': programs('qemu-arm-static', 'qemu-user-static'),
  'aarch64-linux-gnu-g++': programs('aarch64-linux-gnu-g++', 'gcc-aarch64-linux-gnu g++-aarch64-linux-gnu'),
  'qemu-aarch64-static': programs('qemu-aarch64-static', 'qemu-user-static'),
  'the tools of an image': programs(imageTools.names.join(' '), imageTools.packages),
  'an emulated ARMv7 board': programs('qemu-system-arm ssh ssh-keygen debugfs', BOARD),
  'an emulated ARM64 board': programs('qemu-system-aarch64 ssh ssh-keygen', BOARD),
  mandoc: programs('mandoc', 'mandoc'),
  groff: programs('groff', 'groff-base'),
  shellcheck: programs('shellcheck', 'shellcheck'),
  'a file system of its own': {
    isMet: spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0,
    remedy: 'a kernel that lets `unshare -rm` mount a tmpfs',
  },
  oxlint: { isMet: lintersRun, remedy: lintersNeed },
} satisfies Record<string, Need>;

/** Programs that are all on the PATH, and the Debian packages that bring them. */
function programs(names: string, packages: string): Need {
  return { isMet: names.split(' ').every(isOnPath), remedy: `apt-get install ${packages}` };
}
