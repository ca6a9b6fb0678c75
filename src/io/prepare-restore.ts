import { chownSync, mkdirSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isOwnFile, verified } from './backup.ts';
import { type CopyCondition, CopyError, carefully, WRITING } from './copy-error.ts';
import { type Copying, copyFile, removeDatabase, temporaryBeside } from './copy-store.ts';
import { PREPARED } from './replace-store.ts';
import { migrate } from './schema.ts';
import { STORE_FILE } from './store-files.ts';
import { domainsOf, gistOf, type StoreGist } from './store-gist.ts';
import { recogniseFile } from './store-header.ts';

/** A backup that has been copied beside the store, is whole, and fits this program. */
export interface Prepared extends StoreGist {
  /** What it is called in the data directory. */
  readonly name: string;
  /** The domains of its rooms. */
  readonly domains: readonly string[];
}

/** What the system says against files in the data directory. */
const OURS: Readonly<Record<string, CopyCondition>> = { ...WRITING, EACCES: 'not-ours', EPERM: 'not-ours' };

/**
 * Copies a backup into the data directory, and has the copy be as this program reads it; an older layout is brought up to
 * date. The store that is there goes on.
 * @throws {CopyError} Why it can't be restored; nothing is left behind.
 */
export async function prepareRestore(directory: string, file: string, copying: Copying): Promise<Prepared> {
  if (basename(file) === STORE_FILE && isOwnFile(file, directory)) throw new CopyError('ours', file);
  await recogniseFile(file);
  const prepared = temporaryBeside(join(directory, STORE_FILE), PREPARED);
  try {
    await carefully(directory, OURS, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
    await removeDatabase(prepared);
    const to = { file: prepared, name: join(directory, STORE_FILE), conditions: OURS };
    await copyFile(file, to, copying);
    // A store that was copied by other means may have a log.
    if ((await stat(`${file}-wal`).catch(() => undefined))?.isFile() === true)
      await copyFile(`${file}-wal`, { ...to, file: `${prepared}-wal` }, copying);
    const found = await verified(prepared, directory, file, 'damaged', (database) => {
      migrate(database);
      return { ...gistOf(database), domains: domainsOf(database) };
    });
    giveToOwnerOf(directory, prepared);
    return { name: basename(prepared), ...found };
  } catch (error) {
    await removeDatabase(prepared);
    throw error;
  }
}

/** Where root does this, the store is to be that of whoever runs the gateway. */
function giveToOwnerOf(directory: string, file: string): void {
  const { uid, gid } = statSync(directory);
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}

/** Nothing comes of it. */
export async function dropPrepared(directory: string, { name }: Prepared): Promise<void> {
  await removeDatabase(join(directory, name));
}
