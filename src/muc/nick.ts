import { attribute, type Element } from '../xml/element.ts';
import type { ROOM_ERRORS } from './errors.ts';
import type { Room } from './room.ts';

/** The longest nick, in characters. */
export const MAX_NICK_LENGTH = 256;

/** Braille's blank is no space to Unicode, and shows nothing. */
const INVISIBLE = /^[\s\u2800]*$/u;

/**
 * Why somebody can't have a nick, whether they enter with it or change to it (XEP-0045 §7.2.8, §7.6, §16.1). What another
 * client of theirs has is theirs as well.
 */
export function refusalOfNick(room: Room, bare: string, nick: string): keyof typeof ROOM_ERRORS | undefined {
  if (INVISIBLE.test(nick)) return 'nickInvisible';
  if (nick.length > MAX_NICK_LENGTH) return 'tooLong';
  if (isTaken(room, bare, nick)) return 'nickTaken';
  return isReserved(room, bare, nick) ? 'nickReserved' : undefined;
}

/** Whether somebody else goes by that nick, or by one like it. */
export function isTaken(room: Room, bare: string, nick: string): boolean {
  const key = comparable(nick);
  for (const occupant of room.occupants.values())
    if (occupant.jid.bare !== bare && comparable(occupant.nick) === key) return true;
  return false;
}

/** Whether that nick, or one like it, is kept for somebody else: not for the banned (XEP-0045 §16.4). */
export function isReserved(room: Room, bare: string, nick: string): boolean {
  const key = comparable(nick);
  for (const [holder, record] of room.affiliations)
    if (record.nick !== undefined && holder !== bare && record.affiliation !== 'outcast')
      if (comparable(record.nick) === key) return true;
  return false;
}

/** The status code that says that the service gives another nick than was asked for: it is prepared as JIDs are (§7.2.2). */
export function nickStatuses(stanza: Element, nick: string): readonly number[] {
  const to = attribute(stanza, 'to') ?? '';
  return to.slice(to.indexOf('/') + 1) === nick ? [] : [210];
}

const PLAIN = /^[\x21-\x7e]*$/;

/** What two nicks have in common that people would take for one (XEP-0045 §13.6): case, spaces, width (RFC 8266 §2.4). */
function comparable(nick: string): string {
  if (PLAIN.test(nick)) return nick.toLowerCase();
  return nick.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
}
