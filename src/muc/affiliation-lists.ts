import type { Affiliation } from '../stanza/associations.ts';
import type { StanzaError } from '../stanza/errors.ts';
import type { AffiliationItem } from './admin-items.ts';
import { affiliationOf, MAX_AFFILIATIONS, setAffiliation } from './affiliation.ts';
import { ROOM_ERRORS } from './errors.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** What a request has done to somebody's affiliation. */
export interface AffiliationChange {
  /** A bare JID, or a domain. */
  readonly bare: string;
  readonly before: Affiliation;
  readonly after: Affiliation;
  readonly reason: string | undefined;
}

/**
 * What can only be said of all items together, before any takes place: a room keeps an owner (XEP-0045 §10.4), its lists
 * are bounded, and a nick is reserved for one person, and not while somebody else goes by it (§7.10). Whatever makes full
 * lists shorter is allowed.
 */
export function refusalOfLists(room: Room, items: readonly AffiliationItem[]): StanzaError | undefined {
  const owners = new Set<string>();
  const listed = new Set<string>();
  const reserved = new Map<string, string>();
  for (const [jid, { affiliation, nick }] of room.affiliations) {
    listed.add(jid);
    if (affiliation === 'owner') owners.add(jid);
    if (nick !== undefined) reserved.set(nick, jid);
  }
  const hadOwner = owners.size > 0;
  for (const { bare = '', affiliation, nick } of items) {
    if (affiliation === 'none') listed.delete(bare);
    else listed.add(bare);
    if (affiliation === 'owner') owners.add(bare);
    else owners.delete(bare);
    const kept = room.affiliations.get(bare)?.nick;
    if (kept !== undefined && (nick !== undefined || affiliation === 'none' || affiliation === 'outcast'))
      reserved.delete(kept);
  }
  if (hadOwner && owners.size === 0 && room.service.admins.size === 0) return ROOM_ERRORS.lastOwner;
  if (listed.size > MAX_AFFILIATIONS && listed.size > room.affiliations.size) return ROOM_ERRORS.tooManyItems;
  for (const { bare = '', nick = '' } of items) {
    if (nick === '') continue;
    const present = room.occupants.get(nick);
    if (reserved.has(nick) || (present !== undefined && present.jid.bare !== bare)) return ROOM_ERRORS.nickReserved;
    reserved.set(nick, bare);
  }
  return undefined;
}

/**
 * Writes the lists and has the room saved; answers what is another affiliation now. An item that says what is so already
 * keeps the reason that was given for it.
 */
export function writeLists(room: Room, turn: Turn, items: readonly AffiliationItem[]): AffiliationChange[] {
  const changes: AffiliationChange[] = [];
  for (const { bare, affiliation, reason, nick } of items) {
    if (bare === undefined || room.service.admins.has(bare)) continue;
    const before = affiliationOf(room, bare);
    const entry = room.affiliations.get(bare);
    const kept = entry?.affiliation === affiliation ? entry.reason : undefined;
    setAffiliation(room, bare, affiliation, reason ?? kept, nick);
    const after = affiliationOf(room, bare);
    if (before !== after) changes.push({ bare, before, after, reason });
  }
  if (items.length > 0) room.save(turn);
  return changes;
}
