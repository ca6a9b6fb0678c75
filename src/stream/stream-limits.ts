import { childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** What one side of a stream bears (XEP-0478). Undefined: it doesn't say. */
export interface StreamLimits {
  /** Bytes of one first-level element. */
  readonly maxBytes?: number | undefined;
  /** Seconds of silence after which it may look whether anybody is there, or end the stream. */
  readonly idleSeconds?: number | undefined;
}

/** Bytes of a stanza that every server has to take (RFC 6120 §13.12). */
export const MIN_MAX_BYTES = 10_000;

/** `<limits/>`, as it stands among the features of a stream, and in `<bidi/>`. */
export function limitsElement({ maxBytes, idleSeconds }: StreamLimits): Element {
  return element(
    'limits',
    { xmlns: NS.streamLimits },
    maxBytes === undefined ? undefined : element('max-bytes', {}, String(maxBytes)),
    idleSeconds === undefined ? undefined : element('idle-seconds', {}, String(idleSeconds)),
  );
}

/** What the peer says in its `<features/>` or `<bidi/>`. A number that can't be one, or that no server may ask for, says nothing. */
export function readLimits(parent: Element): StreamLimits {
  const limits = findChild(parent, 'limits', NS.streamLimits);
  return {
    maxBytes: limits && readNumber(limits, 'max-bytes', MIN_MAX_BYTES),
    idleSeconds: limits && readNumber(limits, 'idle-seconds', 1),
  };
}

/** An xs:unsignedInt. */
function readNumber(limits: Element, name: string, least: number): number | undefined {
  const text = childText(limits, name)?.trim() ?? '';
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return number >= least && number < 2 ** 32 ? number : undefined;
}
