import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { NS } from '../xml/names.ts';
import { escapeAttribute } from '../xml/serialise.ts';

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

/** What a claim may fail by (XEP-0220 §2.5). */
export type DialbackError =
  | 'item-not-found'
  | 'forbidden'
  | 'not-authorized'
  | 'resource-constraint'
  | 'remote-server-not-found'
  | 'remote-server-timeout';

const WORTH_ANOTHER_TRY: ReadonlySet<string> = new Set<DialbackError>(['resource-constraint', 'remote-server-timeout']);

interface Answered {
  readonly name: 'result' | 'verify';
  readonly from: string;
  readonly to: string;
  /** Of a `verify`. */
  readonly id?: string;
}

/** The answer to a claim, or to the question about one: the type, or the condition of an error (XEP-0220 §2.4.2). */
export function dialbackAnswer({ name, from, to, id }: Answered, outcome: 'valid' | 'invalid' | DialbackError): string {
  const isError = outcome !== 'valid' && outcome !== 'invalid';
  const attributes = Object.entries({ from, to, id, type: isError ? 'error' : outcome })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}='${escapeAttribute(value ?? '')}'`)
    .join('');
  if (!isError) return `<db:${name}${attributes}/>`;
  const type = WORTH_ANOTHER_TRY.has(outcome) ? 'wait' : 'cancel';
  return `<db:${name}${attributes}><error type='${type}'><${outcome} xmlns='${NS.stanzaErrors}'/></error></db:${name}>`;
}
