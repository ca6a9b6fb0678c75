import { open, stat } from 'node:fs/promises';
import { CopyError, carefully, READING } from './copy-error.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';

/** Bytes of the header of SQLite's files, and the text that they begin with. */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/**
 * Makes sure, before anything else is done with it, that a file looks like a whole store which this program can read.
 * @throws {CopyError} Why it isn't one.
 */
export async function recogniseFile(file: string): Promise<void> {
  const { header, size } = await carefully(file, READING, async () => {
    const found = await stat(file);
    if (!found.isFile()) throw new CopyError('directory', file);
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return { header: buffer.subarray(0, bytesRead), size: found.size };
    } finally {
      await handle.close();
    }
  });
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new CopyError('foreign', file);
  if (header.length < HEADER_BYTES) throw new CopyError('cut-off', file);
  // With a log beside it, only both together tell the rest.
  if (((await stat(`${file}-wal`).catch(() => undefined))?.size ?? 0) > 0) return;
  // Offsets as in https://sqlite.org/fileformat.html §1.3.
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw new CopyError('foreign', file);
  if (header.readUInt32BE(60) > SCHEMA_VERSION) throw new CopyError('newer', file);
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  if (size < header.readUInt32BE(28) * pageBytes) throw new CopyError('cut-off', file);
}
