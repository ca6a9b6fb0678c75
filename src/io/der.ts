/** ASN.1's distinguished encoding (X.690), as far as certificates need it: one byte of tag, a definite length. */

/** One element. */
export interface Der {
  readonly tag: number;
  /** What it holds, without tag and length. */
  readonly content: Uint8Array;
  /** All of it. */
  readonly whole: Uint8Array;
}

/** Bytes that aren't what they should be. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Tags of X.680 §8.4; `context` gives those that a type numbers itself. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  ia5String: 0x16,
  utcTime: 0x17,
  context: (number: number, isConstructed = true): number => (isConstructed ? 0xa0 : 0x80) + number,
} as const;

/** Bytes that a length may take here; more would be beyond anything that a certificate holds. */
const MAX_LENGTH_BYTES = 3;

/**
 * The elements that stand one after the other in these bytes.
 * @throws {DerError} Where they aren't whole elements.
 */
export function readDer(bytes: Uint8Array): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { start, end } = bounds(bytes, at);
    found.push({ tag: bytes[at] as number, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

/**
 * What a sequence holds, or another element with this tag that holds elements.
 * @throws {DerError} Where it isn't there, or isn't that.
 */
export function readWithin(element: Der | undefined, tag: number = TAG.sequence): Der[] {
  if (element?.tag !== tag) throw new DerError('an element is missing or is another one');
  return readDer(element.content);
}

function bounds(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at + 1];
  if (first === undefined || ((bytes[at] as number) & 0x1f) === 0x1f) throw new DerError('no element that is known');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new DerError('an element of no or too great a length');
    length = 0;
    for (const last = start + count; start < last; start++) length = length * 256 + (bytes[start] ?? Number.NaN);
  }
  if (!(start + length <= bytes.length)) throw new DerError('an element is cut off');
  return { start, end: start + length };
}

/** An element that holds these, one after the other. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits = length < 0x80 ? [] : [...Buffer.from(length.toString(16).padStart(6, '0'), 'hex')];
  while (digits[0] === 0) digits.shift();
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 + digits.length, ...digits];
  return Buffer.concat([Uint8Array.from(header), ...parts]);
}

/** An object identifier, such as `2.5.29.17`. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((number) => {
    const septets = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) septets.unshift(0x80 | (left & 0x7f));
    return septets;
  });
  return der(TAG.oid, Uint8Array.from(bytes));
}
