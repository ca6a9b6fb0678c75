import type { Jid } from '../lib/jid.ts';
import { type Affiliation, outranks, type Role } from '../stanza/associations.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { affiliationOf } from './affiliation.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';

/* The tables of XEP-0045 §5.1 and §5.2: who may change what of whom, and what they get who may not. */

/** Whoever asks, in the room or not. */
export interface Actor {
  readonly bare: string;
  /** The JID of the client that asks. */
  readonly full: string;
  /** Undefined where they are not in the room. */
  readonly nick: string | undefined;
  /** That of our own lists, never one that another node shows. */
  readonly affiliation: Affiliation;
  /** Whether that bare JID is one of the moderators here, with whichever client it asks (XEP-0045 §8). */
  readonly moderator: boolean;
}

export function actorOf(room: Room, from: Jid): Actor {
  const own = room.occupantsOf(undefined).filter(({ jid }) => jid.bare === from.bare);
  const moderating = own.find(({ role }) => role === 'moderator');
  return {
    bare: from.bare,
    full: from.toString(),
    nick: (room.bySession(from.toString()) ?? moderating ?? own[0])?.nick,
    affiliation: affiliationOf(room, from.bare),
    moderator: moderating !== undefined,
  };
}

/** Whether somebody is an admin or more: the automatic moderators (XEP-0045 §5.1.3). */
export function isAdmin({ affiliation }: { readonly affiliation: Affiliation }): boolean {
  return affiliation === 'admin' || affiliation === 'owner';
}

/**
 * Why the actor may not give that role to whoever has the nick, undefined where they may (XEP-0045 §5.1.3, §8.2 to §8.5,
 * §9.6 to §9.8). Making and unmaking moderators is an admin's, who needn't be in the room for it; all else is a moderator's.
 */
export function refusalOfRole(
  room: Room,
  actor: Actor,
  target: Occupant | undefined,
  wanted: Role,
): StanzaError | undefined {
  if (wanted === 'moderator' && !isAdmin(actor)) return ROOM_ERRORS.notAdmin;
  if (!actor.moderator && !isAdmin(actor)) return ROOM_ERRORS.notModerator;
  const unmaking = target?.role === 'moderator' && wanted !== 'none';
  if (!actor.moderator && wanted !== 'moderator' && !unmaking) return ROOM_ERRORS.notModerator;
  if (target === undefined) return ROOM_ERRORS.noSuchOccupant;
  const refusal = refusalByTable(room, actor, target, wanted);
  if (refusal !== undefined || target.source === undefined) return refusal;
  return wanted === 'moderator' ? ROOM_ERRORS.remoteOccupant : room.elsewhere?.refusalToModerate(target);
}

/** The same of somebody who has the right in general: it depends on who the other one is. */
function refusalByTable(room: Room, actor: Actor, target: Occupant, wanted: Role): StanzaError | undefined {
  const theirs = affiliationOf(room, target.jid.bare);
  const isModerator = target.role === 'moderator';
  switch (wanted) {
    case 'none':
      if (outranks(theirs, actor.affiliation)) return ROOM_ERRORS.targetOutranks;
      return isModerator && !isAdmin(actor) && target.nick !== actor.nick ? ROOM_ERRORS.moderatorStays : undefined;
    case 'visitor':
      if (isAdmin({ affiliation: theirs })) return ROOM_ERRORS.alwaysModerator;
      if (target.role !== 'visitor' && !outranks(actor.affiliation, theirs)) return ROOM_ERRORS.keepsVoice;
      return isModerator && !isAdmin(actor) ? ROOM_ERRORS.notAdmin : undefined;
    case 'participant':
      if (isAdmin({ affiliation: theirs })) return ROOM_ERRORS.alwaysModerator;
      return isModerator && !isAdmin(actor) ? ROOM_ERRORS.notAdmin : undefined;
    case 'moderator':
      return undefined;
  }
}

/**
 * Why the actor may not give that affiliation to that bare JID, undefined where they may (XEP-0045 §5.2.2, §9.1 to §9.5,
 * §10.3 to §10.8).
 */
export function refusalOfAffiliation(
  room: Room,
  actor: Actor,
  bare: string,
  wanted: Affiliation,
): StanzaError | undefined {
  if (!isAdmin(actor)) return isAdmin({ affiliation: wanted }) ? ROOM_ERRORS.notOwner : ROOM_ERRORS.notAdmin;
  const isBan = wanted === 'outcast';
  if (isBan && bare === actor.bare) return ROOM_ERRORS.banSelf;
  const theirs = affiliationOf(room, bare);
  if (actor.affiliation !== 'owner') {
    if (isBan && isAdmin({ affiliation: theirs })) return ROOM_ERRORS.targetOutranks;
    if (isAdmin({ affiliation: theirs }) || isAdmin({ affiliation: wanted })) return ROOM_ERRORS.notOwner;
  }
  return room.service.admins.has(bare) && wanted !== 'owner' ? ROOM_ERRORS.fixedByFile : undefined;
}
