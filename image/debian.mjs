// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError, reasonOf } from '../build/error.mjs';
import { inRoot } from '../build/files.mjs';

const run = promisify(execFile);

const RELEASE = 'bookworm';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** A mirror that is just being brought up to date has indexes that don't fit each other. */
const ATTEMPTS = 3;
const PAUSE_MS = 2000;

/**
 * Debian for another architecture, by an apt of its own: it leaves the machine's alone, needs no root, checks Debian's
 * signatures as ever, and keeps what it has fetched in `dist`.
 */
export class Debian {
  /**
   * @readonly
   * @type {string}
   */
  #home;

  /** @param {string} architecture as Debian calls it */
  constructor(architecture) {
    this.#home = inRoot(`dist/.cache/debian-${RELEASE}-${architecture}`);
    this.architecture = architecture;
  }

  /**
   * Learns what there is.
   *
   * @param {string} mirror
   */
  async update(mirror) {
    for (const folder of [
      'state/lists/partial',
      'cache/archives/partial',
      'etc/apt.conf.d',
      'etc/preferences.d',
      'archives',
    ])
      await mkdir(join(this.#home, folder), { recursive: true });
    await writeFile(join(this.#home, 'state/status'), '');
    await writeFile(join(this.#home, 'etc/sources.list'), sources(mirror));
    await writeFile(join(this.#home, 'apt.conf'), configuration(this.#home, this.architecture));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#apt(this.#home, 'apt-get', 'update', '--error-on=any');
        return;
      } catch (error) {
        if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        else
          return console.warn(`image: not all of ${mirror} can be read (${complaint(error)}); going by what there is`);
      }
    }
  }

  /**
   * The package that a package stands for: of a kernel the newest.
   *
   * @param {string} name
   */
  async successor(name) {
    const found = /^ {2}Depends: (\S+)/m.exec(await this.#apt(this.#home, 'apt-cache', 'depends', name));
    if (found?.[1] === undefined) throw new BuildError(`Debian's ${name} stands for no package`);
    return found[1];
  }

  /**
   * Fetches packages, those that aren't there yet.
   *
   * @param {readonly string[]} names
   * @returns {Promise<string[]>} their files, in the same order; a file's name says the version
   */
  async fetch(names) {
    /** @type {string[]} */
    const files = [];
    for (const name of names) {
      const uri = /^'\S+' (\S+) /.exec(await this.#apt(this.#home, 'apt-get', 'download', '--print-uris', name));
      if (uri?.[1] === undefined) throw new BuildError(`Debian has no ${name} for ${this.architecture}`);
      files.push(join(this.#home, 'archives', uri[1]));
    }
    const missing = names.filter((_, index) => !existsSync(files[index] ?? ''));
    if (missing.length > 0) await this.#apt(join(this.#home, 'archives'), 'apt-get', 'download', ...missing);
    return files;
  }

  /**
   * @param {string} folder to run it in: apt says no URI of what it finds there
   * @param {string} program
   * @param {readonly string[]} options
   */
  async #apt(folder, program, ...options) {
    const env = { ...process.env, APT_CONFIG: join(this.#home, 'apt.conf'), LC_ALL: 'C' };
    try {
      return (await run(program, options, { cwd: folder, env })).stdout;
    } catch (error) {
      throw new BuildError(`${program} ${options.join(' ')} failed: ${complaint(error)}`);
    }
  }
}

/**
 * Puts a package's files into a folder.
 *
 * @param {string} file
 * @param {string} folder
 */
export async function unpack(file, folder) {
  await run('dpkg-deb', ['-x', file, folder]);
}

/** @param {string} mirror */
function sources(mirror) {
  const from = `deb [signed-by=${KEYRING}] ${mirror}`;
  return [
    `${from}/debian ${RELEASE} main`,
    `${from}/debian ${RELEASE}-updates main`,
    `${from}/debian-security ${RELEASE}-security main`,
    '',
  ].join('\n');
}

/**
 * @param {string} home
 * @param {string} architecture
 */
function configuration(home, architecture) {
  return `Dir "${home}";
Dir::State "state";
Dir::State::status "state/status";
Dir::Cache "cache";
Dir::Etc "etc";
Dir::Etc::sourceparts "-";
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "";
Acquire::Languages "none";
`;
}

/** @param {unknown} error */
function complaint(error) {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return said.split('\n').find((line) => line.startsWith('E: ')) ?? reasonOf(error);
}
