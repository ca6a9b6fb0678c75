/** The two ways across a link: `forth` from the side that dialled to the side that listened, and `back`. */
export type Direction = 'forth' | 'back';

const DIRECTIONS = ['forth', 'back'] as const;

/** What one turn on the air carries at most. Small, so that one side's long stanza doesn't silence the other. */
export const FRAME_BYTES = 60;

/** What may wait for the air, each way. */
export const QUEUE_BYTES = 4096;

export interface PacedLinkOptions {
  readonly bitsPerSecond: number;
  /** Milliseconds between a byte's last bit leaving and its arrival. */
  readonly delay: number;
}

export type PacedLinkInput =
  /** At most `room(direction)` bytes. */
  | { readonly kind: 'data'; readonly direction: Direction; readonly bytes: Uint8Array }
  /** Nothing more comes this way. */
  | { readonly kind: 'end'; readonly direction: Direction }
  /** What waits and what is on its way is lost; both ways may be used again. */
  | { readonly kind: 'cut' };

export type PacedLinkEffect =
  | { readonly kind: 'deliver'; readonly direction: Direction; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly direction: Direction };

interface Flight {
  readonly arrival: number;
  readonly effect: PacedLinkEffect;
}

const EMPTY = new Uint8Array(0);

/**
 * A half-duplex radio link in virtual time: one frame at a time is on the air, whichever way it goes; where both ways
 * have something to send they take turns; each frame arrives whole, `delay` after its end. Times are in milliseconds.
 *
 * Invariant after each turn: either the air is taken beyond `now`, or nothing waits.
 */
export class PacedLink {
  readonly #millisecondsPerByte: number;
  readonly #delay: number;
  readonly #waiting: Record<Direction, Uint8Array> = { forth: EMPTY, back: EMPTY };
  readonly #ending: Record<Direction, boolean> = { forth: false, back: false };
  /** In order of arrival. As many as fit into `delay`, since each took the air for a while. */
  #flights: Flight[] = [];
  #latest: Direction = 'back';
  #airFree = 0;
  #airTime = 0;

  constructor(options: PacedLinkOptions) {
    this.#millisecondsPerByte = 8000 / options.bitsPerSecond;
    this.#delay = options.delay;
  }

  /** Takes an input. Bytes beyond `room(direction)` are a mistake of the caller: RangeError. */
  handle(input: PacedLinkInput, now: number): PacedLinkEffect[] {
    this.#transmit(now);
    if (input.kind === 'cut') this.#cut(now);
    else if (input.kind === 'end') this.#ending[input.direction] = true;
    else this.#enqueue(input.direction, input.bytes);
    this.#airFree = Math.max(this.#airFree, now);
    this.#transmit(now);
    return this.#arrived(now);
  }

  /** To be called at `nextTimeout`; later does no harm but to lateness. */
  handleTimeout(now: number): PacedLinkEffect[] {
    this.#transmit(now);
    return this.#arrived(now);
  }

  /** When `handleTimeout` is next due, undefined while nothing moves. */
  nextTimeout(): number | undefined {
    const arrival = this.#flights[0]?.arrival;
    if (this.#next() === undefined) return arrival;
    return Math.min(this.#airFree, arrival ?? Infinity);
  }

  /** How many more bytes may be handed in. */
  room(direction: Direction): number {
    return QUEUE_BYTES - this.#waiting[direction].length;
  }

  /** How many bytes wait for the air. */
  waiting(direction: Direction): number {
    return this.#waiting[direction].length;
  }

  /** The direction of the frame that is on the air. */
  onAir(now: number): Direction | undefined {
    return now < this.#airFree ? this.#latest : undefined;
  }

  /** For how long the air has been taken so far. */
  airTime(now: number): number {
    return this.#airTime - Math.max(0, this.#airFree - now);
  }

  #enqueue(direction: Direction, bytes: Uint8Array): void {
    if (bytes.length > this.room(direction)) throw new RangeError(`${bytes.length} bytes for a queue with less room`);
    this.#waiting[direction] = Buffer.concat([this.#waiting[direction], bytes]);
  }

  #cut(now: number): void {
    this.#airTime = this.airTime(now);
    this.#airFree = now;
    this.#flights = [];
    for (const direction of DIRECTIONS) {
      this.#waiting[direction] = EMPTY;
      this.#ending[direction] = false;
    }
  }

  /** Whose turn it is. */
  #next(): Direction | undefined {
    const other = this.#latest === 'forth' ? 'back' : 'forth';
    if (this.#waiting[other].length > 0) return other;
    return this.#waiting[this.#latest].length > 0 ? this.#latest : undefined;
  }

  /** Puts on the air what has had its turn by now. An end takes no time on it, but waits for the bytes before it. */
  #transmit(now: number): void {
    for (let next = this.#next(); next !== undefined && this.#airFree <= now; next = this.#next()) {
      const bytes = this.#waiting[next].subarray(0, FRAME_BYTES);
      const duration = bytes.length * this.#millisecondsPerByte;
      this.#waiting[next] = this.#waiting[next].subarray(bytes.length);
      this.#latest = next;
      this.#airFree += duration;
      this.#airTime += duration;
      this.#depart({ kind: 'deliver', direction: next, bytes });
    }
    for (const direction of DIRECTIONS) {
      if (!this.#ending[direction] || this.#waiting[direction].length > 0) continue;
      this.#ending[direction] = false;
      this.#depart({ kind: 'end', direction });
    }
  }

  #depart(effect: PacedLinkEffect): void {
    this.#flights.push({ arrival: this.#airFree + this.#delay, effect });
  }

  #arrived(now: number): PacedLinkEffect[] {
    const count = this.#flights.filter((flight) => flight.arrival <= now).length;
    return this.#flights.splice(0, count).map((flight) => flight.effect);
  }
}
