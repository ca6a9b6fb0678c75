/** What can be wrong with a backup and its way there and back, and what to do about it. */
const TEXTS = {
  missing: (file: string) => `there is no ${file}`,
  'no-directory': (file: string) => `there is no directory for ${file}: make it first`,
  directory: (file: string) => `${file} is no file: name one`,
  ours: (file: string) => `${file} is one of the store's own files: name another`,
  exists: (file: string) => `${file} is there already: name another file, or have it replaced with --force`,
  unwritable: (file: string) =>
    `${file} can't be written by this user: name a place where it may write, or run this as root`,
  unreadable: (file: string) => `${file} can't be read by this user: run this as the gateway's user or as root`,
  'not-ours': (file: string) => `${file} can't be written by this user: run this as the gateway's user or as root`,
  full: (file: string) => `no space left for ${file}: nothing has changed; free some, or name another place`,
  failing: (file: string) => `reading or writing ${file} fails: is the storage worn out or gone? (see dmesg)`,
  'no-store': (file: string) => `there is no store yet (${file}): the gateway makes it at its first start`,
  busy: (file: string) => `${file} changes faster than it can be copied: try again, or to a faster place`,
  foreign: (file: string) => `${file} is no backup of fmucd: nothing has changed`,
  'cut-off': (file: string) => `${file} is cut off: nothing has changed; take another backup`,
  damaged: (file: string) => `${file} is damaged: nothing has changed; take another backup`,
  newer: (file: string) => `${file} was written by a newer fmucd: nothing has changed; restore it with that one`,
  'store-damaged': (file: string) =>
    `${file} is damaged, so no backup is made of it: once the gateway runs, it sets it aside and begins a fresh one`,
  'copy-damaged': (file: string) =>
    `the copy of ${file} is damaged, so it isn't kept: the store itself may be (see fmucd status), or the storage`,
  gone: (file: string) => `${file}, which was prepared, isn't there any more: nothing has changed; try again`,
  interrupted: () => 'interrupted: nothing has changed',
} as const;

export type CopyCondition = keyof typeof TEXTS;

/** A backup that can't be made or put back; nothing has changed. `message` is a line for the operator. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
  readonly condition: CopyCondition;

  constructor(condition: CopyCondition, file: string, cause?: unknown) {
    super(TEXTS[condition](file), { cause });
    this.condition = condition;
  }
}

/** Does something with a file. What the system refuses is thrown as a CopyError, as `conditions` has it by the system's code. */
export async function carefully<T>(
  file: string,
  conditions: Readonly<Record<string, CopyCondition>>,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const condition = conditions[code];
    if (condition === undefined) throw error;
    throw new CopyError(condition, file, error);
  }
}

/** What the system says where a file can't be read, and where one can't be written. */
export const READING: Readonly<Record<string, CopyCondition>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EISDIR: 'directory',
  EACCES: 'unreadable',
  EPERM: 'unreadable',
  EIO: 'failing',
};
export const WRITING: Readonly<Record<string, CopyCondition>> = {
  ENOENT: 'no-directory',
  ENOTDIR: 'no-directory',
  EISDIR: 'directory',
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EIO: 'failing',
};
