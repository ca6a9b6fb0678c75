import { URGENCIES, type Urgency } from '../lib/urgency.ts';
import { Lane } from './lane.ts';
import type { Outgoing } from './outgoing.ts';

/** The most stanzas that wait for a paced link. What is more stays in the archive until these have left. */
export const MAX_WAITING = 512;
/** Their characters. */
export const MAX_WAITING_CHARACTERS = 262_144;
/** How many of the most urgent may wait beside them: without them nothing else gets on. */
export const MAX_WAITING_CONTROL = 64;
/** How much presence may wait beside them: the list of the fullest room, and what happens there meanwhile. */
export const MAX_WAITING_PRESENCE = 2048;
/** How many more urgent stanzas may leave before one of the others does. */
export const MAX_PASSED = 16;

/** The most that waits for a link, but for the most urgent and for presence: stanzas, and their characters. */
export interface OutboxBounds {
  readonly stanzas: number;
  readonly characters: number;
}

/** Why something doesn't leave by the outbox, or not now. */
export type Loss = 'outbox-full' | 'overtaken' | 'out-of-date' | 'lost-with-link';

const PACED: OutboxBounds = { stanzas: MAX_WAITING, characters: MAX_WAITING_CHARACTERS };

const CONTROL = URGENCIES.indexOf('control');
const PRESENCE = URGENCIES.indexOf('presence');

/**
 * What waits for a link. Where that isn't paced, everything leaves at once, as it came; else the most urgent first, and of
 * the same urgency one of each room in turn. Stanzas of a room in one urgency keep their order; besides, nobody speaks
 * before they are introduced, and nobody appears who has been removed.
 */
export class Outbox {
  readonly #lanes: readonly Lane[] = URGENCIES.map(() => new Lane());
  /** For each node the lane of what nothing may overtake, and how much of that waits. */
  readonly #inOrder = new Map<string, { readonly lane: number; count: number }>();
  /** The nodes for which something didn't fit, with the first position of it. */
  #overrun = new Map<string, number | undefined>();
  /** Told of what doesn't fit, and of what is taken out and never leaves. */
  onLoss: ((stanza: Outgoing, reason: Loss) => void) | undefined;
  readonly #isPaced: boolean;
  readonly #bounds: OutboxBounds;

  constructor(isPaced: boolean, bounds = PACED) {
    this.#isPaced = isPaced;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.waiting('history').stanzas;
  }

  /** Whether presence waits: more would only wait behind it. */
  get hasPresence(): boolean {
    return this.#lane(PRESENCE).size > 0;
  }

  /** What is at least as urgent. */
  waiting(urgency: Urgency): { readonly stanzas: number; readonly characters: number } {
    const lanes = this.#lanes.slice(0, URGENCIES.indexOf(urgency) + 1);
    return {
      stanzas: lanes.reduce((sum, { size }) => sum + size, 0),
      characters: lanes.reduce((sum, { characters }) => sum + characters, 0),
    };
  }

  /** How many messages wait, whatever their urgency. */
  get messages(): number {
    let messages = 0;
    for (const lane of this.#lanes) for (const { kind } of lane.all()) if (kind === 'message') messages += 1;
    return messages;
  }

  /** Takes a stanza, or, where there is no room for it, notes that its node misses something. Answers whether it is taken. */
  put(stanza: Outgoing): boolean {
    if (!this.#isPaced) {
      this.#lane(CONTROL).add({ ...stanza, room: '' });
      return true;
    }
    const { node, kind, author } = stanza;
    const own = this.#laneFor(stanza);
    if (!this.#fits(stanza, own)) {
      if (!this.#overrun.has(node)) this.#overrun.set(node, stanza.position);
      this.onLoss?.(stanza, 'outbox-full');
      return false;
    }
    const before = this.#inOrder.get(node);
    if (before !== undefined && before.lane >= own) {
      before.count += 1;
      this.#lane(before.lane).add({ ...stanza, inOrder: true });
      return true;
    }
    if (author !== undefined) {
      // What is less urgent of somebody's presence is older than whatever is more: it goes before, or has been overtaken by their end.
      const earlier = this.#lanes
        .slice(own + 1, PRESENCE + 1)
        .flatMap((lane) => lane.remove((other) => isPresenceOf(other, node, author)));
      for (const presence of earlier)
        if (kind === 'departure') this.onLoss?.(presence, 'overtaken');
        else this.#lane(own).add(presence);
    }
    if (stanza.inOrder) this.#inOrder.set(node, { lane: own, count: 1 });
    this.#lane(own).add(stanza);
    return true;
  }

  /** The XML of everything that waits. */
  texts(): ReadonlySet<string> {
    const texts = new Set<string>();
    for (const lane of this.#lanes) for (const { xml } of lane.all()) texts.add(xml);
    return texts;
  }

  /** What leaves next, undefined where nothing waits. */
  peek(): Outgoing | undefined {
    return this.#next()?.peek();
  }

  /** Takes out what leaves next. */
  take(): Outgoing | undefined {
    const next = this.#next();
    const taken = next?.take();
    if (next === undefined || taken === undefined) return undefined;
    for (const lane of this.#lanes.slice(this.#lanes.indexOf(next) + 1)) if (lane.size > 0) lane.passed += 1;
    next.passed = 0;
    if (taken.inOrder) this.#leaveOrder(taken.node);
    return taken;
  }

  /** Whatever waits for a node is out of date. */
  discard(node: string): void {
    this.#remove((stanza) => stanza.node === node, 'out-of-date');
    this.#inOrder.delete(node);
    this.#overrun.delete(node);
  }

  clear(): void {
    this.#remove(() => true, 'lost-with-link');
    this.#inOrder.clear();
    this.#overrun.clear();
  }

  /** The lowest position in the archive of what hasn't left for a node; undefined where there is none. */
  firstPosition(node: string): number | undefined {
    let first = this.#overrun.get(node);
    for (const lane of this.#lanes)
      for (const { node: to, position } of lane.all())
        if (to === node && position !== undefined && (first === undefined || position < first)) first = position;
    return first;
  }

  /** The nodes for which something didn't fit and the first position of it, once there is room again. */
  takeOverrun(): ReadonlyMap<string, number | undefined> {
    const { stanzas, characters } = this.waiting('history');
    const { stanzas: most, characters: mostCharacters } = this.#bounds;
    if (this.#overrun.size === 0 || stanzas > most / 2 || characters > mostCharacters / 2) return new Map();
    const overrun = this.#overrun;
    this.#overrun = new Map();
    return overrun;
  }

  /** That of its urgency, or of what waits of the same user's presence: it would overtake that once it had been passed for long. */
  #laneFor({ urgency, node, author, kind }: Outgoing): number {
    const own = URGENCIES.indexOf(urgency);
    if (author === undefined || (kind !== 'appearance' && kind !== 'departure')) return own;
    const older = this.#lanes
      .slice(0, own)
      .findLastIndex((lane) => lane.some((other) => isPresenceOf(other, node, author)));
    return older === -1 ? own : older;
  }

  /** Once a message for a node didn't fit, none does: it would overtake that one. */
  #fits({ node, kind, xml }: Outgoing, lane: number): boolean {
    const presence = this.#lane(PRESENCE);
    if (lane === PRESENCE) return presence.size < MAX_WAITING_PRESENCE;
    const all = this.waiting('history');
    const stanzas = all.stanzas - presence.size;
    const most = this.#bounds;
    if (lane === CONTROL) return stanzas < most.stanzas + MAX_WAITING_CONTROL;
    if (kind === 'message' && this.#overrun.has(node)) return false;
    return stanzas < most.stanzas && all.characters - presence.characters + xml.length <= most.characters;
  }

  /** The most urgent, unless something else has been passed for long enough. What begins a node's part comes first in any case. */
  #next(): Lane | undefined {
    if (this.#lane(CONTROL).size > 0) return this.#lane(CONTROL);
    const waiting = this.#lanes.filter(({ size }) => size > 0);
    return waiting.findLast(({ passed }) => passed >= MAX_PASSED) ?? waiting[0];
  }

  #remove(isMeant: (stanza: Outgoing) => boolean, reason: Loss): void {
    for (const lane of this.#lanes) for (const stanza of lane.remove(isMeant)) this.onLoss?.(stanza, reason);
  }

  #leaveOrder(node: string): void {
    const order = this.#inOrder.get(node);
    if (order === undefined) return;
    order.count -= 1;
    if (order.count === 0) this.#inOrder.delete(node);
  }

  #lane(index: number): Lane {
    const lane = this.#lanes[index];
    if (lane === undefined) throw new RangeError(`no lane ${index}`);
    return lane;
  }
}

function isPresenceOf({ node, author, kind }: Outgoing, to: string, user: string): boolean {
  return node === to && author === user && (kind === 'appearance' || kind === 'departure');
}
