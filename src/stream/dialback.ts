import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The key by which the originating domain shows a receiving one that it is on the stream with that id (XEP-0220 §2.1), made as
 * XEP-0185 recommends: whoever has the secret can check it, and nothing of it need be kept. Domains are prepared ones.
 */
export function dialbackKey(secret: Uint8Array, receiving: string, originating: string, streamId: string): string {
  const hashed = createHash('sha256').update(secret).digest('hex');
  return createHmac('sha256', hashed).update(`${receiving} ${originating} ${streamId}`).digest('hex');
}

/** Whether a key is the one that `dialbackKey` makes of the same; how long that takes tells nothing about it. */
export function isDialbackKey(
  key: string,
  secret: Uint8Array,
  receiving: string,
  originating: string,
  streamId: string,
): boolean {
  const given = Buffer.from(key);
  const right = Buffer.from(dialbackKey(secret, receiving, originating, streamId));
  return given.length === right.length && timingSafeEqual(given, right);
}
