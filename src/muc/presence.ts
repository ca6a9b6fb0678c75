import type { Role } from '../stanza/associations.ts';
import type { MucUser } from '../stanza/muc-user.ts';
import { mucUserElement } from '../stanza/muc-user.ts';
import { type Element, element } from '../xml/element.ts';
import { keepText } from '../xml/serialise.ts';
import type { Occupant } from './occupant.ts';
import { occupantIdElement } from './occupant-id.ts';
import type { RoomSettings } from './records.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** What a presence stanza says besides who the occupant is. */
export interface PresenceDetail {
  readonly type?: 'unavailable';
  /** The id of the stanza that it answers, for the occupant alone (XEP-0045 §7.2.2). */
  readonly id?: string | undefined;
  /** Status codes for everyone; 110 and 100 are added where they are due. */
  readonly statuses?: readonly number[];
  /** Status codes for the occupant alone. */
  readonly selfStatuses?: readonly number[];
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
  /** The nick that the occupant changes to. */
  readonly newNick?: string;
  readonly destroyed?: MucUser['destroyed'];
  /** `<status/>` of a last presence. */
  readonly text?: string | undefined;
}

/** One presence stanza of an occupant, without `to`. */
function presenceOf(
  room: Room,
  occupant: Occupant,
  detail: PresenceDetail,
  view: { readonly jid: boolean; readonly self: boolean },
): Element {
  const gone = detail.type === 'unavailable' && detail.newNick === undefined;
  const statuses = [...(detail.statuses ?? []), ...(view.self ? [110, ...(detail.selfStatuses ?? [])] : [])];
  const presence = element('presence', {
    from: room.addressOf(occupant.nick),
    id: view.self ? detail.id : undefined,
    type: detail.type,
  });
  if (detail.type === undefined) for (const payload of occupant.presence) presence.cnode(payload);
  if (detail.text !== undefined) presence.cnode(element('status', {}, detail.text));
  presence.cnode(
    mucUserElement({
      affiliation: occupant.affiliation,
      role: gone ? 'none' : occupant.role,
      jid: view.jid ? occupant.jid.toString() : undefined,
      nick: detail.newNick,
      actor: detail.actor,
      reason: detail.reason,
      statuses: statuses.sort((one, other) => one - other),
      destroyed: detail.destroyed,
    }),
  );
  presence.cnode(occupantIdElement(room, occupant.jid.toString(), occupant.source));
  return presence;
}

/** By whether real JIDs are shown. They are there as long as the occupant, whom every change replaces. */
const SHOWN = { true: new WeakMap<Occupant, Element>(), false: new WeakMap<Occupant, Element>() };

/** An occupant's presence as it is now, for others: made once, since each newcomer gets that of everybody. */
function presentPresence(room: Room, occupant: Occupant, jid: boolean): Element {
  const kept = SHOWN[`${jid}`];
  const made = kept.get(occupant) ?? keepText(presenceOf(room, occupant, {}, { jid, self: false }));
  kept.set(occupant, made);
  return made;
}

/** Whether `viewer` is shown real JIDs (XEP-0045 §7.2.3, §7.2.4). */
export function seesJids(room: Room, viewer: Occupant): boolean {
  return room.settings.whois === 'anyone' || viewer.role === 'moderator';
}

/** Whether the presence of occupants with that role is shown to others (`muc#roomconfig_presencebroadcast`, XEP-0045 §7.2.2). */
export function isShown(settings: RoomSettings, role: Role): boolean {
  return role !== 'none' && settings.presenceOf.includes(role);
}

/** Sends an occupant's presence to the occupant's own clients: self-presence (XEP-0045 §7.2.2). */
export function sendSelfPresence(room: Room, turn: Turn, occupant: Occupant, detail: PresenceDetail): void {
  if (occupant.sessions.length > 0)
    turn.send(presenceOf(room, occupant, detail, { jid: true, self: true }), occupant.sessions);
}

/** Sends an occupant's presence to everyone else here, if it is shown, with real JIDs for those who may see them. */
export function sendPresence(room: Room, turn: Turn, occupant: Occupant, detail: PresenceDetail): void {
  if (isShown(room.settings, occupant.role)) sendToOthers(room, turn, occupant, detail);
}

/** An occupant who is shown no more leaves for everyone else here: nobody is to believe them to be as they were. */
export function sendHidden(room: Room, turn: Turn, occupant: Occupant): void {
  sendToOthers(room, turn, occupant, { type: 'unavailable' });
}

function sendToOthers(room: Room, turn: Turn, occupant: Occupant, detail: PresenceDetail): void {
  const seeing: string[] = [];
  const others: string[] = [];
  for (const viewer of room.occupants.values())
    if (viewer.nick !== occupant.nick) (seesJids(room, viewer) ? seeing : others).push(...viewer.sessions);
  if (seeing.length > 0) turn.send(presenceOf(room, occupant, detail, { jid: true, self: false }), seeing);
  if (others.length > 0) turn.send(presenceOf(room, occupant, detail, { jid: false, self: false }), others);
}

/** Sends everyone's presence that is shown, but the viewer's own, to one of the viewer's clients (XEP-0045 §7.2.2). */
export function sendOccupants(room: Room, turn: Turn, viewer: Occupant, to: string): void {
  for (const occupant of room.occupants.values())
    if (occupant.nick !== viewer.nick && isShown(room.settings, occupant.role))
      turn.send(presentPresence(room, occupant, seesJids(room, viewer)), to);
}
