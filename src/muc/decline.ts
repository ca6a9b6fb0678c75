import { Jid } from '../lib/jid.ts';
import { errorCondition, errorElement, errorReply } from '../stanza/errors.ts';
import { declineElement, findDecline, returnedInviteElement } from '../stanza/invitation.ts';
import { attribute, childText, type Element, element } from '../xml/element.ts';
import { ROOM_ERRORS } from './errors.ts';
import { MAX_REASON_LENGTH } from './invitation.ts';
import type { Invitation } from './pending.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/**
 * Somebody declines an invitation: the inviter hears of it, once (XEP-0045 §7.8.2). Where there is no such invitation
 * nothing happens, lest anybody write to anybody in the room's name.
 */
export function handleDecline(room: Room, turn: Turn, from: Jid, stanza: Element): void {
  const decline = findDecline(stanza);
  const to = decline && attribute(decline, 'to');
  const found = decline && findInvitation(room, turn, from, (invitation) => isOf(invitation, to));
  if (decline === undefined || found === undefined) return;
  const reason = childText(decline, 'reason');
  if ((reason?.length ?? 0) > MAX_REASON_LENGTH) return turn.deliver(errorReply(stanza, ROOM_ERRORS.tooLong, room.jid));
  const [key, invitation] = found;
  room.pending.invitations.delete(key);
  turn.send(
    element(
      'message',
      { from: room.jid, id: attribute(stanza, 'id'), 'xml:lang': attribute(stanza, 'xml:lang') },
      declineElement(from.bare, reason),
    ),
    addressOf(room, invitation),
  );
}

/** What servers answer in the name of somebody who doesn't exist (RFC 6121 §8.5.1, RFC 6120 §10.4). */
const NOBODY: ReadonlySet<string> = new Set([
  'item-not-found',
  'service-unavailable',
  'gone',
  'remote-server-not-found',
]);

/** An invitation has come back: the inviter hears that there is nobody with that JID, or that they are out of reach. */
export function returnInvitation(room: Room, turn: Turn, from: Jid, stanza: Element): void {
  const found = findInvitation(room, turn, from, ({ id }) => id === attribute(stanza, 'id'));
  if (found === undefined) return;
  const [key, invitation] = found;
  room.pending.invitations.delete(key);
  const isNobody = NOBODY.has(errorCondition(stanza) ?? '');
  turn.send(
    element(
      'message',
      { from: room.jid, id: attribute(stanza, 'id'), type: 'error' },
      returnedInviteElement(invitation.invitee),
      errorElement(isNobody ? ROOM_ERRORS.noSuchInvitee : ROOM_ERRORS.notDelivered, room.jid),
    ),
    addressOf(room, invitation),
  );
}

/** The latest of somebody's invitations that is meant. */
function findInvitation(
  room: Room,
  turn: Turn,
  from: Jid,
  isMeant: (invitation: Invitation) => boolean,
): [key: string, Invitation] | undefined {
  return room.pending.invitations
    .latest(turn.now)
    .find(([, invitation]) => invitation.invitee === from.bare && isMeant(invitation));
}

/** Whether the inviter goes by that address: the one that the invitee was told, or their bare or full JID. */
function isOf({ inviter, shown }: Invitation, to: string | undefined): boolean {
  if (to === undefined) return true;
  const address = Jid.tryParse(to);
  return address !== undefined && (address.toString() === shown || address.bare === Jid.tryParse(inviter)?.bare);
}

/** Where the inviter is to be found: at the client that has invited as long as it is here. */
function addressOf(room: Room, { inviter }: Invitation): string {
  return room.bySession(inviter) === undefined ? (Jid.tryParse(inviter)?.bare ?? inviter) : inviter;
}
