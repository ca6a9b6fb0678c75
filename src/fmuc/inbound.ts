import { Jid } from '../lib/jid.ts';
import { messageId, sequenceNumber } from '../lib/message-id.ts';
import { Ranges } from '../lib/ranges.ts';
import { change } from '../muc/change.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import {
  deliverMessage,
  isLasting,
  isShared,
  isSubjectChange,
  messageContent,
  newOrigin,
  type RoomMessage,
  unnumbered,
} from '../muc/message.ts';
import { deliverPrivateMessage, mayWritePrivately } from '../muc/private-message.ts';
import type { Origin } from '../muc/records.ts';
import { receivePrivateReply, receiveReferences } from '../muc/references.ts';
import { retractOf } from '../muc/tombstone.ts';
import type { Turn } from '../muc/turn.ts';
import { readDelay } from '../stanza/delay.ts';
import { errorCondition, errorReply, type StanzaError, UNREACHABLE } from '../stanza/errors.ts';
import { type Fmuc, leftPresence } from '../stanza/fmuc.ts';
import { readMucUser } from '../stanza/muc-user.ts';
import { readStanzaIds } from '../stanza/stanza-id.ts';
import { readSync, type Sync, syncMessage } from '../stanza/sync.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import { attribute, type Element, element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { isRebuilt } from './carried.ts';
import { learnPath } from './circle.ts';
import { withdraw } from './coalescing.ts';
import { noteReceived } from './exchange.ts';
import type { Identity } from './had.ts';
import { awaitRejoin, dismissIfEmpty, handleJoin, handlePart, loseJoined, resume } from './joined.ts';
import { accepted, breakCircle, completed, failed, join, left, outOfReach, rejected } from './joining.ts';
import { handleModeration, readModeration } from './moderation.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode, Upward } from './node.ts';
import { dropOccupant, freeNick, passRefusal, takeOccupant, yieldNick } from './occupants.ts';
import { aboutStanza, onlooker } from './onlooker.ts';
import { forgetOneMore, isOneMore, isOpenfires, meantBy } from './openfire.ts';
import { isLost, occupantElsewhere } from './rehome.ts';
import { hold, isHeld, releaseEcho, takeHeld } from './replica.ts';
import { handleSkip, handleSync } from './resync.ts';
import { disclaim } from './rivals.ts';
import { removeStale } from './stale.ts';
import { enterPresence } from './standing.ts';
import { handleSubject } from './subject.ts';
import { forgetTold } from './told.ts';

/* The stanzas of other nodes. Whatever isn't expected is ignored, with one line that says who and why. */

/** Why a message that has been here is dropped, by what it is known. */
const SEEN = { number: 'seen-number', id: 'seen-id', words: 'seen-words' } as const satisfies Record<
  Identity,
  WithheldReason
>;

type Ignore = (told: WithheldReason, reason: string) => void;

/** A stanza of another node for this room. `to` may be the room, or any occupant JID of it. */
export function handleNodeStanza(node: FmucNode, turn: Turn, from: Jid, to: Jid, stanza: Element, fmuc: Fmuc): void {
  const { upward } = node;
  const ignore: Ignore = (told, reason) =>
    node.complain(turn, 'stanza of another node ignored', from, reason, stanza, told);
  switch (fmuc.kind) {
    case 'malformed':
      return ignore('not-understood', 'the fmuc payload says nothing that can be understood');
    case 'reject':
      if (upward?.at.node === from.bare) return rejected(node, turn, fmuc.reason);
      return ignore('not-asked', 'we have not asked to join it');
    case 'left':
      if (upward?.at.node === from.bare) return left(node, turn, readSync(stanza)?.join);
      return ignore('not-asked', 'we have not joined it');
    case 'from':
      break;
  }
  const type = attribute(stanza, 'type');
  const neighbour = node.neighbour(from.bare);
  if (stanza.name === 'presence' && type === undefined && findChild(stanza, 'x', NS.muc) !== undefined) {
    if (!isOneMore(node, turn, neighbour, from, fmuc.from, stanza))
      return handleJoin(node, turn, from, fmuc.from, stanza);
  } else if (neighbour !== undefined) forgetOneMore(node, neighbour, fmuc.from);
  if (neighbour !== undefined && neighbour.presence === 'away' && node.peerOf(neighbour.node).reachable)
    if (neighbour !== upward?.at) resume(node, turn, neighbour);
  if (neighbour === undefined || neighbour.presence === 'away') {
    // What a node that we have just parted from had sent before it knew is nothing to complain of.
    if (upward?.targets.some(({ node: target }) => target === from.bare) === true)
      return dropped(node, turn, from.bare, stanza, 'before-join');
    if (type !== 'unavailable' && neighbour === undefined) turn.deliver(leftPresence(node.room.jid, from.bare));
    return ignore('not-a-member', 'it has not joined');
  }
  if (neighbour === upward?.at) {
    // It comes once more with the answer, in its place; but a private message comes once.
    if (!isOlderThanJoin(upward, stanza)) accepted(node, turn);
    else if (stanza.name === 'presence' || type === 'groupchat')
      return dropped(node, turn, from.bare, stanza, 'before-join');
  }
  if (stanza.name === 'presence') return handlePresence(node, turn, neighbour, from, fmuc.from, stanza, ignore);
  if (stanza.name !== 'message') return;
  if (type === 'groupchat') return handleGroupchat(node, turn, neighbour, from, fmuc.from, stanza, ignore);
  if (mayBeFrom(node, neighbour, from, fmuc.from, ignore)) handlePrivate(node, turn, neighbour, fmuc.from, to, stanza);
}

/** Tells whoever looks on that a stanza of another node comes to nothing. */
function dropped(node: FmucNode, turn: Turn, from: string, stanza: Element, reason: WithheldReason): void {
  onlooker(node, turn, from)?.(reason, aboutStanza(stanza));
}

/** Whether a stanza of the node above, one of ours, was sent before our last join got there: nothing of its answer has come. */
function isOlderThanJoin(upward: Upward, stanza: Element): boolean {
  return upward.awaitsAnswer && readSync(stanza)?.join !== String(upward.joins);
}

/** What a neighbour of our dialect tells without a stanza of a user. */
export function handleSyncMessage(node: FmucNode, turn: Turn, from: Jid, sync: Sync): void {
  const { upward } = node;
  const neighbour = node.neighbour(from.bare);
  if (neighbour === undefined || neighbour.presence === 'away') return;
  if (neighbour === upward?.at) {
    if (upward.awaitsAnswer && sync.join !== String(upward.joins)) return;
    accepted(node, turn);
  }
  handleSync(node, turn, neighbour, sync);
  if (sync.listed === true) {
    removeStale(node, turn, neighbour);
    node.timers.clear(`grace ${neighbour.node}`);
  }
  if (sync.path !== undefined && neighbour === upward?.at) {
    const ring = learnPath(node, turn, sync.path);
    if (ring !== undefined) breakCircle(node, turn, ring);
  }
  if (sync.part === true && node.joined.get(neighbour.node) === neighbour) handlePart(node, turn, neighbour);
}

/** An error that came back from a neighbour: a nick that is taken there, or the end of an attempt to join. */
export function handleNodeError(node: FmucNode, turn: Turn, from: Jid, to: Jid, stanza: Element): void {
  const { upward } = node;
  const condition = errorCondition(stanza) ?? 'undefined-condition';
  const isPrivate = stanza.name === 'message' && from.resource !== undefined;
  if (isPrivate) returnPrivate(node, turn, from, to, stanza);
  if (UNREACHABLE.has(condition)) return bounced(node, turn, from, condition);
  if (isPrivate) return;
  if (upward?.at.node !== from.bare || stanza.name !== 'presence') {
    turn.log('debug', 'error of another node', { room: node.room.jid, from: from.toString(), condition });
    return;
  }
  if (condition === 'conflict' && from.resource !== undefined) {
    // One of ours has joined all the same, but for that occupant.
    if (upward.state === 'joining' && !upward.at.isOurs) {
      turn.journal.set(upward, 'state', 'local');
      enterPresence(node, turn, upward.at, 'away');
      forgetTold(node, turn, upward.at);
    } else {
      const refused = withdraw(node, upward.at, from.resource);
      // They have another nick by now, or are gone; whoever has it here hasn't been refused.
      if (refused !== undefined && node.room.occupants.get(from.resource)?.jid.equals(refused.jid) !== true) return;
    }
    if (!yieldNick(node, turn, from.resource) && !passRefusal(node, turn, from.resource)) join(node, turn);
    return;
  }
  failed(node, turn, `${from.bare} answers ${condition}`);
}

/** What was sent to a neighbour hasn't got there, for a server on the way can't reach it: it is lost until it is heard again. */
function bounced(node: FmucNode, turn: Turn, { bare }: Jid, condition: string): void {
  if (node.upward?.at.node === bare) return outOfReach(node, turn, `${bare} answers ${condition}`);
  const neighbour = node.joined.get(bare);
  if (neighbour === undefined || neighbour.presence === 'away') return;
  loseJoined(node, turn, neighbour);
  awaitRejoin(node, turn, neighbour);
}

function mayBeFrom(node: FmucNode, neighbour: Neighbour, from: Jid, user: Jid, ignore: Ignore): boolean {
  if (node.peerOf(neighbour.node).maySpeakFor(from, user)) return true;
  ignore('not-trusted', `it may not speak for ${user.bare}`);
  return false;
}

function handlePresence(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  from: Jid,
  author: Jid,
  stanza: Element,
  ignore: Ignore,
): void {
  if (neighbour === node.upward?.at && node.upward.awaitsSubject && isOpenfires(from, stanza))
    if (node.dialects.learn(turn, from.domain, 'openfire')) turn.journal.set(neighbour, 'dialect', 'openfire');
  const isByRoom = from.resource === undefined && attribute(stanza, 'type') === undefined;
  const request = readModeration(stanza, isByRoom && neighbour.dialect === 'openfire');
  const meant = request === undefined ? undefined : meantBy(node, neighbour, from, stanza);
  if (request !== undefined && request.role !== 'none' && meant?.source === neighbour.node) {
    const affiliation = readMucUser(stanza)?.affiliation ?? 'none';
    return change(node.room, turn, { ...meant, role: request.role, affiliation });
  }
  const user = meant?.jid ?? author;
  const other = occupantElsewhere(node, neighbour, user);
  if (other !== undefined && request !== undefined)
    return handleModeration(node, turn, neighbour, from, other, request, stanza);
  const type = attribute(stanza, 'type');
  if (type === 'unavailable') disclaim(node, neighbour, user);
  // Nobody else speaks for those who are here.
  if (other !== undefined && other.source === undefined)
    return dropped(node, turn, neighbour.node, stanza, 'other-way');
  if (!mayBeFrom(node, neighbour, from, user, ignore)) return;
  if (type === 'unavailable') {
    if (other === undefined) dropOccupant(node, turn, neighbour, user, stanza);
    // Whose nick was refused here is nobody to us, and changes it all the same.
    if (readMucUser(stanza)?.statuses?.includes(303) !== true) dismissIfEmpty(node, turn, neighbour.node);
  } else if (type === undefined) takeOccupant(node, turn, neighbour, from, user, stanza);
}

function handleGroupchat(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  from: Jid,
  user: Jid,
  stanza: Element,
  ignore: Ignore,
): void {
  const { upward } = node;
  const isAbove = neighbour === upward?.at;
  const sync = neighbour.isOurs ? readSync(stanza) : undefined;
  const isSubject = isSubjectChange(stanza);
  if (sync !== undefined && !isSubject) handleSync(node, turn, neighbour, sync);
  const message = { ...read(node, neighbour, user, from.resource ?? '', stanza, turn.now) };
  const isHeldBack = !isAbove && node.isReplica && isShared(message.content);
  if (!isHeldBack) noteReceived(node, turn, neighbour, message.origin, sync?.confirm);
  // What comes back from where it is put in order may be of anyone here or below, though it is another who sends it.
  const mayComeBack = isAbove && node.isReplica && node.isKnown(user.domain);
  if (isSubject) {
    const wasFresh = upward?.isFresh === true;
    const isAnswer = isAbove && upward.awaitsSubject && (!neighbour.isOurs || sync?.join === String(upward.joins));
    if (isAnswer) completed(node, turn, stanza);
    const held = isAbove ? takeHeld(node, message) : undefined;
    if (held !== undefined) return releaseEcho(node, turn, held, message);
    const isItsOwn = mayComeBack || node.peerOf(neighbour.node).maySpeakFor(from, user);
    if (!isItsOwn && !isAnswer && message.delayedBy === undefined)
      return ignore('not-trusted', `it may not speak for ${user.bare}`);
    if (isAbove && upward.awaitsSubject) turn.journal.set(upward, 'isSubjectNew', true);
    // What was set since the join left isn't what the join brought.
    const isNewer = upward?.isSubjectNew === true || (node.room.subject?.stamp ?? 0) >= (upward?.joinedAt ?? 0);
    const occasion = isAnswer ? (wasFresh && !isNewer ? 'join' : 'rejoin') : 'live';
    // The set's subject may be anyone's; who is not its own to name is not named.
    const named = isItsOwn ? message : { ...message, nick: '', author: neighbour.node };
    return handleSubject(node, turn, named, occasion, ignore);
  }
  if (retractOf(stanza) !== undefined && !isLasting(message.content)) {
    ignore('retraction', 'it may not retract that message');
    return refuseRetraction(node, turn, neighbour, message.origin);
  }
  const holder = node.room.occupants.get(from.resource ?? '');
  if (!neighbour.isOurs && message.delayedBy === undefined && holder !== undefined && holder.jid.bare !== user.bare)
    return ignore('not-its-nick', `the nick ${holder.nick} is not its user's`);
  const held = isAbove ? takeHeld(node, message) : undefined;
  if (held !== undefined) return releaseEcho(node, turn, held, message);
  const isOwn = message.origin?.by === node.room.jid;
  // What of ours has no number isn't waited for, and has been here.
  if (message.origin === undefined && readStanzaIds(stanza).some(({ by }) => by === node.room.jid))
    return dropped(node, turn, neighbour.node, stanza, 'own-again');
  const hasReturned = isOwn && isReturned(node, neighbour, user, message);
  if (!mayComeBack && !hasReturned) {
    if (isOwn) return dropped(node, turn, neighbour.node, stanza, 'own-again');
    const other = occupantElsewhere(node, neighbour, user);
    if (message.origin === undefined && message.foreign === undefined && other !== undefined && !isLost(node, other))
      return dropped(node, turn, neighbour.node, stanza, 'other-way');
    if (!mayBeFrom(node, neighbour, from, user, ignore)) return doWithout(node, turn, neighbour, message.origin);
  }
  if (isHeldBack) return holdBack(node, turn, neighbour, message, stanza);
  const lasting = isLasting(message.content);
  const known = lasting ? node.had.take(message, turn.journal) : undefined;
  if (known !== undefined) return dropped(node, turn, neighbour.node, stanza, SEEN[known]);
  if (isAbove)
    turn.journal.set(neighbour, 'heardUntil', Math.min(Math.max(neighbour.heardUntil ?? 0, message.stamp), turn.now));
  closeGap(node, turn, message.origin);
  if (!lasting) return deliverMessage(node.room, turn, message);
  const identified = identify(node, turn, message);
  // It is ours again, as it was before it was lost.
  const ours = { ...identified, source: undefined, broughtBy: neighbour.node };
  deliverMessage(node.room, turn, hasReturned ? ours : identified);
}

/**
 * Whether a message of somebody here, or of the room, is one that a restored store has lost and that another gateway brings back.
 * Of those who came from a node without numbers it isn't: that one brings it itself, and it would come twice.
 */
function isReturned(node: FmucNode, neighbour: Neighbour, user: Jid, { origin, delayedBy }: RoomMessage): boolean {
  if (!neighbour.isOurs || origin === undefined || delayedBy === undefined || !node.had.mayReturn(origin)) return false;
  if (user.bare === node.room.jid) return true;
  const isBroughtByPlain = node
    .everyone()
    .some((other) => !other.isOurs && node.peerOf(other.node).maySpeakFor(Jid.parse(other.node), user));
  return node.isKnown(user.domain) && !isBroughtByPlain;
}

/** A message from below isn't ours to put in order: it goes on upward, and counts as had once it comes back. */
function holdBack(node: FmucNode, turn: Turn, neighbour: Neighbour, message: RoomMessage, stanza: Element): void {
  const number = message.origin && sequenceNumber(message.origin);
  if (message.origin !== undefined && number !== undefined && node.had.has(message.origin.by, number)) {
    dropped(node, turn, neighbour.node, stanza, 'seen-number');
    return noteReceived(node, turn, neighbour, message.origin);
  }
  if (isHeld(node, message)) return dropped(node, turn, neighbour.node, stanza, 'held-already');
  const identified = identify(node, turn, message);
  const order = hold(node, turn, identified);
  if (order === 'here') {
    noteReceived(node, turn, neighbour, message.origin);
    if (node.had.take(identified, turn.journal) === undefined) deliverMessage(node.room, turn, identified);
  } else if (order !== 'taken') node.regret(turn, neighbour, 'message not taken', 1, 'too many wait for the primary');
}

/** Reads a message of another node. Its nick is the author's as we know them, and never somebody else's. */
function read(
  node: FmucNode,
  neighbour: Neighbour,
  user: Jid,
  nick: string,
  stanza: Element,
  now: number,
): RoomMessage {
  const { room } = node;
  const delay = readDelay(stanza);
  const ids = readStanzaIds(stanza);
  const origin = ids.find((id) => sequenceNumber(id) !== undefined) ?? (isSubjectChange(stanza) ? ids[0] : undefined);
  const foreign = ids.find((id) => id !== origin && id.by !== room.jid);
  const known = room.byRemote(neighbour.node, user.toString())?.nick;
  const holder = room.occupants.get(nick);
  const isSomebodyElses = delay === undefined && holder !== undefined && holder.jid.bare !== user.bare;
  return {
    nick: isSomebodyElses ? (known ?? freeNick(node, nick)) : nick,
    author: user.toString(),
    source: neighbour.node,
    origin,
    foreign: origin === undefined || sequenceNumber(origin) !== undefined ? foreign : undefined,
    stamp: delay?.stamp ?? now,
    delayedBy: delay === undefined ? undefined : (delay.from ?? neighbour.node),
    content: receiveReferences(room, rebuildId(neighbour, origin, messageContent(stanza)), {
      node: neighbour.node,
      author: user.toString(),
      isOurs: neighbour.isOurs,
      mayModerate: nick === '' && node.peerOf(neighbour.node).moderate,
    }),
  };
}

/** Gives a message of a gateway of ours, which has left out its id, one that is the same at every node. */
function rebuildId(neighbour: Neighbour, origin: Origin | undefined, content: Element): Element {
  if (neighbour.isOurs && isRebuilt(origin)) content.attrs['id'] ??= messageId(origin);
  return content;
}

/** A message that has no number gets one of ours; one that is to have none has an id all the same. */
function identify(node: FmucNode, turn: Turn, message: RoomMessage): RoomMessage {
  if (message.origin !== undefined) return message;
  if (isShared(message.content)) return { ...message, origin: newOrigin(node.room, turn) };
  return message.foreign === undefined ? { ...message, foreign: unnumbered(node.room) } : message;
}

/** What is refused isn't to be sent at every join; it counts as missing. */
function doWithout(node: FmucNode, turn: Turn, neighbour: Neighbour, origin: Origin | undefined): void {
  const number = origin && sequenceNumber(origin);
  if (origin !== undefined && number !== undefined && neighbour.isOurs)
    handleSkip(node, turn, neighbour, new Map([[origin.by, Ranges.of(number)]]));
}

/** A retraction that isn't obeyed counts as missing; a node that holds it until it comes back is told that it won't. */
function refuseRetraction(node: FmucNode, turn: Turn, neighbour: Neighbour, origin: Origin | undefined): void {
  const number = origin && sequenceNumber(origin);
  doWithout(node, turn, neighbour, origin);
  if (origin === undefined || number === undefined || !neighbour.isOurs || neighbour === node.upward?.at) return;
  if (node.options.mode !== 'primary-replica') return;
  const skip = new Map([[origin.by, Ranges.of(number)]]);
  turn.deliver(syncMessage(node.room.jid, neighbour.node, { skip }));
}

function closeGap(node: FmucNode, turn: Turn, origin: Origin | undefined): void {
  const number = origin && sequenceNumber(origin);
  if (origin === undefined || number === undefined) return;
  const gaps = node.had.closeGap(origin.by, Ranges.of(number));
  if (gaps !== undefined) turn.write({ kind: 'gaps', room: node.room.jid, by: origin.by, gaps });
}

function handlePrivate(node: FmucNode, turn: Turn, neighbour: Neighbour, user: Jid, to: Jid, stanza: Element): void {
  const { room } = node;
  const sender = room.byRemote(neighbour.node, user.toString());
  const refuse = (error: StanzaError): void => {
    onlooker(node, turn, neighbour.node)?.('private-refused', { ...aboutStanza(stanza), detail: error.condition });
    turn.deliver(errorReply(stanza, error, room.jid));
  };
  if (sender === undefined || to.resource === undefined)
    return dropped(node, turn, neighbour.node, stanza, 'private-refused');
  const meant = neighbour.isOurs ? readSync(stanza)?.recipient : undefined;
  const recipient =
    meant === undefined
      ? room.occupants.get(to.resource)
      : [...room.occupants.values()].find((occupant) => occupant.jid.toString() === meant);
  if (recipient === undefined || recipient.source === neighbour.node) return refuse(ROOM_ERRORS.noSuchOccupant);
  if (recipient.source === undefined && !mayWritePrivately(room, sender))
    return refuse(ROOM_ERRORS.mayNotWritePrivately);
  const content = receivePrivateReply(room, messageContent(stanza), neighbour.node);
  const type = attribute(stanza, 'type');
  if (type !== undefined) content.attrs['type'] = type;
  deliverPrivateMessage(room, turn, sender, recipient, content);
}

/** A private message has come back: its author hears why, here or further on. */
function returnPrivate(node: FmucNode, turn: Turn, from: Jid, to: Jid, stanza: Element): void {
  const { room } = node;
  const author = to.resource === undefined ? undefined : room.occupants.get(to.resource);
  const error = findChild(stanza, 'error');
  if (author === undefined || error === undefined || author.source === from.bare) return;
  const recipients = author.source === undefined ? author.sessions : [`${author.source}/${author.nick}`];
  const address = room.addressOf(from.resource ?? '');
  turn.send(element('message', { from: address, id: attribute(stanza, 'id'), type: 'error' }, error), recipients);
}
