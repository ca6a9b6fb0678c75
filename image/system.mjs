// @ts-check
import { chmod, cp, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BuildError } from '../build/error.mjs';
import { inRoot } from '../build/files.mjs';
import { runTool } from '../build/tools.mjs';
import { linkApplets } from './busybox.mjs';
import { unpack } from './debian.mjs';
import { placeholders } from './layout.mjs';
import { packages } from './packages.mjs';
import { treeOf } from './tree.mjs';

/** Where others are mounted, and what has to be there though it is empty. */
const FOLDERS = ['data', 'dev', 'etc/fmucd', 'proc', 'root/.ssh', 'run', 'sys', 'tmp', 'var/lib/fmucd'];
const NETWORK_FOLDERS = ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'].map((name) => `etc/network/${name}`);

/** What is written goes to RAM, or to the data partition. */
const LINKS = {
  'etc/mtab': '/proc/self/mounts',
  'etc/resolv.conf': '/run/resolv.conf',
  'etc/service': '/run/sv',
  'etc/shadow': '/data/box/shadow',
  'root/.ssh/authorized_keys': '/etc/fmucd/authorized_keys',
  'var/log': '/run/log',
  'var/run': '/run',
  'var/tmp': '/tmp',
};

/**
 * Fills a folder with the system of a slot, but for its kernel.
 *
 * @param {object} of
 * @param {string} of.target
 * @param {ReadonlyMap<string, string>} of.archives Debian's, by package
 * @param {string} of.program the executable
 * @param {string} of.publicKey file of the key that updates are signed with
 * @param {string} of.version
 * @param {string} folder
 */
export async function makeSystem({ target, archives, program, publicKey, version }, folder) {
  for (const [name, paths] of Object.entries(packages))
    await takePackage(name, archives.get(name) ?? '', paths, folder);
  for (const path of [...FOLDERS, ...NETWORK_FOLDERS]) await mkdir(join(folder, path), { recursive: true });
  for (const [path, to] of Object.entries(LINKS)) await symlink(to, join(folder, path));
  await cp(inRoot('image/root'), folder, { recursive: true, verbatimSymlinks: true });
  for (const script of ['functions', 'spare']) await fill(join(folder, 'usr/lib/fmucd', script));
  await cp(program, join(folder, 'usr/bin/fmucd'));
  await chmod(join(folder, 'usr/bin/fmucd'), 0o755);
  await cp(publicKey, join(folder, 'etc/fmucd-update.pub'));
  await writeFile(join(folder, 'etc/fmucd-release'), `target=${target}\nversion=${version}\n`);
  await linkApplets(target, folder);
  await checkLibraries(target, folder);
}

/**
 * Puts the values of the layout, and others, into a file where it says `@NAME@`.
 *
 * @param {string} file
 * @param {Readonly<Record<string, string>>} [others]
 * @param {string} [to]
 */
export async function fill(file, others = {}, to = file) {
  const values = /** @type {Record<string, string>} */ ({ ...placeholders, ...others });
  const text = (await readFile(file, 'utf8')).replace(/@([A-Z_]+)@/g, (whole, /** @type {string} */ name) => {
    const value = values[name];
    if (value === undefined) throw new BuildError(`${file}: nothing to put for ${whole}`);
    return value;
  });
  await writeFile(to, text);
}

/**
 * @param {string} name
 * @param {string} archive
 * @param {readonly string[]} paths
 * @param {string} folder
 */
async function takePackage(name, archive, paths, folder) {
  const unpacked = await mkdtemp(`${folder}-`);
  try {
    await unpack(archive, unpacked);
    const wanted = paths.map((path) => ({ path, matches: patternOf(path), isThere: false }));
    for (const file of await filesIn(unpacked)) {
      const matching = wanted.filter(({ matches }) => matches.test(file));
      for (const one of matching) one.isThere = true;
      if (matching.length > 0 || file === `usr/share/doc/${name}/copyright`)
        await cp(join(unpacked, file), join(folder, file), { verbatimSymlinks: true });
    }
    const missing = wanted.find(({ path, isThere }) => !isThere && !path.includes('*'));
    if (missing !== undefined) throw new BuildError(`Debian's ${basename(archive)} has no ${missing.path}`);
  } finally {
    await rm(unpacked, { recursive: true });
  }
}

/** @param {string} path */
function patternOf(path) {
  return new RegExp(`^${path.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]*')}$`);
}

/**
 * Files and links below a folder, as paths from it.
 *
 * @param {string} folder
 */
async function filesIn(folder) {
  return (await treeOf(folder)).filter(({ isFolder }) => !isFolder).map(({ path }) => path);
}

/**
 * What isn't among the packages is noticed here and not on the box.
 *
 * @param {string} target
 * @param {string} folder
 */
async function checkLibraries(target, folder) {
  const files = await filesIn(folder);
  const there = new Set(files.map((file) => basename(file)));
  const programs = files.filter((file) => /(^|\/)s?bin\//.test(file) || /\.so[.\d]*$/.test(file));
  for (const file of programs) {
    if (!(await isElf(join(folder, file)))) continue;
    const needed = await runTool(target, 'readelf', ['-d', join(folder, file)]);
    for (const [, library = ''] of needed.matchAll(/\(NEEDED\).*\[(.*)\]/g))
      if (!there.has(library)) throw new BuildError(`${file} needs ${library}, which no package of the image brings`);
  }
}

/** @param {string} file */
async function isElf(file) {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === '\x7fELF';
  } finally {
    await handle.close();
  }
}
