import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { placeFile } from './place-file.ts';

/** Milliseconds after which what nobody has used is of a version that is gone. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** What a file holds. */
export interface Content {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/**
 * The path of the file with this content in a folder of ours alone, made where it is missing: whoever could write there
 * could put another in its place. It is named after its content, and put in its place whole by us and nobody else, so one
 * that is there and as long as it should be is taken without being read, which would take a good part of the start.
 *
 * @throws Where the folder can't be had, or `make` fails.
 */
export function keepIn(folder: string, name: string, { bytes, sha256 }: Content, make: () => Uint8Array): string {
  claim(folder);
  const file = join(folder, `${name}-${sha256.slice(0, 16)}.node`);
  if (!isPlaced(file, bytes)) {
    placeFile(file, make(), 0o500, `${file}.${process.pid}`);
    removeStale(folder, name, file);
  }
  return file;
}

function claim(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${folder} isn't a directory of ours alone`);
}

function isPlaced(file: string, bytes: number): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.uid === process.getuid?.() && found.size === bytes;
}

/** Takes away what earlier versions left. Another one may be starting just now, so not what is fresh. */
function removeStale(folder: string, name: string, kept: string): void {
  for (const entry of readdirSync(folder)) {
    const file = join(folder, entry);
    if (!entry.startsWith(`${name}-`) || file === kept) continue;
    try {
      if (Date.now() - lstatSync(file).mtimeMs > STALE_MS) rmSync(file);
    } catch {
      // Somebody else has.
    }
  }
}
