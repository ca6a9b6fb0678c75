import type { Jid } from '../lib/jid.ts';
import type { Affiliation, Role } from '../stanza/associations.ts';
import { attribute, childElements, childText, copyOf, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { serialise } from '../xml/serialise.ts';
import type { Source } from './events.ts';

/** Someone in a room, here or on another node. Never changed: a change replaces it. */
export interface Occupant {
  readonly nick: string;
  /**
   * The real JID, full: that of the first session. It stays for the visit, so that other nodes know the occupant by one
   * address.
   */
  readonly jid: Jid;
  /** Where the occupant is: an FMUC node, or here. */
  readonly source: Source;
  readonly role: Role;
  /** Of someone here, as our lists have it; of someone elsewhere, as that node shows it, which allows nothing. */
  readonly affiliation: Affiliation;
  /** What the latest presence held, fit to be passed on. */
  readonly presence: readonly Element[];
  /** Full JIDs of the clients here, in order of entry; none of an occupant elsewhere (XEP-0045 §7.2.8). */
  readonly sessions: readonly string[];
  /** What each of several clients here has sent last, by full JID; not of a single one. */
  readonly presences?: ReadonlyMap<string, readonly Element[]>;
}

/** Payloads of presence that only the service itself may generate, or that never go further (XEP-0045 §17.3). */
const OURS_ALONE: ReadonlySet<string> = new Set([
  NS.muc,
  NS.mucUser,
  NS.mucAdmin,
  NS.mucOwner,
  NS.fmuc,
  NS.delay,
  NS.legacyDelay,
  NS.occupantId,
  NS.hats,
]);

/** Whether a payload of a user's stanza may be passed on as it came. An `<origin-id/>` may (XEP-0359 §3.3). */
export function mayPass(payload: Element): boolean {
  const namespace = attribute(payload, 'xmlns');
  if (namespace === undefined) return payload.name !== 'error';
  if (namespace === NS.stanzaId) return payload.name !== 'stanza-id';
  return !(OURS_ALONE.has(namespace) || namespace.startsWith('urn:fmucd:'));
}

/** What of a presence stanza is passed on to occupants; a status text takes the stanza's language with it. */
export function presencePayload(stanza: Element): Element[] {
  const language = attribute(stanza, 'xml:lang');
  return childElements(stanza)
    .filter(mayPass)
    .map((child) => (child.name === 'status' && language !== undefined ? inLanguage(child, language) : child));
}

function inLanguage(text: Element, language: string): Element {
  if (attribute(text, 'xml:lang') !== undefined) return text;
  const copy = copyOf(text);
  copy.attrs['xml:lang'] = language;
  return copy;
}

/** Whether two presence payloads say the same. */
export function samePresence(one: readonly Element[], other: readonly Element[]): boolean {
  return one.map(serialise).join('') === other.map(serialise).join('');
}

/** The text of a presence stanza's `<status/>`. */
export function statusText(stanza: Element): string | undefined {
  return childText(stanza, 'status');
}
