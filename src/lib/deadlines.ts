/** When a core next wants to be woken, and for what. Times are milliseconds since the epoch. One deadline a key. */
export class Deadlines<K> {
  readonly #at = new Map<K, number>();

  /** Sets or moves the key's deadline. */
  set(key: K, at: number): void {
    this.#at.set(key, at);
  }

  /** No deadline for the key any more, if it had one. */
  clear(key: K): void {
    this.#at.delete(key);
  }

  get(key: K): number | undefined {
    return this.#at.get(key);
  }

  /** The same deadlines, apart from these. */
  copy(): Deadlines<K> {
    const copy = new Deadlines<K>();
    for (const [key, at] of this.#at) copy.set(key, at);
    return copy;
  }

  /** The earliest deadline of all. */
  next(): number | undefined {
    let earliest: number | undefined;
    for (const at of this.#at.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Removes the keys whose time has come and gives them, earliest first. */
  due(now: number): K[] {
    const due = [...this.#at].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [key] of due) this.#at.delete(key);
    return due.map(([key]) => key);
  }
}
