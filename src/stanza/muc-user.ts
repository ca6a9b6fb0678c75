import { attribute, childText, type Element, element, findChild, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { Affiliation, Role } from './associations.ts';
import { AFFILIATIONS, ROLES } from './associations.ts';

/** Extended presence (XEP-0045 §7.2.2): who an occupant is, and what happened. */
export interface MucUser {
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** The real JID, full. */
  readonly jid?: string | undefined;
  /** The new nick, with status 303. */
  readonly nick?: string | undefined;
  /** The nick of whoever did it. */
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
  /** Status codes (XEP-0045 §15.6.2), ascending. */
  readonly statuses?: readonly number[] | undefined;
  /** The room is gone (XEP-0045 §10.9). */
  readonly destroyed?: Destroyed | undefined;
}

export interface Destroyed {
  readonly alternate?: string | undefined;
  readonly password?: string | undefined;
  readonly reason?: string | undefined;
}

/** `<x xmlns='http://jabber.org/protocol/muc#user'/>` */
export function mucUserElement(user: MucUser): Element {
  const x = element(
    'x',
    { xmlns: NS.mucUser },
    element(
      'item',
      { affiliation: user.affiliation, role: user.role, jid: user.jid, nick: user.nick },
      user.actor === undefined ? undefined : element('actor', { nick: user.actor }),
      user.reason === undefined ? undefined : element('reason', {}, user.reason),
    ),
  );
  for (const code of user.statuses ?? []) x.cnode(element('status', { code: String(code) }));
  if (user.destroyed !== undefined)
    x.cnode(
      element(
        'destroy',
        { jid: user.destroyed.alternate },
        user.destroyed.password === undefined ? undefined : element('password', {}, user.destroyed.password),
        user.destroyed.reason === undefined ? undefined : element('reason', {}, user.destroyed.reason),
      ),
    );
  return x;
}

/** Reads extended presence; an absent or unknown affiliation counts as none, an absent role as participant. */
export function readMucUser(stanza: Element): MucUser | undefined {
  const x = findChild(stanza, 'x', NS.mucUser);
  if (x === undefined) return undefined;
  const item = findChild(x, 'item');
  const affiliation = item && attribute(item, 'affiliation');
  const role = item && attribute(item, 'role');
  const actor = item && findChild(item, 'actor');
  return {
    affiliation: AFFILIATIONS.find((known) => known === affiliation) ?? 'none',
    role: ROLES.find((known) => known === role) ?? 'participant',
    jid: item && attribute(item, 'jid'),
    nick: item && attribute(item, 'nick'),
    actor: actor && attribute(actor, 'nick'),
    reason: item && childText(item, 'reason'),
    statuses: findChildren(x, 'status').map((status) => Number(attribute(status, 'code'))),
  };
}
