import type { Jid } from '../lib/jid.ts';
import {
  deliverMessage,
  isLasting,
  isSubjectChange,
  messageContent,
  newOrigin,
  type RoomMessage,
} from '../muc/message.ts';
import { deliverPrivateMessage } from '../muc/private-message.ts';
import { MAX_SUBJECT_LENGTH, setSubject } from '../muc/subject.ts';
import type { Turn } from '../muc/turn.ts';
import { readDelay } from '../stanza/delay.ts';
import { errorCondition } from '../stanza/errors.ts';
import { type Fmuc, leftPresence } from '../stanza/fmuc.ts';
import { readStanzaIds } from '../stanza/stanza-id.ts';
import { attribute, childText, type Element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { dismissIfEmpty, handleJoin } from './joined.ts';
import { accepted, completed, failed, join, left, rejected } from './joining.ts';
import type { FmucNode, Neighbour } from './node.ts';
import { dropOccupant, takeOccupant, yieldNick } from './occupants.ts';

/* The stanzas of other nodes. Whatever isn't expected is ignored, with one line that says who and why. */

/** A stanza of another node for this room. `to` may be the room, or any occupant JID of it. */
export function handleNodeStanza(node: FmucNode, turn: Turn, from: Jid, to: Jid, stanza: Element, fmuc: Fmuc): void {
  const { upward } = node;
  const ignore = (reason: string) => node.complain(turn, 'stanza of another node ignored', from, reason);
  switch (fmuc.kind) {
    case 'malformed':
      return ignore('the fmuc payload says nothing that can be understood');
    case 'reject':
      return upward?.node === from.bare ? rejected(node, turn, fmuc.reason) : ignore('we have not asked to join it');
    case 'left':
      return upward?.node === from.bare ? left(node, turn) : ignore('we have not joined it');
    case 'from':
      break;
  }
  const type = attribute(stanza, 'type');
  if (stanza.name === 'presence' && type === undefined && findChild(stanza, 'x', NS.muc) !== undefined)
    return handleJoin(node, turn, from, fmuc.from, stanza);
  const neighbour = node.neighbour(from.bare);
  if (neighbour === undefined) {
    if (type !== 'unavailable') turn.deliver(leftPresence(node.room.jid, from.bare));
    return ignore('it has not joined');
  }
  if (neighbour === upward) accepted(node, turn);
  if (isEcho(node, neighbour, fmuc.from)) return;
  if (!node.peerOf(neighbour.node).maySpeakFor(from, fmuc.from))
    return ignore(`it may not speak for ${fmuc.from.bare}`);
  if (stanza.name === 'presence') return handlePresence(node, turn, neighbour, from, fmuc.from, stanza);
  if (stanza.name !== 'message') return;
  if (type === 'groupchat') return handleGroupchat(node, turn, neighbour, from, fmuc.from, stanza, ignore);
  return handlePrivate(node, turn, neighbour, fmuc.from, to, stanza);
}

/** An error that came back from a neighbour: a nick that is taken there, or the end of an attempt to join. */
export function handleNodeError(node: FmucNode, turn: Turn, from: Jid, stanza: Element): void {
  const { upward } = node;
  const condition = errorCondition(stanza) ?? 'undefined-condition';
  if (upward?.node !== from.bare || stanza.name !== 'presence') {
    turn.log('debug', 'error of another node', { room: node.room.jid, from: from.toString(), condition });
    return;
  }
  if (condition === 'conflict' && from.resource !== undefined) {
    if (upward.state === 'joining') turn.journal.set(upward, 'state', 'local');
    if (!yieldNick(node, turn, from.resource)) join(node, turn);
    return;
  }
  failed(node, turn, `${from.bare} answers ${condition}`);
}

/** Whether a stanza of a neighbour is about someone who reached the set through us: nobody else speaks for them. */
function isEcho(node: FmucNode, neighbour: Neighbour, user: Jid): boolean {
  for (const occupant of node.room.occupants.values())
    if (occupant.source !== neighbour.node && occupant.jid.equals(user)) return true;
  return false;
}

function handlePresence(node: FmucNode, turn: Turn, neighbour: Neighbour, from: Jid, user: Jid, stanza: Element): void {
  const type = attribute(stanza, 'type');
  if (type === 'unavailable') {
    dropOccupant(node, turn, neighbour, user, stanza);
    dismissIfEmpty(node, turn, neighbour.node);
  } else if (type === undefined) takeOccupant(node, turn, neighbour, from, user, stanza);
}

function handleGroupchat(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  from: Jid,
  user: Jid,
  stanza: Element,
  ignore: (reason: string) => void,
): void {
  const { room, upward } = node;
  const nick = from.resource ?? '';
  const holder = room.occupants.get(nick);
  const delay = readDelay(stanza);
  if (delay === undefined && holder !== undefined && holder.jid.bare !== user.bare)
    return ignore(`the nick ${nick} is not its user's`);
  const content = messageContent(stanza);
  const lasting = isLasting(content);
  const origin = readStanzaIds(stanza)[0];
  const message: RoomMessage = {
    nick,
    author: user.toString(),
    source: neighbour.node,
    origin,
    stamp: delay?.stamp ?? turn.now,
    delayedBy: delay === undefined ? undefined : (delay.from ?? neighbour.node),
    content,
  };
  if (origin?.by === room.jid) return;
  if (isSubjectChange(stanza)) {
    if (neighbour === upward) completed(node, turn);
    if (origin !== undefined && !node.seen.isNew(message, turn.journal)) return;
    const subject = { text: childText(stanza, 'subject') ?? '', nick, author: message.author, stamp: message.stamp };
    if (subject.text.length > MAX_SUBJECT_LENGTH) return ignore('the subject is too long');
    if (subject.text !== (room.subject?.text ?? '')) setSubject(room, turn, subject, message);
    return;
  }
  if (lasting && !node.seen.isNew(message, turn.journal)) return;
  if (neighbour === upward) turn.journal.set(upward, 'heardUntil', Math.max(upward.heardUntil ?? 0, message.stamp));
  const identified = origin !== undefined || !lasting ? message : { ...message, origin: newOrigin(room, turn) };
  deliverMessage(room, turn, identified);
}

function handlePrivate(node: FmucNode, turn: Turn, neighbour: Neighbour, user: Jid, to: Jid, stanza: Element): void {
  const { room } = node;
  const sender = room.byRemote(neighbour.node, user.toString());
  const recipient = to.resource === undefined ? undefined : room.occupants.get(to.resource);
  if (sender === undefined || recipient === undefined || recipient.source === neighbour.node) return;
  const content = messageContent(stanza);
  const type = attribute(stanza, 'type');
  if (type !== undefined) content.attrs['type'] = type;
  deliverPrivateMessage(room, turn, sender, recipient, content);
}
