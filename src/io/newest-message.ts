import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openDatabase } from './database.ts';
import { NEWEST_RECEIVED } from './statements.ts';
import { lastWritten, STORE_FILE } from './store-files.ts';

/**
 * When the newest message came here, by our clock of then, in milliseconds since the epoch; where the store in `directory`
 * can't be read (a gateway runs, it is damaged), when it was last written; undefined where there is none.
 */
export function newestMessage(directory: string): number | undefined {
  const written = lastWritten(directory);
  if (written === undefined) return undefined;
  try {
    return readNewest(directory);
  } catch {
    return written;
  }
}

function readNewest(directory: string): number | undefined {
  return readStore(directory, (database) => database.prepare<[], number>(NEWEST_RECEIVED).pluck().get());
}

/** Opens a store that no gateway has, to read alone; it leaves an empty log behind at most. Throws what SQLite does. */
export function readStore<T>(directory: string, read: (database: Database) => T): T {
  const file = join(directory, STORE_FILE);
  const shared = `${file}-shm`;
  const wasShared = existsSync(shared);
  const database = openDatabase(file, directory, { readonly: true, timeout: 0 });
  try {
    return read(database);
  } finally {
    database.close();
    // A reader leaves its shared memory behind; the gateway, which has the file for itself, uses none.
    if (!wasShared) rmSync(shared, { force: true });
  }
}
