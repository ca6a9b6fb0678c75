// @ts-check
import { BuildError } from '../build/error.mjs';
import { isOnPath } from '../build/on-path.mjs';

/** What an image is made with, and the packages of Debian that bring it. */
export const imageTools = {
  names: 'apt-get dpkg-deb cpio depmod genext2fs mcopy mkfs.fat mkimage sfdisk signify-openbsd xz'.split(' '),
  packages: 'cpio kmod genext2fs mtools dosfstools u-boot-tools fdisk signify-openbsd xz-utils',
};

/** Says at once what is missing, rather than after the minute that the rest takes. */
export function checkTools() {
  const missing = imageTools.names.filter((name) => !isOnPath(name));
  if (missing.length > 0) throw new BuildError(`no ${missing.join(', ')}: apt-get install ${imageTools.packages}`);
}
