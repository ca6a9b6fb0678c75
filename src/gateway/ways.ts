import type { Bounds, Dialect, Peer, Peers, PresencePolicy, Spared } from '../fmuc/peer.ts';
import type { Jid } from '../lib/jid.ts';
import type { DirectLink } from '../link/direct.ts';
import type { ComponentStream } from '../stream/component.ts';
import type { Via } from './effects.ts';

/** A link, and what the operator's file says of it. */
export interface LinkWay {
  readonly peer: string;
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
  readonly stream: DirectLink;
}

/** What a join brings across an ordinary stream, which isn't a slow link. */
const STREAM_HISTORY: Bounds = { messages: 100, bytes: 65_536, age: Number.POSITIVE_INFINITY };
/** What is kept for a node behind the XMPP server. */
const STREAM_QUEUE: Bounds = { messages: 10_000, bytes: 4_194_304, age: 604_800 };
/** Seconds. */
const STREAM_GRACE = 300;

/** Which way each domain goes: a link if one has it, else through the XMPP server that we are a component of. */
export class Ways implements Peers {
  readonly domain: string;
  readonly #localDomains: ReadonlySet<string> | undefined;
  readonly #links: readonly LinkWay[];
  readonly #component: ComponentStream | undefined;
  readonly #spared: Spared = { presences: 0, payloads: 0, payloadCharacters: 0 };

  constructor(
    domain: string,
    localDomains: ReadonlySet<string> | undefined,
    links: readonly LinkWay[],
    component: ComponentStream | undefined,
  ) {
    this.domain = domain;
    this.#localDomains = localDomains;
    this.#links = links;
    this.#component = component;
  }

  /** The link that a domain is reached through: its own, else the first of those that have it, one that is up if any. */
  linkTo(domain: string): LinkWay | undefined {
    const links = this.#linksTo(domain);
    return links.find(({ peer }) => peer === domain) ?? links.find(({ stream }) => stream.state === 'up') ?? links[0];
  }

  /** What a domain's stanzas go out by; undefined: nothing. */
  streamTo(domain: string): DirectLink | ComponentStream | undefined {
    return this.linkTo(domain)?.stream ?? this.#component;
  }

  /** Whether a user whose stanzas the component brings, if there is one, may be in our rooms as one of ours. */
  mayBeHere(domain: string): boolean {
    return this.#component !== undefined && this.mayCome(domain, { kind: 'component' }) && this.isLocal(domain);
  }

  /** Whether a domain's stanzas may come that way: through links that have it, else the XMPP server (XEP-0361 §6). */
  mayCome(domain: string, via: Via): boolean {
    const links = this.#linksTo(domain);
    return via.kind === 'link' ? links.some(({ peer }) => peer === via.peer) : links.length === 0;
  }

  /** Whether a user whom the component stream brings is one of ours. */
  isLocal(domain: string): boolean {
    return this.#localDomains === undefined || this.#localDomains.has(domain);
  }

  isKnown(domain: string): boolean {
    return this.#isOurs(domain) || this.linkTo(domain) !== undefined;
  }

  to(domain: string): Peer {
    const link = this.linkTo(domain);
    if (link === undefined) return this.#server(domain);
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
      isPaced: link.stream.departures.isPaced,
      isCongested: link.stream.departures.isCongested,
      firstWaiting: (node) => link.stream.departures.firstWaiting(node),
      reachable: link.stream.state === 'up',
      mayBring: (node) => link.domains.has(node.domain),
      maySpeakFor: (_node, user) => link.domains.has(user.domain) && !this.#isOurs(user.domain),
    };
  }

  /** Another node behind the XMPP server: it may speak for its own domain and the one that it is a service of. */
  #server(domain: string): Peer {
    return {
      name: 'the XMPP server',
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
      reachable: this.#component?.state === 'up' && domain !== this.domain,
      // Where the file doesn't say whose users are ours, only a node that it names is told apart from a user.
      mayBring: (node, named) =>
        node.domain !== this.domain && (this.#localDomains === undefined ? named : !this.#isOurs(node.domain)),
      maySpeakFor: (node, user: Jid) =>
        (user.domain === node.domain || node.domain.endsWith(`.${user.domain}`)) && !this.#isOurs(user.domain),
    };
  }

  #linksTo(domain: string): LinkWay[] {
    return this.#links.filter((link) => link.domains.has(domain));
  }

  #isOurs(domain: string): boolean {
    return domain === this.domain || this.#localDomains?.has(domain) === true;
  }
}
