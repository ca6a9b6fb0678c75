import type { Jid } from '../lib/jid.ts';
import { JournaledMap } from '../lib/journal.ts';
import { fromRecord, withinCharacters } from '../muc/history.ts';
import type { HistoryQuery, MessageRecord } from '../muc/records.ts';
import type { Turn } from '../muc/turn.ts';
import { leftPresence, rejectPresence } from '../stanza/fmuc.ts';
import { type HistoryRequest, readHistoryRequest } from '../stanza/history-request.ts';
import type { Element } from '../xml/element.ts';
import { rejected } from './joining.ts';
import { type FmucNode, MAX_JOINED_NODES, type Neighbour } from './node.ts';
import { takeOccupant } from './occupants.ts';
import type { HistoryBounds } from './peer.ts';
import { markStale } from './stale.ts';
import { messageStanza, occupantStanza, subjectStanza } from './stanzas.ts';

/* The joined side of XEP-0289: another node joins us, in the name of one of its occupants. */

/** A node asks to join, or, being joined already, to have everything once more (XEP-0289 §5.1). */
export function handleJoin(node: FmucNode, turn: Turn, from: Jid, user: Jid, stanza: Element): void {
  const joining = from.bare;
  const refusal = refusalOf(node, from, user);
  if (refusal !== undefined) {
    node.complain(turn, 'join rejected', from, refusal);
    return turn.deliver(rejectPresence(node.room.jid, joining, refusal));
  }
  if (node.upward?.node === joining) rejected(node, turn, 'it has joined us itself');
  const known = node.joined.get(joining);
  const neighbour: Neighbour = known ?? { node: joining, stale: new JournaledMap(node.journal), unsent: 0 };
  if (known === undefined) {
    node.joined.set(joining, neighbour);
    turn.log('info', 'node joined', { room: node.room.jid, node: joining });
  } else {
    turn.journal.set(known, 'unsent', 0);
    markStale(node, known);
    node.timers.set(`grace ${joining}`, turn.now + node.peerOf(joining).grace * 1000);
  }
  const others = [...node.room.occupants.values()].filter((occupant) => occupant.source !== joining);
  const taken = takeOccupant(node, turn, neighbour, from, user, stanza);
  if (taken === undefined) {
    if (known === undefined) node.joined.delete(joining);
    return;
  }
  for (const occupant of others) turn.deliver(occupantStanza(node.room, occupant, joining));
  turn.deliver(occupantStanza(node.room, taken, joining));
  const query = nodeHistory(node, joining, readHistoryRequest(stanza), turn.now);
  turn.query(query, { kind: 'node-joined', room: node.room.jid, node: joining, maxChars: query.maxChars });
}

/** Sends a node that has joined what the archive gave, then the subject, which ends the accept. */
export function completeAccept(
  node: FmucNode,
  turn: Turn,
  joining: string,
  records: readonly MessageRecord[],
  maxChars: number,
): void {
  if (!node.joined.has(joining)) return;
  const stanzas = records.map((record) => messageStanza(node.room, fromRecord(record), joining));
  for (const stanza of withinCharacters(stanzas, joining, maxChars)) turn.deliver(stanza);
  turn.deliver(subjectStanza(node.room, joining));
}

/** A node without occupants is out of the set, and is told so (XEP-0289 §5.4). */
export function dismissIfEmpty(node: FmucNode, turn: Turn, joining: string): void {
  if (!node.joined.has(joining) || node.room.occupantsOf(joining).length > 0) return;
  node.joined.delete(joining);
  node.timers.clear(`grace ${joining}`);
  turn.log('info', 'node left', { room: node.room.jid, node: joining });
  turn.deliver(leftPresence(node.room.jid, joining));
}

/** Why a node may not join, for people; undefined where it may. */
function refusalOf(node: FmucNode, from: Jid, user: Jid): string | undefined {
  const { accept, federate } = node.options;
  const joining = from.bare;
  const named = accept.includes(joining) || accept.includes(from.domain) || federate === joining;
  const listed = named || accept.includes('*');
  const peer = node.peerOf(joining);
  if (!listed || !peer.mayBring(from, named)) return `${node.room.jid} does not accept joins from ${joining}.`;
  if (!peer.maySpeakFor(from, user)) return `${joining} may not speak for ${user.bare}.`;
  const { upward } = node;
  const joinedThere = upward?.state === 'joined' || upward?.state === 'joining';
  // Two nodes that join one another at once: the one with the lesser address is joined.
  if (upward?.node === joining && joinedThere && !(upward.state === 'joining' && node.room.jid < joining))
    return `${node.room.jid} has joined ${joining} itself; joining both ways would close a circle.`;
  if (node.joined.size >= MAX_JOINED_NODES && !node.joined.has(joining))
    return `${node.room.jid} has as many nodes as it can have.`;
  return undefined;
}

/** What a joining node asks for, within what the way to it can carry. */
function nodeHistory(
  node: FmucNode,
  joining: string,
  request: HistoryRequest,
  now: number,
): HistoryQuery & { readonly maxChars: number } {
  const bounds: HistoryBounds = node.peerOf(joining).history;
  const none = bounds.messages === 0 || bounds.bytes === 0 || bounds.age === 0;
  const seconds = Math.min(request.seconds ?? Number.POSITIVE_INFINITY, bounds.age);
  const since = Math.max(request.since ?? Number.NEGATIVE_INFINITY, now - seconds * 1000);
  return {
    room: node.room.jid,
    notVia: joining,
    maxMessages: none ? 0 : Math.min(request.maxStanzas ?? Number.POSITIVE_INFINITY, bounds.messages),
    maxChars: Math.min(request.maxChars ?? Number.POSITIVE_INFINITY, bounds.bytes),
    ...(Number.isFinite(since) ? { since } : {}),
  };
}
