import { change } from './change.ts';
import { enforceAffiliations } from './enforce.ts';
import { followBroadcast } from './presence-broadcast.ts';
import type { RoomSettings } from './records.ts';
import type { Room } from './room.ts';
import { sendStatus } from './status-notice.ts';
import type { Turn } from './turn.ts';

/** Gives a room other settings, and has everyone here hear of what that brings (XEP-0045 §10.2). Unlocks it (§10.1). */
export function configure(room: Room, turn: Turn, settings: RoomSettings): void {
  const before = room.settings;
  const wasPersistent = room.persistent;
  const wasLocked = room.locked;
  turn.journal.set(room, 'settings', settings);
  turn.journal.set(room, 'locked', false);
  if (room.persistent || wasPersistent) turn.write({ kind: 'save', record: room.toRecord() });
  for (const status of statusesOf(before, settings, wasLocked)) sendStatus(room, turn, status);
  followBroadcast(room, turn, before);
  if (settings.membersOnly && !before.membersOnly) enforceAffiliations(room, turn, { membersOnlyNow: true });
  if (before.moderated && !settings.moderated) giveVoice(room, turn);
  room.service.further?.follow(room, turn);
}

/**
 * What everyone is told of, each in a message of its own (XEP-0045 §10.2.1). Of the first configuration, whose owner alone is
 * there, only what concerns privacy is.
 */
function statusesOf(before: RoomSettings, after: RoomSettings, wasLocked: boolean): number[] {
  const statuses: number[] = [];
  if (after.logged !== before.logged) statuses.push(after.logged ? 170 : 171);
  if (after.whois !== before.whois) statuses.push(after.whois === 'anyone' ? 172 : 173);
  const apart = { logged: false, whois: 'anyone' };
  const otherwiseSame = JSON.stringify({ ...after, ...apart }) === JSON.stringify({ ...before, ...apart });
  if (!otherwiseSame && !wasLocked) statuses.push(104);
  return statuses;
}

/** Where everyone may speak, nobody here is without voice (XEP-0045 §4.2 "Unmoderated Room"). */
function giveVoice(room: Room, turn: Turn): void {
  for (const occupant of room.occupantsOf(undefined))
    if (occupant.role === 'visitor') change(room, turn, { ...occupant, role: 'participant' });
}
