import { attribute, childElements, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** RFC 6120 §8.3.2 */
export type ErrorType = (typeof ERROR_TYPES)[number];
const ERROR_TYPES = ['auth', 'cancel', 'continue', 'modify', 'wait'] as const;

/** What a person gets when something is refused: the condition (RFC 6120 §8.3.3), its type, and what to do about it. */
export interface StanzaError {
  readonly type: ErrorType;
  readonly condition: string;
  readonly text: string;
  /** A condition of the protocol's own beside it (RFC 6120 §8.3.4). */
  readonly specific?: { readonly name: string; readonly namespace: string };
}

/** The errors that any part of the gateway may answer with. Those of rooms stand in muc/errors.ts. */
export const ERRORS = {
  malformedAddress: {
    type: 'modify',
    condition: 'jid-malformed',
    text: 'The address is not a valid JID. Correct it and try again.',
  },
  noSuchService: {
    type: 'cancel',
    condition: 'service-unavailable',
    text: 'This address offers no such service.',
  },
  unsupportedRequest: {
    type: 'cancel',
    condition: 'feature-not-implemented',
    text: 'This request is not supported here.',
  },
  badRequest: {
    type: 'modify',
    condition: 'bad-request',
    text: 'The request is not well-formed. Correct it and try again.',
  },
  internal: {
    type: 'cancel',
    condition: 'internal-server-error',
    text: "That is a fault of the gateway's own, and nothing was done. Tell its operator.",
  },
  storeFailed: {
    type: 'wait',
    condition: 'resource-constraint',
    text: 'The gateway cannot write to its store at the moment, so nothing was done. Try again later or tell its operator.',
  },
} as const satisfies Record<string, StanzaError>;

/**
 * The delivery-related conditions that show that an occupant is gone (XEP-0045 §17.1.2 "Ghost Users"), and those by
 * which servers in the field say the same.
 */
const GONE = new Set([
  'gone',
  'item-not-found',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
  'jid-malformed',
  'service-unavailable',
  'internal-server-error',
]);

/** What a server answers in the name of one that it can't reach (RFC 6120 §8.3.3.15 and 16). */
export const UNREACHABLE: ReadonlySet<string> = new Set(['remote-server-not-found', 'remote-server-timeout']);

/** The defined condition of an error stanza, undefined where it has none. */
export function errorCondition(stanza: Element): string | undefined {
  const error = findChild(stanza, 'error');
  if (error === undefined) return undefined;
  return childElements(error).find((child) => child.attrs['xmlns'] === NS.stanzaErrors && child.name !== 'text')?.name;
}

/** The type of an error stanza; cancel where it has none that is known. */
export function errorTypeOf(stanza: Element): ErrorType {
  const error = findChild(stanza, 'error');
  const type = error && attribute(error, 'type');
  return ERROR_TYPES.find((known) => known === type) ?? 'cancel';
}

/** Whether an error that came back says that its sender can't be reached any more. */
export function meansGone(stanza: Element): boolean {
  return GONE.has(errorCondition(stanza) ?? '');
}

/**
 * The error stanza that answers `stanza` (RFC 6120 §8.3.1), or undefined where none may be sent: to an error, to a
 * result, to presence that isn't available. `by` is the entity that refuses, `offending` what of the stanza is refused.
 */
export function errorReply(stanza: Element, error: StanzaError, by?: string, offending?: Element): Element | undefined {
  const type = attribute(stanza, 'type');
  if (type === 'error' || attribute(stanza, 'from') === undefined) return undefined;
  if (stanza.name === 'iq' && type !== 'get' && type !== 'set') return undefined;
  if (stanza.name === 'presence' && type !== undefined) return undefined;
  const muc = stanza.name === 'presence' && findChild(stanza, 'x', NS.muc) !== undefined;
  return element(
    stanza.name,
    {
      from: attribute(stanza, 'to'),
      to: attribute(stanza, 'from'),
      id: attribute(stanza, 'id'),
      type: 'error',
    },
    muc ? element('x', { xmlns: NS.muc }) : offending,
    errorElement(error, by),
  );
}

/** The `<error/>` child of an error stanza. */
export function errorElement(error: StanzaError, by?: string): Element {
  return element(
    'error',
    { type: error.type, by },
    element(error.condition, { xmlns: NS.stanzaErrors }),
    element('text', { xmlns: NS.stanzaErrors, 'xml:lang': 'en' }, error.text),
    error.specific && element(error.specific.name, { xmlns: error.specific.namespace }),
  );
}
