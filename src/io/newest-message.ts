import { readStore } from './read-store.ts';
import { NEWEST_RECEIVED } from './statements.ts';
import { lastWritten } from './store-files.ts';

/**
 * When the newest message came here, by our clock of then, in milliseconds since the epoch; where the store in `directory`
 * can't be read (a gateway runs, it is damaged), when it was last written; undefined where there is none.
 */
export function newestMessage(directory: string): number | undefined {
  const written = lastWritten(directory);
  if (written === undefined) return undefined;
  try {
    return readStore(directory, (database) => database.prepare<[], number>(NEWEST_RECEIVED).pluck().get());
  } catch {
    return written;
  }
}
