import type { Departures, Posting } from './departures.ts';
import type { LinkEffect } from './link-effects.ts';

/** What carries a link, whichever transport it has. Times are milliseconds since the epoch. */
export interface LinkStream {
  /** `up` while the peer can be written to, `connecting` while that is being brought about. */
  readonly state: 'up' | 'connecting' | 'down';
  /** When `state` became what it is; 0 before the start. */
  readonly since: number;
  /** Why the last connection was lost or couldn't be had, undefined where none ever was. */
  readonly error: string | undefined;
  /** Whether what is posted gets there, now or once a connection that was lost goes on. */
  readonly isReachable: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly stanzasIn: number;
  readonly stanzasOut: number;
  /** Bytes that compression has kept off the wire, both ways. */
  readonly savedBytes: number;
  /** Whether it tells of every stanza that crosses (`crossed`), and of what doesn't, or not at once (`withheld`). */
  isTraced: boolean;
  /** What waits for it. */
  readonly departures: Departures;
  /** Seconds until a message that is posted now has left, undefined while the link isn't up. */
  delay(now: number): number | undefined;
  start(now: number): LinkEffect[];
  stop(now: number): LinkEffect[];
  /** Takes what is to cross, and sends what can leave now, or once the rest is there. While the peer is out of reach nothing is taken. */
  post(postings: readonly Posting[], now: number, isMoreToCome?: boolean): LinkEffect[];
  /** When `handleTimeout` wants to be called. */
  nextTimeout(): number | undefined;
  handleTimeout(now: number): LinkEffect[];
}
