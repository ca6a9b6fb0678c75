import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { positionAt } from '../lib/position.ts';
import { CopyError } from './copy-error.ts';
import { openDatabase } from './database.ts';
import { syncDirectory } from './place-file.ts';
import { readStore } from './read-store.ts';
import { beginAfter, carryOver, openReturns, positionsOf } from './restored.ts';
import { LOST_POSITIONS } from './store-bounds.ts';
import { guarded } from './store-error.ts';
import { entriesOf, lastWritten, moveAside, nameAside, STORE_FILE } from './store-files.ts';

/*
 * Another store takes the place of the one that there is. It is prepared beside it; one renaming decides: from then on it is
 * the store, and whoever opens the store next does what is left to do. A power cut leaves the one or the other.
 */

/** What a store is called while it is prepared; the process that prepares it is named behind. */
export const PREPARED = 'restoring';
const PREPARED_NAME = /^fmucd\.db\.restoring-\d{1,10}$/;

/** What one is called that is to take the place; behind it stands what the other will be called. */
const DECIDED = /^fmucd\.db\.restored-as-(fmucd\.db\.before-restore-\d{8}T\d{6}Z(?:\.\d+)?)$/;

/** Milliseconds to wait for another process that does what is left to do. */
const WAIT_MS = 5000;

/** Whether that is a name under which a store may have been prepared. */
export function isPrepared(name: string): boolean {
  return PREPARED_NAME.test(name);
}

/**
 * Has the store that was prepared in `directory` under that name take the place of the one that there is, which no gateway may
 * have. It gives no position that the other one may have given. Gives back what the other is called now; undefined where there was none.
 * @throws {CopyError | StoreError} Where it can't be done; then the store is the one that it was.
 */
export function replaceStore(directory: string, prepared: string, now: number): string | undefined {
  const file = join(directory, prepared);
  return guarded(file, () => {
    if (!isPrepared(prepared) || !existsSync(file)) throw new CopyError('gone', file);
    const kept = nameAside(directory, 'before-restore', now);
    const hadStore = existsSync(join(directory, STORE_FILE));
    alter(file, directory, (database) => prepareFor(directory, database, now));
    renameSync(file, join(directory, `${STORE_FILE}.restored-as-${kept}`));
    syncDirectory(directory);
    finishReplacing(directory);
    return hadStore ? kept : undefined;
  });
}

/** Does what is left to do where a store is to take the place of another. Does nothing where there is none. */
export function finishReplacing(directory: string): void {
  for (const name of entriesOf(directory)) {
    const kept = DECIDED.exec(name)?.[1];
    const file = join(directory, name);
    if (kept === undefined) continue;
    // Its lock is everybody's who would do this: the second one finds it done.
    let database: Database;
    try {
      database = openDatabase(file, directory, { fileMustExist: true, timeout: WAIT_MS });
    } catch (error) {
      if (!existsSync(file)) continue;
      throw error;
    }
    try {
      database.exec('BEGIN EXCLUSIVE');
      if (!existsSync(file)) continue;
      moveAside(directory, kept);
      renameSync(file, join(directory, STORE_FILE));
      syncDirectory(directory);
    } finally {
      database.close();
    }
  }
}

function alter(file: string, directory: string, change: (database: Database) => void): void {
  const database = openDatabase(file, directory, { fileMustExist: true });
  try {
    database.pragma('synchronous = EXTRA');
    database.transaction(() => change(database))();
  } finally {
    database.close();
    rmSync(`${file}-journal`, { force: true });
  }
}

/** What the other store tells of what was given and sent since; where it can't be read, the times of its files have to do. */
function prepareFor(directory: string, database: Database, now: number): void {
  const times = [now, lastWritten(directory) ?? 0];
  const lost = positionAt(Math.max(...times)) + LOST_POSITIONS;
  let since: ReturnType<typeof positionsOf> | undefined;
  try {
    since = readStore(directory, (other) => {
      const positions = positionsOf(other);
      if (positions.lineage === positionsOf(database).lineage) carryOver(database, other);
      return positions;
    });
  } catch {
    // It is damaged, or there is none.
  }
  const last = Math.max(lost, positionsOf(database).last, since?.last ?? 0);
  openReturns(database, since, last);
  beginAfter(database, last);
}
