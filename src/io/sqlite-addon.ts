import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { keepIn } from './own-folder.ts';

let loaded: object | undefined;

/**
 * The SQLite addon that a built program carries, for better-sqlite3's `nativeBinding` option; undefined in development,
 * where better-sqlite3 finds its own. Throws an Error whose message tells the operator what to do.
 *
 * The dynamic linker takes files only, so the addon is unpacked once: in memory where there is such a file system, so
 * that flash isn't worn, else into `data`, the store's directory.
 */
export function loadSqliteAddon(data: string): object | undefined {
  if (typeof __FMUCD_ADDON__ === 'undefined') return undefined;
  loaded ??= load(__FMUCD_ADDON__, data);
  return loaded;
}

function load(carried: NonNullable<typeof __FMUCD_ADDON__>, data: string): object {
  if (!process.version.startsWith(`${carried.node}.`))
    throw new Error(`this program was built for Node ${carried.node} and runs on ${process.version}: build it again`);
  const refusals: string[] = [];
  for (const folder of foldersFor(data)) {
    try {
      return open(keepIn(folder, 'better_sqlite3', carried.content, () => unpack(carried)));
    } catch (error) {
      if (error instanceof DamagedProgramError) throw error;
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `the SQLite addon needs a directory that may hold programs, set TMPDIR to one: ${refusals.join('; ')}`,
  );
}

/** Those in memory come first. Their names are everyone's to take, so they must prove to be ours. */
function foldersFor(data: string): readonly string[] {
  const ours = `fmucd-${process.getuid?.() ?? 0}`;
  return [join('/dev/shm', ours), '/run/fmucd', join(data, 'addon'), join(process.env['TMPDIR'] ?? '/tmp', ours)];
}

function open(file: string): object {
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports;
}

class DamagedProgramError extends Error {}

function unpack(carried: NonNullable<typeof __FMUCD_ADDON__>): Uint8Array {
  const packed = readEnd(__filename, carried.length);
  if (createHash('sha256').update(packed).digest('hex') !== carried.sha256)
    throw new DamagedProgramError(`${__filename} is damaged: install it again`);
  return brotliDecompressSync(
    carried.encoding === 'binary' ? packed : Buffer.from(packed.toString('latin1'), 'base64'),
  );
}

function readEnd(file: string, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    const read = readSync(descriptor, buffer, 0, length, fstatSync(descriptor).size - length);
    return buffer.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}
