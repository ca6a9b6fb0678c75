import { bareOf } from '../lib/jid.ts';
import type { Sending, Urgency } from '../lib/urgency.ts';
import { readDelay } from '../stanza/delay.ts';
import { readMucUser } from '../stanza/muc-user.ts';
import { readSync, type Sync } from '../stanza/sync.ts';
import { attribute, type Element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** A stanza on its way to a link. */
export interface Outgoing {
  readonly xml: string;
  readonly urgency: Urgency;
  /** Bare JID that it goes to. */
  readonly node: string;
  /** Bare JID of the room that it is from. */
  readonly room: string;
  /** Real JID of the user whose it is; undefined where it is a node's own. */
  readonly author: string | undefined;
  readonly kind: 'appearance' | 'departure' | 'message' | 'other';
  /** Nothing that follows to the same node overtakes it. */
  readonly inOrder: boolean;
  /** Position in the archive of the message that it carries to a node that confirms nothing. */
  readonly position: number | undefined;
}

/** A stanza without its `to`, and what it is for the link: `xml` is the same with that address. */
export function outgoing(stanza: Element, to: string, xml: string, sending: Sending = {}): Outgoing {
  return {
    xml,
    urgency: sending.urgency ?? urgencyOf(stanza),
    node: bareOf(to),
    room: bareOf(attribute(stanza, 'from') ?? ''),
    author: userOf(stanza),
    kind: kindOf(stanza),
    inOrder: sending.inOrder === true,
    position: sending.position,
  };
}

function kindOf(stanza: Element): Outgoing['kind'] {
  const type = attribute(stanza, 'type');
  if (type === 'error') return 'other';
  if (stanza.name === 'message') return payloadOf(stanza) === undefined ? 'other' : 'message';
  if (stanza.name !== 'presence') return 'other';
  return type === 'unavailable' ? 'departure' : 'appearance';
}

/** How urgent a stanza between nodes is by what it says. */
export function urgencyOf(stanza: Element): Urgency {
  if (attribute(stanza, 'type') === 'error' || stanza.name === 'iq') return 'control';
  if (stanza.name === 'presence') return urgencyOfPresence(stanza);
  const sync = readSync(stanza);
  const isSubject = findChild(stanza, 'subject') !== undefined && findChild(stanza, 'body') === undefined;
  if (payloadOf(stanza) === undefined) return sync === undefined ? 'message' : urgencyOfSync(sync);
  // The end of an accept stands behind the occupants that it names.
  if (isSubject) return sync?.join === undefined ? 'subject' : 'presence';
  return readDelay(stanza) === undefined ? 'message' : 'history';
}

/** What begins or ends a node's part is urgent; so is what a moderator does. */
function urgencyOfPresence(stanza: Element): Urgency {
  if (findChild(stanza, 'x', NS.muc) !== undefined || userOf(stanza) === undefined) return 'control';
  const user = readMucUser(stanza);
  const isByModerator = user?.actor !== undefined || user?.statuses?.some((code) => REMOVALS.has(code)) === true;
  return isByModerator ? 'moderation' : 'presence';
}

/** Banned, kicked, and removed for what the room did (XEP-0045 §15.6.2). */
const REMOVALS: ReadonlySet<number> = new Set([301, 307, 321, 322]);

/** The end of a list of occupants, and a parting, stand behind the presence that they belong to. */
function urgencyOfSync(sync: Sync): Urgency {
  return sync.listed === true || sync.part === true ? 'presence' : 'control';
}

function payloadOf(stanza: Element): Element | undefined {
  return findChild(stanza, 'fmuc', NS.fmuc);
}

/** The real JID of the user whose stanza it is. It is one of ours to send, so it needs no preparing. */
function userOf(stanza: Element): string | undefined {
  const payload = payloadOf(stanza);
  return payload && attribute(payload, 'from');
}
