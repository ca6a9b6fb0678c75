// @ts-check

/*
 * What of Debian is in the system, package by package: the files, and with each package its licence. What isn't named here
 * isn't on the box.
 */

/** Shared libraries, wherever a package has them. */
const LIBRARIES = ['lib/*/*.so*', 'usr/lib/*/*.so*'];

/**
 * Paths in each package's tree; `*` stands for anything but a slash.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const packages = {
  'busybox-static': ['bin/busybox'],
  runit: ['usr/bin/runsv', 'usr/bin/runsvdir', 'usr/bin/sv', 'usr/bin/svlogd'],
  'dropbear-bin': ['usr/sbin/dropbear', 'usr/bin/dropbearkey'],
  e2fsprogs: ['sbin/e2fsck', 'sbin/mke2fs', 'etc/mke2fs.conf'],
  'signify-openbsd': ['bin/signify-openbsd'],
  'util-linux': ['usr/bin/setpriv'],
  nano: ['bin/nano'],
  'ncurses-base': ['lib/terminfo/*/*'],

  libc6: [...LIBRARIES, 'lib/ld-linux*'],
  'libgcc-s1': LIBRARIES,
  'libstdc++6': LIBRARIES,
  libatomic1: LIBRARIES,
  libcrypt1: LIBRARIES,
  libtomcrypt1: LIBRARIES,
  libtommath1: LIBRARIES,
  libgmp10: LIBRARIES,
  zlib1g: LIBRARIES,
  'libcap-ng0': LIBRARIES,
  libblkid1: LIBRARIES,
  'libcom-err2': LIBRARIES,
  libext2fs2: LIBRARIES,
  libuuid1: LIBRARIES,
  libbsd0: LIBRARIES,
  libmd0: LIBRARIES,
  libncursesw6: LIBRARIES,
  libtinfo6: LIBRARIES,
};

/** Drivers that lead to the medium: these are in the initial RAM disk, with all that they need. */
export const mediumDrivers = [
  'drivers/virtio/virtio_mmio.ko',
  'drivers/virtio/virtio_pci.ko',
  'drivers/block/virtio_blk.ko',
  'drivers/mmc/',
  'drivers/regulator/',
  'drivers/i2c/busses/',
  'drivers/mfd/',
  'drivers/gpio/',
  'drivers/clk/',
  'drivers/pinctrl/',
  'drivers/phy/',
  'drivers/reset/',
  'drivers/watchdog/',
  'fs/ext4/',
  'crypto/crc32c_generic.ko',
];

/** Drivers of what a gateway has besides, in the slots. */
export const systemDrivers = [
  ...mediumDrivers,
  'drivers/block/zram/',
  'crypto/lzo',
  'drivers/net/',
  'drivers/usb/',
  'drivers/char/',
  'drivers/rtc/',
  'drivers/spi/',
  'drivers/tty/',
  'drivers/dma/',
  'drivers/bus/',
  'drivers/soc/',
  'drivers/power/',
  'drivers/thermal/',
  'drivers/nvmem/',
  'drivers/leds/',
  'drivers/pwm/',
  'drivers/pci/',
  'drivers/firmware/',
  'drivers/hwmon/',
  'fs/fat/',
  'fs/exfat/',
  'fs/nls/',
  'net/ipv6/',
  'net/packet/',
  'net/ipv4/',
];

/** The network cards of servers. */
const SERVER_CARDS = [
  'amd brocade broadcom/bnx cavium chelsio cisco dec emulex hisilicon huawei mellanox netronome qlogic sfc sun',
  'intel/fm10k intel/i40e intel/iavf intel/ice intel/ixgb',
].flatMap((names) => names.split(' ').map((name) => `drivers/net/ethernet/${name}`));

/** Of those, what no gateway has: radio networks of its own, and being a gadget itself. */
export const leftOut = [
  'drivers/mmc/core/mmc_test.ko',
  'drivers/net/fddi/',
  'drivers/net/wireless/',
  'drivers/usb/gadget/',
  ...SERVER_CARDS,
];
