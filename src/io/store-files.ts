import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from './place-file.ts';
import { guarded, StoreError } from './store-error.ts';

/** The store's file inside the data directory. */
export const STORE_FILE = 'fmucd.db';

/** The most damaged stores that are kept; beyond, the oldest goes. */
export const MAX_DAMAGED_STORES = 3;

/** What SQLite calls the files of one store. The first is renamed first: without its log it could pass for a whole one. */
const PARTS = ['', '-wal', '-shm', '-journal'];

const DAMAGED = /^fmucd\.db\.damaged-\d{8}T\d{6}Z(?:\.\d+)?/;

/**
 * Renames the store in `directory`, with all that belongs to it, to a name that tells the time, and gives the name back.
 * Nothing that is kept already is overwritten; beyond MAX_DAMAGED_STORES the oldest goes. `now` is in milliseconds since
 * the epoch.
 * @throws {StoreError} Where it can't be renamed.
 */
export function setAside(directory: string, now: number): string {
  const file = join(directory, STORE_FILE);
  return guarded(file, () => {
    // A clock that isn't set yet must not make the newest look the oldest.
    const name = freeName(directory, Math.max(now, lastWritten(directory) ?? 0));
    for (const part of PARTS) if (isThere(file + part)) renameSync(file + part, join(directory, name + part));
    const others = damagedStores(directory).filter((other) => other !== name);
    for (const old of others.slice(0, Math.max(0, others.length + 1 - MAX_DAMAGED_STORES)))
      for (const part of PARTS) rmSync(join(directory, old + part), { force: true });
    syncDirectory(directory);
    return name;
  });
}

/** The names of the damaged stores that are kept in `directory`, the oldest first; none where it can't be read. */
export function damagedStores(directory: string): string[] {
  return [...new Set(entriesOf(directory).flatMap((entry) => DAMAGED.exec(entry)?.[0] ?? []))].sort();
}

/**
 * When anything of a store in `directory` was last written, also of one that was set aside, in milliseconds since the
 * epoch; undefined where there is none.
 */
export function lastWritten(directory: string): number | undefined {
  const times = entriesOf(directory)
    .filter((entry) => entry.startsWith(STORE_FILE))
    .flatMap((entry) => statSync(join(directory, entry), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return times.length === 0 ? undefined : Math.floor(Math.max(...times));
}

/**
 * Makes sure that there is no log without its store: SQLite would take the store for a new one and delete the log.
 * @throws {StoreError} `corrupt`
 */
export function refuseLogAlone(file: string): void {
  if (sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0) throw new StoreError('corrupt', file);
}

function freeName(directory: string, time: number): string {
  const stamp = new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${STORE_FILE}.damaged-${stamp}`;
  const taken = new Set(damagedStores(directory));
  for (let count = 1, free = name; ; count += 1, free = `${name}.${count}`) if (!taken.has(free)) return free;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
