import { dirname } from 'node:path';
import { DamagedTextError } from '../xml/parse.ts';
import { fileSystemOf } from './file-system.ts';

/** What can be wrong with the store, and what to do about it. */
const TEXTS = {
  full: (file: string) => `no space left for ${file}: free some; the gateway goes on by itself once there is`,
  failing: (file: string) => `reading or writing ${file} fails: is the storage worn out or gone? (see dmesg)`,
  'read-only': (file: string) =>
    `${file} can't be written: mount its file system read-write and let fmucd's user write it`,
  unreachable: (file: string) => `${file} can't be opened: does fmucd's user own its directory?`,
  locked: (file: string) => `${file} is in use: is the gateway already running? (fmucd status)`,
  corrupt: (file: string) => `${file} is damaged: it is kept aside, and a fresh one takes its place`,
  foreign: (file: string) => `${file} isn't a store of fmucd: move it away, or change "data" in the file`,
  newer: (file: string) =>
    `${file} was written by a newer fmucd: run that one, or put a backup from before in its place`,
} as const;

export type StoreCondition = keyof typeof TEXTS;

/** SQLite's codes and the system's; the longest prefix that is listed counts (`SQLITE_IOERR_WRITE` is `SQLITE_IOERR`). */
const CONDITIONS: Readonly<Record<string, StoreCondition>> = {
  SQLITE_FULL: 'full',
  SQLITE_IOERR: 'failing',
  SQLITE_READONLY: 'read-only',
  SQLITE_PERM: 'read-only',
  SQLITE_CANTOPEN: 'unreachable',
  SQLITE_BUSY: 'locked',
  SQLITE_LOCKED: 'locked',
  SQLITE_CORRUPT: 'corrupt',
  SQLITE_NOTADB: 'corrupt',
  // Our statements never change, so where they don't fit it is the layout that has.
  SQLITE_ERROR: 'corrupt',
  // Of all that is kept nothing is large: it is a length that is damaged.
  SQLITE_NOMEM: 'corrupt',
  SQLITE_TOOBIG: 'corrupt',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ENOTDIR: 'unreachable',
  EISDIR: 'unreachable',
  EEXIST: 'unreachable',
  EIO: 'failing',
};

/** What SQLite says of some ways of running out of space. */
const MAYBE_FULL: ReadonlySet<StoreCondition> = new Set(['failing', 'unreachable']);

/** The store can't do what was asked, and nothing of it was done. `message` is a line for the operator. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly condition: StoreCondition;

  constructor(condition: StoreCondition, file: string, cause?: unknown) {
    super(TEXTS[condition](file), { cause });
    this.condition = condition;
  }
}

/** Runs `action` on the store in `file`. What SQLite or the system refuses is thrown as a StoreError. */
export function guarded<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const condition = error instanceof DamagedTextError ? 'corrupt' : conditionOf(error);
    if (condition === undefined) throw error;
    throw new StoreError(MAYBE_FULL.has(condition) && isFull(file) ? 'full' : condition, file, error);
  }
}

function conditionOf(error: unknown): StoreCondition | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  for (let code = error.code; code !== ''; code = code.slice(0, Math.max(0, code.lastIndexOf('_')))) {
    const condition = CONDITIONS[code];
    if (condition !== undefined) return condition;
  }
  return undefined;
}

function isFull(file: string): boolean {
  return fileSystemOf(dirname(file))?.free === 0;
}
