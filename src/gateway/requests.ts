import type { Jid } from '../lib/jid.ts';
import { changeAssociations, listAssociations } from '../muc/admin.ts';
import { queryArchive, queryForm, queryMetadata } from '../muc/archive.ts';
import { configForm, handleOwnerRequest } from '../muc/config.ts';
import { roomInfo, roomItems } from '../muc/disco.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import { moderate } from '../muc/moderate.ts';
import type { Occupant } from '../muc/occupant.ts';
import { discoverNick, ROOMUSER_ITEM, register, registrationForm } from '../muc/registration.ts';
import type { Room } from '../muc/room.ts';
import { listRooms } from '../muc/room-list.ts';
import type { MucService } from '../muc/service.ts';
import type { Turn } from '../muc/turn.ts';
import { getVcard, setVcard } from '../muc/vcard.ts';
import { ERRORS } from '../stanza/errors.ts';
import type { Answer, Request } from '../stanza/iq.ts';
import { timeElement, versionElement } from '../stanza/software.ts';
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

/** Undefined where it is for somebody else to answer. */
type Answerer<R> = (request: R) => Answer | undefined;

/** Which request is answered by what, each by its type, namespace and name. */
function requests<R>(answerers: readonly (readonly [string, Answerer<R>])[]): ReadonlyMap<string, Answerer<R>> {
  return new Map(answerers);
}

const OWNER_FORM = `get ${NS.mucOwner} query`;

const DONE: Answer = { result: undefined };

/** Of the service as of any room. */
const OF_BOTH: readonly (readonly [string, Answerer<ServiceRequest>])[] = [
  [`get ${NS.ping} ping`, () => DONE],
  [`get ${NS.version} query`, ({ service }) => ({ result: versionElement(service.version) })],
  [`get ${NS.time} time`, ({ turn }) => ({ result: timeElement(turn.now) })],
];

const OF_SERVICE = requests<ServiceRequest>([
  ...OF_BOTH,
  [`get ${NS.discoInfo} query`, ({ service }) => ({ result: service.info() })],
  [`get ${NS.discoItems} query`, ({ service, payload }) => listRooms(service.rooms(), payload)],
]);

const OF_ROOM = requests<RoomRequest>([
  ...OF_BOTH,
  [`get ${NS.vcard} vCard`, ({ room, turn, from, stanza }) => getVcard(room, turn, from, stanza)],
  [`set ${NS.vcard} vCard`, ({ room, turn, from, payload }) => setVcard(room, turn, from, payload)],
  [`get ${NS.discoInfo} query`, ({ room, from }) => roomInfo(room, from)],
  [`get ${NS.discoItems} query`, ({ room, from }) => roomItems(room, from)],
  [`get ${NS.mucAdmin} query`, ({ room, from, payload }) => listAssociations(room, from, payload)],
  [
    `set ${NS.mucAdmin} query`,
    ({ room, turn, from, stanza, payload }) => changeAssociations(room, turn, from, stanza, payload),
  ],
  [OWNER_FORM, ({ room, from }) => configForm(room, from)],
  [`set ${NS.mucOwner} query`, ({ room, turn, from, payload }) => handleOwnerRequest(room, turn, from, payload)],
  [`get ${NS.mam} query`, ({ room, from }) => queryForm(room, from)],
  [`set ${NS.mam} query`, ({ room, turn, from, stanza, payload }) => queryArchive(room, turn, from, stanza, payload)],
  [`get ${NS.mam} metadata`, ({ room, turn, from, stanza }) => queryMetadata(room, turn, from, stanza)],
  [`get ${NS.mam} prefs`, () => ({ error: ROOM_ERRORS.noPreferences })],
  [`set ${NS.mam} prefs`, () => ({ error: ROOM_ERRORS.noPreferences })],
  [
    `set ${NS.moderate} moderate`,
    ({ room, turn, from, stanza, payload }) => moderate(room, turn, from, stanza, payload),
  ],
  [`get ${NS.register} query`, ({ room, from }) => registrationForm(room, from)],
  [`set ${NS.register} query`, ({ room, turn, from, payload }) => register(room, turn, from, payload)],
]);

/** Well-known nodes of a room, each after the request that names it (XEP-0045 §15.4). */
const OF_ROOM_NODES = requests<RoomRequest>([
  [`get ${NS.discoInfo} query ${ROOMUSER_ITEM}`, ({ room, from }) => discoverNick(room, from)],
  // No namespace is refused that users may use (XEP-0045 §17.1.1).
  [`get ${NS.discoInfo} query ${NS.mucTraffic}`, () => ({ error: ERRORS.noSuchService })],
]);

const OF_OCCUPANT = requests<OccupantRequest>([
  // A client asks whether it is still in the room (XEP-0410 §3.3); whoever pings somebody else asks them.
  [`get ${NS.ping} ping`, ({ sender, recipient }) => (sender === recipient ? DONE : undefined)],
]);

/** The form of a room that isn't there yet, for whoever may create it (XEP-0045 §10.1.3). */
function firstForm(service: MucService, to: Jid, from: Jid, isLocal: boolean): Answer {
  const room = service.imagine(to.bare, from, isLocal);
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
  const isDisco = what === `get ${NS.discoInfo} query` || what === `get ${NS.discoItems} query`;
  const node = isDisco ? attribute(payload, 'node') : undefined;
  if (to.local === undefined) {
    const answered = commands.answer(turn, from, asked);
    if (answered !== undefined) return answered;
    if (node !== undefined) return { error: node === NS.mucTraffic ? ERRORS.noSuchService : ROOM_ERRORS.noSuchNode };
    return OF_SERVICE.get(what)?.(ofService) ?? { error: ERRORS.noSuchService };
  }
  const room = service.get(to.bare);
  const notJoined = isDisco ? ROOM_ERRORS.mayNotDiscoverOccupants : ROOM_ERRORS.notJoined;
  if (room === undefined && to.resource !== undefined) return { error: notJoined };
  if (room === undefined)
    return what === OWNER_FORM ? firstForm(service, to, from, isLocal) : { error: ROOM_ERRORS.noSuchRoom };
  const ofRoom: RoomRequest = { ...ofService, room };
  if (to.resource === undefined) {
    if (node !== undefined) return OF_ROOM_NODES.get(`${what} ${node}`)?.(ofRoom) ?? { error: ROOM_ERRORS.noSuchNode };
    return OF_ROOM.get(what)?.(ofRoom) ?? { error: ERRORS.noSuchService };
  }
  const sender = room.bySession(from.toString());
  const recipient = room.occupants.get(to.resource);
  if (sender === undefined) return { error: notJoined };
  if (recipient === undefined) return { error: ROOM_ERRORS.noSuchOccupant };
  const ofOccupant: OccupantRequest = { ...ofRoom, sender, recipient };
  return OF_OCCUPANT.get(what)?.(ofOccupant) ?? service.occupantRequests.pass(ofOccupant, asked);
}
