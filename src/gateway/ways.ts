import type { Bounds, Dialect, Peer, PresencePolicy, Spared } from '../fmuc/peer.ts';
import type { Jid } from '../lib/jid.ts';
import type { LinkStream } from '../link/link-stream.ts';
import type { ComponentStream } from '../stream/component.ts';
import type { S2s } from '../stream/s2s.ts';
import type { Via } from './effects.ts';

/** A link, and what the operator's file says of it. */
export interface LinkWay {
  readonly peer: string;
  /** The domains that are reached through it. */
  readonly reached: ReadonlySet<string>;
  /** The peer's own domain and those that it may speak for. */
  readonly domains: ReadonlySet<string>;
  readonly history: Bounds;
  readonly queue: Bounds;
  readonly grace: number;
  readonly dialect: Dialect | 'auto';
  readonly moderate: boolean;
  readonly presence: PresencePolicy;
  readonly coalesce: number;
  readonly spared: Spared;
  readonly stream: LinkStream;
}

/** What a domain's stanzas go out by. */
export type Way =
  | { readonly kind: 'link'; readonly link: LinkWay }
  | { readonly kind: 'component'; readonly component: ComponentStream }
  | { readonly kind: 's2s'; readonly s2s: S2s };

/** What a join brings across an ordinary stream, which isn't a slow link. */
const STREAM_HISTORY: Bounds = { messages: 100, bytes: 65_536, age: Number.POSITIVE_INFINITY };
/** What is kept for a node behind an ordinary stream. */
const STREAM_QUEUE: Bounds = { messages: 10_000, bytes: 4_194_304, age: 604_800 };
/** Seconds. */
const STREAM_GRACE = 300;

/**
 * Which way each domain goes: a link if one reaches it, else the XMPP server that we are a component of, else a
 * server-to-server stream. Where there are both of these, the server has our own users' domains and the streams have all
 * others.
 */
export class Ways {
  readonly domain: string;
  readonly #localDomains: ReadonlySet<string> | undefined;
  readonly #links: readonly LinkWay[];
  readonly #component: ComponentStream | undefined;
  readonly #s2s: S2s | undefined;
  readonly #spared: Spared = { presences: 0, payloads: 0, payloadCharacters: 0 };

  constructor(
    domain: string,
    localDomains: ReadonlySet<string> | undefined,
    links: readonly LinkWay[],
    component: ComponentStream | undefined,
    s2s: S2s | undefined,
  ) {
    this.domain = domain;
    this.#localDomains = localDomains;
    this.#links = links;
    this.#component = component;
    this.#s2s = s2s;
  }

  /** The link that a domain is reached through: its own, else the first of those that have it, one that is up if any. */
  linkTo(domain: string): LinkWay | undefined {
    const links = this.#linksTo(domain);
    return links.find(({ peer }) => peer === domain) ?? links.find(({ stream }) => stream.isReachable) ?? links[0];
  }

  /** What a domain's stanzas go out by; undefined: nothing. */
  way(domain: string): Way | undefined {
    const link = this.linkTo(domain);
    if (link !== undefined) return { kind: 'link', link };
    const isServers = this.#s2s === undefined || this.#localDomains === undefined || this.#localDomains.has(domain);
    if (this.#component !== undefined && isServers) return { kind: 'component', component: this.#component };
    return this.#s2s === undefined || domain === this.domain ? undefined : { kind: 's2s', s2s: this.#s2s };
  }

  /** By what a domain's stanzas come and go, as far as the operator's file says so: one that stays the same is no other way. */
  routeOf(domain: string): unknown {
    const way = this.way(domain);
    return way?.kind === 'link' ? way.link.stream : way?.kind === 'component' ? way.component : way?.s2s;
  }

  /** By what a user of that domain may come to be in our rooms; undefined: by nothing. */
  entryOf(domain: string): string | undefined {
    const way = this.way(domain);
    if (way?.kind === 'link') return `link ${way.link.peer}`;
    return way === undefined || (way.kind === 'component' && !this.isLocal(domain, way)) ? undefined : way.kind;
  }

  /**
   * Whether a domain's stanzas may come that way: through links that have it, else the XMPP server (XEP-0361 §6), or a
   * stream that it has authenticated.
   */
  mayCome(domain: string, via: Via): boolean {
    const links = this.#linksTo(domain);
    if (via.kind === 'link') return links.some(({ peer }) => peer === via.peer);
    return links.length === 0 && (via.kind === 'component' || via.domain === domain);
  }

  /** Whether a user who comes that way is one of ours. Where the file doesn't say who is, whoever the component stream brings. */
  isLocal(domain: string, { kind }: Pick<Via, 'kind'>): boolean {
    return kind !== 'link' && (this.#localDomains?.has(domain) ?? kind === 'component');
  }

  isKnown(domain: string): boolean {
    return this.#isOurs(domain) || this.#claimants(domain).length > 0;
  }

  to(domain: string): Peer {
    const way = this.way(domain);
    if (way?.kind === 'link') return this.#link(way.link);
    return way?.kind === 's2s' ? this.#stranger(domain) : this.#server(domain);
  }

  #link({ stream, ...link }: LinkWay): Peer {
    const { isPaced, isCongested } = stream.departures;
    return {
      name: `the link to ${link.peer}`,
      history: link.history,
      queue: link.queue,
      grace: link.grace,
      dialect: link.dialect,
      moderate: link.moderate,
      isConstrained: true,
      presence: link.presence,
      coalesce: link.coalesce,
      spared: link.spared,
      isPaced,
      isCongested,
      firstWaiting: (node) => stream.departures.firstWaiting(node),
      reachable: stream.isReachable,
      mayBring: (node) => link.domains.has(node.domain),
      maySpeakFor: (_node, user) => link.domains.has(user.domain) && !this.#isOurs(user.domain),
    };
  }

  /** Another node behind the XMPP server: it may speak for its own domain and the one that it is a service of. */
  #server(domain: string): Peer {
    return {
      ...this.#ordinary('the XMPP server'),
      reachable: this.#component?.state === 'up' && domain !== this.domain,
      // Where the file doesn't say whose users are ours, only a node that it names is told apart from a user.
      mayBring: (node, named) =>
        node.domain !== this.domain && (this.#localDomains === undefined ? named : !this.#isOurs(node.domain)),
      maySpeakFor: (node, user) => isServiceOf(node, user) && !this.#isOurs(user.domain),
    };
  }

  /** Another node that has a stream of its own: whether that can be had is found out by sending. */
  #stranger(domain: string): Peer {
    return {
      ...this.#ordinary(`the server of ${domain}`),
      reachable: true,
      mayBring: (node) => !this.#isOurs(node.domain),
      maySpeakFor: (node, user) =>
        isServiceOf(node, user) && !this.#isOurs(user.domain) && this.#claimants(user.domain).length === 0,
    };
  }

  #ordinary(name: string): Omit<Peer, 'reachable' | 'mayBring' | 'maySpeakFor'> {
    return {
      name,
      history: STREAM_HISTORY,
      queue: STREAM_QUEUE,
      grace: STREAM_GRACE,
      dialect: 'auto',
      moderate: false,
      isConstrained: false,
      presence: 'availability',
      coalesce: 0,
      spared: this.#spared,
      isPaced: false,
      isCongested: false,
      firstWaiting: () => undefined,
    };
  }

  #linksTo(domain: string): LinkWay[] {
    return this.#links.filter((link) => link.reached.has(domain));
  }

  /** The links whose peers may speak for a domain. */
  #claimants(domain: string): LinkWay[] {
    return this.#links.filter((link) => link.domains.has(domain));
  }

  #isOurs(domain: string): boolean {
    return domain === this.domain || this.#localDomains?.has(domain) === true;
  }
}

/** Whether a node is at a user's domain, or at a service of it. */
function isServiceOf(node: Jid, user: Jid): boolean {
  return user.domain === node.domain || node.domain.endsWith(`.${user.domain}`);
}
