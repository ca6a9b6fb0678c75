import type { Jid } from '../lib/jid.ts';
import { changeAssociations, listAssociations } from '../muc/admin.ts';
import { configForm, handleOwnerRequest } from '../muc/config.ts';
import { roomInfo, roomItems } from '../muc/disco.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import type { MucService } from '../muc/service.ts';
import type { Turn } from '../muc/turn.ts';
import { ERRORS } from '../stanza/errors.ts';
import type { Answer, Request } from '../stanza/iq.ts';
import { attribute, type Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import type { UserStanza } from './user-stanza.ts';

/** A user's request of the service itself. */
interface ServiceRequest {
  readonly service: MucService;
  readonly turn: Turn;
  readonly from: Jid;
  /** The IQ, and what it holds. */
  readonly stanza: Element;
  readonly payload: Element;
}

/** A user's request of a room. */
interface RoomRequest extends ServiceRequest {
  readonly room: Room;
}

/** An occupant's request of another one, or of itself. */
interface OccupantRequest extends RoomRequest {
  readonly sender: Occupant;
  readonly recipient: Occupant;
}

type Answerer<R> = (request: R) => Answer;

/** Which request is answered by what, each by its type, namespace and name. */
function requests<R>(answerers: readonly (readonly [string, Answerer<R>])[]): ReadonlyMap<string, Answerer<R>> {
  return new Map(answerers);
}

const OWNER_FORM = `get ${NS.mucOwner} query`;

const DONE: Answer = { result: undefined };

const OF_SERVICE = requests<ServiceRequest>([
  [`get ${NS.ping} ping`, () => DONE],
  [`get ${NS.discoInfo} query`, ({ service }) => ({ result: service.info() })],
  [`get ${NS.discoItems} query`, ({ service, from }) => ({ result: service.items(from) })],
]);

const OF_ROOM = requests<RoomRequest>([
  [`get ${NS.ping} ping`, () => DONE],
  [`get ${NS.discoInfo} query`, ({ room }) => ({ result: roomInfo(room) })],
  [`get ${NS.discoItems} query`, () => ({ result: roomItems() })],
  [`get ${NS.mucAdmin} query`, ({ room, from, payload }) => listAssociations(room, from, payload)],
  [`set ${NS.mucAdmin} query`, ({ room, turn, from, payload }) => changeAssociations(room, turn, from, payload)],
  [OWNER_FORM, ({ room, from }) => configForm(room, from)],
  [`set ${NS.mucOwner} query`, ({ room, turn, from, payload }) => handleOwnerRequest(room, turn, from, payload)],
]);

const OF_OCCUPANT = requests<OccupantRequest>([
  // A client asks whether it is still in the room (XEP-0410 §3).
  [
    `get ${NS.ping} ping`,
    ({ sender, recipient }) => (sender.nick === recipient.nick ? DONE : { error: ERRORS.unsupportedRequest }),
  ],
]);

/** The form of a room that isn't there yet, for whoever may create it (XEP-0045 §10.1.3). */
function firstForm(service: MucService, to: Jid, from: Jid, isLocal: boolean): Answer {
  const room = to.resource === undefined ? service.imagine(to.bare, from, isLocal) : undefined;
  return room === undefined ? { error: ROOM_ERRORS.mayNotCreate } : configForm(room, from);
}

/** Answers what a user asks of the service, of a room or of an occupant. */
export function answerTo(
  service: MucService,
  turn: Turn,
  { stanza, from, to, isLocal, commands }: UserStanza,
  asked: Request,
): Answer {
  const { payload } = asked;
  const what = `${asked.type} ${attribute(payload, 'xmlns') ?? ''} ${payload.name}`;
  const ofService: ServiceRequest = { service, turn, from, stanza, payload };
  const hasNode = attribute(payload, 'node') !== undefined;
  if (to.local === undefined) {
    const answered = commands.answer(turn, from, asked);
    if (answered !== undefined) return answered;
    if (hasNode) return { error: ROOM_ERRORS.noSuchNode };
    return OF_SERVICE.get(what)?.(ofService) ?? { error: ERRORS.noSuchService };
  }
  const room = service.get(to.bare);
  if (room === undefined)
    return what === OWNER_FORM ? firstForm(service, to, from, isLocal) : { error: ROOM_ERRORS.noSuchRoom };
  const ofRoom: RoomRequest = { ...ofService, room };
  if (to.resource === undefined)
    return (hasNode ? undefined : OF_ROOM.get(what))?.(ofRoom) ?? { error: ERRORS.noSuchService };
  const sender = room.bySession(from.toString());
  const recipient = room.occupants.get(to.resource);
  if (sender === undefined) return { error: ROOM_ERRORS.notOccupant };
  if (recipient === undefined) return { error: ROOM_ERRORS.noSuchOccupant };
  return OF_OCCUPANT.get(what)?.({ ...ofRoom, sender, recipient }) ?? { error: ERRORS.unsupportedRequest };
}
