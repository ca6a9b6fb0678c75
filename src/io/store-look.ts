import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readStore } from './read-store.ts';
import { NEWEST_RECEIVED } from './statements.ts';
import { guarded, StoreError } from './store-error.ts';
import { refuseLogAlone, STORE_FILE, storesAside } from './store-files.ts';

/** What there is to see of a store from outside. */
export interface StoreLook {
  readonly file: string;
  /** With its log. Undefined: it is yet to be made. */
  readonly bytes: number | undefined;
  /** Permission bits; 0 where there is none. */
  readonly mode: number;
  /** Why this program can't go on with it. */
  readonly problem: StoreError | undefined;
  /** When the newest message came here, in milliseconds since the epoch. */
  readonly newest: number | undefined;
  /** Names of stores that were damaged and set aside, the oldest first. */
  readonly damaged: readonly string[];
}

/** Looks at the store in a directory; into it only where no gateway has it. Changes nothing in it. */
export function lookAtStore(directory: string, isInUse: boolean): StoreLook {
  const file = join(directory, STORE_FILE);
  const look: StoreLook = {
    file,
    bytes: undefined,
    mode: 0,
    problem: undefined,
    newest: undefined,
    damaged: storesAside(directory, 'damaged'),
  };
  try {
    return guarded(file, () => {
      if (!isInUse) refuseLogAlone(file);
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return look;
      const log = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      const seen = { ...look, bytes: found.size + log, mode: found.mode };
      if (isInUse || found.size === 0) return seen;
      return { ...seen, ...newestOf(directory) };
    });
  } catch (error) {
    if (error instanceof StoreError) return { ...look, problem: error };
    throw error;
  }
}

function newestOf(directory: string): Pick<StoreLook, 'problem' | 'newest'> {
  try {
    const newest = readStore(directory, (database) => database.prepare<[], number>(NEWEST_RECEIVED).pluck().get());
    return { problem: undefined, newest };
  } catch (error) {
    if (error instanceof StoreError) return { problem: error, newest: undefined };
    throw error;
  }
}
