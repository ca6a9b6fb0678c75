import { createHash } from 'node:crypto';
import { DICTIONARY, PHRASES } from './dictionary.ts';
import { EncodingError } from './encoding-fault.ts';

/** The five upper bits of a compressed connection's first byte. No UTF-8 has such a byte. */
export const MARK = 0xf8;
/** Of everything but the dictionary; 0 to 7. */
const VERSION = 0;

const HASH = createHash('sha256')
  .update([...PHRASES, DICTIONARY].join('\n'))
  .digest();

/** What a compressed connection begins with, each way: the mark with the version, and two bytes of the dictionary's hash. */
export const HEADER: Uint8Array = Uint8Array.of(MARK | VERSION, HASH.readUInt8(0), HASH.readUInt8(1));

/** Where the check of frames begins: two further bytes of the hash, so that no other dictionary is taken for this one. */
export const FIRST_CHECK = HASH.readUInt16BE(2);

/** What is wrong with the beginning of a connection, which may still lack bytes; undefined where nothing is. */
export function headerFault(start: Uint8Array): EncodingError | undefined {
  const [mark, ...hash] = start.subarray(0, HEADER.length);
  if (mark === undefined) return undefined;
  if (mark === 0x3c || /\s/.test(String.fromCharCode(mark)))
    return new EncodingError("the peer doesn't compress: set compression the same on both sides");
  if (mark < MARK) return new EncodingError('what the peer sends is neither XML nor compressed');
  if (mark !== HEADER[0])
    return new EncodingError(
      `the peer compresses by version ${mark - MARK}, we by version ${VERSION}: run the same version on both sides`,
    );
  if (start.length < HEADER.length || hash.every((byte, index) => byte === HEADER[index + 1])) return undefined;
  const [theirs, ours] = [hash, HEADER.subarray(1)].map((bytes) => Buffer.from(bytes).toString('hex'));
  return new EncodingError(
    `the peer compresses with dictionary ${theirs}, we with ${ours}: run the same version on both sides`,
  );
}
