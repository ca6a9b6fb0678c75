/** Bytes of a check. */
export const CHECK_BYTES = 2;

/**
 * CRC-16/CCITT of the bytes, going on from that of those before. Any damage within 16 successive bits is certain to change
 * it, and so are any three bits of a frame; anything else is missed once in 65,536 times.
 */
export function runningCheck(before: number, bytes: Uint8Array): number {
  let check = before;
  for (const byte of bytes) {
    let high = (check >> 8) ^ byte;
    high ^= high >> 4;
    check = ((check << 8) ^ (high << 12) ^ (high << 5) ^ high) & 0xffff;
  }
  return check;
}
