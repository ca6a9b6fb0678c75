import { domainOf, type Jid } from '../lib/jid.ts';
import { type Journal, JournaledMap } from '../lib/journal.ts';
import { OncePer } from '../lib/rate-limit.ts';
import { ROOM_ERRORS } from '../muc/errors.ts';
import type { RoomEvent } from '../muc/events.ts';
import type { Kept, MessageRecord } from '../muc/records.ts';
import type { Room } from '../muc/room.ts';
import type { ArchiveRequest, Turn } from '../muc/turn.ts';
import { errorReply } from '../stanza/errors.ts';
import { readFmuc, rejectPresence } from '../stanza/fmuc.ts';
import { readSync } from '../stanza/sync.ts';
import type { WithheldReason } from '../stanza/withheld.ts';
import { attribute, type Element } from '../xml/element.ts';
import { flush } from './coalescing.ts';
import { Dialects } from './dialects.ts';
import { confirmNow } from './exchange.ts';
import { watchPreferred } from './fallback.ts';
import { fanOut } from './fan-out.ts';
import { handleNodeError, handleNodeStanza, handleSyncMessage } from './inbound.ts';
import {
  acceptOurs,
  acceptPlain,
  awaitRejoin,
  dismissIfEmpty,
  forget,
  handleJoin,
  loseJoined,
  resume,
} from './joined.ts';
import {
  ANSWER_TIMEOUT,
  failed,
  goBack,
  graceOver,
  join,
  lose,
  part,
  rejoin,
  sendMissed,
  sendRest,
  sendUnsent,
} from './joining.ts';
import { refusalToModerate } from './moderation.ts';
import { type FederationOptions, FmucNode, isNamed, LOG_INTERVAL, type NodeTimer, type Upward } from './node.ts';
import { aboutStanza } from './onlooker.ts';
import type { Peers } from './peer.ts';
import { followWays, releaseTargets, renew, retire } from './reconfigure.ts';
import { ECHO_TIMEOUT, giveUpHeld, hold, tellOfPrimary } from './replica.ts';
import { type Fetched, fetchGaps, sendWanted } from './resync.ts';
import { removeStale } from './stale.ts';
import { takeBack } from './told.ts';

/** The peers whose refusals are told apart. */
const MAX_LOGGED_PEERS = 256;

/** Every room that is a node of an FMUC set (XEP-0289). */
export class Federation {
  readonly #peers: Peers;
  readonly #journal: Journal;
  readonly #dialects: Dialects;
  /** By bare room JID. */
  readonly #nodes: JournaledMap<string, FmucNode>;
  readonly #refusals = new OncePer(LOG_INTERVAL, MAX_LOGGED_PEERS);

  constructor(peers: Peers, journal: Journal) {
    this.#peers = peers;
    this.#journal = journal;
    this.#nodes = new JournaledMap(journal);
    this.#dialects = new Dialects(peers, journal);
  }

  /** Makes a room a node, with what the store has kept of it as one. */
  add(room: Room, options: FederationOptions, kept: Kept): void {
    this.#restoreDialects([...options.federate, ...kept.neighbours(room.jid).map(({ node }) => node)], kept);
    const node = new FmucNode(room, options, this.#peers, this.#dialects, this.#journal);
    node.restore(kept);
    this.#nodes.set(room.jid, node);
    this.#journal.set(room, 'elsewhere', {
      order: (turn, message) => hold(node, turn, message),
      refusalToModerate: (occupant) => refusalToModerate(node, occupant),
    });
  }

  /**
   * The file is another one, and the ways are still the old ones: parts from those whom rooms have no more to do with.
   * `rooms` holds what it says of those that change, nothing where it names them no more; `isLost` tells by domain which
   * ways will be others.
   */
  retire(
    turn: Turn,
    rooms: ReadonlyMap<string, FederationOptions | undefined>,
    isLost: (domain: string) => boolean,
  ): void {
    // What a timer is for has no other record: taken back whole, the turn must leave them as they were.
    for (const node of this.#nodes.values()) this.#journal.set(node, 'timers', node.timers.copy());
    for (const [jid, options] of rooms) {
      const node = this.#nodes.get(jid);
      if (node !== undefined) retire(node, turn, options);
    }
    this.handleLoss(turn, isLost);
  }

  /** The file names a room as a node from now on, or says something else of it. */
  configure(turn: Turn, room: Room, options: FederationOptions, kept: Kept): void {
    const known = this.#nodes.get(room.jid);
    if (known !== undefined) {
      this.#restoreDialects(options.federate, kept);
      return renew(known, turn, options, kept);
    }
    this.#journal.set(room, 'neededFrom', undefined);
    this.add(room, options, kept);
    const node = this.#nodes.get(room.jid);
    if (node !== undefined) join(node, turn);
  }

  /** The file names a room no more: it goes on alone. */
  remove(turn: Turn, room: Room): void {
    const node = this.#nodes.get(room.jid);
    if (node === undefined) return;
    releaseTargets(node, turn, []);
    this.#nodes.delete(room.jid);
    this.#journal.set(room, 'elsewhere', undefined);
  }

  /** A room has been destroyed: it parts from everyone, and is a node no more (XEP-0045 §10.9). */
  end(turn: Turn, room: Room): void {
    if (!this.#nodes.has(room.jid)) return;
    this.retire(turn, new Map([[room.jid, undefined]]), () => false);
    this.remove(turn, room);
  }

  /** The ways are others than before. */
  followWays(turn: Turn): void {
    for (const node of this.#nodes.values()) followWays(node, turn);
    this.handleWays(turn);
  }

  node(room: string): FmucNode | undefined {
    return this.#nodes.get(room);
  }

  nodes(): Iterable<FmucNode> {
    return this.#nodes.values();
  }

  /** Whether any room has to do with a node at that domain. */
  hasNodeAt(domain: string): boolean {
    for (const node of this.#nodes.values())
      if (node.everyone().some((neighbour) => domainOf(neighbour.node) === domain)) return true;
    return false;
  }

  /** Handles a stanza if it is one between nodes, and answers whether it was. */
  handleStanza(turn: Turn, from: Jid, to: Jid, stanza: Element): boolean {
    const answer = this.#dialects.readAnswer(from, stanza);
    if (answer !== undefined) {
      if (answer.dialect !== undefined && this.#dialects.learn(turn, from.domain, answer.dialect))
        for (const node of this.#nodes.values())
          if (answer.dialect !== 'xep' && node.upward !== undefined && domainOf(node.upward.at.node) === from.domain)
            rejoin(node, turn);
      return true;
    }
    const node = this.#nodes.get(to.bare);
    const fmuc = readFmuc(stanza);
    if (attribute(stanza, 'type') === 'error' && fmuc?.kind !== 'reject') {
      if (node?.neighbour(from.bare) === undefined) return false;
      handleNodeError(node, turn, from, to, stanza);
      return true;
    }
    if (fmuc === undefined) {
      const sync = node?.neighbour(from.bare)?.isOurs === true ? readSync(stanza) : undefined;
      if (node === undefined || sync === undefined) return false;
      handleSyncMessage(node, turn, from, sync);
      return true;
    }
    const named = node !== undefined && isNamed(node.options, from.bare);
    if (node === undefined) this.#refuse(turn, from, to, stanza, 'this room does not federate', 'not-federating');
    else if (!this.#peers.to(from.domain).mayBring(from, named))
      this.#refuse(turn, from, to, stanza, 'not a node', 'not-a-node');
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
    if (request.kind === 'entered') return tellOfPrimary(node, turn, request.to);
    const neighbour = node.neighbour(request.node);
    if (neighbour === undefined) return;
    if (request.kind === 'node-history') return acceptPlain(node, turn, neighbour, records, request.maxChars);
    if (request.kind === 'node-unsent') return sendUnsent(node, turn, neighbour, records);
    const { missing, purpose, answer } = request;
    if (purpose === 'accept') acceptOurs(node, turn, neighbour, records, missing, answer ?? {});
    else if (purpose === 'resume') sendMissed(node, turn, neighbour, records, missing);
    else sendWanted(node, turn, neighbour, records, missing);
  }

  /** Asks for what was left behind on its way to a room; undefined where there is no such node. */
  fetch(turn: Turn, room: string): Fetched | undefined {
    const node = this.#nodes.get(room);
    return node && fetchGaps(node, turn);
  }

  /**
   * The way to some domains is lost, if only for an instant, and what was under way with it. `isLost` tells which, by
   * domain.
   */
  handleLoss(turn: Turn, isLost: (domain: string) => boolean): void {
    this.#dialects.forgetAsked(isLost);
    for (const node of this.#nodes.values()) {
      const { upward } = node;
      if (upward !== undefined && (upward.state === 'joined' || upward.state === 'joining'))
        if (isLost(domainOf(upward.at.node))) lose(node, turn, `${node.peerOf(upward.at.node).name} is down`);
      for (const neighbour of node.joined.values())
        if (isLost(domainOf(neighbour.node))) loseJoined(node, turn, neighbour);
    }
  }

  /** There is room again on a way for what it couldn't take: by node, from which position in the archive on. */
  handleDrained(turn: Turn, overrun: ReadonlyMap<string, number | undefined>): void {
    for (const [jid, from] of overrun)
      for (const node of this.#nodes.values()) {
        const neighbour = node.neighbour(jid);
        if (neighbour !== undefined) sendRest(node, turn, neighbour, from);
      }
  }

  /** A way has opened or closed: what is out of reach is lost, what is in reach again is joined again. */
  handleWays(turn: Turn): void {
    this.#dialects.forgetAsked((domain) => !this.#peers.to(domain).reachable);
    for (const node of this.#nodes.values()) {
      if (node.upward !== undefined) handleUpwardWay(node, turn, node.upward);
      for (const neighbour of node.joined.values())
        if (!node.peerOf(neighbour.node).reachable) loseJoined(node, turn, neighbour);
        else if (neighbour.presence === 'away') awaitRejoin(node, turn, neighbour);
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

  #restoreDialects(nodes: readonly string[], kept: Kept): void {
    for (const domain of new Set(nodes.map(domainOf))) this.#dialects.restore(domain, kept);
  }

  #refuse(turn: Turn, from: Jid, to: Jid, stanza: Element, reason: string, told: WithheldReason): void {
    const peer = this.#peers.watchedAs(from.bare);
    if (peer !== undefined)
      turn.withhold({ kind: 'withheld', peer, room: to.bare, reason: told, ...aboutStanza(stanza) });
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

function handleUpwardWay(node: FmucNode, turn: Turn, upward: Upward): void {
  const { at, state } = upward;
  // So that it is known, as a rule, before there is anyone to join for.
  for (const target of upward.targets) if (node.peerOf(target.node).reachable) askDialect(node, turn, target.node);
  const peer = node.peerOf(at.node);
  if (!peer.reachable && (state === 'joined' || state === 'joining')) lose(node, turn, `${peer.name} is down`);
  else if (peer.reachable && state === 'out-of-reach') join(node, turn);
  else if (state === 'out-of-reach' && node.timers.get(`grace ${at.node}`) === undefined) graceOver(node, turn);
  // All of ours have gone while it couldn't be told.
  if (peer.reachable && state === 'local') takeBack(node, turn, at);
  if (node.isUpwardActive) watchPreferred(node, turn, upward);
}

/** Whatever has been held since before that is given up: one of ours, once joined, gives everything back in its time. */
function heldBefore({ upward }: FmucNode, now: number): number {
  if (upward?.state === 'out-of-reach') return now;
  return upward?.at.isOurs === true ? Number.NEGATIVE_INFINITY : now - ECHO_TIMEOUT;
}

function askDialect(node: FmucNode, turn: Turn, target: string): void {
  const domain = domainOf(target);
  if (node.dialects.of(domain) === undefined) node.dialects.ask(turn, domain);
}

function handleTimer(node: FmucNode, turn: Turn, timer: NodeTimer): void {
  switch (timer) {
    case 'part':
      return part(node, turn);
    case 'answer':
      return failed(node, turn, 'no answer to our join');
    case 'retry':
      return join(node, turn);
    case 'return':
      return goBack(node, turn);
    case 'echo':
      return giveUpHeld(node, turn, heldBefore(node, turn.now));
    default: {
      const [kind, name = ''] = timer.split(' ');
      const neighbour = node.everyone().find((one) => one.node === name);
      if (neighbour === undefined) return;
      if (kind === 'rejoin') return resume(node, turn, neighbour);
      if (kind === 'forget') return forget(node, turn, neighbour);
      if (kind === 'confirm') return confirmNow(node, turn, neighbour);
      if (kind === 'presence') return flush(node, turn, neighbour);
      if (kind === 'join') {
        const { oneMore } = neighbour;
        if (oneMore !== undefined) handleJoin(node, turn, oneMore.from, oneMore.user, oneMore.stanza);
        return;
      }
      // It is in reach, and its answer may be that all are there whom we know.
      if (neighbour === node.upward?.at && node.upward.awaitsSubject && neighbour.presence !== 'away')
        return node.timers.set(timer, node.timers.get('answer') ?? turn.now + ANSWER_TIMEOUT);
      removeStale(node, turn, neighbour);
      if (neighbour === node.upward?.at) graceOver(node, turn);
      else dismissIfEmpty(node, turn, name);
    }
  }
}
