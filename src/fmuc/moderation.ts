import type { Jid } from '../lib/jid.ts';
import { affiliationOf } from '../muc/affiliation.ts';
import { change } from '../muc/change.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { Moderation } from '../muc/events.ts';
import { depart } from '../muc/leave.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { readMucUser } from '../stanza/muc-user.ts';
import { attribute, type Element } from '../xml/element.ts';
import { showAgain } from './coalescing.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import { moderationStanza } from './stanzas.ts';

/*
 * Kicks and roles across nodes. A request travels toward the occupant; only the occupant's own node carries it out, if the
 * link it came through is trusted to moderate, and what then happens goes to everyone. Otherwise the occupant is shown
 * once more as they are. What another node says of somebody's affiliation never counts.
 */

/** Status codes of someone being sent out: banned, kicked. */
const BANNED = 301;
const KICKED = 307;

/** Why an occupant elsewhere can't be moderated from here now. */
export function refusalToModerate(node: FmucNode, { source }: Occupant): StanzaError | undefined {
  const neighbour = source === undefined ? undefined : node.neighbour(source);
  return neighbour === undefined || neighbour.presence === 'away' ? ROOM_ERRORS.occupantOutOfReach : undefined;
}

/** Sends a request toward the node that an occupant came from. */
export function carryModeration(node: FmucNode, turn: Turn, occupant: Occupant, request: Moderation): void {
  if (occupant.source === undefined) return;
  if (refusalToModerate(node, occupant) === undefined)
    turn.deliver(moderationStanza(node.room, occupant, occupant.source, request));
  else onlooker(node, turn, occupant.source)?.('occupant-away', { about: 'occupant', who: occupant.nick });
}

/**
 * What a neighbour asks to be done to somebody; undefined where its presence asks for nothing. An occupant whom the
 * neighbour brought itself is its own, and simply changes or leaves. `isByRoom`: the room itself is known to ask so.
 */
export function readModeration(stanza: Element, isByRoom = false): Moderation | undefined {
  const said = readMucUser(stanza);
  if (said === undefined) return undefined;
  const { actor = '', reason, role, statuses = [] } = said;
  if (attribute(stanza, 'type') === 'unavailable') {
    const banned = statuses.includes(BANNED);
    return banned || statuses.includes(KICKED) ? { role: 'none', banned, actor, reason } : undefined;
  }
  return said.actor === undefined && !isByRoom ? undefined : { role, banned: false, actor, reason };
}

/** Does what a neighbour asks for, or passes it on, or shows the occupant as they are. */
export function handleModeration(
  node: FmucNode,
  turn: Turn,
  neighbour: Neighbour,
  from: Jid,
  occupant: Occupant,
  request: Moderation,
  stanza: Element,
): void {
  const { room } = node;
  const refuse = (reason: string): void => {
    node.complain(turn, 'moderation refused', from, reason, stanza, 'moderation');
    showAgain(node, turn, neighbour, occupant);
  };
  if (!node.peerOf(neighbour.node).moderate) return refuse('the link is not trusted to moderate (moderate = true)');
  const { role, banned, actor, reason } = request;
  if (role === 'moderator') return refuse('nobody is made a moderator from afar');
  if (occupant.source !== undefined) return carryModeration(node, turn, occupant, request);
  const affiliation = affiliationOf(room, occupant.jid.bare);
  if (affiliation === 'owner' || affiliation === 'admin' || occupant.role === 'moderator')
    return refuse(`${occupant.jid.bare} is a moderator here`);
  if (role === 'none') depart(room, turn, occupant, { statuses: [banned ? BANNED : KICKED], actor, reason });
  else {
    change(room, turn, { ...occupant, role }, { actor, reason });
  }
}
