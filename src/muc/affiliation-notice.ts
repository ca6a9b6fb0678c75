import { domainOf } from '../lib/jid.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import { element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
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
 * room from now on (§9.5), else by a message with status 101 (§16.1).
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
    else if (!isMany)
      turn.send(
        element('message', { from: room.jid }, mucUserElement({ affiliation, role: 'none', reason, statuses: [101] })),
        bare,
      );
  }
}

function invite(room: Room, turn: Turn, actor: Actor, bare: string, reason: string | undefined): void {
  const { password } = room.settings;
  const invitation = element(
    'invite',
    { from: actor.bare },
    reason === undefined ? undefined : element('reason', {}, reason),
  );
  turn.send(
    element(
      'message',
      { from: room.jid },
      element('x', { xmlns: NS.mucUser }, invitation, password === '' ? undefined : element('password', {}, password)),
    ),
    bare,
  );
}
