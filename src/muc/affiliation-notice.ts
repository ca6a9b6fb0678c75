import { domainOf } from '../lib/jid.ts';
import type { Affiliation } from '../stanza/associations.ts';
import { inviteElement } from '../stanza/invitation.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import { element } from '../xml/element.ts';
import type { AffiliationChange } from './affiliation-lists.ts';
import { seesJids } from './presence.ts';
import type { Actor } from './privileges.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most changes of one request that are told as they happen; who makes more has imported a list, which nobody reads so. */
export const MAX_NOTICES = 50;

/**
 * Tells of the affiliations of people who weren't in the room here: those in it who may see real JIDs (XEP-0045 §10.3, §10.6,
 * §10.7), and, where they aren't in it elsewhere, the people themselves: by an invitation where they may enter a members-only
 * room from now on (§9.5), else by a message with status 101 (§18.1).
 */
export function tellOfAbsent(
  room: Room,
  turn: Turn,
  actor: Actor,
  absent: readonly AffiliationChange[],
  isElsewhere: (bare: string) => boolean,
): void {
  const isMany = absent.length > MAX_NOTICES;
  const seeing = isMany
    ? []
    : room.occupantsOf(undefined).flatMap((viewer) => (seesJids(room, viewer) ? viewer.sessions : []));
  for (const change of absent) {
    const { bare, before, after: affiliation, reason } = change;
    const shown = mucUserElement({ affiliation, role: 'none', jid: bare, actor: actor.nick, reason });
    turn.send(element('message', { from: room.jid }, shown), seeing);
    // A ban of a whole domain is nobody's in particular, and rooms read no messages.
    if (!bare.includes('@') || domainOf(bare) === room.service.domain || isElsewhere(bare)) continue;
    const isInvited = room.settings.membersOnly && affiliation === 'member' && before === 'none';
    if (isInvited) invite(room, turn, actor, bare, reason);
    else if (!isMany) tellAbsent(room, turn, bare, affiliation, reason);
  }
}

/** Tells somebody who isn't in the room of their affiliation (XEP-0045 §18.1). */
export function tellAbsent(room: Room, turn: Turn, bare: string, affiliation: Affiliation, reason?: string): void {
  const user = mucUserElement({ affiliation, role: 'none', jid: bare, reason, statuses: [101] });
  turn.send(element('message', { from: room.jid }, user), bare);
}

/** Invites a new member in the name of whoever has made them one, who is told of a decline as if they had asked for it. */
function invite(room: Room, turn: Turn, actor: Actor, bare: string, reason: string | undefined): void {
  const isOpen = room.settings.whois === 'anyone' || actor.nick === undefined;
  const shown = isOpen ? actor.bare : room.addressOf(actor.nick ?? '');
  const invitation = { invitee: bare, inviter: actor.full, shown, id: undefined };
  room.pending.invitations.set(`${bare} ${actor.bare}`, invitation, turn.now);
  const x = inviteElement(shown, { reason, continues: undefined }, room.settings.password);
  turn.send(element('message', { from: room.jid }, x), bare);
}
