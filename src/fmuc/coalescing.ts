import type { Urgency } from '../lib/urgency.ts';
import type { Departure } from '../muc/events.ts';
import type { RoomMessage } from '../muc/message.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Turn } from '../muc/turn.ts';
import type { Neighbour } from './neighbour.ts';
import type { FmucNode } from './node.ts';
import { onlooker } from './onlooker.ts';
import { startOver } from './openfire.ts';
import { closeWindow, openWindow, type PendingPresence, spare } from './pending.ts';
import { leaveStanza, occupantStanza } from './stanzas.ts';
import { nickOf, tellGathered, whyUntold } from './tell-gathered.ts';
import { asShown, differs, keepTold, occupantsFor, tellLess } from './told.ts';

/*
 * Presence on its way to a neighbour is gathered over the window of the link. What counts is the difference between what
 * the neighbour was told and what is: the last state wins, who comes and goes within one window was never there, and
 * several changes of nick are one step. Some of it doesn't wait: who is sent out, what a moderator does, and who speaks.
 */

/** Status codes of being sent out (XEP-0045 §15.6.2): banned, kicked, and removed for what the room or the service did. */
const SENT_OUT = new Set([301, 307, 321, 322, 332]);

const NOTHING: PendingPresence = { presences: 0, gone: undefined, isWanted: false };

/**
 * Something of an occupant has changed, and a neighbour is to hear of it. `presences` is how many stanzas say so where
 * nothing is gathered; `departure` is given of one who left.
 */
export function note(
  node: FmucNode,
  turn: Turn,
  to: Neighbour,
  occupant: Occupant,
  presences: number,
  departure?: Departure,
): void {
  const peer = node.peerOf(to.node);
  const full = occupant.jid.toString();
  const was = to.told.get(full);
  const known = to.pending.get(full) ?? NOTHING;
  if (was === undefined && (departure !== undefined || (peer.presence === 'none' && !known.isWanted))) {
    to.pending.delete(full);
    const look = onlooker(node, turn, to.node);
    look?.(whyUntold(peer, known, departure), {
      about: departure === undefined ? 'occupant' : 'leave',
      who: occupant.nick,
      count: known.presences + presences,
    });
    return spare(node, turn, to, known.presences + presences);
  }
  to.pending.set(full, {
    presences: known.presences + presences,
    gone: departure === undefined ? known.gone : { occupant, departure },
    isWanted: known.isWanted,
  });
  const isModerated = was !== undefined && isByModerator(was, occupant, departure);
  if (isModerated) send(node, turn, to, [full], 'moderation');
  else if (peer.coalesce === 0) send(node, turn, to, to.pending.keys(), 'presence');
  else {
    openWindow(node, turn, to);
    tellGathered(node, turn, to, full, 'gathered');
  }
}

/** Somebody who was told of is sent out, or has been given another role or affiliation. */
function isByModerator(was: Occupant, { role, affiliation }: Occupant, departure: Departure | undefined): boolean {
  if (departure !== undefined) return departure.statuses?.some((code) => SENT_OUT.has(code)) === true;
  return was.role !== role || was.affiliation !== affiliation;
}

/** The window is over. Where presence waits on the way already, more of it waits for the end of another one. */
export function flush(node: FmucNode, turn: Turn, to: Neighbour): void {
  const { isCongested, coalesce } = node.peerOf(to.node);
  // The timer has gone off, and is to do so again should the turn be taken back.
  turn.journal.record(() => openWindow(node, turn, to));
  if (isCongested && coalesce > 0 && to.pending.size > 0) {
    openWindow(node, turn, to);
    if (node.isWatched) for (const full of to.pending.keys()) tellGathered(node, turn, to, full, 'congested');
  } else send(node, turn, to, to.pending.keys(), 'presence');
}

/** Everything that waits for a neighbour is sent now; answers whether messages may follow at once. */
export function flushNow(node: FmucNode, turn: Turn, to: Neighbour): boolean {
  if (to.pending.size > 0) send(node, turn, to, to.pending.keys(), 'presence');
  return to.presence !== 'away';
}

/** A neighbour is told of an occupant before anything that they say, if it doesn't know them by their nick. */
export function introduce(node: FmucNode, turn: Turn, to: Neighbour, occupant: Occupant): void {
  const full = occupant.jid.toString();
  if (to.presence === 'away' || occupant.source === to.node || to.told.get(full)?.nick === occupant.nick) return;
  to.pending.set(full, { ...(to.pending.get(full) ?? NOTHING), isWanted: true });
  send(node, turn, to, [full], 'message');
}

/** The same for the author of a message, if they are in the room; answers whether the message may follow at once. */
export function introduceAuthor(
  node: FmucNode,
  turn: Turn,
  to: Neighbour,
  { nick, author, source }: Pick<RoomMessage, 'nick' | 'author' | 'source'>,
): boolean {
  const { room } = node;
  const holder = room.occupants.get(nick);
  const occupant =
    holder?.jid.toString() === author ? holder : source === undefined ? undefined : room.byRemote(source, author);
  if (occupant !== undefined) introduce(node, turn, to, occupant);
  return to.presence !== 'away';
}

/** A neighbour is told of an occupant once more, as they are. */
export function showAgain(node: FmucNode, turn: Turn, to: Neighbour, occupant: Occupant): void {
  const full = occupant.jid.toString();
  if (to.told.get(full)?.nick === occupant.nick) to.told.delete(full);
  introduce(node, turn, to, occupant);
}

/** A neighbour is told of an occupant without delay, if its way carries comings and goings. */
export function showNow(node: FmucNode, turn: Turn, to: Neighbour, occupant: Occupant): void {
  if (node.peerOf(to.node).presence !== 'none' || to.told.has(occupant.jid.toString()))
    showAgain(node, turn, to, occupant);
}

/** A neighbour brings an occupant itself from now on: what it was told of them is no longer ours to change. */
export function disown(node: FmucNode, turn: Turn, to: Neighbour, { jid, nick }: Occupant): void {
  const full = jid.toString();
  to.told.delete(full);
  const { presences } = to.pending.get(full) ?? NOTHING;
  spare(node, turn, to, presences);
  to.pending.delete(full);
  if (presences > 0)
    onlooker(node, turn, to.node)?.('comes-from-there', { about: 'occupant', who: nick, count: presences });
}

/**
 * A neighbour has refused whoever it was told of under that nick: it doesn't have them, and their next change is their
 * coming. Answers who it was.
 */
export function withdraw(node: FmucNode, to: Neighbour, nick: string): Occupant | undefined {
  for (const [full, was] of to.told) {
    if (was.nick !== nick) continue;
    to.told.delete(full);
    if (node.peerOf(to.node).presence === 'none')
      to.pending.set(full, { ...(to.pending.get(full) ?? NOTHING), isWanted: true });
    return was;
  }
  return undefined;
}

/** One occupant, as a neighbour was told of them and as they are; undefined: not at all. */
interface Step {
  readonly was: Occupant | undefined;
  readonly is: Occupant | undefined;
}

/**
 * Sends the difference for these occupants, by full real JID, in an order in which no nick is anybody else's. All of it is
 * of one urgency, so that none of it overtakes the rest.
 */
function send(node: FmucNode, turn: Turn, to: Neighbour, fulls: Iterable<string>, urgency: Urgency): void {
  const above = to === node.upward?.at ? node.upward : undefined;
  // The leaving of the last one says that we part, once nobody has come for a while.
  const isEmpty = above !== undefined && node.occupantsBelow().length === 0;
  if (isEmpty && above.held !== undefined) return;
  const difference = new Difference(node, turn, to, fulls, urgency);
  if (above !== undefined && !isEmpty && difference.leavesNobody && !difference.keepOne())
    return startOver(node, turn, above, to);
  difference.send();
}

/** What has to be said to a neighbour of some occupants. */
class Difference {
  readonly #node: FmucNode;
  readonly #turn: Turn;
  readonly #to: Neighbour;
  /** Everyone whom it may have through us, by full real JID. */
  readonly #present: ReadonlyMap<string, Occupant>;
  /** Whom it has under each nick, by full real JID. */
  readonly #holders = new Map<string, string>();
  readonly #steps = new Map<string, Step>();
  readonly #urgency: Urgency;
  #sent = 0;
  /** How many stanzas somebody has taken, while somebody looks on. */
  readonly #taken: Map<string, number> | undefined;

  constructor(node: FmucNode, turn: Turn, to: Neighbour, fulls: Iterable<string>, urgency: Urgency) {
    this.#node = node;
    this.#turn = turn;
    this.#to = to;
    this.#urgency = urgency;
    this.#taken = node.watchedAs(to.node) === undefined ? undefined : new Map();
    this.#present = occupantsFor(node, to);
    for (const [full, { nick }] of to.told) this.#holders.set(nick, full);
    for (const full of fulls) this.#add(full, to.pending.get(full)?.isWanted === true);
  }

  /** One more; and whoever holds the nick that they are to have, so that it is free. */
  #add(full: string, isWanted: boolean): void {
    if (this.#steps.has(full)) return;
    const peer = this.#node.peerOf(this.#to.node);
    const was = this.#to.told.get(full);
    const occupant = this.#present.get(full);
    const isShown = was !== undefined || isWanted || peer.presence !== 'none';
    const is = occupant === undefined || !isShown ? undefined : asShown(peer, occupant);
    this.#steps.set(full, { was, is });
    const holder = is === undefined ? undefined : this.#holders.get(is.nick);
    if (holder !== undefined) this.#add(holder, false);
  }

  /** Whether a node that we join would have nobody of ours for a moment, which to it is our parting from the set. */
  get leavesNobody(): boolean {
    const known = [...this.#steps.values()].filter(({ was }) => was !== undefined);
    const leaving = known.filter(({ is }) => is === undefined).length;
    const staying = this.#to.told.size - leaving;
    if (staying === 0) return leaving > 0;
    if (this.#to.dialect !== 'openfire' || staying > 2) return false;
    // To Openfire a change of nick is a leave and an entry: another one must be there, and two can't swap.
    const renamed = known.filter(({ was, is }) => is !== undefined && is.nick !== was?.nick);
    return (
      renamed.length === staying && (staying === 1 || renamed.every(({ is }) => this.#holders.has(is?.nick ?? '')))
    );
  }

  /** Introduces somebody before the others leave; answers whether that can be. */
  keepOne(): boolean {
    const candidates = this.#node.occupantsBelow().map(({ jid }) => jid.toString());
    const newcomers = candidates.filter((full) => this.#present.has(full) && !this.#to.told.has(full));
    const free = newcomers.find((full) => !this.#holders.has(this.#present.get(full)?.nick ?? ''));
    // The nick of one who leaves, if it must be: the neighbour then knows that they have left.
    const first = free ?? (this.#to.dialect === 'openfire' ? undefined : newcomers[0]);
    if (first === undefined) return false;
    this.#steps.delete(first);
    this.#add(first, true);
    const is = this.#steps.get(first)?.is;
    this.#arrive(first, { was: undefined, is });
    this.#steps.set(first, { was: is, is });
    return true;
  }

  /** Those who leave, then those who have another nick or have come, then the others. */
  send(): void {
    const arriving = new Map<string, Step>();
    for (const [full, step] of this.#steps)
      if (step.is === undefined) this.#leave(full, step);
      else if (step.was?.nick !== step.is.nick) arriving.set(full, step);
    this.#arriveAll(arriving);
    for (const [full, { was, is }] of this.#steps)
      if (was !== undefined && is !== undefined && was.nick === is.nick && differs(was, is)) this.#show(full, is);
    this.#settle();
  }

  #arriveAll(arriving: Map<string, Step>): void {
    while (arriving.size > 0) {
      const before = arriving.size;
      for (const [full, step] of arriving)
        if (this.#isFree(step, full)) {
          this.#arrive(full, step);
          arriving.delete(full);
        }
      if (arriving.size < before) continue;
      // A circle of nicks: one of them leaves, and comes back.
      const [first] = [...arriving].filter(([, { was }]) => was !== undefined);
      if (first === undefined) return;
      const [full, { was, is }] = first;
      this.#leave(full, { was, is: undefined });
      arriving.set(full, { was: undefined, is });
    }
  }

  #isFree({ is }: Step, full: string): boolean {
    const holder = is && this.#holders.get(is.nick);
    return holder === undefined || holder === full;
  }

  #leave(full: string, { was }: Step): void {
    if (was === undefined) return;
    const { occupant, departure } = this.#to.pending.get(full)?.gone ?? { occupant: was, departure: {} };
    this.#deliver(full, leaveStanza(this.#node.room, { ...occupant, nick: was.nick }, this.#to.node, departure));
    this.#to.told.delete(full);
    if (this.#holders.get(was.nick) === full) this.#holders.delete(was.nick);
  }

  #arrive(full: string, { was, is }: Step): void {
    if (is === undefined) return;
    if (was !== undefined) {
      const step = { statuses: [303], newNick: is.nick };
      this.#deliver(full, leaveStanza(this.#node.room, { ...is, nick: was.nick }, this.#to.node, step));
      this.#holders.delete(was.nick);
    }
    this.#show(full, is);
    this.#holders.set(is.nick, full);
  }

  #show(full: string, is: Occupant): void {
    this.#deliver(full, occupantStanza(this.#node.room, is, `${this.#to.node}/${is.nick}`));
    this.#to.told.set(full, is);
    tellLess(this.#node, this.#turn, this.#to, this.#present.get(full), is);
  }

  #deliver(full: string, stanza: ReturnType<typeof leaveStanza>): void {
    this.#turn.deliver(stanza, { urgency: this.#urgency });
    this.#sent += 1;
    this.#taken?.set(full, (this.#taken.get(full) ?? 0) + 1);
  }

  /** Tells whoever looks on which changes of somebody no stanza was made of. */
  #tellSpared(full: string, presences: number): void {
    const taken = this.#taken?.get(full) ?? 0;
    if (this.#taken === undefined || presences <= taken) return;
    const { was, is } = this.#steps.get(full) ?? { was: undefined, is: undefined };
    const isHidden = this.#node.peerOf(this.#to.node).presence === 'none' && was === undefined;
    const look = onlooker(this.#node, this.#turn, this.#to.node);
    look?.(taken > 0 ? 'folded' : isHidden ? 'presence-none' : 'nothing-new', {
      about: is === undefined ? 'leave' : 'occupant',
      who: is?.nick ?? was?.nick ?? nickOf(this.#node, this.#to, full),
      count: presences - taken,
    });
  }

  #settle(): void {
    const { pending } = this.#to;
    let presences = -this.#sent;
    for (const full of this.#steps.keys()) {
      presences += pending.get(full)?.presences ?? 0;
      this.#tellSpared(full, pending.get(full)?.presences ?? 0);
      pending.delete(full);
    }
    spare(this.#node, this.#turn, this.#to, presences);
    if (pending.size === 0) closeWindow(this.#node, this.#turn, this.#to);
    if (this.#sent > 0) keepTold(this.#node, this.#turn, this.#to);
  }
}
