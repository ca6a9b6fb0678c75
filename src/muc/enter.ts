import { Jid } from '../lib/jid.ts';
import { errorReply } from '../stanza/errors.ts';
import { readHistoryRequest } from '../stanza/history-request.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import { attribute, childText, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { affiliationOf } from './affiliation.ts';
import { askToBan } from './ask-elsewhere.ts';
import { ROOM_ERRORS } from './errors.ts';
import { historyQuery } from './history.ts';
import { nickStatuses, refusalOfNick } from './nick.ts';
import { type Occupant, presencePayload, samePresence } from './occupant.ts';
import { sendOccupants, sendPresence, sendSelfPresence } from './presence.ts';
import type { Room } from './room.ts';
import { withPresence } from './sessions.ts';
import type { Turn } from './turn.ts';
import { sendAvatar } from './vcard.ts';
import { roleOnEntry } from './voice.ts';

/** The most occupants of one room, whatever it is configured to, but for `ADDITIONAL_OCCUPANTS`. */
export const MAX_OCCUPANTS = 1000;
/** The most clients that share one nick. */
export const MAX_SESSIONS = 32;
/** So many admins and owners get into a room that is full, beyond its bound (XEP-0045 §7.2.9). */
export const ADDITIONAL_OCCUPANTS = 10;

/**
 * A user here seeks to enter the room (XEP-0045 §7.2), the room having been made for them if `created`. Answers whether
 * they are in.
 */
export function enter(room: Room, turn: Turn, from: Jid, nick: string, stanza: Element, created: boolean): boolean {
  const refusal = refusalOf(room, from, nick, stanza);
  if (refusal !== undefined) {
    turn.deliver(errorReply(stanza, ROOM_ERRORS[refusal], room.jid));
    return false;
  }
  const affiliation = affiliationOf(room, from.bare);
  const present = room.occupants.get(nick);
  for (const other of room.occupantsOf(undefined))
    if (other.nick !== nick && other.jid.equals(from)) identifyAnew(room, turn, other);
  const before: Occupant = present ?? {
    nick,
    jid: from,
    source: undefined,
    role: roleOnEntry(room, from.bare, affiliation),
    affiliation,
    presence: [],
    sessions: [],
  };
  const occupant = withPresence({ ...before, affiliation }, from.toString(), presencePayload(stanza));
  room.put(occupant);
  sendPresence(room, turn, occupant, {});
  if (present !== undefined) sendSelfPresence(room, turn, { ...occupant, sessions: present.sessions }, {});
  welcome(room, turn, occupant, from, stanza, created);
  turn.announce({ kind: present === undefined ? 'entered' : 'changed', room, occupant, source: undefined });
  return true;
}

/**
 * The client that an occupant is known by has left and now enters under another nick: the occupant is known by another of
 * its clients from now on, which to other nodes is somebody else.
 */
function identifyAnew(room: Room, turn: Turn, occupant: Occupant): void {
  const jid = Jid.tryParse(occupant.sessions[0]);
  if (jid === undefined) return;
  const changed = { ...occupant, jid };
  turn.announce({ kind: 'left', room, occupant, departure: {}, source: undefined });
  room.put(changed);
  sendPresence(room, turn, changed, {});
  sendSelfPresence(room, turn, changed, {});
  turn.announce({ kind: 'entered', room, occupant: changed, source: undefined });
}

/** Sends someone who is in the room already, and asks to enter again, everything once more (XEP-0045 §7.2.1). */
export function resynchronise(room: Room, turn: Turn, occupant: Occupant, from: Jid, stanza: Element): void {
  const changed = withPresence(occupant, from.toString(), presencePayload(stanza));
  room.put(changed);
  if (!samePresence(occupant.presence, changed.presence)) {
    sendPresence(room, turn, changed, {});
    const others = occupant.sessions.filter((session) => session !== from.toString());
    sendSelfPresence(room, turn, { ...changed, sessions: others }, {});
    turn.announce({ kind: 'changed', room, occupant: changed, source: undefined });
  }
  welcome(room, turn, changed, from, stanza, false);
}

/** Adds an occupant who is on another node, tells everyone here, and announces it (XEP-0289 §5.3). */
export function admit(room: Room, turn: Turn, occupant: Occupant): void {
  room.put(occupant);
  sendPresence(room, turn, occupant, {});
  turn.announce({ kind: 'entered', room, occupant, source: occupant.source });
  askToBan(room, turn, occupant);
}

/** Occupants, self-presence, then history and subject as soon as the archive has been read (XEP-0045 §7.1). */
function welcome(room: Room, turn: Turn, occupant: Occupant, from: Jid, stanza: Element, created: boolean): void {
  const to = from.toString();
  sendAvatar(room, turn, to);
  sendOccupants(room, turn, occupant, to);
  const { whois, logged } = room.settings;
  const statuses = [...(whois === 'anyone' ? [100] : []), ...(logged ? [170] : []), ...(created ? [201] : [])];
  const selfStatuses = [...statuses, ...nickStatuses(stanza, occupant.nick)];
  sendSelfPresence(room, turn, { ...occupant, sessions: [to] }, { selfStatuses, id: attribute(stanza, 'id') });
  const wanted = readHistoryRequest(stanza);
  const { maxChars } = wanted;
  turn.query(historyQuery(room, wanted, turn.now), { kind: 'entered', room: room.jid, to, maxChars });
}

/** What only those may learn who could come in otherwise: who is there, and what is kept for whom. */
const IN_PRIVATE: ReadonlySet<keyof typeof ROOM_ERRORS> = new Set(['nickTaken', 'nickReserved']);

function refusalOf(room: Room, from: Jid, nick: string, stanza: Element): keyof typeof ROOM_ERRORS | undefined {
  const { settings } = room;
  const affiliation = affiliationOf(room, from.bare);
  if (affiliation === 'outcast') return 'banned';
  if (room.locked && affiliation !== 'owner') return 'roomLocked';
  const nickRefusal = refusalOfNick(room, from.bare, nick);
  if (nickRefusal !== undefined && !IN_PRIVATE.has(nickRefusal)) return nickRefusal;
  if (settings.membersOnly && affiliation === 'none') return 'membersOnly';
  if (settings.password !== '' && passwordOf(stanza) !== settings.password) return 'passwordRequired';
  const present = room.occupants.get(nick);
  if (nickRefusal !== undefined) return nickRefusal;
  if (present !== undefined) {
    if (present.source !== undefined) return 'nickTaken';
    return present.sessions.length >= MAX_SESSIONS ? 'tooManyClients' : undefined;
  }
  const isPrivileged = affiliation === 'owner' || affiliation === 'admin';
  const limit = settings.maxOccupants === 0 ? MAX_OCCUPANTS : Math.min(settings.maxOccupants, MAX_OCCUPANTS);
  return room.occupants.size >= limit + (isPrivileged ? ADDITIONAL_OCCUPANTS : 0) ? 'roomFull' : undefined;
}

function passwordOf(stanza: Element): string | undefined {
  const x = findChild(stanza, 'x', NS.muc);
  return x && childText(x, 'password');
}

/** Tells a client that believes itself in the room that it isn't (XEP-0045 §7.2.18). */
export function kickStranger(room: string, turn: Turn, stanza: Element): void {
  const to = stanza.attrs['from'] as string;
  turn.send(
    element(
      'presence',
      { from: stanza.attrs['to'] as string, type: 'unavailable' },
      mucUserElement({
        affiliation: 'none',
        role: 'none',
        reason: `You are not in the room ${room}. Join it again.`,
        statuses: [110, 307, 333],
      }),
    ),
    to,
  );
}
