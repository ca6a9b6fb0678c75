import { rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type CopyCondition, CopyError, carefully, READING } from './copy-error.ts';
import { entriesOf } from './store-files.ts';

/** Bytes that are copied in one go. */
const CHUNK = 256 * 1024;

/** Tells how many of how many bytes are there, and may stop it. */
export interface Copying {
  readonly onProgress: (copied: number, size: number) => void;
  readonly signal: AbortSignal;
}

/**
 * A name beside `file` that no other process uses. What processes that are gone have left behind under such names is removed.
 */
export function temporaryBeside(file: string, what: string): string {
  const name = `${basename(file)}.${what}-`;
  for (const entry of entriesOf(dirname(file))) {
    const pid = /^(\d+)/.exec(entry.startsWith(name) ? entry.slice(name.length) : '')?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(dirname(file), entry), { force: true });
  }
  return join(dirname(file), `${name}${process.pid}`);
}

/** Where a copy goes. */
export interface Target {
  readonly file: string;
  /** What a person knows it by. */
  readonly name: string;
  /** What the system says against it, by its code. */
  readonly conditions: Readonly<Record<string, CopyCondition>>;
}

/** Writes a file that is what another one is, for its owner alone, and durable. */
export async function copyFile(from: string, to: Target, copying: Copying): Promise<void> {
  const source = await carefully(from, READING, () => open(from, 'r'));
  try {
    const { size } = await carefully(from, READING, () => source.stat());
    await carefully(to.name, to.conditions, async () => {
      const target = await open(to.file, 'wx', 0o600);
      try {
        await pump(source, target, from, size, copying);
        await target.sync();
      } finally {
        await target.close();
      }
    });
  } finally {
    await source.close();
  }
}

async function pump(
  source: FileHandle,
  target: FileHandle,
  from: string,
  size: number,
  { onProgress, signal }: Copying,
): Promise<void> {
  const buffer = Buffer.alloc(CHUNK);
  for (let at = 0; at < size; ) {
    if (signal.aborted) throw new CopyError('interrupted', '');
    const { bytesRead } = await carefully(from, READING, () => source.read(buffer, 0, Math.min(CHUNK, size - at), at));
    if (bytesRead === 0) return;
    for (let written = 0; written < bytesRead; )
      written += (await target.write(buffer, written, bytesRead - written)).bytesWritten;
    at += bytesRead;
    onProgress(at, size);
  }
}

/** What of some files tells whether anything has been written to them. */
export async function tracesOf(files: readonly string[]): Promise<string> {
  const traces = await Promise.all(
    files.map((file) =>
      stat(file, { bigint: true }).then(
        ({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`,
        () => 'none',
      ),
    ),
  );
  return traces.join();
}

/** Removes a database of SQLite's with whatever belongs to it, as far as this user can. */
export async function removeDatabase(file: string): Promise<void> {
  for (const part of ['', '-wal', '-shm', '-journal']) await rm(file + part, { force: true }).catch(() => {});
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
