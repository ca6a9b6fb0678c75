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

/** What stores that were set aside are called after. */
const KINDS = ['damaged', 'before-restore'] as const;

export type Kind = (typeof KINDS)[number];

/** The most stores that are kept which a backup has taken the place of; beyond, the oldest goes. */
export const MAX_REPLACED_STORES = 3;

const MAX_KEPT: Readonly<Record<Kind, number>> = { damaged: MAX_DAMAGED_STORES, 'before-restore': MAX_REPLACED_STORES };

const NAME = /^fmucd\.db\.(damaged|before-restore)-\d{8}T\d{6}Z(?:\.\d+)?/;

/**
 * Renames the store in `directory`, with all that belongs to it, to a name that tells the time, and gives the name back.
 * Nothing that is kept already is overwritten; beyond MAX_DAMAGED_STORES the oldest goes. `now` is in milliseconds since
 * the epoch.
 * @throws {StoreError} Where it can't be renamed.
 */
export function setAside(directory: string, now: number): string {
  return guarded(join(directory, STORE_FILE), () => {
    const name = nameAside(directory, 'damaged', now);
    moveAside(directory, name);
    return name;
  });
}

/** A free name for the store in `directory` that tells when it is set aside, and as what. */
export function nameAside(directory: string, kind: Kind, now: number): string {
  // A clock that isn't set yet must not make the newest look the oldest.
  const time = Math.max(now, lastWritten(directory) ?? 0);
  const stamp = new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `${STORE_FILE}.${kind}-${stamp}`;
  const taken = new Set(storesAside(directory, kind));
  for (let count = 1, free = name; ; count += 1, free = `${name}.${count}`) if (!taken.has(free)) return free;
}

/** Renames what is there of the store in `directory`; beyond the bound of its kind the oldest of those goes. */
export function moveAside(directory: string, name: string): void {
  const file = join(directory, STORE_FILE);
  for (const part of PARTS) if (isThere(file + part)) renameSync(file + part, join(directory, name + part));
  const kind = kindOf(name);
  const others = storesAside(directory, kind).filter((other) => other !== name);
  for (const old of others.slice(0, Math.max(0, others.length + 1 - MAX_KEPT[kind])))
    for (const part of PARTS) rmSync(join(directory, old + part), { force: true });
  syncDirectory(directory);
}

function kindOf(name: string): Kind {
  return KINDS.find((kind) => NAME.exec(name)?.[1] === kind) ?? 'damaged';
}

/** The names of the stores of a kind that are kept in `directory`, the oldest first; none where it can't be read. */
export function storesAside(directory: string, kind: Kind): string[] {
  const names = entriesOf(directory).flatMap((entry) => NAME.exec(entry)?.[0] ?? []);
  return [...new Set(names.filter((name) => kindOf(name) === kind))].sort();
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

export function entriesOf(directory: string): string[] {
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

/** Tells a file that was opened from the one that has its name now. */
export function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
