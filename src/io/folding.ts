import type { LogLevel } from '../lib/effects.ts';
import { now } from './clock.ts';

/** An event for the log. */
export interface LogEvent {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** Different events whose repeats are waited for at a time. Beyond, the one that was repeated longest ago is let go. */
export const MAX_RECENT = 16;
/** How often an event is said at once that comes again with others between: a link that comes and goes a few times. */
export const MAX_AT_ONCE = 4;
/** Milliseconds for which the repeats of an event are held back at first, before they are said in one line. */
export const FIRST_HOLD = 60_000;
/** How many times as long they are held back each time after. */
export const HOLD_GROWTH = 4;
/** Milliseconds for which they are held back at most. */
export const LONGEST_HOLD = 3_600_000;

/** What somebody waits for who reads the log. */
const NEVER_HELD: ReadonlySet<string> = new Set(['ready', 'stopping']);

/** What differs each time that the same thing happens. The last of it is said. */
const VOLATILE: ReadonlySet<string> = new Set(['count', 'retry_in', 'suppressed']);

interface Recent {
  event: LogEvent;
  /** When it last came, in milliseconds since the epoch. */
  last: number;
  /** How many times it was said at once. */
  atOnce: number;
  /** How many times it has come since it was last said. */
  held: number;
  /** Whether repeats of it have been said before. */
  wasSaid: boolean;
  hold: number;
  /** Until then repeats are held back; where there were none it is forgotten. */
  until: number;
}

/**
 * Says an event that comes again and again once, and then how often. The first is said at once, and so are the next few
 * where others were said between them. Further ones are held back for a while, which grows as long as they go on, and then
 * said as one with `repeated` (how many they were) and `last` (when the last of them came). Before something else is said
 * at once, so is what has been repeated for the first time: it may have led to it. Never more lines come out than events go
 * in, and none of them is left uncounted.
 *
 * Events at `debug` aren't held back: who looks at these wants each with its time.
 */
export class Folding {
  readonly #say: (event: LogEvent) => void;
  readonly #now: () => number;
  /** By what makes them the same, the one that came last at the end. */
  readonly #recent = new Map<string, Recent>();
  #saidLast: Recent | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `say` puts one out. `clock` is in milliseconds since the epoch. */
  constructor(say: (event: LogEvent) => void, clock: () => number = now) {
    this.#say = say;
    this.#now = clock;
  }

  /** Something has happened. */
  take(event: LogEvent): void {
    const at = this.#now();
    this.#settle(at);
    const key = keyOf(event);
    const known = key === undefined ? undefined : this.#recent.get(key);
    if (key !== undefined && known !== undefined) {
      this.#recent.delete(key);
      this.#recent.set(key, known);
      known.last = at;
      known.event = event;
      const isAtOnce = known !== this.#saidLast && known.held === 0 && known.atOnce < MAX_AT_ONCE;
      if (!isAtOnce) known.held += 1 + Number(event.fields['suppressed'] ?? 0);
      else {
        this.#sayAtOnce(event, at);
        known.atOnce += 1;
        known.until = at + known.hold;
        this.#saidLast = known;
      }
    } else {
      this.#sayAtOnce(event, at);
      this.#saidLast = key === undefined ? undefined : this.#remember(key, event, at);
    }
    this.#setTimer(at);
  }

  /** Says everything that is held back: nothing more may come. */
  flush(): void {
    const at = this.#now();
    for (const recent of this.#recent.values()) this.#sayRepeats(recent, at);
    clearTimeout(this.#timer);
  }

  #sayAtOnce(event: LogEvent, at: number): void {
    for (const recent of this.#recent.values()) if (!recent.wasSaid) this.#sayRepeats(recent, at);
    this.#say(event);
  }

  #remember(key: string, event: LogEvent, at: number): Recent {
    const [oldest] = this.#recent;
    if (this.#recent.size >= MAX_RECENT && oldest !== undefined) {
      this.#sayRepeats(oldest[1], at);
      this.#recent.delete(oldest[0]);
    }
    const recent = { event, last: at, atOnce: 1, held: 0, wasSaid: false, hold: FIRST_HOLD, until: at + FIRST_HOLD };
    this.#recent.set(key, recent);
    return recent;
  }

  /** Says what has been held back for as long as it may be, and forgets what hasn't come again meanwhile. */
  #settle(at: number): void {
    for (const [key, recent] of this.#recent) {
      if (at < recent.until) continue;
      if (recent.held > 0) this.#sayRepeats(recent, at);
      else this.#recent.delete(key);
    }
  }

  #sayRepeats(recent: Recent, at: number): void {
    const { event, held, last } = recent;
    if (held === 0) return;
    const { suppressed: _, ...fields } = event.fields;
    this.#say({ ...event, fields: { ...fields, repeated: held, last: new Date(last).toISOString() } });
    this.#saidLast = recent;
    recent.held = 0;
    recent.wasSaid = true;
    recent.hold = Math.min(recent.hold * HOLD_GROWTH, LONGEST_HOLD);
    recent.until = at + recent.hold;
  }

  /** Wakes up when the first of what is held back is to be said; never keeps the process from ending. */
  #setTimer(at: number): void {
    clearTimeout(this.#timer);
    const held = [...this.#recent.values()].filter((recent) => recent.held > 0).map(({ until }) => until);
    if (held.length === 0) return;
    this.#timer = setTimeout(
      () => {
        const then = this.#now();
        this.#settle(then);
        this.#setTimer(then);
      },
      Math.min(...held) - at,
    ).unref();
  }
}

/** What makes events the same; undefined for one that is never held back. */
function keyOf({ level, message, fields }: LogEvent): string | undefined {
  if (level === 'debug' || NEVER_HELD.has(message)) return undefined;
  return JSON.stringify([level, message, ...Object.entries(fields).filter(([name]) => !VOLATILE.has(name))]);
}
