import type { Gateway } from '../gateway/gateway.ts';
import type { TraceRecord } from '../gateway/report.ts';
import { type ControlRequest, RequestError } from '../io/control.ts';
import { type Feed, OpenAnswer } from '../io/feed.ts';
import { domainOf } from '../lib/jid.ts';
import type { CrossedEffect } from '../link/crossed.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import { traceRecord } from './trace-record.ts';

/** Those who may look on at a time. */
export const MAX_TRACERS = 4;

/** Names in a line that says which there are. */
const MAX_NAMES = 10;

/** At what somebody looks on; undefined: at all. */
interface Filter {
  readonly peer: string | undefined;
  /** Bare JID. */
  readonly room: string | undefined;
  readonly kind: string | undefined;
}

/** Whoever looks on at what crosses. Records are made only while somebody looks on, and only of what they look at. */
export class Tracers {
  readonly #gateway: Pick<Gateway, 'federation' | 'links' | 's2s' | 'service' | 'watch' | 'ways'>;
  readonly #now: () => number;
  readonly #feeds = new Map<Feed, Filter>();

  constructor(
    gateway: Pick<Gateway, 'federation' | 'links' | 's2s' | 'service' | 'watch' | 'ways'>,
    now: () => number,
  ) {
    this.#gateway = gateway;
    this.#now = now;
  }

  /**
   * Answers with what crosses from now on: the link to that peer, or the stream to that domain, or without one every link and
   * every other node's domain; of that room; of that kind.
   * @throws {RequestError} Where there is no such thing, or too many look on already.
   */
  open({ peer, room, kind }: Pick<ControlRequest, 'peer' | 'room' | 'kind'>): OpenAnswer {
    const all = this.#peers();
    const named = peer === undefined ? undefined : this.#peer(peer, all);
    if (all.length === 0) throw new RequestError('there are no links (add a [[link]] to the file)');
    const filter = { peer: named, room: room === undefined ? undefined : this.#room(room), kind };
    if (this.#feeds.size >= MAX_TRACERS)
      throw new RequestError(`${MAX_TRACERS} traces are under way, and no more may be: end one of them`);
    return new OpenAnswer({ peers: named === undefined ? all : [named] }, (feed) => {
      this.#feeds.set(feed, filter);
      this.settle();
      return () => {
        this.#feeds.delete(feed);
        this.settle();
      };
    });
  }

  /** Something has crossed, or doesn't. */
  readonly tell = (effect: CrossedEffect | WithheldEffect): void => {
    const feeds = [...this.#feeds].filter(([, { peer }]) => peer === undefined || peer === effect.peer);
    if (feeds.length === 0) return;
    const record = traceRecord(effect, this.#now());
    let line: string | undefined;
    for (const [feed, { room, kind }] of feeds) {
      if ((room !== undefined && room !== record.room) || !isOfKind(record, kind)) continue;
      line ??= JSON.stringify(record);
      feed.send(line);
    }
  };

  /** Whoever looks on, or the links, are others than before. */
  settle(): void {
    this.#gateway.watch.follow([...this.#feeds.values()].map(({ peer }) => peer));
  }

  /** The peers of links, and the domains of nodes that no link leads to. */
  #peers(): string[] {
    const { links, ways, federation } = this.#gateway;
    const nodes = [...federation.nodes()].flatMap((node) =>
      node.everyone().map((neighbour) => domainOf(neighbour.node)),
    );
    const others = nodes.filter((domain) => ways.linkTo(domain) === undefined);
    return [...new Set([...links.map(({ peer }) => peer), ...others])];
  }

  #peer(wanted: string, all: readonly string[]): string {
    const { ways, s2s } = this.#gateway;
    const domain = wanted.toLowerCase();
    const link = ways.linkTo(domain);
    if (link !== undefined) return link.peer;
    if (all.includes(domain) || s2s?.report(domain) !== undefined) return domain;
    throw new RequestError(`no link to ${JSON.stringify(wanted)} (${listed(all)})`);
  }

  #room(wanted: string): string {
    const { service } = this.#gateway;
    const name = wanted.toLowerCase();
    const jid = name.includes('@') ? name : `${name}@${service.domain}`;
    if (service.get(jid) !== undefined) return jid;
    const names = [...service.rooms()].map((room) => room.jid.slice(0, room.jid.indexOf('@')));
    throw new RequestError(`no room ${JSON.stringify(wanted)} (${listed(names)})`);
  }
}

/** What was missed is a message as well. */
function isOfKind({ kind }: TraceRecord, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === kind || (wanted === 'message' && kind === 'history');
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'there are none';
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
