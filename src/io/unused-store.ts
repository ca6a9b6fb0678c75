import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivePage, type ArchivePageRequest, firstPage, NEWEST_BEFORE, OLDEST_AFTER } from './archive-page.ts';
import type { MessageRow } from './message-row.ts';
import { readStore } from './read-store.ts';
import { guarded } from './store-error.ts';
import { STORE_FILE } from './store-files.ts';

/* What is read of a store that no gateway has. */

/**
 * The bare JIDs of its rooms.
 * @throws {StoreError} Where it can't be read.
 */
export function roomsOf(directory: string): string[] {
  return readStore(directory, (database) =>
    database.prepare<[], string>('SELECT jid FROM room ORDER BY jid').pluck().all(),
  );
}

/**
 * A page of a room's archive, as `Store.page` gives it.
 * @throws {StoreError} Where it can't be read, as when a gateway has it by now.
 */
export function pageOf(
  directory: string,
  room: string,
  { filter, after = 0, before }: ArchivePageRequest,
): ArchivePage {
  return readStore(directory, (database) => {
    const id = database.prepare<[string], number>('SELECT id FROM room WHERE jid = ?').pluck().get(room) ?? 0;
    const rows = database.prepare<[number, number], MessageRow>(before === undefined ? OLDEST_AFTER : NEWEST_BEFORE);
    return firstPage(rows.iterate(id, before ?? after), room, filter);
  });
}

/**
 * Whether there is a store in that directory.
 * @throws {StoreError} Where that can't be seen.
 */
export function hasStore(directory: string): boolean {
  const file = join(directory, STORE_FILE);
  return guarded(file, () => statSync(file, { throwIfNoEntry: false }) !== undefined);
}
