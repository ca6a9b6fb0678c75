import type { Jid } from '../lib/jid.ts';
import { change, rename } from '../muc/change.ts';
import { admit, MAX_OCCUPANTS } from '../muc/enter.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { Departure } from '../muc/events.ts';
import { depart } from '../muc/leave.ts';
import { MAX_NICK_LENGTH } from '../muc/nick.ts';
import { type Occupant, presencePayload, samePresence, statusText } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import { readMucUser } from '../stanza/muc-user.ts';
import type { Element } from '../xml/element.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { aboutStanza, onlooker } from './onlooker.ts';
import { claim, occupantElsewhere, rehome } from './rehome.ts';
import { rivalOf } from './rivals.ts';
import { refusalStanza } from './stanzas.ts';

/* What a neighbour says of its occupants, brought into the room (XEP-0289 §5.3, §5.4). */

/** Status codes of a departure that are passed on: banned, kicked, and removed for what the room or the service did. */
const PASSED_STATUSES = new Set([301, 307, 321, 322, 332, 333]);

/**
 * A neighbour's occupant is there: enters, changes, or has another nick now. Answers the occupant as it is afterwards,
 * undefined where the nick is somebody else's or the room is full.
 */
export function takeOccupant(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  from: Jid,
  user: Jid,
  stanza: Element,
): Occupant | undefined {
  const { room } = node;
  const nick = from.resource;
  if (nick === undefined || nick.length > MAX_NICK_LENGTH) {
    onlooker(node, turn, neighbour.node)?.('nick-unfit', aboutStanza(stanza));
    return undefined;
  }
  const full = user.toString();
  neighbour.stale.delete(full);
  const said = readMucUser(stanza);
  const occupant: Occupant = {
    nick,
    jid: user,
    source: neighbour.node,
    affiliation: said?.affiliation ?? 'none',
    role: said === undefined || said.role === 'none' ? 'participant' : said.role,
    presence: presencePayload(stanza),
    sessions: [],
  };
  const elsewhere = occupantElsewhere(node, neighbour, user);
  const known =
    elsewhere === undefined ? room.byRemote(neighbour.node, full) : claim(node, turn, neighbour, elsewhere, occupant);
  if (elsewhere !== undefined && known === undefined) return undefined;
  if (known !== undefined) return show(node, turn, neighbour, known, occupant);
  if (!giveWay(node, turn, neighbour, nick)) return undefined;
  if (room.occupants.size >= MAX_OCCUPANTS) {
    node.complain(turn, 'occupant refused', from, 'the room is full', stanza, 'room-full');
    return undefined;
  }
  admit(room, turn, occupant);
  return occupant;
}

/** A neighbour's occupant is shown otherwise than before, if at all. */
function show(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  known: Occupant,
  { nick, affiliation, role, presence }: Occupant,
): Occupant | undefined {
  renameOccupant(node, turn, neighbour, known, nick);
  const current = node.room.byRemote(neighbour.node, known.jid.toString());
  if (current === undefined) return undefined;
  const changed = { ...current, affiliation, role, presence };
  if (!sameAppearance(current, changed)) change(node.room, turn, changed);
  return changed;
}

/** The neighbour that an occupant came through has them no more: they leave, unless another one has them too. */
export function letGo(node: FmucNode, turn: Turn, occupant: Occupant, departure: Departure): void {
  const rival = rivalOf(node, occupant);
  const neighbour = rival?.source === undefined ? undefined : node.neighbour(rival.source);
  if (rival === undefined || neighbour === undefined) depart(node.room, turn, occupant, departure);
  else show(node, turn, neighbour, rehome(node, turn, occupant, neighbour), rival);
}

/** A neighbour's occupant is gone, or takes another nick (status 303, in one step with what follows). */
export function dropOccupant(node: FmucNode, turn: Turn, neighbour: Neighbour, user: Jid, stanza: Element): void {
  const { room } = node;
  const known = room.byRemote(neighbour.node, user.toString());
  neighbour.stale.delete(user.toString());
  if (known === undefined) return;
  const said = readMucUser(stanza);
  if (said?.statuses?.includes(303) === true && said.nick !== undefined)
    return renameOccupant(node, turn, neighbour, known, said.nick);
  letGo(node, turn, known, {
    statuses: said?.statuses?.filter((code) => PASSED_STATUSES.has(code)) ?? [],
    actor: said?.actor,
    reason: said?.reason,
    text: statusText(stanza),
  });
}

/**
 * A nick of ours is somebody else's further up: our user gets another one, and is told (status 210). Answers whether
 * there was such a user.
 */
export function yieldNick(node: FmucNode, turn: Turn, nick: string): boolean {
  const { room } = node;
  const loser = room.occupants.get(nick);
  if (loser === undefined || loser.source !== undefined) return false;
  rename(room, turn, loser, freeNick(node, nick), [210]);
  return true;
}

/** A nick of somebody below us is refused further up: the node that brought them hears of it. Answers whether there is one. */
export function passRefusal(node: FmucNode, turn: Turn, nick: string): boolean {
  const loser = node.room.occupants.get(nick);
  if (loser?.source === undefined || node.joined.get(loser.source) === undefined) return false;
  turn.deliver(refusalStanza(node.room, nick, loser.source, ROOM_ERRORS.nickTaken));
  return true;
}

function renameOccupant(node: FmucNode, turn: Turn, neighbour: Neighbour, known: Occupant, nick: string): void {
  if (known.nick === nick || nick.length > MAX_NICK_LENGTH) return;
  if (giveWay(node, turn, neighbour, nick)) rename(node.room, turn, known, nick);
  else letGo(node, turn, known, {});
}

/**
 * Makes a nick free for a neighbour's occupant, if that is the one who gets it: the node nearer the root wins, so what
 * comes from above displaces ours, and what comes from below is refused.
 */
function giveWay(node: FmucNode, turn: Turn, neighbour: Neighbour, nick: string): boolean {
  const holder = node.room.occupants.get(nick);
  if (holder === undefined) return true;
  // Of its own occupants a neighbour knows best: the one whom we knew has gone without our having heard.
  if (holder.source === neighbour.node) {
    neighbour.stale.delete(holder.jid.toString());
    letGo(node, turn, holder, {});
    return giveWay(node, turn, neighbour, nick);
  }
  const fromAbove = neighbour === node.upward?.at;
  if (fromAbove && holder.source === undefined) {
    yieldNick(node, turn, nick);
    return true;
  }
  if (fromAbove && holder.source !== undefined) {
    turn.deliver(refusalStanza(node.room, nick, holder.source, ROOM_ERRORS.nickTaken));
    letGo(node, turn, holder, {});
    return giveWay(node, turn, neighbour, nick);
  }
  turn.deliver(refusalStanza(node.room, nick, neighbour.node, ROOM_ERRORS.nickTaken));
  onlooker(node, turn, neighbour.node)?.('nick-taken', { about: 'occupant', who: nick, direction: 'in' });
  return false;
}

/** A nick that nobody has, made from one that somebody has. */
export function freeNick(node: FmucNode, nick: string): string {
  for (let suffix = 2; ; suffix++) {
    const candidate = `${nick.slice(0, MAX_NICK_LENGTH - 5)}-${suffix}`;
    if (!node.room.occupants.has(candidate)) return candidate;
  }
}

function sameAppearance(one: Occupant, other: Occupant): boolean {
  return one.affiliation === other.affiliation && one.role === other.role && samePresence(one.presence, other.presence);
}
