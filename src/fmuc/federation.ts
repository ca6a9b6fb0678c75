import type { Jid } from '../lib/jid.ts';
import type { Journal } from '../lib/journal.ts';
import { OncePer } from '../lib/rate-limit.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { RoomEvent } from '../muc/events.ts';
import type { MessageRecord, Origin } from '../muc/records.ts';
import type { Room } from '../muc/room.ts';
import type { ArchiveRequest, Turn } from '../muc/turn.ts';
import { errorReply } from '../stanza/errors.ts';
import { readFmuc, rejectPresence } from '../stanza/fmuc.ts';
import { attribute, type Element } from '../xml/element.ts';
import { fanOut } from './fan-out.ts';
import { handleNodeError, handleNodeStanza } from './inbound.ts';
import { completeAccept, dismissIfEmpty } from './joined.ts';
import { failed, join, lose, part, sendMissed } from './joining.ts';
import { type FederationOptions, FmucNode, LOG_INTERVAL, type NodeTimer } from './node.ts';
import type { Peers } from './peer.ts';
import { markStale, removeStale } from './stale.ts';

/** The peers whose refusals are told apart. */
const MAX_LOGGED_PEERS = 256;

/** Every room that is a node of an FMUC set (XEP-0289). */
export class Federation {
  readonly #peers: Peers;
  readonly #journal: Journal;
  /** By bare room JID. */
  readonly #nodes = new Map<string, FmucNode>();
  readonly #refusals = new OncePer(LOG_INTERVAL, MAX_LOGGED_PEERS);

  constructor(peers: Peers, journal: Journal) {
    this.#peers = peers;
    this.#journal = journal;
  }

  /** Makes a room a node; `origins` are the messages that it has had, oldest first. */
  add(room: Room, options: FederationOptions, origins: readonly Origin[]): void {
    const node = new FmucNode(room, options, this.#peers, this.#journal);
    for (const origin of origins) node.seen.restore(origin);
    this.#nodes.set(room.jid, node);
  }

  node(room: string): FmucNode | undefined {
    return this.#nodes.get(room);
  }

  nodes(): Iterable<FmucNode> {
    return this.#nodes.values();
  }

  /** Handles a stanza if it is one between nodes, and answers whether it was. */
  handleStanza(turn: Turn, from: Jid, to: Jid, stanza: Element): boolean {
    const node = this.#nodes.get(to.bare);
    const fmuc = readFmuc(stanza);
    if (attribute(stanza, 'type') === 'error' && fmuc?.kind !== 'reject') {
      if (node?.neighbour(from.bare) === undefined) return false;
      handleNodeError(node, turn, from, stanza);
      return true;
    }
    if (fmuc === undefined) return false;
    const named =
      node !== undefined &&
      (node.options.federate === from.bare ||
        node.options.accept.includes(from.bare) ||
        node.options.accept.includes(from.domain));
    if (node === undefined || !this.#peers.to(from.domain).mayBring(from, named))
      this.#refuse(turn, from, to, stanza, node === undefined ? 'this room does not federate' : 'not a node');
    else handleNodeStanza(node, turn, from, to, stanza, fmuc);
    return true;
  }

  /** Carries what happened in a room to the other nodes. */
  handleEvent(turn: Turn, event: RoomEvent): void {
    const node = this.#nodes.get(event.room.jid);
    if (node !== undefined) fanOut(node, turn, event);
  }

  /** Sends a node what was read from the archive for it. */
  handleArchive(turn: Turn, request: ArchiveRequest, records: readonly MessageRecord[]): void {
    const node = this.#nodes.get(request.room);
    if (node === undefined) return;
    if (request.kind === 'node-joined') completeAccept(node, turn, request.node, records, request.maxChars);
    if (request.kind === 'node-missed') sendMissed(node, turn, records);
  }

  /** A way has opened or closed: what is out of reach is lost, what is in reach again is joined again. */
  handleWays(turn: Turn): void {
    for (const node of this.#nodes.values()) {
      const { upward } = node;
      if (upward !== undefined) {
        const peer = node.peerOf(upward.node);
        if (peer.reachable && upward.state === 'out-of-reach') join(node, turn);
        if (!peer.reachable && (upward.state === 'joined' || upward.state === 'joining'))
          lose(node, turn, `${peer.name} is down`);
      }
      for (const neighbour of node.joined.values()) {
        const { reachable, grace } = node.peerOf(neighbour.node);
        if (reachable || node.timers.get(`grace ${neighbour.node}`) !== undefined) continue;
        markStale(node, neighbour);
        node.timers.set(`grace ${neighbour.node}`, turn.now + grace * 1000);
      }
    }
  }

  nextTimeout(): number | undefined {
    let next: number | undefined;
    for (const node of this.#nodes.values()) {
      const at = node.timers.next();
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  handleTimeout(turn: Turn): void {
    for (const node of this.#nodes.values())
      for (const timer of node.timers.due(turn.now)) handleTimer(node, turn, timer);
  }

  #refuse(turn: Turn, from: Jid, to: Jid, stanza: Element, reason: string): void {
    const suppressed = this.#refusals.allow(from.bare, turn.now);
    if (suppressed !== false)
      turn.log('warn', 'stanza of another node refused', {
        room: to.bare,
        from: from.toString(),
        reason,
        ...(suppressed === 0 ? {} : { suppressed }),
      });
    if (stanza.name === 'presence' && attribute(stanza, 'type') === undefined)
      turn.deliver(rejectPresence(to.bare, from.bare, `${to.bare} does not federate with ${from.bare}.`));
    else turn.deliver(errorReply(stanza, ROOM_ERRORS.notANode, to.bare));
  }
}

function handleTimer(node: FmucNode, turn: Turn, timer: NodeTimer): void {
  switch (timer) {
    case 'part':
      return part(node, turn);
    case 'answer':
      return failed(node, turn, 'no answer to our join');
    case 'retry':
      return join(node, turn);
    default: {
      const source = timer.slice('grace '.length);
      const neighbour = node.neighbour(source);
      if (neighbour === undefined) return;
      removeStale(node, turn, neighbour);
      dismissIfEmpty(node, turn, source);
    }
  }
}
