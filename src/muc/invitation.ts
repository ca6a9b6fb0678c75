import { domainOf, Jid } from '../lib/jid.ts';
import { ERRORS, errorReply, type StanzaError } from '../stanza/errors.ts';
import { findInvites, type Invite, inviteElement, readInvite } from '../stanza/invitation.ts';
import { attribute, type Element, element } from '../xml/element.ts';
import { affiliationOf, MAX_AFFILIATIONS, setAffiliation } from './affiliation.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most people that one message invites. */
export const MAX_INVITES = 20;
/** The longest reason, and the longest name of a thread, in characters. */
export const MAX_REASON_LENGTH = 1024;

/** One invitation that has been found allowed. */
interface Checked {
  readonly invitee: Jid;
  readonly invite: Invite;
}

/**
 * An occupant here invites others: everyone that the message names, or nobody where one can't be (XEP-0045 §7.8.2, §7.9).
 * Whoever is invited into a members-only room becomes a member of it.
 */
export function handleInvites(room: Room, turn: Turn, from: Jid, stanza: Element): void {
  const refuse = (error: StanzaError) => turn.deliver(errorReply(stanza, error, room.jid));
  const inviter = room.bySession(from.toString());
  if (inviter === undefined) return refuse(ROOM_ERRORS.notOccupant);
  if (!mayInvite(room, from)) return refuse(ROOM_ERRORS.mayNotInvite);
  const invites = findInvites(stanza);
  if (invites.length > MAX_INVITES) return refuse(ROOM_ERRORS.tooManyItems);
  const checked: Checked[] = [];
  for (const invite of invites) {
    const one = check(room, invite);
    if ('condition' in one) return refuse(one);
    checked.push(one);
  }
  if (!admitMembers(room, turn, checked)) return refuse(ROOM_ERRORS.tooManyItems);
  for (const one of checked) invite(room, turn, inviter, from, one, stanza);
}

/** Into an open room anyone may invite; into one for members alone its admins, and its members where it lets them. */
function mayInvite(room: Room, from: Jid): boolean {
  const affiliation = affiliationOf(room, from.bare);
  return (
    !room.settings.membersOnly ||
    affiliation === 'owner' ||
    affiliation === 'admin' ||
    (affiliation === 'member' && room.settings.membersInvite)
  );
}

function check(room: Room, element: Element): Checked | StanzaError {
  const to = attribute(element, 'to');
  if (to === undefined) return ROOM_ERRORS.malformedInvite;
  const invitee = Jid.tryParse(to);
  if (invitee === undefined) return ERRORS.malformedAddress;
  // Rooms and their occupants aren't people.
  if (domainOf(invitee.bare) === room.service.domain) return ROOM_ERRORS.noSuchInvitee;
  if (affiliationOf(room, invitee.bare) === 'outcast') return ROOM_ERRORS.inviteeBanned;
  const invite = readInvite(element);
  const longest = Math.max(invite.reason?.length ?? 0, invite.continues?.thread?.length ?? 0);
  return longest > MAX_REASON_LENGTH ? ROOM_ERRORS.tooLong : { invitee, invite };
}

/** Whether the invitees can all enter: those of a members-only room become members, as far as its lists have room. */
function admitMembers(room: Room, turn: Turn, checked: readonly Checked[]): boolean {
  if (!room.settings.membersOnly) return true;
  const bares = new Set(checked.map(({ invitee }) => invitee.bare));
  const newcomers = [...bares].filter((bare) => affiliationOf(room, bare) === 'none');
  if (newcomers.length === 0) return true;
  if (room.affiliations.size + newcomers.length > MAX_AFFILIATIONS) return false;
  for (const bare of newcomers) setAffiliation(room, bare, 'member', undefined);
  room.save(turn);
  return true;
}

/** Sends an invitation in the room's name. The inviter is named as far as strangers may know who is who here. */
function invite(room: Room, turn: Turn, inviter: Occupant, from: Jid, checked: Checked, stanza: Element): void {
  const { invitee, invite } = checked;
  const shown = room.settings.whois === 'anyone' ? from.toString() : room.addressOf(inviter.nick);
  const id = attribute(stanza, 'id');
  room.pending.invitations.set(
    `${invitee.bare} ${from.bare}`,
    { invitee: invitee.bare, inviter: from.toString(), shown, id },
    turn.now,
  );
  turn.send(
    element(
      'message',
      { from: room.jid, id, 'xml:lang': attribute(stanza, 'xml:lang') },
      inviteElement(shown, invite, room.settings.password),
    ),
    invitee.toString(),
  );
}
