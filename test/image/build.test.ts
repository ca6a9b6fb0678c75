import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/build.ts';
import { makeImage } from '../support/image.ts';
import { requires } from '../support/requires.ts';

it.each([
  ['no target', [], 'no image is made for no target (usage: '],
  ['a target that is no box', ['--target', 'linux-x64'], 'no image is made for linux-x64 (usage: '],
  ['an unknown option', ['--size', '3'], "Unknown option '--size'"],
])('makes no image of %s, and says so in a line', expectRefusal);

requires('the tools of an image')('updates are signed', () => {
  it.each([
    ['a key of another name', ['--target', 'linux-armv7l', '--key', 'key.txt'], "a key's file ends in .sec"],
    ['a key that is not there', ['--target', 'linux-armv7l', '--key', '/nowhere/key.sec'], 'no key /nowhere/key.sec'],
  ])('makes no image with %s, and says so in a line', expectRefusal);
});

function expectRefusal(_: string, options: readonly string[], why: string): void {
  const { status, stdout, stderr } = makeImage(...options);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(why)]);
}

it('names the tools that are missing, all at once', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'image/image.mjs'), '--target', 'linux-armv7l'], {
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^image: no apt-get, dpkg-deb, cpio, .*xz: apt-get install cpio kmod .*\n$/);
});

requires('shellcheck')("the box's scripts", () => {
  it('are free of what shellcheck finds', () => {
    const folder = join(root, 'image/root');
    const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /(usr\/lib\/fmucd|usr\/sbin|sv)\/.*[^/]$/.test(path) && !path.endsWith('config'))
      .map((path) => join(folder, path));
    const files = [...scripts, join(root, 'image/initrd/init'), join(root, 'image/flash')].filter(
      (path) => spawnSync('test', ['-f', path]).status === 0,
    );
    expect(files.length).toBeGreaterThan(15);
    const { status, stdout } = spawnSync('shellcheck', ['-s', 'dash', '-e', 'SC1091,SC2154', ...files], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
