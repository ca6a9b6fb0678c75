import { Jid } from '../lib/jid.ts';
import { AFFILIATIONS, type Affiliation, ROLES, type Role } from '../stanza/associations.ts';
import { ERRORS, type StanzaError } from '../stanza/errors.ts';
import { attribute, childText, type Element, element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { ROOM_ERRORS } from './errors.ts';
import { MAX_NICK_LENGTH } from './nick.ts';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';

/** The longest reason of an item, in characters. */
export const MAX_REASON_LENGTH = 1024;

export interface RoleItem {
  readonly kind: 'role';
  /** Whoever has the nick, here or elsewhere; undefined where nobody has. */
  readonly target: Occupant | undefined;
  readonly role: Role;
  readonly reason: string | undefined;
  readonly element: Element;
}

export interface AffiliationItem {
  readonly kind: 'affiliation';
  /** A bare JID, or a domain; undefined where a nick was given that nobody has. */
  readonly bare: string | undefined;
  readonly affiliation: Affiliation;
  readonly reason: string | undefined;
  /** The nick to reserve for a member (XEP-0045 §9.3); empty: none any more (§9.5). */
  readonly nick: string | undefined;
  readonly element: Element;
}

/** What an `<item/>` of muc#admin asks for. */
export type AdminItem = RoleItem | AffiliationItem;

/**
 * Reads the items of one request. No two may want different things of one person; what is said twice counts once. Refused
 * is also a role and an affiliation for one person at once (XEP-0045 §17.4).
 */
export function readItems(room: Room, elements: readonly Element[]): readonly AdminItem[] | StanzaError {
  const items = new Map<string, AdminItem>();
  for (const one of elements) {
    const item = readItem(room, one);
    if ('condition' in item) return item;
    const key = keyOf(item);
    const earlier = items.get(key);
    if (earlier !== undefined && !isSame(earlier, item)) return ROOM_ERRORS.contradictoryItems;
    if (earlier === undefined) items.set(key, item);
  }
  for (const item of items.values())
    if (item.kind === 'role' && items.has(`jid ${item.target?.jid.bare ?? ''}`))
      return ROOM_ERRORS.bothRoleAndAffiliation;
  return [...items.values()];
}

/** The items that were refused, for the error that says so (XEP-0045 §8.4). */
export function offending(items: readonly AdminItem[]): Element {
  const query = element('query', { xmlns: NS.mucAdmin });
  for (const { element: item } of items)
    query.cnode(
      element('item', {
        affiliation: attribute(item, 'affiliation'),
        jid: attribute(item, 'jid'),
        nick: attribute(item, 'nick'),
        role: attribute(item, 'role'),
      }),
    );
  return query;
}

function readItem(room: Room, item: Element): AdminItem | StanzaError {
  const wantedRole = attribute(item, 'role');
  const wantedAffiliation = attribute(item, 'affiliation');
  if (wantedRole !== undefined && wantedAffiliation !== undefined) return ROOM_ERRORS.bothRoleAndAffiliation;
  const role = ROLES.find((known) => known === wantedRole);
  const affiliation = AFFILIATIONS.find((known) => known === wantedAffiliation);
  const reason = childText(item, 'reason');
  if (reason !== undefined && reason.length > MAX_REASON_LENGTH) return ROOM_ERRORS.tooLong;
  const nick = attribute(item, 'nick');
  if (role !== undefined)
    return nick === undefined
      ? ROOM_ERRORS.malformedItem
      : { kind: 'role', target: byNick(room, nick), role, reason, element: item };
  return affiliation === undefined ? ROOM_ERRORS.malformedItem : readAffiliation(room, item, affiliation, reason);
}

/** A full JID counts as its bare one (XEP-0045 §10.3); a nick alone means whoever has it now. */
function readAffiliation(
  room: Room,
  item: Element,
  affiliation: Affiliation,
  reason: string | undefined,
): AffiliationItem | StanzaError {
  const address = attribute(item, 'jid');
  const nick = attribute(item, 'nick');
  const common = { kind: 'affiliation', affiliation, reason, element: item } as const;
  if (address === undefined)
    return nick === undefined
      ? ROOM_ERRORS.malformedItem
      : { ...common, bare: byNick(room, nick)?.jid.bare, nick: undefined };
  const jid = Jid.tryParse(address);
  if (jid === undefined) return ERRORS.malformedAddress;
  if (affiliation !== 'member' || nick === undefined || nick === '')
    return { ...common, bare: jid.bare, nick: affiliation === 'member' ? nick : undefined };
  if (nick.length > MAX_NICK_LENGTH) return ROOM_ERRORS.tooLong;
  const prepared = preparedNick(room, nick);
  if (prepared === undefined || prepared.trim() === '') return ROOM_ERRORS.malformedNick;
  return { ...common, bare: jid.bare, nick: prepared };
}

function byNick(room: Room, nick: string): Occupant | undefined {
  return room.occupants.get(nick) ?? room.occupants.get(preparedNick(room, nick) ?? nick);
}

function preparedNick(room: Room, nick: string): string | undefined {
  return Jid.tryParse(`${room.jid}/${nick}`)?.resource;
}

/** Items of one person have one key. */
function keyOf(item: AdminItem): string {
  if (item.kind === 'affiliation') return `jid ${item.bare ?? `of ${attribute(item.element, 'nick') ?? ''}`}`;
  return `nick ${item.target?.nick ?? attribute(item.element, 'nick') ?? ''}`;
}

function isSame(one: AdminItem, other: AdminItem): boolean {
  if (one.kind === 'role') return other.kind === 'role' && one.role === other.role;
  return other.kind === 'affiliation' && one.affiliation === other.affiliation && one.nick === other.nick;
}
