/**
 * What the nodes of an FMUC set may be called (XEP-0289 §2): the rules that the operator's file and the form of a room's
 * owners have in common. Each says in its own words what it allows.
 */

import { domainOf, Jid } from './jid.ts';

/** The nodes that a room may try to join, one after the other. */
export const MAX_FEDERATE = 8;

/** A bare JID of a room or of somebody, in its prepared form; undefined where the text is none. */
export function readBareJid(text: string): string | undefined {
  const jid = Jid.tryParse(text);
  return jid?.local !== undefined && jid.isBare ? jid.bare : undefined;
}

/** Whom a room lets join: a prepared room JID or domain, or "*"; undefined where the text is none of these. */
export function readJoiner(text: string): string | undefined {
  const jid = Jid.tryParse(text);
  return text === '*' ? text : jid?.isBare ? jid.bare : undefined;
}

/** What can't be another node. */
export interface OwnNames {
  /** The room's own bare JID. */
  readonly room: string | undefined;
  readonly domain: string | undefined;
  readonly localDomains: readonly string[];
  readonly isReached: (domain: string) => boolean;
}

/** Why a room or domain can't be that of another node in the same set; undefined where it can. */
export function notAnotherNode(node: string, own: OwnNames, allowed: string): string | undefined {
  const domain = domainOf(node);
  if (node === own.room) return `${node} is this room itself (${allowed})`;
  if (domain === own.domain) return `${node} is on this gateway itself (${allowed})`;
  if (own.localDomains.includes(domain)) return `${domain} is one of local_domains (${allowed})`;
  if (own.domain === undefined || own.isReached(domain)) return undefined;
  return `nothing reaches ${domain} (the peer or domains of a [[link]], [s2s], or a [component])`;
}
