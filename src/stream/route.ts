import { Backoff } from '../lib/backoff.ts';
import { Deadlines } from '../lib/deadlines.ts';
import type { Resolution } from '../lib/effects.ts';
import { asciiDomain } from '../lib/idna.ts';
import type { Random } from '../lib/random.ts';
import type { StanzaError } from '../stanza/errors.ts';
import { attribute, type Element } from '../xml/element.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { DELIVERY_ERRORS } from './delivery-errors.ts';
import type { DialbackError } from './dialback.ts';
import { type OutgoingOptions, OutgoingStream, WANTED_RESUMPTION } from './outgoing-stream.ts';
import type { DialbackClaim, S2sHost, S2sStream } from './s2s-stream.ts';
import type { S2sPeer, S2sReport } from './s2s-types.ts';
import type { KeptSession } from './session-record.ts';
import { StreamManagement } from './stream-management.ts';

/** Milliseconds until an attempt to connect to one address is given up. */
export const CONNECT_TIMEOUT = 30_000;
/** Milliseconds until nobody is expected any more to know where a domain is. */
export const RESOLVE_TIMEOUT = 30_000;
/** Milliseconds for which a stanza waits for a stream. */
export const QUEUE_TIME = 60_000;
/** The most stanzas that wait for one domain. */
export const MAX_QUEUED = 10_000;
/** Their characters. */
export const MAX_QUEUED_CHARACTERS = 2 * 1024 * 1024;
/** The most keys of one domain that are being verified at a time. */
export const MAX_VERIFICATIONS = 32;
/** Milliseconds in which the authoritative server must have answered: the claimant's own time runs out soon after. */
export const VERIFY_TIMEOUT = 25_000;
/** Stanzas that are sent back at a time: each is read for it, and its sender told. */
export const MAX_BOUNCED = 10;
/** Milliseconds of silence after which a stream that we opened is ended. */
export const IDLE_TIME = 900_000;
/** Milliseconds between a failure and the next attempt. */
const RETRY_DELAY = { min: 1000, max: 60_000 };
/** Milliseconds for which the store keeps a session: only the peer knows how long it does. */
const SESSION_KEPT = 86_400_000;
/** Milliseconds for which stanzas wait for a peer to resume a session that it began, before we open a stream. */
export const PEER_RESUMPTION_TIME = 45_000;

const COUNTERS = ['bytesIn', 'bytesOut', 'savedBytes', 'stanzasIn', 'stanzasOut'] as const;
type Counter = (typeof COUNTERS)[number];

interface Waiting {
  readonly xml: string;
  readonly since: number;
}

/** A key that the domain's authoritative server is asked about. */
interface Verification {
  readonly claim: DialbackClaim;
  /** The stream that the claim came on, which is not the one to ask on. */
  readonly claimant: S2sStream;
  /** The stream that it was asked on. */
  asked: OutgoingStream | undefined;
  readonly until: number;
}

/** A session whose stream was lost. */
interface LostSession {
  readonly id: string;
  readonly management: StreamManagement;
  /** Who began it, and has to resume it. */
  readonly direction: 'out' | 'in';
  readonly until: number;
}

/** What a route needs of the service beside what its streams do. */
export interface RouteHost extends S2sHost {
  readonly random: Random;
  /** Opens a connection for a stream. */
  readonly openStream: (candidate: Candidate, options: OutgoingOptions) => OutgoingStream;
  /** A stanza can't be brought to its domain. */
  readonly bounce: (domain: string, xml: string, error: StanzaError) => void;
}

/**
 * The way to one domain by ordinary streams: what waits for it, where its server is sought, and which stream carries it. A
 * stream is opened once something waits, or always for the peer of a link; one of the peer's own serves where it has agreed
 * on both directions.
 */
export class Route {
  readonly domain: string;
  readonly #host: RouteHost;
  readonly #backoff: Backoff;
  readonly #deadlines = new Deadlines<'connect' | 'resolve' | 'retry'>();
  #peer: S2sPeer | undefined;
  #queue: Waiting[] = [];
  #characters = 0;
  /** The first so many of those that wait are sent back, with that error. */
  #refused: { readonly count: number; readonly error: StanzaError } | undefined;
  /** Those on which the domain has been proved, whether they carry it or only bring what is from there. */
  readonly #streams = new Set<S2sStream>();
  #attempt: OutgoingStream | undefined;
  #candidates: Candidate[] = [];
  /** One that we began and one that the peer did, at most: what follows on another stream could arrive first. */
  #sessions: LostSession[] = [];
  #verifications: Verification[] = [];
  #error: string | undefined;
  /** The failure that the log has; the same again is not news. */
  #toldError: string | undefined;
  #state: 'up' | 'connecting' | 'down' = 'down';
  #since: number;
  /** Whether the peer of a link has been told to be up. */
  #isUp = false;
  readonly #ended = { bytesIn: 0, bytesOut: 0, savedBytes: 0, stanzasIn: 0, stanzasOut: 0 };

  constructor(host: RouteHost, domain: string) {
    this.domain = domain;
    this.#host = host;
    this.#backoff = new Backoff(host.random, RETRY_DELAY);
    this.#since = host.now;
  }

  /** Whether nothing is left to do, so that it may be forgotten. */
  get isIdle(): boolean {
    return (
      this.#peer === undefined &&
      this.#queue.length === 0 &&
      this.#streams.size === 0 &&
      this.#attempt === undefined &&
      this.#sessions.length === 0 &&
      this.#verifications.length === 0 &&
      this.#deadlines.next() === undefined
    );
  }

  /** Whether it is there only since somebody claims the domain. */
  get isForClaims(): boolean {
    return (
      this.#peer === undefined && this.#queue.length === 0 && this.#streams.size === 0 && this.#sessions.length === 0
    );
  }

  /**
   * Whether a stanza that is given now reaches the peer, or is known to be lost. So it does once the peer has been proved: on
   * a stream for both directions it may speak before we have what else is negotiated, and is to be answered.
   */
  get isReachable(): boolean {
    const isKnown = this.#attempt !== undefined && this.#attempt.domains.length > 0;
    return isKnown || this.carrier !== undefined || this.#sessions.length > 0;
  }

  /** Whether more waits than the peer acknowledges. */
  get isCongested(): boolean {
    return this.#queue.length > 0 || this.carrier?.management?.isFull === true;
  }

  /** Whether half as much waits as may. */
  get isBehind(): boolean {
    return 2 * this.#queue.length >= MAX_QUEUED || 2 * this.#characters >= MAX_QUEUED_CHARACTERS;
  }

  /** From now on a stream is held; undefined: no longer. */
  hold(peer: S2sPeer | undefined): void {
    this.#peer = peer;
    if (peer === undefined) this.#isUp = false;
    else if (this.carrier !== undefined) this.#tellUp();
    this.#pump();
  }

  /** Goes on with a session that an earlier process has left. */
  restore(kept: KeptSession): void {
    const until = Math.min(kept.until, this.#host.now + WANTED_RESUMPTION * 1000);
    this.#sessions.push({ id: kept.id, management: StreamManagement.restore(kept), direction: 'out', until });
    this.#pump();
  }

  /** Ends what stands. What is under way in a session is left in the store, to go on in the next process. */
  stop(): void {
    this.#peer = undefined;
    this.#deadlines.clear('retry');
    this.#keep(Number.POSITIVE_INFINITY);
    for (const stream of this.#streams)
      if (stream.sessionId !== undefined && (stream.management?.size ?? 0) > 0) stream.end('the gateway stops');
  }

  send(stanzas: readonly string[]): void {
    for (const xml of stanzas) {
      if (this.#queue.length >= MAX_QUEUED || this.#characters + xml.length > MAX_QUEUED_CHARACTERS)
        this.#host.bounce(this.domain, xml, DELIVERY_ERRORS.queueFull);
      else {
        this.#queue.push({ xml, since: this.#host.now });
        this.#characters += xml.length;
      }
    }
    this.#pump();
  }

  /** A key is to be verified. */
  verify(claimant: S2sStream, claim: DialbackClaim): void {
    if (this.#verifications.length >= MAX_VERIFICATIONS)
      return claimant.settleClaim(this.domain, 'resource-constraint');
    const until = this.#host.now + VERIFY_TIMEOUT;
    this.#verifications.push({ claim, claimant, asked: undefined, until });
    this.#askAll();
    if (this.#verifications.some(({ asked }) => asked === undefined)) this.#dial();
  }

  /** The authoritative server's answer (XEP-0220 §2.1, step 3). */
  verified(stream: S2sStream, answer: Element): void {
    const isOurs = attribute(answer, 'from') === this.domain && attribute(answer, 'to') === this.#host.settings.domain;
    const id = attribute(answer, 'id');
    const found = this.#verifications.find(({ claim, asked }) => isOurs && asked === stream && claim.streamId === id);
    if (found === undefined) return;
    const type = attribute(answer, 'type');
    this.#settle([found], type === 'valid' || type === 'invalid' ? type : 'remote-server-not-found');
  }

  /** The domain has been proved on a stream, which may carry it from now on. */
  ready(stream: S2sStream): void {
    this.#streams.add(stream);
    if (stream === this.#attempt) {
      this.#attempt = undefined;
      this.#candidates = [];
      this.#deadlines.clear('connect');
    }
    this.#deadlines.clear('retry');
    this.#toldError = undefined;
    this.#refused = undefined;
    // A peer that resumes its session says so first, and until then has not lost it.
    const isAnswer = stream.direction === 'out' || stream.management !== undefined;
    for (const session of this.#sessions)
      if (isAnswer && session.direction === stream.direction) this.#leave(session, stream.management, undefined);
    if (stream.direction === 'out' && stream.sessionId !== undefined)
      stream.management?.record(this.domain, stream.sessionId, this.#host.now + SESSION_KEPT);
    this.#tellUp();
    this.#pump();
  }

  /** A stream that carried, or was to, is over. */
  ended(stream: S2sStream, reason: string): void {
    if (stream === this.#attempt || this.#streams.has(stream))
      for (const key of COUNTERS) this.#ended[key] += stream[key];
    this.#settle(
      this.#verifications.filter(({ asked }) => asked === stream),
      'remote-server-timeout',
    );
    this.#verifications = this.#verifications.filter(({ claimant }) => claimant !== stream);
    if (stream === this.#attempt) return this.#attemptFailed(reason, this.#attempt.isHopeless);
    if (!this.#streams.delete(stream)) return;
    this.#error = reason;
    if (stream.fault === undefined) this.#backoff.reset();
    else this.#deadlines.set('retry', this.#host.now + this.#backoff.next());
    this.#lose(stream);
    if (!this.isReachable) this.#tellDown();
    this.#pump();
  }

  /** Room for more, or another part of the session that the peer has. */
  acknowledged(): void {
    this.#pump();
  }

  resolved(resolution: Resolution): void {
    if (this.#deadlines.get('resolve') === undefined) return;
    this.#deadlines.clear('resolve');
    const { tls } = this.#host.settings;
    this.#candidates = candidatesOf(resolution, this.#host.random).filter(
      ({ isDirectTls }) => tls !== 'off' || !isDirectTls,
    );
    if (this.#candidates.length > 0) return this.#tryNext();
    this.#giveUp(
      resolution.problem ?? 'DNS says that there is no XMPP server',
      resolution.isDefinite ? DELIVERY_ERRORS.notFound : undefined,
    );
  }

  nextTimeout(): number | undefined {
    const [first] = this.#queue;
    const times = [
      this.#deadlines.next(),
      this.#refused === undefined ? undefined : this.#host.now,
      first === undefined || this.#peer !== undefined ? undefined : first.since + QUEUE_TIME,
      ...[...this.#verifications, ...this.#sessions].map(({ until }) => until),
      ...this.#ownSessions().map((management) => management.nextKeep()),
      ...this.#idle().map(({ usedAt }) => usedAt + IDLE_TIME),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeout(): void {
    const { now } = this.#host;
    for (const due of this.#deadlines.due(now)) {
      if (due === 'connect') this.#attempt?.end(`no connection within ${CONNECT_TIMEOUT / 1000} s`);
      else if (due === 'resolve') this.#giveUp(`nobody knew an address within ${RESOLVE_TIMEOUT / 1000} s`);
      else this.#pump();
    }
    for (const session of this.#sessions) if (session.until <= now) this.#leave(session, undefined, undefined);
    if (!this.isReachable) this.#tellDown();
    this.#keep(now);
    this.#settle(
      this.#verifications.filter(({ until }) => until <= now),
      'remote-server-timeout',
    );
    this.#sendBack();
    if (this.#peer === undefined) {
      const young = this.#queue.findIndex(({ since }) => since + QUEUE_TIME > now);
      this.#refuse(young === -1 ? this.#queue.length : young, DELIVERY_ERRORS.timedOut);
    }
    for (const stream of this.#idle()) if (stream.usedAt + IDLE_TIME <= now) stream.close();
    this.#pump();
  }

  report(): S2sReport {
    const carrier = this.carrier;
    const streams = [...this.#streams, ...(this.#attempt === undefined ? [] : [this.#attempt])];
    const sum = (key: Counter): number => streams.reduce((total, stream) => total + stream[key], this.#ended[key]);
    return {
      domain: this.domain,
      state: this.#state,
      since: this.#since,
      error: this.#error,
      proof: carrier?.proofOf(this.domain),
      tls: carrier?.tls,
      isBidirectional: carrier?.isBidirectional === true,
      isResumable: carrier?.sessionId !== undefined,
      bytesIn: sum('bytesIn'),
      bytesOut: sum('bytesOut'),
      savedBytes: sum('savedBytes'),
      stanzasIn: sum('stanzasIn'),
      stanzasOut: sum('stanzasOut'),
      queued: this.#queue.length + (carrier?.management?.size ?? 0) + this.#underWay(),
    };
  }

  /** The stream to write to: ours before the peer's. */
  get carrier(): S2sStream | undefined {
    let carrier: S2sStream | undefined;
    for (const stream of this.#streams)
      if (stream.carries(this.domain) && (carrier === undefined || stream.direction === 'out')) carrier = stream;
    return carrier;
  }

  /** Streams of ours that nothing needs to stay for. */
  #idle(): S2sStream[] {
    if (this.#peer !== undefined) return [];
    return [...this.#streams].filter(
      ({ direction, state, management }) => direction === 'out' && state === 'up' && (management?.size ?? 0) === 0,
    );
  }

  /** Writes what can be, and seeks a stream for the rest. */
  #pump(): void {
    const carrier = this.#sessions.length === 0 ? this.carrier : undefined;
    if (carrier !== undefined) carrier.send(this.#writable(carrier));
    if (this.#isWanted()) this.#dial();
    this.#settleState();
  }

  /** As much of what waits as the peer acknowledges in time. */
  *#writable(carrier: S2sStream): Generator<string> {
    while (this.#queue.length > 0 && carrier.management?.isFull !== true) {
      const { xml } = this.#takeFirst();
      if (fits(xml, carrier.maxStanzaBytes)) yield xml;
      else this.#host.bounce(this.domain, xml, DELIVERY_ERRORS.tooLarge);
    }
  }

  /** Whether a stream of ours is needed: to resume a session, or where none of the peer's will do. */
  #isWanted(): boolean {
    if (this.#sessions.some(({ direction }) => direction === 'out')) return true;
    const isNeeded = this.#queue.length > 0 || this.#peer !== undefined;
    return isNeeded && this.#sessions.length === 0 && this.carrier === undefined;
  }

  /** Stanzas of lost sessions. */
  #underWay(): number {
    return this.#sessions.reduce((sum, { management }) => sum + management.size, 0);
  }

  /** Seeks the domain's server, unless that is under way or has just failed. */
  #dial(): void {
    if (this.#attempt?.state === 'ready') return this.#attempt.proveOurselves();
    const isUnderWay = this.#attempt !== undefined || this.#deadlines.get('resolve') !== undefined;
    const isForVerification = this.#verifications.some(({ asked }) => asked === undefined);
    if (isUnderWay || (this.#deadlines.get('retry') !== undefined && !isForVerification)) return;
    this.#deadlines.clear('retry');
    const known = this.#peer?.connect ?? this.#host.settings.hosts[this.domain];
    if (known === undefined) {
      this.#deadlines.set('resolve', this.#host.now + RESOLVE_TIMEOUT);
      this.#host.push({ kind: 'resolve', domain: this.domain });
    } else {
      this.#candidates = [{ host: known.host, port: known.port, isDirectTls: false, name: undefined }];
      this.#tryNext();
    }
    this.#settleState();
  }

  #tryNext(): void {
    const candidate = this.#candidates.shift();
    if (candidate === undefined) return;
    const session = this.#sessions.find(({ direction }) => direction === 'out');
    this.#deadlines.set('connect', this.#host.now + CONNECT_TIMEOUT);
    this.#attempt = this.#host.openStream(candidate, {
      domain: this.domain,
      serverName: asciiDomain(this.domain) ?? this.domain,
      isDirectTls: candidate.isDirectTls,
      compression: this.#peer?.compression === true,
      resumption: session,
      isWanted: () => this.#isWanted(),
      onConnected: () => this.#deadlines.clear('connect'),
      onAskable: () => this.#askAll(),
      onNotResumed: (handled) => this.#notResumed(handled),
    });
  }

  #attemptFailed(reason: string, isHopeless: boolean): void {
    const wasReachable = this.isReachable;
    this.#attempt = undefined;
    if (wasReachable && !this.isReachable) this.#tellDown(true);
    this.#deadlines.clear('connect');
    if (!isHopeless && this.#candidates.length > 0) {
      this.#error = reason;
      return this.#tryNext();
    }
    this.#giveUp(reason, isHopeless ? DELIVERY_ERRORS.refused : undefined);
  }

  /** No server was found, or none that lets us in; `final` where waiting longer would change nothing. */
  #giveUp(reason: string, final?: StanzaError): void {
    this.#candidates = [];
    this.#error = reason;
    const delay = this.#backoff.next();
    this.#host.push({
      kind: 'log',
      level: reason === this.#toldError ? 'debug' : 'warn',
      message: 'no stream',
      fields: { peer: this.domain, reason, retry_in: `${Math.ceil(delay / 1000)} s` },
    });
    this.#toldError = reason;
    this.#settle(this.#verifications, final === undefined ? 'remote-server-timeout' : 'remote-server-not-found');
    if (final !== undefined && this.#peer === undefined) this.#refuse(this.#queue.length, final);
    if (this.#isWanted()) this.#deadlines.set('retry', this.#host.now + delay);
    this.#settleState();
  }

  /** A stream that carried is gone: what it had under way waits for the session to be resumed, or for another stream. */
  #lose(stream: S2sStream): void {
    const { management, sessionId: id, direction } = stream;
    if (direction === 'in' && !stream.isBidirectional) return;
    if (management === undefined) {
      if (!stream.isOrderly && stream.stanzasIn + stream.stanzasOut > 0) this.#tellLoss();
      return;
    }
    const seconds = stream instanceof OutgoingStream ? stream.resumptionSeconds : PEER_RESUMPTION_TIME / 1000;
    const session = { id: id ?? '', management, direction, until: this.#host.now + seconds * 1000 };
    const isFirst = !this.#sessions.some((one) => one.direction === direction);
    this.#sessions.push(session);
    if (stream.fault === 'ours') this.#rejected(session);
    else if (id === undefined || stream.isOrderly || stream.fault === 'theirs' || !isFirst)
      this.#leave(session, undefined, undefined);
  }

  /** The peer has ended the stream over something that we sent, and nobody knows what: it doesn't go out again. */
  #rejected(session: LostSession): void {
    const left = session.management.abandon(undefined, this.#host.now);
    this.#leave(session, undefined, undefined);
    if (this.#peer !== undefined) return;
    for (const { xml } of left) this.#host.bounce(this.domain, xml, DELIVERY_ERRORS.rejected);
  }

  #notResumed(handled: number | undefined): void {
    const session = this.#sessions.find(({ direction }) => direction === 'out');
    if (session !== undefined) this.#leave(session, undefined, handled);
  }

  /**
   * A session is lost no more: `management` is that of the stream in its place. If it doesn't go on there, what it has under
   * way goes by another stream; a link's own layers know what the peer has had.
   */
  #leave(session: LostSession, management: StreamManagement | undefined, handled: number | undefined): void {
    this.#sessions = this.#sessions.filter((one) => one !== session);
    if (session.management === management) return;
    const since = this.#host.now;
    const left = session.management.abandon(handled, since).map(({ xml }) => ({ xml, since }));
    for (const write of session.management.toKeep(Number.POSITIVE_INFINITY)) this.#host.push(write);
    this.#tellLoss();
    if (this.#peer !== undefined) return;
    this.#queue = [...left, ...this.#queue];
    this.#characters += left.reduce((sum, { xml }) => sum + xml.length, 0);
  }

  /** What is to outlive the process of the sessions that we began. Counts of what was handled follow what came of it. */
  #keep(until: number): void {
    for (const management of this.#ownSessions()) for (const write of management.toKeep(until)) this.#host.push(write);
  }

  #ownSessions(): StreamManagement[] {
    return [...this.#streams, ...this.#sessions]
      .filter(({ direction }) => direction === 'out')
      .map(({ management }) => management)
      .filter((management) => management !== undefined);
  }

  #askAll(): void {
    const stream = [this.#attempt, ...this.#streams].find(
      (one): one is OutgoingStream => one instanceof OutgoingStream && one.isAskable,
    );
    if (stream === undefined) return;
    for (const verification of this.#verifications) {
      if (verification.asked !== undefined || verification.claimant === stream) continue;
      verification.asked = stream;
      stream.verify(verification.claim.streamId, verification.claim.key);
    }
  }

  #settle(settled: readonly Verification[], outcome: 'valid' | 'invalid' | DialbackError): void {
    if (settled.length === 0) return;
    this.#verifications = this.#verifications.filter((one) => !settled.includes(one));
    for (const { claimant } of settled) claimant.settleClaim(this.domain, outcome);
    if (this.#verifications.length === 0 && this.#attempt?.state === 'ready' && !this.#isWanted()) {
      const asked = this.#attempt;
      this.#attempt = undefined;
      this.#candidates = [];
      asked.close();
    }
  }

  #takeFirst(): Waiting {
    const first = this.#queue.shift();
    if (first === undefined) throw new RangeError('nothing waits');
    this.#characters -= first.xml.length;
    return first;
  }

  /** The domain can't be reached: the first so many of those that wait are sent back. */
  #refuse(count: number, error: StanzaError): void {
    if (count === 0 || this.#refused !== undefined) return;
    this.#refused = { count, error };
    this.#host.push({ kind: 's2s-unreachable', domain: this.domain });
    this.#sendBack();
  }

  #sendBack(): void {
    if (this.#refused === undefined) return;
    const { count, error } = this.#refused;
    const some = Math.min(count, MAX_BOUNCED, this.#queue.length);
    for (let index = 0; index < some; index++) this.#host.bounce(this.domain, this.#takeFirst().xml, error);
    this.#refused = some < MAX_BOUNCED || some === count ? undefined : { count: count - some, error };
  }

  #tellUp(): void {
    if (this.#peer === undefined || this.#isUp || this.carrier === undefined) return;
    this.#isUp = true;
    this.#host.push({ kind: 's2s-up', peer: this.domain });
  }

  /** What was under way has arrived or not. */
  #tellLoss(): void {
    if (this.#peer === undefined) return this.#host.push({ kind: 's2s-lost', domain: this.domain });
    this.#tellDown();
    this.#tellUp();
  }

  /** What waits is lost with the stream, and the layers above know. */
  #tellDown(wasReachable = this.#isUp): void {
    if (this.#peer === undefined || !wasReachable) return;
    this.#isUp = false;
    this.#queue = [];
    this.#characters = 0;
    this.#host.push({ kind: 's2s-down', peer: this.domain });
  }

  #settleState(): void {
    const isSeeking = this.#attempt !== undefined || this.#deadlines.get('resolve') !== undefined;
    const state = this.carrier !== undefined ? 'up' : isSeeking ? 'connecting' : 'down';
    if (state !== this.#state) this.#since = this.#host.now;
    this.#state = state;
  }
}

/** The longest that a character is in UTF-8, in bytes, for each unit of its text. */
const MAX_UNIT_BYTES = 3;

/** Whether the text has no more bytes than that. They are counted only where it matters. */
function fits(xml: string, bytes: number): boolean {
  return xml.length * MAX_UNIT_BYTES <= bytes || Buffer.byteLength(xml) <= bytes;
}
