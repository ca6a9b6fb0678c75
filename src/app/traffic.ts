import type { LinkReport, MinutesReport } from '../gateway/report.ts';

/** How far back it is known what crossed a link, in minutes. */
export const MINUTES = 60;
/** Milliseconds after which `tick` is to be called. */
export const MINUTE = 60_000;

/** What a link has counted since it began. */
interface Counted {
  readonly peer: string;
  readonly stream: { readonly bytesIn: number; readonly bytesOut: number };
}

/** Numbers of one link: of the minutes that are over, oldest first, and where the counters stood when the last one was. */
interface Past {
  readonly in: number[];
  readonly out: number[];
  bytesIn: number;
  bytesOut: number;
}

/** What crossed each link in the last hour, minute by minute. Minutes are counted, not read off a clock that may be set. */
export class Traffic {
  readonly #links: () => readonly Counted[];
  #pasts = new Map<string, Past>();

  constructor(links: () => readonly Counted[]) {
    this.#links = links;
  }

  /** A minute is over. */
  tick(): void {
    const before = this.#pasts;
    this.#pasts = new Map();
    for (const { peer, stream } of this.#links()) {
      const past = before.get(peer) ?? begun();
      for (const [numbers, now, then] of [
        [past.in, stream.bytesIn, past.bytesIn],
        [past.out, stream.bytesOut, past.bytesOut],
      ] as const) {
        numbers.push(crossed(now, then));
        if (numbers.length > MINUTES - 1) numbers.shift();
      }
      past.bytesIn = stream.bytesIn;
      past.bytesOut = stream.bytesOut;
      this.#pasts.set(peer, past);
    }
  }

  /** Adds to what is reported of a link what crossed it in each of the last minutes. */
  readonly withMinutes = <T extends Pick<LinkReport, 'peer' | 'bytes_in' | 'bytes_out'>>(
    link: T,
  ): T & { readonly minutes: MinutesReport } => {
    const past = this.#pasts.get(link.peer) ?? begun();
    return {
      ...link,
      minutes: {
        in: [...past.in, crossed(link.bytes_in, past.bytesIn)],
        out: [...past.out, crossed(link.bytes_out, past.bytesOut)],
      },
    };
  };
}

function begun(): Past {
  return { in: [], out: [], bytesIn: 0, bytesOut: 0 };
}

/** Counters begin anew with their link or stream. */
function crossed(now: number, then: number): number {
  return now < then ? now : now - then;
}
