import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boards } from '../../image/boards.mjs';
import { layout } from '../../image/layout.mjs';
import { root } from '../support/build.ts';
import { endAll, temporaryFolder } from '../support/ending.ts';
import { requires } from '../support/requires.ts';

/** Where FAT16 has a partition's name. */
const NAME_AT = layout.boot.start + 43;
const SIZE = layout.boot.start + 4096;

requires('the tools of an image')('flashing', () => {
  let folder: string;
  let image: string;
  let device: string;
  beforeEach(() => {
    folder = temporaryFolder();
    image = join(folder, 'box.img');
    device = join(folder, 'device');
    keys('update');
    medium(image, boards['linux-armv7l']?.label ?? '', 'an image');
    const digest = createHash('sha256').update(readFileSync(image)).digest('hex');
    writeFileSync(`${image}.sha256`, `${digest}  box.img\n`);
    sign('update');
    medium(device, '', 'what was there');
    truncateSync(device, 2 * SIZE);
  });
  afterEach(endAll);

  it('writes the image, and nothing behind it', () => {
    const handle = openSync(device, 'r+');
    writeSync(handle, 'data', SIZE);
    closeSync(handle);
    expect(flash().status).toBe(0);
    const written = readFileSync(device);
    expect(written.subarray(0, SIZE).equals(readFileSync(image))).toBe(true);
    expect(written.subarray(SIZE, SIZE + 4).toString()).toBe('data');
  });

  it.each<[string, string, () => void]>([
    ['cut short', 'is damaged, cut short, or has been booted', () => truncateSync(image, SIZE - 1)],
    ['unsigned', "isn't signed: ", () => rmSync(`${image}.sha256.sig`)],
    ['without a checksum', "isn't signed: ", () => rmSync(`${image}.sha256`)],
    [
      "signed with a stranger's key",
      "isn't signed with ",
      () => {
        keys('stranger');
        sign('stranger');
      },
    ],
    ['of another checksum than signed', "isn't signed with ", () => writeFileSync(`${image}.sha256`, 'another\n')],
    ['for another target', 'is FMUCD-ARMV7, and the box of ', () => medium(device, 'FMUCD-ARM64', 'another box')],
    ['no file', 'no file ', () => rmSync(image)],
  ])('refuses an image that is %s, and writes nothing', (_, why, spoil) => {
    spoil();
    const before = readFileSync(device);
    const { status, stderr } = flash();
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(why) as string });
    expect(readFileSync(device).equals(before)).toBe(true);
  });

  const flash = () => spawnSync(join(root, 'image/flash'), [image, device], { encoding: 'utf8' });

  function keys(name: string): void {
    const pair = ['-p', join(folder, `${name}.pub`), '-s', join(folder, `${name}.sec`)];
    expect(spawnSync('signify-openbsd', ['-G', '-n', ...pair]).status).toBe(0);
  }

  function sign(name: string): void {
    const files = ['-m', `${image}.sha256`, '-x', `${image}.sha256.sig`];
    expect(spawnSync('signify-openbsd', ['-S', '-s', join(folder, `${name}.sec`), ...files]).status).toBe(0);
  }

  function medium(file: string, name: string, content: string): void {
    const bytes = Buffer.alloc(SIZE, content);
    bytes.fill(0, NAME_AT, NAME_AT + 11);
    bytes.write(name, NAME_AT);
    writeFileSync(file, bytes);
  }
});
