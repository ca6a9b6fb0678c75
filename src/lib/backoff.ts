import type { Random } from './random.ts';

/** Bounds of a delay, in milliseconds. */
export interface BackoffBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * How long to wait before the next attempt: a random time between `min` and a ceiling that doubles with each failure up
 * to `max` (full jitter), so that gateways which lost the same server don't return in step.
 */
export class Backoff {
  readonly #random: Random;
  readonly #bounds: BackoffBounds;
  #ceiling: number;

  constructor(random: Random, bounds: BackoffBounds) {
    this.#random = random;
    this.#bounds = bounds;
    this.#ceiling = bounds.min;
  }

  /** The delay after one more failure: whole milliseconds, `min` to `max`. */
  next(): number {
    const { min, max } = this.#bounds;
    this.#ceiling = Math.min(max, this.#ceiling * 2);
    return Math.round(min + this.#random.next() * (this.#ceiling - min));
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#ceiling = this.#bounds.min;
  }
}
