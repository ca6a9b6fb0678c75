import { createHmac } from 'node:crypto';
import { formatAddress } from '../lib/address.ts';
import type { ConnectionId, ConnectionInput, PeerCertificate, Resolved } from '../lib/effects.ts';
import type { Random } from '../lib/random.ts';
import { OncePer } from '../lib/rate-limit.ts';
import { errorReply, type StanzaError } from '../stanza/errors.ts';
import type { Element } from '../xml/element.ts';
import { parseElement } from '../xml/parse.ts';
import { StreamError } from '../xml/stream-errors.ts';
import type { Candidate } from './candidates.ts';
import { DELIVERY_ERRORS } from './delivery-errors.ts';
import { dialbackKey, isDialbackKey } from './dialback.ts';
import { IncomingStream, RESUMPTION_SECONDS } from './incoming-stream.ts';
import { type OutgoingOptions, OutgoingStream } from './outgoing-stream.ts';
import { Route } from './route.ts';
import type { DialbackClaim, S2sHost, S2sStream } from './s2s-stream.ts';
import type { GoOnEffect, S2sContext, S2sEffect, S2sPeer, S2sReport, S2sSettings, SendEffect } from './s2s-types.ts';
import type { KeptSession } from './session-record.ts';
import type { StreamManagement } from './stream-management.ts';
import { type Judgement, judge } from './trust.ts';

/** The most streams that peers have opened, and of these from one address. */
export const MAX_INCOMING = 200;
export const MAX_FROM_ADDRESS = 20;
/** The most domains that there is something to do for. */
export const MAX_ROUTES = 256;
/** The most of these that there are only since somebody claims the domain: anybody may. */
export const MAX_CLAIMED_ROUTES = 64;
/** A warning is logged once in this time for each address or peer, in milliseconds, and so many are told apart. */
const LOG_INTERVAL = 60_000;
const MAX_LOGGED = 256;
/** The most sessions of peers that were lost and may be resumed. */
export const MAX_LOST_SESSIONS = 64;

/** A session that a peer began, whose stream was lost. */
interface LostSession {
  readonly management: StreamManagement;
  readonly domains: readonly string[];
  readonly until: number;
}

/**
 * Every ordinary server-to-server stream (RFC 6120), in and out: whom it lets in, and which way stanzas go to a domain. A
 * core as all others: inputs and times go in, effects come out. Times are milliseconds since the epoch.
 */
export class S2s {
  readonly random: Random;
  #settings: S2sSettings;
  readonly #nextConnection: () => ConnectionId;
  readonly #secret: Uint8Array;
  readonly #streams = new Map<ConnectionId, S2sStream>();
  readonly #routes = new Map<string, Route>();
  /** By SM-ID, the one lost first before the others. */
  readonly #lost = new Map<string, LostSession>();
  readonly #warned = new OncePer(LOG_INTERVAL, MAX_LOGGED);
  #isStarted = false;
  #ids = 0;
  #now = 0;
  readonly #effects: S2sEffect[] = [];

  constructor(settings: S2sSettings, { random, nextConnection, secret }: S2sContext) {
    this.#settings = settings;
    this.random = random;
    this.#nextConnection = nextConnection;
    this.#secret = secret;
  }

  get settings(): S2sSettings {
    return this.#settings;
  }

  get now(): number {
    return this.#now;
  }

  /** Opens the streams that are held, and goes on with the sessions that an earlier process has left. */
  start(kept: readonly KeptSession[], now: number): S2sEffect[] {
    return this.#turn(now, () => {
      this.#isStarted = true;
      for (const session of kept) this.#route(session.domain)?.restore(session);
      for (const peer of this.#settings.peers) this.#route(peer.domain)?.hold(peer);
    });
  }

  /** Ends every stream in order; a session with something under way is left to be resumed. */
  stop(now: number): S2sEffect[] {
    return this.#turn(now, () => {
      this.#isStarted = false;
      for (const route of this.#routes.values()) route.stop();
      for (const stream of this.#streams.values()) stream.close();
    });
  }

  /** The links that use such streams are others now. A stream that would no longer come about as it did is ended. */
  configurePeers(peers: readonly S2sPeer[], now: number): S2sEffect[] {
    return this.#turn(now, () => {
      const before = this.#settings.peers;
      this.#settings = { ...this.#settings, peers };
      for (const { domain } of before)
        if (!peers.some((peer) => peer.domain === domain)) this.#routes.get(domain)?.hold(undefined);
      for (const peer of peers) {
        const known = before.find(({ domain }) => domain === peer.domain) ?? { ...UNHELD, domain: peer.domain };
        if (!isSame(known, peer)) this.#reset(peer.domain);
        if (this.#isStarted) this.#route(peer.domain)?.hold(peer);
      }
    });
  }

  accepts(listener: string): boolean {
    return this.#settings.listeners.includes(listener);
  }

  owns(connection: ConnectionId): boolean {
    return this.#streams.has(connection);
  }

  handle(input: ConnectionInput | Resolved, now: number): S2sEffect[] {
    return this.#turn(now, () => {
      if (input.kind === 'resolved') this.#routes.get(input.domain)?.resolved(input.resolution);
      else if (input.kind === 'accepted') this.#accept(input.connection, input.address);
      else this.#streams.get(input.connection)?.handle(input);
    });
  }

  /** What a stream brought before has been handled. */
  goOn({ connection }: GoOnEffect, now: number): S2sEffect[] {
    return this.#turn(now, () => this.#streams.get(connection)?.goOn());
  }

  /** When `handleTimeout` wants to be called. */
  nextTimeout(): number | undefined {
    let next: number | undefined;
    const consider = (time: number | undefined): void => {
      if (time !== undefined && (next === undefined || time < next)) next = time;
    };
    for (const stream of this.#streams.values()) consider(stream.nextTimeout());
    for (const route of this.#routes.values()) consider(route.nextTimeout());
    const [oldest] = this.#lost.values();
    consider(oldest?.until);
    return next;
  }

  handleTimeout(now: number): S2sEffect[] {
    return this.#turn(now, () => {
      for (const stream of this.#streams.values()) stream.handleTimeout();
      for (const route of this.#routes.values()) route.handleTimeout();
      for (const [id, { until }] of this.#lost) if (until <= now) this.#lost.delete(id);
    });
  }

  /** Takes stanzas on their way to a domain. What can't be brought there comes back as an error. */
  send({ domain, stanzas }: SendEffect, now: number): S2sEffect[] {
    return this.#turn(now, () => {
      const route = this.#route(domain);
      if (route !== undefined) return route.send(stanzas);
      for (const xml of stanzas) this.bounce(domain, xml, DELIVERY_ERRORS.queueFull);
    });
  }

  /** Whether the stream to a domain stands, or is lost and may be resumed. */
  isReachable(domain: string): boolean {
    return this.#routes.get(domain)?.isReachable === true;
  }

  /** Whether more waits for a domain than it acknowledges. */
  isCongested(domain: string): boolean {
    return this.#routes.get(domain)?.isCongested === true;
  }

  /** The connections by which stanzas go to the domains that a stream brings stanzas of. */
  carriersOf(connection: ConnectionId): ConnectionId[] {
    const carriers = this.#routesOf(connection).map(({ carrier }) => carrier?.connection);
    return carriers.filter((carrier) => carrier !== undefined);
  }

  /** Whether so much waits for one of the domains that a stream brings stanzas of that it should bring no more now. */
  isAhead(connection: ConnectionId): boolean {
    return this.#routesOf(connection).some((route) => route.isBehind && route.carrier?.connection !== connection);
  }

  /** How the streams with a domain stand; undefined where there is nothing to say. */
  report(domain: string): S2sReport | undefined {
    return this.#routes.get(domain)?.report();
  }

  reports(): S2sReport[] {
    return [...this.#routes.values()].map((route) => route.report());
  }

  // What the streams and routes need:

  readonly push = (effect: S2sEffect): void => {
    this.#effects.push(effect);
  };

  readonly log: S2sHost['log'] = (level, message, key, fields) => {
    const suppressed = level === 'warn' ? this.#warned.allow(`${message} ${key}`, this.#now) : 0;
    if (suppressed === false) return;
    this.push({ kind: 'log', level, message, fields: suppressed === 0 ? fields : { ...fields, suppressed } });
  };

  /** Tells the sender, in the recipient's name (RFC 6120 §8.3). A bounce is never bounced. */
  readonly bounce = (domain: string, xml: string, error: StanzaError): void => {
    const stanza = errorReply(parseElement(xml), error);
    if (stanza !== undefined) this.push({ kind: 'stanza', via: { kind: 's2s', domain }, stanza });
  };

  readonly newStreamId = (): string =>
    createHmac('sha256', this.#secret)
      .update(`stream ${++this.#ids}`)
      .digest('base64url')
      .slice(0, 24);

  readonly pinOf = (domain: string): string => this.#settings.peers.find((peer) => peer.domain === domain)?.pin ?? '';

  readonly judge = (certificate: PeerCertificate | undefined, domain: string): Judgement =>
    judge(certificate, domain, this.pinOf(domain));

  readonly dialbackKey = (receiving: string, streamId: string): string =>
    dialbackKey(this.#secret, receiving, this.#settings.domain, streamId);

  readonly isDialbackKey = (key: string, receiving: string, streamId: string): boolean =>
    isDialbackKey(key, this.#secret, receiving, this.#settings.domain, streamId);

  readonly openStream = (candidate: Candidate, options: OutgoingOptions): OutgoingStream => {
    const connection = this.#nextConnection();
    const stream = new OutgoingStream(this, connection, options);
    this.#streams.set(connection, stream);
    const { host, port, isDirectTls } = candidate;
    const tls = { role: 'client', profile: 's2s', serverName: options.serverName, protocols: ['xmpp-server'] } as const;
    this.push({ kind: 'open', connection, host, port, ...(isDirectTls && { tls }) });
    return stream;
  };

  readonly onReady = (stream: S2sStream): void => {
    for (const domain of stream.domains) this.#routes.get(domain)?.ready(stream);
  };

  readonly onAcknowledged = (stream: S2sStream): void => {
    for (const domain of stream.domains) this.#routes.get(domain)?.acknowledged();
  };

  readonly onClaim = (stream: S2sStream, claim: DialbackClaim): void => {
    const claimed = [...this.#routes.values()].filter(({ isForClaims }) => isForClaims).length;
    const mayAdd = this.#routes.has(claim.domain) || claimed < MAX_CLAIMED_ROUTES;
    const route = mayAdd ? this.#route(claim.domain) : undefined;
    if (route === undefined) stream.settleClaim(claim.domain, 'resource-constraint');
    else route.verify(stream, claim);
  };

  readonly onVerified = (stream: S2sStream, answer: Element): void => {
    if (stream instanceof OutgoingStream) this.#routes.get(stream.domain)?.verified(stream, answer);
  };

  readonly onEnded = (stream: S2sStream, reason: string): void => {
    this.#streams.delete(stream.connection);
    this.#keepSession(stream);
    for (const route of this.#routes.values()) route.ended(stream, reason);
  };

  readonly takeSession = (id: string, domains: readonly string[]): StreamManagement | undefined => {
    const live = [...this.#streams.values()].find(
      (stream) => stream instanceof IncomingStream && stream.sessionId === id && isAmong(stream.domains, domains),
    );
    // The peer has noticed before us that its connection is gone.
    live?.end('the peer resumes the session on another stream');
    const lost = this.#lost.get(id);
    if (lost === undefined || lost.until <= this.#now || !isAmong(lost.domains, domains)) return undefined;
    this.#lost.delete(id);
    return lost.management;
  };

  #turn(now: number, act: () => void): S2sEffect[] {
    this.#now = now;
    act();
    for (const [domain, route] of this.#routes) if (route.isIdle) this.#routes.delete(domain);
    return this.#effects.splice(0);
  }

  /** A peer has connected. Too many get the reason in place of a stream. */
  #accept(connection: ConnectionId, address: string): void {
    const incoming = [...this.#streams.values()].filter((stream) => stream instanceof IncomingStream);
    const fromThere = incoming.filter((stream) => stream.address === address);
    const stream = new IncomingStream(this, connection, address);
    this.#streams.set(connection, stream);
    if (incoming.length >= MAX_INCOMING)
      stream.fail(new StreamError('resource-constraint', 'Too many streams are open here'));
    else if (fromThere.length >= MAX_FROM_ADDRESS)
      stream.fail(new StreamError('policy-violation', 'Too many streams are open from that address'));
  }

  /** Ends what streams there are with a domain, to begin them as they are to be now (RFC 6120 §4.9.3.16). */
  #reset(domain: string): void {
    for (const stream of this.#streams.values())
      if (stream.proofOf(domain) !== undefined) stream.fail(new StreamError('reset'));
  }

  #routesOf(connection: ConnectionId): Route[] {
    const domains = this.#streams.get(connection)?.domains ?? [];
    return domains.map((domain) => this.#routes.get(domain)).filter((route) => route !== undefined);
  }

  /** The route to a domain; undefined where there are too many. */
  #route(domain: string): Route | undefined {
    const known = this.#routes.get(domain);
    if (known !== undefined || this.#routes.size >= MAX_ROUTES) return known;
    const route = new Route(this, domain);
    this.#routes.set(domain, route);
    // What a peer proves makes no route: it may prove more than we have to do with.
    for (const stream of this.#streams.values()) if (stream.proofOf(domain) !== undefined) route.ready(stream);
    return route;
  }

  /** What the peer needs to know once it resumes: how much of it we have had (XEP-0198 §5). */
  #keepSession(stream: S2sStream): void {
    const { management, sessionId, domains } = stream;
    if (!(stream instanceof IncomingStream) || management === undefined || sessionId === undefined) return;
    if (stream.isOrderly || stream.fault !== undefined) return;
    this.#lost.set(sessionId, { management, domains, until: this.#now + RESUMPTION_SECONDS * 1000 });
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > MAX_LOST_SESSIONS && oldest !== undefined) this.#lost.delete(oldest);
  }
}

/** How a domain is reached that is nobody's link. */
const UNHELD = { pin: '', compression: false } as const;

/** Whether streams come about the same way. */
function isSame(one: S2sPeer, other: S2sPeer): boolean {
  const [here, there] = [one, other].map(({ connect }) => connect && formatAddress(connect));
  return here === there && one.pin === other.pin && one.compression === other.compression;
}

/** Whether the one who comes back is the one who left. */
function isAmong(session: readonly string[], proved: readonly string[]): boolean {
  return session.some((domain) => proved.includes(domain));
}
