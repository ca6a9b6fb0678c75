import { errorReply } from '../stanza/errors.ts';
import type { Element } from '../xml/element.ts';
import { MAX_NICK_LENGTH } from './enter.ts';
import { ROOM_ERRORS } from './errors.ts';
import { type Occupant, presencePayload } from './occupant.ts';
import { type PresenceDetail, sendPresence, sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** An occupant here changes its availability (XEP-0045 §7.7). */
export function changeAvailability(room: Room, turn: Turn, occupant: Occupant, stanza: Element): void {
  change(room, turn, { ...occupant, presence: presencePayload(stanza) });
}

/** Puts the changed self of an occupant, from wherever, in its place, tells everyone here, and announces it. */
export function change(room: Room, turn: Turn, occupant: Occupant, detail: PresenceDetail = {}): void {
  room.put(occupant);
  sendPresence(room, turn, occupant, detail);
  sendSelfPresence(room, turn, occupant, detail);
  turn.announce({ kind: 'changed', room, occupant, source: occupant.source });
}

/** An occupant here asks for another nick (XEP-0045 §7.6). */
export function changeNick(room: Room, turn: Turn, occupant: Occupant, nick: string, stanza: Element): void {
  const refuse = (error: keyof typeof ROOM_ERRORS) => turn.deliver(errorReply(stanza, ROOM_ERRORS[error], room.jid));
  if (nick.length > MAX_NICK_LENGTH) return refuse('tooLong');
  if (room.occupants.has(nick)) return refuse('nickTaken');
  rename(room, turn, { ...occupant, presence: presencePayload(stanza) }, nick);
}

/** Gives an occupant, from wherever, another nick, which must be free; `selfStatuses` are for the occupant alone. */
export function rename(
  room: Room,
  turn: Turn,
  occupant: Occupant,
  nick: string,
  selfStatuses: readonly number[] = [],
): void {
  const leaving = { type: 'unavailable', statuses: [303], newNick: nick, selfStatuses } as const;
  sendPresence(room, turn, occupant, leaving);
  sendSelfPresence(room, turn, occupant, leaving);
  const renamed = { ...occupant, nick };
  room.remove(occupant);
  room.put(renamed);
  sendPresence(room, turn, renamed, {});
  sendSelfPresence(room, turn, renamed, { selfStatuses });
  turn.announce({ kind: 'renamed', room, occupant: renamed, oldNick: occupant.nick, source: occupant.source });
}
