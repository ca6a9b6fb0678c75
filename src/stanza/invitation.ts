import { attribute, childText, type Element, element, findChild, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';

/** `<invite/>` (XEP-0045 §7.8.2), without who it is to or from. */
export interface Invite {
  readonly reason: string | undefined;
  /** Set where it goes on from a one-to-one chat (XEP-0045 §7.9). */
  readonly continues: { readonly thread: string | undefined } | undefined;
}

/** The invitations that a message asks for. */
export function findInvites(message: Element): Element[] {
  const x = findChild(message, 'x', NS.mucUser);
  return x === undefined ? [] : findChildren(x, 'invite');
}

/** The decline that a message bears. */
export function findDecline(message: Element): Element | undefined {
  const x = findChild(message, 'x', NS.mucUser);
  return x && findChild(x, 'decline');
}

export function readInvite(invite: Element): Invite {
  const going = findChild(invite, 'continue');
  return {
    reason: childText(invite, 'reason'),
    continues: going && { thread: attribute(going, 'thread') },
  };
}

/** `<x/>` of an invitation as its invitee gets it, with the room's password where it has one. */
export function inviteElement(from: string, invite: Invite, password: string): Element {
  const { reason, continues } = invite;
  return element(
    'x',
    { xmlns: NS.mucUser },
    element(
      'invite',
      { from },
      reason === undefined ? undefined : element('reason', {}, reason),
      continues && element('continue', { thread: continues.thread }),
    ),
    password === '' ? undefined : element('password', {}, password),
  );
}

/** `<x/>` of an invitation that comes back to whoever has asked for it. */
export function returnedInviteElement(to: string): Element {
  return element('x', { xmlns: NS.mucUser }, element('invite', { to }));
}

/** `<x/>` of a decline as the inviter gets it. */
export function declineElement(from: string, reason: string | undefined): Element {
  return element(
    'x',
    { xmlns: NS.mucUser },
    element('decline', { from }, reason === undefined ? undefined : element('reason', {}, reason)),
  );
}
