import type { Jid } from '../lib/jid.ts';
import type { Affiliation, Role } from '../stanza/associations.ts';
import { childElements, childText, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
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
  NS.stanzaId,
]);

/** Whether a payload of that namespace may be passed on as it came. */
export function mayPass(namespace: string | undefined): boolean {
  return namespace === undefined || !(OURS_ALONE.has(namespace) || namespace.startsWith('urn:fmucd:'));
}

/** What of a presence stanza is passed on to occupants. */
export function presencePayload(stanza: Element): Element[] {
  return childElements(stanza).filter(
    (child) => mayPass(child.attrs['xmlns'] as string | undefined) && child.name !== 'error',
  );
}

/** The text of a presence stanza's `<status/>`. */
export function statusText(stanza: Element): string | undefined {
  return childText(stanza, 'status');
}
