import { attribute, childElements, type Element, element } from '../xml/element.ts';
import type { StanzaError } from './errors.ts';

/** An IQ request: exactly one payload, an id, and a type of get or set (RFC 6120 §8.2.3). */
export interface Request {
  readonly type: 'get' | 'set';
  readonly payload: Element;
}

/**
 * What a request comes to: a payload for its result, if any; an error; or `later`, where what answers it is on its way (a query of
 * the store, an answer from somebody else, the request's own handler amid all else that it sends).
 */
export type Answer = { readonly result: Element | undefined } | Refusal | 'later';

/** An error, with what of the request it is about where that is to be said. */
export interface Refusal {
  readonly error: StanzaError;
  readonly offending?: Element;
}

/** Whether it answers a request (RFC 6120 §8.2.3). */
export function isResponse(iq: Element): boolean {
  const type = attribute(iq, 'type');
  return type === 'result' || type === 'error';
}

/** Reads a request; undefined where the stanza is a response or breaks RFC 6120 §8.2.3. */
export function readRequest(iq: Element): Request | undefined {
  const type = attribute(iq, 'type');
  if (type !== 'get' && type !== 'set') return undefined;
  const [payload, ...more] = childElements(iq);
  if (payload === undefined || more.length > 0 || attribute(iq, 'id') === undefined) return undefined;
  return { type, payload };
}

/** The result that answers `iq`, with at most one payload. */
export function resultOf(iq: Element, payload?: Element): Element {
  return element(
    'iq',
    { from: attribute(iq, 'to'), to: attribute(iq, 'from'), id: attribute(iq, 'id'), type: 'result' },
    payload,
  );
}
