/**
 * Lets something through at most once an interval for each key, and counts what it holds back. It remembers `maxKeys`
 * keys; beyond, the one let through longest ago is forgotten, with its count.
 */
export class OncePer {
  readonly #interval: number;
  readonly #maxKeys: number;
  /** Oldest first. */
  readonly #passed = new Map<string, { at: number; suppressed: number }>();

  /** `intervalMs` in milliseconds, the unit of `now` in `allow`. */
  constructor(intervalMs: number, maxKeys: number) {
    this.#interval = intervalMs;
    this.#maxKeys = maxKeys;
  }

  /** How many were held back since the last that passed, where this one may pass; else false. */
  allow(key: string, now: number): number | false {
    const last = this.#passed.get(key);
    if (last !== undefined && now - last.at < this.#interval) {
      last.suppressed += 1;
      return false;
    }
    this.#passed.delete(key);
    this.#passed.set(key, { at: now, suppressed: 0 });
    const [oldest] = this.#passed.keys();
    if (this.#passed.size > this.#maxKeys && oldest !== undefined) this.#passed.delete(oldest);
    return last?.suppressed ?? 0;
  }
}
