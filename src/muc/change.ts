import type { Jid } from '../lib/jid.ts';
import { errorReply } from '../stanza/errors.ts';
import { attribute, type Element } from '../xml/element.ts';
import { ROOM_ERRORS } from './errors.ts';
import { nickStatuses, refusalOfNick } from './nick.ts';
import { type Occupant, presencePayload } from './occupant.ts';
import { isShown, type PresenceDetail, sendHidden, sendPresence, sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import { withPresence } from './sessions.ts';
import type { Turn } from './turn.ts';
import { keepVoice } from './voice.ts';

/** An occupant here changes its availability (XEP-0045 §7.7). */
export function changeAvailability(room: Room, turn: Turn, occupant: Occupant, from: Jid, stanza: Element): void {
  const changed = withPresence(occupant, from.toString(), presencePayload(stanza));
  change(room, turn, changed, { id: attribute(stanza, 'id') });
}

/**
 * Puts the changed self of an occupant, from wherever, in its place, tells everyone here, and announces it. Who is shown no
 * more, having another role now, leaves for those who have seen them.
 */
export function change(room: Room, turn: Turn, occupant: Occupant, detail: PresenceDetail = {}): void {
  const before = room.occupants.get(occupant.nick);
  room.put(occupant);
  if (before?.role !== occupant.role) keepVoice(room, turn, occupant);
  const wasShown = before !== undefined && isShown(room.settings, before.role);
  if (wasShown && !isShown(room.settings, occupant.role)) sendHidden(room, turn, occupant);
  else sendPresence(room, turn, occupant, detail);
  sendSelfPresence(room, turn, occupant, detail);
  turn.announce({ kind: 'changed', room, occupant, source: occupant.source });
}

/** A client of an occupant here asks for another nick, for all of its clients (XEP-0045 §7.6). */
export function changeNick(room: Room, turn: Turn, occupant: Occupant, nick: string, from: Jid, stanza: Element): void {
  const refusal = refusalOfNick(room, from.bare, nick) ?? (room.occupants.has(nick) ? 'nickTaken' : undefined);
  if (refusal !== undefined) return turn.deliver(errorReply(stanza, ROOM_ERRORS[refusal], room.jid));
  const changed = withPresence(occupant, from.toString(), presencePayload(stanza));
  rename(room, turn, changed, nick, nickStatuses(stanza, nick), attribute(stanza, 'id'));
}

/** Gives an occupant, from wherever, another nick, which must be free; `selfStatuses` are for the occupant alone. */
export function rename(
  room: Room,
  turn: Turn,
  occupant: Occupant,
  nick: string,
  selfStatuses: readonly number[] = [],
  id?: string,
): void {
  const leaving = { type: 'unavailable', statuses: [303], newNick: nick, selfStatuses } as const;
  sendPresence(room, turn, occupant, leaving);
  sendSelfPresence(room, turn, occupant, leaving);
  const renamed = { ...occupant, nick };
  room.remove(occupant);
  room.put(renamed);
  sendPresence(room, turn, renamed, {});
  sendSelfPresence(room, turn, renamed, { selfStatuses, id });
  turn.announce({ kind: 'renamed', room, occupant: renamed, oldNick: occupant.nick, source: occupant.source });
}
