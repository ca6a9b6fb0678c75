import type { Jid } from '../lib/jid.ts';
import type { Role } from '../stanza/associations.ts';
import type { AffiliationItem, RoleItem } from './admin-items.ts';
import { affiliationOf } from './affiliation.ts';
import { writeLists } from './affiliation-lists.ts';
import { tellOfAbsent } from './affiliation-notice.ts';
import { askElsewhere, askToBan } from './ask-elsewhere.ts';
import { change } from './change.ts';
import { enforceAffiliations, promote } from './enforce.ts';
import type { PresenceDetail } from './presence.ts';
import type { Actor } from './privileges.ts';
import type { Room } from './room.ts';
import type { Removal } from './send-out.ts';
import type { Turn } from './turn.ts';
import { forgetVoice } from './voice.ts';

/**
 * Does what a request asks for, all of which is allowed, and tells everyone (XEP-0045 §8.2 to §8.5, §9.1 to §9.8, §10.3 to §10.8).
 * `answer` sends the result, which comes after the kicked have heard of it and before anybody else does.
 */
export function carryOut(
  room: Room,
  turn: Turn,
  actor: Actor,
  roles: readonly RoleItem[],
  affiliations: readonly AffiliationItem[],
  answer: () => void,
): void {
  const here = new Set(room.occupantsOf(undefined).map(({ jid }) => jid.bare));
  const elsewhere = [...room.occupants.values()].filter(({ source }) => source !== undefined);
  const welcome = elsewhere.filter(({ jid }) => affiliationOf(room, jid.bare) !== 'outcast');
  const changes = writeLists(room, turn, affiliations);
  for (const { bare } of changes) forgetVoice(room, turn, bare);
  const byAddress = new Map(changes.map((one) => [one.bare, one]));
  const reasonFor = ({ bare, domain }: Jid) => (byAddress.get(bare) ?? byAddress.get(domain))?.reason;
  const kicked = roles.flatMap(({ target, role, reason }): Removal[] =>
    target === undefined || target.source !== undefined || role !== 'none'
      ? []
      : [{ occupant: target, departure: { statuses: [307], actor: actor.nick, reason } }],
  );
  enforceAffiliations(room, turn, { actor: actor.nick, reasonFor, kicked, answer });
  for (const { target, role, reason } of roles)
    if (target !== undefined && role !== target.role) {
      const by = { actor: actor.nick, reason };
      if (target.source === undefined) giveRole(room, turn, target.nick, role, by);
      else askElsewhere(room, turn, target, { ...by, actor: actor.nick ?? '', role, banned: false });
    }
  for (const occupant of welcome)
    askToBan(room, turn, occupant, { actor: actor.nick, reason: reasonFor(occupant.jid) });
  const away = new Set(elsewhere.map(({ jid }) => jid.bare));
  const absent = changes.filter(({ bare }) => !here.has(bare));
  tellOfAbsent(room, turn, actor, absent, (bare) => away.has(bare));
}

/** Gives somebody another role, where they are in the room after all else of the request has been done. */
function giveRole(room: Room, turn: Turn, nick: string, role: Role, detail: PresenceDetail): void {
  const occupant = room.occupants.get(nick);
  if (occupant === undefined) return;
  change(room, turn, { ...occupant, role }, detail);
  promote(room, turn, occupant, role);
}
