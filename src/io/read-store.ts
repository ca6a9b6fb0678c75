import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { openDatabase } from './database.ts';
import { recognise } from './schema.ts';
import { guarded } from './store-error.ts';
import { STORE_FILE } from './store-files.ts';

/**
 * Reads something of the store in `directory` while no gateway has it, and leaves it as it is. It is open only as long as
 * `read` takes: a gateway that starts meanwhile waits for no more than that.
 * @throws {StoreError} Where a gateway has it, it can't be read, or it isn't ours.
 */
export function readStore<T>(directory: string, read: (database: Database) => T, file = STORE_FILE): T {
  const path = join(directory, file);
  return guarded(path, () => {
    const made = [`${path}-shm`, `${path}-wal`].filter((part) => !existsSync(part));
    const database = openDatabase(path, directory, { readonly: true, fileMustExist: true, timeout: 0 });
    try {
      recognise(database);
      return read(database);
    } finally {
      // What a reader makes it leaves behind. As long as it is open, no gateway can have made it.
      for (const part of made) rmSync(part, { force: true });
      database.close();
    }
  });
}
