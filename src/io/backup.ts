import { realpathSync, statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type CopyCondition, CopyError, carefully, WRITING } from './copy-error.ts';
import { type Copying, copyFile, removeDatabase, type Target, temporaryBeside, tracesOf } from './copy-store.ts';
import { openDatabase } from './database.ts';
import { syncDirectory } from './place-file.ts';
import { readStore } from './read-store.ts';
import { recognise } from './schema.ts';
import { guarded, StoreError } from './store-error.ts';
import { STORE_FILE } from './store-files.ts';
import { gistOf, type StoreGist } from './store-gist.ts';

/** How often a store is copied that changes meanwhile. */
const ATTEMPTS = 3;

/** A backup that is there, whole and durable. */
export interface BackedUp extends StoreGist {
  /** Bytes. */
  readonly size: number;
}

/** What of a store is copied, and what must come of it. */
interface Source {
  readonly parts: readonly string[];
  readonly gist: StoreGist;
}

/**
 * Makes sure that a backup of the store in `directory` may be written as `file`, before anything is asked of the gateway.
 * @throws {CopyError} Why not.
 */
export async function mayBackUpAs(file: string, directory: string, isForced: boolean): Promise<void> {
  if (isOwnFile(file, directory)) throw new CopyError('ours', file);
  const there = await stat(file).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw new CopyError('directory', file);
  if (there !== undefined && !isForced) throw new CopyError('exists', file);
  const place = await stat(dirname(file)).catch(() => undefined);
  if (place?.isDirectory() !== true) throw new CopyError('no-directory', file);
}

/** Whether a file is, or would be, one of those that the store in `directory` goes by or is set aside as. */
export function isOwnFile(file: string, directory: string): boolean {
  return basename(file).startsWith(STORE_FILE) && realPath(dirname(file)) === realPath(directory);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Copies the store in `directory` to `file`, verifies the copy, and puts it in its place: it is there whole and durable, or
 * not at all. `held` tells what a gateway has that holds its store still meanwhile (`Store.hold`); undefined where none runs.
 * @throws {CopyError} Why there is no backup; nothing is left behind.
 */
export async function backUp(
  directory: string,
  file: string,
  held: StoreGist | undefined,
  copying: Copying,
): Promise<BackedUp> {
  const store = join(directory, STORE_FILE);
  const temporary = temporaryBeside(file, 'new');
  try {
    for (let attempt = 1; ; attempt += 1) {
      // A store that is held has all that counts in its first file; what is said meanwhile goes to its log.
      const source =
        held === undefined ? { parts: ['', '-wal'], gist: readGist(directory) } : { parts: [''], gist: held };
      if (await copyWhole(store, { file: temporary, name: file, conditions: WRITING }, source, copying)) {
        const size = await settle(temporary, directory, source.gist, store);
        await carefully(file, WRITING, () => rename(temporary, file));
        syncDirectory(dirname(file));
        return { ...source.gist, size };
      }
      await removeDatabase(temporary);
      if (held !== undefined || attempt === ATTEMPTS) throw new CopyError('busy', store);
    }
  } finally {
    await removeDatabase(temporary);
  }
}

/** @throws {CopyError | StoreError} Where it can't be read, or a gateway has it. */
function readGist(directory: string): StoreGist {
  const store = join(directory, STORE_FILE);
  try {
    statSync(store);
    return readStore(directory, gistOf);
  } catch (error) {
    if (error instanceof StoreError && error.condition === 'corrupt')
      throw new CopyError('store-damaged', store, error);
    if (error instanceof StoreError) throw error;
    throw new CopyError(isMissing(error) ? 'no-store' : 'unreadable', store, error);
  }
}

/** Whether nothing of it was written meanwhile. */
async function copyWhole(store: string, to: Target, { parts }: Source, copying: Copying): Promise<boolean> {
  const files = parts.map((part) => store + part);
  const before = await tracesOf(files);
  for (const [index, part] of parts.entries()) {
    const isThere = await stat(store + part).then(
      () => true,
      () => false,
    );
    if (isThere || index === 0) await copyFile(store + part, { ...to, file: to.file + part }, copying);
  }
  return before === (await tracesOf(files));
}

/** Makes one file of a copy that no reader changes, verifies it, and gives its size. */
async function settle(temporary: string, directory: string, gist: StoreGist, store: string): Promise<number> {
  const found = await verified(temporary, directory, store, 'copy-damaged', gistOf);
  if (JSON.stringify(found) !== JSON.stringify(gist)) throw new CopyError('copy-damaged', store);
  return (await stat(temporary)).size;
}

/**
 * Makes one file of a copied store, makes sure that nothing in it is damaged, and has `use` do the rest with it.
 * @throws {CopyError} `damaged`, which is said of `original`, or what else is wrong.
 */
export async function verified<T>(
  copy: string,
  directory: string,
  original: string,
  damaged: CopyCondition,
  use: (database: Database) => T,
): Promise<T> {
  try {
    return guarded(copy, () => {
      const database = openDatabase(copy, directory, { fileMustExist: true });
      try {
        recognise(database);
        database.pragma('journal_mode = DELETE');
        database.pragma('synchronous = FULL');
        if (database.pragma('integrity_check(1)', { simple: true }) !== 'ok') throw new CopyError(damaged, original);
        return use(database);
      } finally {
        database.close();
      }
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { condition } = error;
    if (condition === 'full' || condition === 'failing') throw new CopyError(condition, copy, error);
    throw new CopyError(condition === 'foreign' || condition === 'newer' ? condition : damaged, original, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
