import type { Jid } from '../lib/jid.ts';
import { AFFILIATIONS, type Affiliation, ROLES } from '../stanza/associations.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { type Answer, type Refusal, resultOf } from '../stanza/iq.ts';
import { attribute, type Element, element, findChildren } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { type AdminItem, offending, readItems } from './admin-items.ts';
import { refusalOfLists } from './affiliation-lists.ts';
import { carryOut } from './associate.ts';
import { ROOM_ERRORS } from './errors.ts';
import { maySeeMembers } from './member-list.ts';
import { type Actor, actorOf, isAdmin, refusalOfAffiliation, refusalOfRole } from './privileges.ts';
import type { AffiliationRecord } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** The most items of one request. */
export const MAX_ADMIN_ITEMS = 500;
/** The most characters of reasons in one list; what comes after has none. */
export const MAX_LISTED_REASONS = 65_536;

/** The refusals that name the items which they are about (XEP-0045 §8.4). */
const VOICE_ERRORS: ReadonlySet<StanzaError> = new Set([ROOM_ERRORS.keepsVoice, ROOM_ERRORS.alwaysModerator]);

/** Lists the people with one role or one affiliation (XEP-0045 §8.5, §9.2, §9.5, §9.8, §10.5, §10.8, §17.4). */
export function listAssociations(room: Room, from: Jid, query: Element): Answer {
  const actor = actorOf(room, from);
  const [item, ...more] = findChildren(query, 'item');
  if (item === undefined || more.length > 0) return { error: ROOM_ERRORS.malformedItem };
  const affiliation = AFFILIATIONS.find((known) => known === attribute(item, 'affiliation'));
  const role = ROLES.find((known) => known === attribute(item, 'role'));
  if (affiliation !== undefined && role === undefined) {
    if (!mayList(room, from, actor, affiliation)) return { error: ROOM_ERRORS.notAdmin };
    return { result: element('query', { xmlns: NS.mucAdmin }, ...affiliationItems(room, affiliation)) };
  }
  if (role === undefined || affiliation !== undefined) return { error: ROOM_ERRORS.malformedItem };
  if (role === 'moderator' && !isAdmin(actor)) return { error: ROOM_ERRORS.notAdmin };
  if (role !== 'moderator' && !actor.moderator) return { error: ROOM_ERRORS.notModerator };
  const items = [...room.occupants.values()]
    .filter((occupant) => occupant.role === role)
    .map(({ nick, jid, affiliation: theirs }) =>
      element('item', { nick, role, affiliation: theirs, jid: jid.toString() }),
    );
  return { result: element('query', { xmlns: NS.mucAdmin }, ...items) };
}

/** The entries of one list: with the nick that is reserved for somebody, or else the one that they have now (XEP-0045 §17.4). */
function affiliationItems(room: Room, affiliation: Affiliation): Element[] {
  const { admins } = room.service;
  const nicks = new Map([...room.occupants.values()].map(({ jid, nick }) => [jid.bare, nick]));
  const listed = [...room.affiliations].filter(([jid, entry]) => entry.affiliation === affiliation && !admins.has(jid));
  const ofFile = affiliation === 'owner' ? [...admins].map((jid) => [jid, { affiliation }] as const) : [];
  let left = MAX_LISTED_REASONS;
  return [...ofFile, ...listed].map(([jid, { reason, nick }]: readonly [string, Partial<AffiliationRecord>]) => {
    left -= reason?.length ?? 0;
    return element(
      'item',
      { affiliation, jid, nick: affiliation === 'outcast' ? undefined : (nick ?? nicks.get(jid)) },
      reason === undefined || left < 0 ? undefined : element('reason', {}, reason),
    );
  });
}

/** Owners see every list, and admins those that are theirs to change; the others are open where JIDs are (XEP-0045 §10.5). */
function mayList(room: Room, from: Jid, actor: Actor, affiliation: Affiliation): boolean {
  if (actor.affiliation === 'owner') return true;
  const isOfOwners = affiliation === 'owner' || affiliation === 'admin';
  if (isAdmin(actor)) return !isOfOwners || room.settings.whois === 'anyone';
  if (isOfOwners && room.settings.whois !== 'anyone') return false;
  return (isOfOwners || affiliation === 'member') && maySeeMembers(room, from);
}

/** A request to change roles and affiliations, which is answered in the midst of what comes of it (XEP-0045 §8, §9). */
export function changeAssociations(room: Room, turn: Turn, from: Jid, stanza: Element, query: Element): Answer {
  return associate(room, turn, from, query, () => turn.deliver(resultOf(stanza))) ?? 'later';
}

/**
 * Changes roles and affiliations: every item, or none where one isn't allowed; then answers why. Whoever is sent out hears of it
 * first, then `done` says that it is done, then everybody else is told (XEP-0045 §8.2).
 */
export function associate(room: Room, turn: Turn, from: Jid, query: Element, done: () => void): Refusal | undefined {
  const elements = findChildren(query, 'item');
  if (elements.length === 0) return { error: ROOM_ERRORS.malformedItem };
  if (elements.length > MAX_ADMIN_ITEMS) return { error: ROOM_ERRORS.tooManyItems };
  const items = readItems(room, elements);
  if ('condition' in items) return { error: items };
  const actor = actorOf(room, from);
  const refusals = items.map((item) => refusalOf(room, actor, item));
  const error = refusals.find((refusal) => refusal !== undefined);
  if (error !== undefined)
    return VOICE_ERRORS.has(error)
      ? { error, offending: offending(items.filter((_, at) => refusals[at] === error)) }
      : { error };
  const affiliations = items.filter((item) => item.kind === 'affiliation');
  const refusal = refusalOfLists(room, affiliations);
  if (refusal !== undefined) return { error: refusal };
  const roles = items.filter((item) => item.kind === 'role');
  carryOut(room, turn, actor, roles, affiliations, done);
  return undefined;
}

function refusalOf(room: Room, actor: Actor, item: AdminItem): StanzaError | undefined {
  if (item.kind === 'role') return refusalOfRole(room, actor, item.target, item.role);
  const { bare, affiliation } = item;
  const refusal = refusalOfAffiliation(room, actor, bare ?? '', affiliation);
  return refusal ?? (bare === undefined ? ROOM_ERRORS.noSuchOccupant : undefined);
}
