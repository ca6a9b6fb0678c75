import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** What `statfs` calls file systems in memory: tmpfs and ramfs. */
const IN_MEMORY: readonly number[] = [0x0102_1994, 0x8584_58f6];

/** What a directory stands on. */
export interface FileSystem {
  /** Whether it is gone at power-off. */
  readonly isInMemory: boolean;
  /** Bytes that may still be written, and all that it holds; without a bound both are 0. */
  readonly free: number;
  readonly size: number;
}

/** The file system that a directory stands on or would be made on; undefined where there is no telling. */
export function fileSystemOf(directory: string): FileSystem | undefined {
  try {
    const { type, bsize, blocks, bavail } = statfsSync(directory);
    return { isInMemory: IN_MEMORY.includes(type), free: bavail * bsize, size: blocks * bsize };
  } catch {
    const parent = dirname(directory);
    return parent === directory ? undefined : fileSystemOf(parent);
  }
}
