import type { Jid } from '../lib/jid.ts';
import { type Affiliation, ROLES, type Role } from '../stanza/associations.ts';
import { affiliationOf, defaultRole } from './affiliation.ts';
import { change } from './change.ts';
import type { Occupant } from './occupant.ts';
import { sendOccupants } from './presence.ts';
import type { Room } from './room.ts';
import { type Removal, sendOut } from './send-out.ts';
import type { Turn } from './turn.ts';

/** What has become of the lists or the settings, and who did it. */
export interface Enforcement {
  readonly actor?: string | undefined;
  /** Why somebody's affiliation has changed. */
  readonly reasonFor?: (jid: Jid) => string | undefined;
  /** The room has become members-only. */
  readonly membersOnlyNow?: boolean;
  /** Who leaves besides; these hear of it first. */
  readonly kicked?: readonly Removal[];
  /** What is said after the kicked have heard of it, and before anything else. */
  readonly answer?: () => void;
}

/**
 * Brings those who are here in line with the lists and the settings: the banned and, in a members-only room, those who
 * aren't members leave (XEP-0045 §9.1, §9.4, §10.2.1), everyone else is shown as they are now.
 */
export function enforceAffiliations(room: Room, turn: Turn, by: Enforcement): void {
  const { actor, reasonFor, kicked = [] } = by;
  const leaving = new Set(kicked.map(({ occupant }) => occupant.nick));
  const removals: Removal[] = [];
  const changed: Occupant[] = [];
  for (const occupant of room.occupantsOf(undefined)) {
    if (leaving.has(occupant.nick)) continue;
    const affiliation = affiliationOf(room, occupant.jid.bare);
    const status = removalStatus(room, affiliation, by);
    if (status !== undefined) {
      const departure = { statuses: [status], actor, reason: reasonFor?.(occupant.jid) };
      removals.push({ occupant: { ...occupant, affiliation }, departure });
    } else if (affiliation !== occupant.affiliation) changed.push(occupant);
  }
  sendOut(room, turn, kicked, by.answer ?? (() => undefined), removals);
  for (const occupant of changed) {
    const affiliation = affiliationOf(room, occupant.jid.bare);
    const role = roleAfter(room, occupant, affiliation);
    change(room, turn, { ...occupant, affiliation, role }, { actor, reason: reasonFor?.(occupant.jid) });
    promote(room, turn, occupant, role);
  }
}

/** Why somebody of that affiliation can't stay, undefined where they can. */
function removalStatus(room: Room, affiliation: Affiliation, by: Enforcement): number | undefined {
  if (affiliation === 'outcast') return 301;
  if (affiliation !== 'none' || !room.settings.membersOnly) return undefined;
  return by.membersOnlyNow === true ? 322 : 321;
}

/**
 * Shows somebody who has become a moderator the others once more: now with real JIDs, which moderators see through presence
 * (XEP-0045 §8).
 */
export function promote(room: Room, turn: Turn, before: Occupant, role: Role): void {
  const after = room.occupants.get(before.nick);
  if (after === undefined || role !== 'moderator' || before.role === 'moderator') return;
  if (room.settings.whois === 'anyone') return;
  for (const session of after.sessions) sendOccupants(room, turn, after, session);
}

/** The role that a change of affiliation brings (XEP-0045 §5.1.3): up at once, down to what the room gives by default. */
function roleAfter(room: Room, occupant: Occupant, affiliation: Affiliation): Role {
  const role = defaultRole(room, affiliation);
  const wasImplied = occupant.affiliation === 'admin' || occupant.affiliation === 'owner';
  return wasImplied || outranksRole(role, occupant.role) ? role : occupant.role;
}

function outranksRole(one: Role, other: Role): boolean {
  return ROLES.indexOf(one) < ROLES.indexOf(other);
}
