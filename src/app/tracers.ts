import type { TraceRecord } from '../gateway/report.ts';
import type { LinkWay } from '../gateway/ways.ts';
import { RequestError } from '../io/control.ts';
import { type Feed, OpenAnswer } from '../io/feed.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { CrossedEffect } from '../link/crossed.ts';

/** Those who may look on at a time. */
export const MAX_TRACERS = 4;

/** Whoever looks on at what crosses links. A link makes records only while somebody looks on at it. */
export class Tracers {
  readonly #gateway: { readonly links: readonly LinkWay[] };
  readonly #now: () => number;
  /** With the peer whose link each looks at; undefined: every link. */
  readonly #feeds = new Map<Feed, string | undefined>();

  constructor(gateway: { readonly links: readonly LinkWay[] }, now: () => number) {
    this.#gateway = gateway;
    this.#now = now;
  }

  /**
   * Answers with what crosses the link to that peer from now on, or without one every link.
   * @throws {RequestError} Where there is no such link, or too many look on already.
   */
  open(peer: string | undefined): OpenAnswer {
    const peers = this.#gateway.links.map((link) => link.peer).filter((name) => peer === undefined || name === peer);
    if (peers.length === 0)
      throw new RequestError(peer === undefined ? 'no links' : `no link to ${JSON.stringify(peer)}`);
    if (this.#feeds.size >= MAX_TRACERS)
      throw new RequestError(`${MAX_TRACERS} traces are under way, and no more may be: end one of them`);
    return new OpenAnswer({ peers }, (feed) => {
      this.#feeds.set(feed, peer);
      this.settle();
      return () => {
        this.#feeds.delete(feed);
        this.settle();
      };
    });
  }

  /** A stanza has crossed a link. */
  readonly tell = ({ peer, direction, bytes, wire, xml }: CrossedEffect): void => {
    const time = formatStamp(this.#now());
    const record: TraceRecord = { time, peer, direction, bytes, wire: wire ?? null, xml };
    const line = JSON.stringify(record);
    for (const [feed, wanted] of this.#feeds) if (wanted === undefined || wanted === peer) feed.send(line);
  };

  /** Whoever looks on, or the links, are others than before. */
  settle(): void {
    for (const { peer, stream } of this.#gateway.links)
      stream.isTraced = [...this.#feeds.values()].some((wanted) => wanted === undefined || wanted === peer);
  }
}
