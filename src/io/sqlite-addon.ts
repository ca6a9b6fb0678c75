import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

let loaded: object | undefined;

/**
 * The SQLite addon that a built program carries, for better-sqlite3's `nativeBinding` option; undefined in development,
 * where better-sqlite3 finds its own. Throws an Error whose message tells the operator what to do.
 *
 * The dynamic linker takes files only, so the addon is one for a moment: in a fresh directory of ours alone, so that
 * nobody can put another in its place, and in memory where there is such a file system.
 */
export function loadSqliteAddon(): object | undefined {
  if (typeof __FMUCD_ADDON__ === 'undefined') return undefined;
  loaded ??= load(__FMUCD_ADDON__);
  return loaded;
}

function load(carried: NonNullable<typeof __FMUCD_ADDON__>): object {
  if (!process.version.startsWith(`${carried.node}.`))
    throw new Error(`this program was built for Node ${carried.node} and runs on ${process.version}: build it again`);
  const text = readEnd(__filename, carried.length);
  if (createHash('sha256').update(text).digest('hex') !== carried.sha256)
    throw new Error(`${__filename} is damaged: install it again`);
  const addon = gunzipSync(Buffer.from(text, 'base64'));
  const refusals: string[] = [];
  for (const folder of ['/dev/shm', tmpdir()]) {
    try {
      return loadFrom(folder, addon);
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `the SQLite addon needs a directory that may hold programs, set TMPDIR to one: ${refusals.join('; ')}`,
  );
}

function loadFrom(parent: string, addon: Uint8Array): object {
  const folder = mkdtempSync(join(parent, 'fmucd-'));
  try {
    const file = join(folder, 'better_sqlite3.node');
    writeFileSync(file, addon, { mode: 0o500 });
    const module = { exports: {} };
    process.dlopen(module, file);
    return module.exports;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readEnd(file: string, length: number): string {
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    const read = readSync(descriptor, buffer, 0, length, fstatSync(descriptor).size - length);
    return buffer.toString('latin1', 0, read);
  } finally {
    closeSync(descriptor);
  }
}
