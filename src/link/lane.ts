import type { Outgoing } from './outgoing.ts';

/** What of one urgency waits for a link: the rooms take turns, and what is of one room keeps its order. */
export class Lane {
  /** How many more urgent stanzas have left since one of these did. */
  passed = 0;
  size = 0;
  characters = 0;
  readonly #rooms = new Map<string, Outgoing[]>();

  add(stanza: Outgoing): void {
    if (this.size === 0) this.passed = 0;
    const waiting = this.#rooms.get(stanza.room);
    if (waiting === undefined) this.#rooms.set(stanza.room, [stanza]);
    else waiting.push(stanza);
    this.#count(stanza, 1);
  }

  peek(): Outgoing | undefined {
    for (const [first] of this.#rooms.values()) return first;
    return undefined;
  }

  /** Takes the first; its room goes to the end. */
  take(): Outgoing | undefined {
    for (const [room, waiting] of this.#rooms) {
      const first = waiting.shift();
      this.#rooms.delete(room);
      if (waiting.length > 0) this.#rooms.set(room, waiting);
      if (first !== undefined) this.#count(first, -1);
      return first;
    }
    return undefined;
  }

  /** Takes out whatever is meant, and answers it in its order. */
  remove(isMeant: (stanza: Outgoing) => boolean): Outgoing[] {
    const removed: Outgoing[] = [];
    for (const [room, waiting] of this.#rooms) {
      const left = waiting.filter((stanza) => !isMeant(stanza));
      if (left.length === waiting.length) continue;
      removed.push(...waiting.filter(isMeant));
      if (left.length > 0) this.#rooms.set(room, left);
      else this.#rooms.delete(room);
    }
    for (const stanza of removed) this.#count(stanza, -1);
    return removed;
  }

  *all(): Generator<Outgoing> {
    for (const waiting of this.#rooms.values()) yield* waiting;
  }

  #count({ xml }: Outgoing, sign: 1 | -1): void {
    this.size += sign;
    this.characters += sign * xml.length;
  }
}
