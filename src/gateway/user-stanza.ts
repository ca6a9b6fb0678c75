import type { Jid } from '../lib/jid.ts';
import { changeAvailability, changeNick } from '../muc/change.ts';
import { returnInvitation } from '../muc/decline.ts';
import { enter, kickStranger, resynchronise } from '../muc/enter.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import { handleGroupchat } from '../muc/groupchat.ts';
import { leaveSession } from '../muc/leave.ts';
import { statusText } from '../muc/occupant.ts';
import { handlePrivateMessage } from '../muc/private-message.ts';
import { returnPrivateMessage } from '../muc/returned.ts';
import { handleRoomMessage } from '../muc/room-message.ts';
import type { MucService } from '../muc/service.ts';
import type { Turn } from '../muc/turn.ts';
import { ERRORS, errorReply, meansGone, type StanzaError } from '../stanza/errors.ts';
import { isResponse, readRequest, resultOf } from '../stanza/iq.ts';
import { attribute, type Element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { AdHoc } from './ad-hoc.ts';
import { answerTo } from './requests.ts';

/** A stanza of a user, its addresses read. */
export interface UserStanza {
  readonly stanza: Element;
  readonly from: Jid;
  readonly to: Jid;
  /** Whether the user's domain is one of ours. */
  readonly isLocal: boolean;
  /** The commands that the service takes. */
  readonly commands: AdHoc;
}

/** Takes a user's stanza to the room or service that it is for, and to the clause of XEP-0045 that handles it. */
export function handleUserStanza(service: MucService, turn: Turn, user: UserStanza): void {
  switch (user.stanza.name) {
    case 'presence':
      return handlePresence(service, turn, user);
    case 'message':
      return handleMessage(service, turn, user);
    case 'iq':
      return handleIq(service, turn, user);
    default:
      return;
  }
}

function handlePresence(service: MucService, turn: Turn, { stanza, from, to, isLocal }: UserStanza): void {
  const type = attribute(stanza, 'type');
  const room = service.get(to.bare);
  const occupant = room?.bySession(from.toString());
  if (type === 'unavailable' || type === 'error') {
    if (room === undefined || occupant === undefined) return;
    if (type === 'error' && !meansGone(stanza)) return;
    const failed = type === 'error' ? { statuses: [333] } : { text: statusText(stanza) };
    return leaveSession(room, turn, occupant, from.toString(), failed);
  }
  if (type !== undefined || to.local === undefined) return;
  const nick = to.resource;
  if (nick === undefined) return turn.deliver(errorReply(stanza, ROOM_ERRORS.nickRequired, to.bare));
  const entering = findChild(stanza, 'x', NS.muc) !== undefined;
  if (room !== undefined && occupant !== undefined) {
    if (occupant.nick !== nick) changeNick(room, turn, occupant, nick, from, stanza);
    else if (!entering) changeAvailability(room, turn, occupant, from, stanza);
    const current = room.bySession(from.toString());
    if (entering && current?.nick === nick) resynchronise(room, turn, current, from, stanza);
    return;
  }
  if (!entering) return kickStranger(to.bare, turn, stanza);
  if (room !== undefined) {
    enter(room, turn, from, nick, stanza, false);
    return;
  }
  const created = service.create(turn, to.bare, from, isLocal);
  if (created === undefined) return turn.deliver(errorReply(stanza, ROOM_ERRORS.mayNotCreate, to.bare));
  if (!enter(created, turn, from, nick, stanza, true)) service.remove(turn, created);
}

function handleMessage(service: MucService, turn: Turn, { stanza, from, to }: UserStanza): void {
  const room = service.get(to.bare);
  const type = attribute(stanza, 'type');
  if (type === 'error') {
    if (room === undefined) return;
    if (to.resource === undefined) returnInvitation(room, turn, from, stanza);
    else returnPrivateMessage(room, turn, from.toString(), to.resource, stanza);
    const occupant = room.bySession(from.toString());
    if (occupant !== undefined && meansGone(stanza))
      leaveSession(room, turn, occupant, from.toString(), { statuses: [333] });
    return;
  }
  const refuse = (error: StanzaError) => turn.deliver(errorReply(stanza, error, to.bare));
  if (to.local === undefined) return refuse(ERRORS.noSuchService);
  if (room === undefined || (room.locked && room.bySession(from.toString()) === undefined))
    return refuse(ROOM_ERRORS.noSuchRoom);
  if (to.resource !== undefined) return handlePrivateMessage(room, turn, from.toString(), to.resource, stanza);
  if (type === 'groupchat') return handleGroupchat(room, turn, from.toString(), stanza);
  // Any other type counts as normal (RFC 6121 §5.2.2).
  const isNormal = type !== 'chat' && type !== 'headline';
  if (isNormal && handleRoomMessage(room, turn, from, stanza)) return;
  return refuse(room.bySession(from.toString()) === undefined ? ROOM_ERRORS.notOccupant : ROOM_ERRORS.chatToRoom);
}

function handleIq(service: MucService, turn: Turn, user: UserStanza): void {
  const { stanza, from, to } = user;
  if (isResponse(stanza)) return service.occupantRequests.answer(turn, from, to, stanza);
  const request = readRequest(stanza);
  if (request === undefined) return turn.deliver(errorReply(stanza, ERRORS.badRequest, to.bare));
  const answer = answerTo(service, turn, user, request);
  if (answer === 'later') return;
  if ('error' in answer) turn.deliver(errorReply(stanza, answer.error, to.bare, answer.offending));
  else turn.deliver(resultOf(stanza, answer.result));
}
