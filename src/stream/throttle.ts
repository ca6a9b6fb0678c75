/**
 * Stanzas a second that one stream may bring for long: what ten messages a second make in a room of 100 occupants, to each of
 * whom its server sends one by one. People come nowhere near; a machine that sends as fast as it can is held back, so that the
 * other streams have their turn.
 */
export const STANZAS_A_SECOND = 1000;
/** Stanzas that it may bring at once: a history of 1,000 and the presence of 100, with what else is said meanwhile. */
export const BURST = 2000;
/** Milliseconds that one pause takes at most, whatever came before it, or the clock did. */
export const MAX_PAUSE = 10_000;
/** And at least: shorter ones would cost more than they hold back. */
export const MIN_PAUSE = 100;

const INTERVAL = 1000 / STANZAS_A_SECOND;
const SPARE = BURST * INTERVAL;

/**
 * How fast a stream may bring stanzas. Nothing is refused: who brings more waits, since what they send isn't read. Times are
 * milliseconds since the epoch.
 */
export class Throttle {
  /** When as much as BURST may come again. */
  #ready = Number.NEGATIVE_INFINITY;

  /** A stanza has come. It counts whether or not there should have been a pause: it was read already. */
  take(now: number): void {
    this.#ready = Math.min(Math.max(this.#ready, now) + INTERVAL, now + SPARE + MAX_PAUSE);
  }

  /** Until when nothing more is to be read; undefined where more may be. */
  pauseUntil(now: number): number | undefined {
    const over = this.#ready - SPARE - now;
    return over > 0 ? now + Math.min(Math.max(over, MIN_PAUSE), MAX_PAUSE) : undefined;
  }
}
