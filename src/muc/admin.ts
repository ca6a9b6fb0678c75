import { Jid } from '../lib/jid.ts';
import { AFFILIATIONS, type Affiliation, outranks, ROLES, type Role } from '../stanza/associations.ts';
import type { StanzaError } from '../stanza/errors.ts';
import type { Answer } from '../stanza/iq.ts';
import { attribute, childText, type Element, element, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { affiliationOf, defaultRole, MAX_AFFILIATIONS, setAffiliation } from './affiliation.ts';
import { change } from './change.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Moderation } from './events.ts';
import { depart } from './leave.ts';
import { maySeeMembers } from './member-list.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most items of one request. */
export const MAX_ADMIN_ITEMS = 500;

/** Whoever asks. The affiliation is that of our own lists, never one that another node shows. */
interface Actor {
  readonly bare: string;
  readonly nick: string | undefined;
  readonly affiliation: Affiliation;
  readonly moderator: boolean;
}

/** One item of a request that has been found allowed. */
type Change =
  | { readonly kind: 'role'; readonly target: Occupant; readonly role: Role; readonly reason: string | undefined }
  | {
      readonly kind: 'affiliation';
      readonly bare: string;
      readonly affiliation: Affiliation;
      readonly reason: string | undefined;
    };

function actorOf(room: Room, from: Jid): Actor {
  const occupant = room.bySession(from.toString());
  return {
    bare: from.bare,
    nick: occupant?.nick,
    affiliation: affiliationOf(room, from.bare),
    moderator: occupant?.role === 'moderator',
  };
}

function isAdmin(actor: Actor): boolean {
  return actor.affiliation === 'admin' || actor.affiliation === 'owner';
}

/** Lists the people with one role or one affiliation (XEP-0045 §8.5, §9). */
export function listAssociations(room: Room, from: Jid, query: Element): Answer {
  const actor = actorOf(room, from);
  const [item, ...more] = findChildren(query, 'item');
  const affiliation = AFFILIATIONS.find((known) => known === attribute(item ?? query, 'affiliation'));
  const role = ROLES.find((known) => known === attribute(item ?? query, 'role'));
  if (item === undefined || more.length > 0 || (affiliation === undefined) === (role === undefined))
    return { error: ROOM_ERRORS.malformedItem };
  const result = element('query', { xmlns: NS.mucAdmin });
  if (role !== undefined) {
    if (!actor.moderator && !isAdmin(actor)) return { error: ROOM_ERRORS.notModerator };
    for (const occupant of room.occupants.values())
      if (occupant.role === role)
        result.cnode(
          element('item', {
            nick: occupant.nick,
            role,
            affiliation: occupant.affiliation,
            jid: occupant.jid.toString(),
          }),
        );
    return { result };
  }
  if (!isAdmin(actor) && !(affiliation === 'member' && maySeeMembers(room, from)))
    return { error: ROOM_ERRORS.notAdmin };
  for (const [jid, entry] of room.affiliations)
    if (entry.affiliation === affiliation)
      result.cnode(
        element(
          'item',
          { affiliation, jid },
          entry.reason === undefined ? undefined : element('reason', {}, entry.reason),
        ),
      );
  return { result };
}

/** Changes roles and affiliations: every item, or none where one isn't allowed (XEP-0045 §8, §9). */
export function changeAssociations(room: Room, turn: Turn, from: Jid, query: Element): Answer {
  const actor = actorOf(room, from);
  const items = findChildren(query, 'item');
  if (items.length === 0) return { error: ROOM_ERRORS.malformedItem };
  if (items.length > MAX_ADMIN_ITEMS) return { error: ROOM_ERRORS.tooManyItems };
  const changes: Change[] = [];
  for (const item of items) {
    const checked = checkItem(room, actor, item);
    if ('condition' in checked) return { error: checked };
    changes.push(checked);
  }
  const refusal = checkLists(room, changes);
  if (refusal !== undefined) return { error: refusal };
  for (const one of changes)
    if (one.kind === 'role') applyRole(room, turn, actor, one.target.nick, one.role, one.reason);
    else {
      setAffiliation(room, one.bare, one.affiliation, one.reason);
      enforceAffiliations(room, turn, { actor: actor.nick, reason: one.reason });
      if (one.affiliation === 'outcast') banElsewhere(room, turn, actor, one.reason);
    }
  if (changes.some((one) => one.kind === 'affiliation')) room.save(turn);
  return { result: undefined };
}

function checkItem(room: Room, actor: Actor, item: Element): Change | StanzaError {
  const role = attribute(item, 'role');
  const affiliation = attribute(item, 'affiliation');
  const reason = childText(item, 'reason');
  if (role !== undefined && affiliation !== undefined) return ROOM_ERRORS.bothRoleAndAffiliation;
  if (role !== undefined) return checkRole(room, actor, attribute(item, 'nick'), role, reason);
  const known = AFFILIATIONS.find((one) => one === affiliation);
  const jid = Jid.tryParse(attribute(item, 'jid'));
  const nick = attribute(item, 'nick');
  const bare = jid?.bare ?? (nick === undefined ? undefined : room.occupants.get(nick)?.jid.bare);
  if (known === undefined || bare === undefined) return ROOM_ERRORS.malformedItem;
  return checkAffiliation(room, actor, bare, known, reason);
}

/** XEP-0045 §8.2 to §8.5, §9.6, §9.7 */
function checkRole(
  room: Room,
  actor: Actor,
  nick: string | undefined,
  wanted: string,
  reason: string | undefined,
): Change | StanzaError {
  const role = ROLES.find((known) => known === wanted);
  if (role === undefined || nick === undefined) return ROOM_ERRORS.malformedItem;
  const target = room.occupants.get(nick);
  if (!actor.moderator) return ROOM_ERRORS.notModerator;
  if (target === undefined) return ROOM_ERRORS.noSuchOccupant;
  if (role === 'moderator' && !isAdmin(actor)) return ROOM_ERRORS.notAdmin;
  if (target.source !== undefined) {
    if (role === 'moderator') return ROOM_ERRORS.remoteOccupant;
    return room.elsewhere?.refusalToModerate(target) ?? { kind: 'role', target, role, reason };
  }
  const theirs = affiliationOf(room, target.jid.bare);
  if (target.role === 'moderator' && role !== 'moderator') {
    if (outranks(theirs, actor.affiliation)) return ROOM_ERRORS.targetOutranks;
    if (role !== 'none' && !isAdmin(actor)) return ROOM_ERRORS.notAdmin;
  }
  const implied = theirs === 'admin' || theirs === 'owner';
  if (implied && role !== 'moderator' && role !== 'none') return ROOM_ERRORS.targetOutranks;
  return { kind: 'role', target, role, reason };
}

/** XEP-0045 §9.1 to §9.5, §10.3 to §10.8 */
function checkAffiliation(
  room: Room,
  actor: Actor,
  bare: string,
  affiliation: Affiliation,
  reason: string | undefined,
): Change | StanzaError {
  if (!isAdmin(actor)) return ROOM_ERRORS.notAdmin;
  const before = affiliationOf(room, bare);
  const touchesHigh = [before, affiliation].some((one) => one === 'admin' || one === 'owner');
  if (affiliation === 'outcast' && bare === actor.bare) return ROOM_ERRORS.banSelf;
  if (actor.affiliation === 'admin' && touchesHigh)
    return affiliation === 'outcast' || outranks(before, 'admin') ? ROOM_ERRORS.targetOutranks : ROOM_ERRORS.notOwner;
  if (room.service.admins.has(bare) && affiliation !== 'owner') return ROOM_ERRORS.fixedByFile;
  return { kind: 'affiliation', bare, affiliation, reason };
}

/** What can only be said of all items together: a room keeps an owner (XEP-0045 §10.4), and its lists are bounded. */
function checkLists(room: Room, changes: readonly Change[]): StanzaError | undefined {
  const after = new Map([...room.affiliations].map(([jid, entry]) => [jid, entry.affiliation as Affiliation]));
  const hadOwner = [...after.values()].includes('owner');
  for (const one of changes)
    if (one.kind === 'affiliation') {
      if (one.affiliation === 'none') after.delete(one.bare);
      else after.set(one.bare, one.affiliation);
    }
  if (after.size > MAX_AFFILIATIONS && after.size > room.affiliations.size) return ROOM_ERRORS.tooManyItems;
  if (hadOwner && room.service.admins.size === 0 && ![...after.values()].includes('owner'))
    return ROOM_ERRORS.lastOwner;
  return undefined;
}

function applyRole(room: Room, turn: Turn, actor: Actor, nick: string, role: Role, reason: string | undefined): void {
  const target = room.occupants.get(nick);
  if (target === undefined) return;
  if (target.source !== undefined) askElsewhere(room, turn, target, { role, banned: false, actor, reason });
  else if (role === 'none') depart(room, turn, target, { statuses: [307], actor: actor.nick, reason });
  else change(room, turn, { ...target, role }, { actor: actor.nick, reason });
}

/** The banned who are in the room elsewhere: only their own node can send them out. */
function banElsewhere(room: Room, turn: Turn, actor: Actor, reason: string | undefined): void {
  for (const occupant of room.occupants.values())
    if (occupant.source !== undefined && affiliationOf(room, occupant.jid.bare) === 'outcast')
      askElsewhere(room, turn, occupant, { role: 'none', banned: true, actor, reason });
}

/** Asks the node of an occupant elsewhere for what only that node can do. */
function askElsewhere(
  room: Room,
  turn: Turn,
  occupant: Occupant,
  { actor, ...request }: Omit<Moderation, 'actor'> & { readonly actor: Actor },
): void {
  turn.announce({ kind: 'moderation', room, occupant, request: { ...request, actor: actor.nick ?? '' } });
}

/**
 * Brings those who are here in line with the lists and the settings: the banned and, in a members-only room, those who
 * aren't members leave (XEP-0045 §9.1, §9.4, §10.2.1), everyone else is shown as they are now.
 */
export function enforceAffiliations(
  room: Room,
  turn: Turn,
  by: { readonly actor?: string | undefined; readonly reason?: string | undefined; readonly membersOnlyNow?: boolean },
): void {
  for (const occupant of room.occupantsOf(undefined)) {
    const affiliation = affiliationOf(room, occupant.jid.bare);
    const { actor, reason } = by;
    if (affiliation === 'outcast') depart(room, turn, { ...occupant, affiliation }, { statuses: [301], actor, reason });
    else if (affiliation === 'none' && room.settings.membersOnly)
      depart(room, turn, { ...occupant, affiliation }, { statuses: [by.membersOnlyNow ? 322 : 321], actor, reason });
    else if (affiliation !== occupant.affiliation)
      change(room, turn, { ...occupant, affiliation, role: roleAfter(room, occupant, affiliation) }, { actor, reason });
  }
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
