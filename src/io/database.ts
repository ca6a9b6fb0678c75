import SQLite, { type Database, type Options } from 'better-sqlite3';
import { loadSqliteAddon } from './sqlite-addon.ts';

/** Opens the SQLite file of the store in `directory`, in a built program with the addon that it carries. */
export function openDatabase(file: string, directory: string, options: Options): Database {
  const nativeBinding = loadSqliteAddon(directory);
  return new SQLite(file, {
    ...options,
    // The type knows a path only; the library takes the loaded addon as well.
    ...(nativeBinding !== undefined && { nativeBinding: nativeBinding as unknown as string }),
  });
}
