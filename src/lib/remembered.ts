import { type Journal, JournaledMap } from './journal.ts';

/**
 * What is remembered for a while: at most `limit` entries, each for `lifetime` milliseconds after it was last set. Where
 * there is no room for another, the one set longest ago is forgotten.
 */
export class Remembered<V> {
  readonly #limit: number;
  readonly #lifetime: number;
  /** The one set longest ago first. */
  readonly #entries: JournaledMap<string, { readonly value: V; readonly at: number }>;

  constructor(journal: Journal, limit: number, lifetime: number) {
    this.#limit = limit;
    this.#lifetime = lifetime;
    this.#entries = new JournaledMap(journal);
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && now - entry.at < this.#lifetime ? entry.value : undefined;
  }

  set(key: string, value: V, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, at: now });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** What hasn't been forgotten by then, the latest first. */
  latest(now: number): [key: string, value: V][] {
    return [...this.#entries]
      .filter(([, { at }]) => now - at < this.#lifetime)
      .map(([key, { value }]): [string, V] => [key, value])
      .reverse();
  }
}
