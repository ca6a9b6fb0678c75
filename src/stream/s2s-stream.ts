import type { ConnectionId, ConnectionInput, LogLevel, PeerCertificate, TlsRequest } from '../lib/effects.ts';
import { Jid } from '../lib/jid.ts';
import { Transitions } from '../lib/transitions.ts';
import { attribute, type Element, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { escapeAttribute } from '../xml/serialise.ts';
import { isStanza, isStreamError, StreamError, type StreamErrorCondition } from '../xml/stream-errors.ts';
import { DEFAULT_LIMITS, type ParserLimits, type StreamHeader } from '../xml/stream-parser.ts';
import { type DialbackError, dialbackAnswer } from './dialback.ts';
import type { Condition } from './features.ts';
import type { S2sEffect, S2sSettings } from './s2s-types.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { StreamManagement } from './stream-management.ts';
import { Throttle } from './throttle.ts';
import type { Judgement, Proof } from './trust.ts';
import { STREAM_CLOSE, smuggled, Wire } from './wire.ts';

/** Milliseconds in which a stream that isn't authenticated must get a step further: there are few steps, and slow links. */
export const NEGOTIATION_TIMEOUT = 30_000;
/** Milliseconds that the other side has to end its half of a stream that we have ended. */
export const CLOSE_TIMEOUT = 30_000;
/** Milliseconds of silence after which a stream that a peer opened is ended. */
export const SILENCE_TIME = 1_800_000;
/** Milliseconds of silence, for each second that the peer bears, after which it hears a space (RFC 6120 §4.6.1). */
const KEEPALIVE_AFTER = 800;
/** The most domains that a peer may prove on one stream. */
export const MAX_DOMAINS = 64;
/** And the most that are being verified at a time. */
export const MAX_CLAIMS = 8;

/** Conditions that say nothing against what was sent (RFC 6120 §4.9.3). */
const PASSING: ReadonlySet<StreamErrorCondition> = new Set([
  'conflict',
  'connection-timeout',
  'internal-server-error',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'see-other-host',
  'system-shutdown',
]);

/** What a stream may cost that nobody has proved anything on (RFC 6120 §13.12: no less than 10,000 bytes). */
const UNAUTHENTICATED_LIMITS: ParserLimits = { stanzaBytes: 10_000, attributes: 32, depth: 8, elements: 64 };

type LogFields = Readonly<Record<string, string | number>>;

/** What a stream needs of the service that it belongs to. */
export interface S2sHost {
  readonly settings: S2sSettings;
  /** The time of the turn, in milliseconds since the epoch. */
  readonly now: number;
  readonly push: (effect: S2sEffect) => void;
  /** Logs; of warnings with one key only so many. */
  readonly log: (level: LogLevel, message: string, key: string, fields: LogFields) => void;
  /** An id that nobody can foretell (RFC 6120 §4.7.3). */
  readonly newStreamId: () => string;
  /** The only certificate that the domain is let in with; empty: any that is valid. */
  readonly pinOf: (domain: string) => string;
  readonly judge: (certificate: PeerCertificate | undefined, domain: string) => Judgement;
  /** The key by which we prove our domain on a stream, and whether one that is shown is that. */
  readonly dialbackKey: (receiving: string, streamId: string) => string;
  readonly isDialbackKey: (key: string, receiving: string, streamId: string) => boolean;
  /** A domain may be written to on this stream from now on, or has been proved to be the peer's. */
  readonly onReady: (stream: S2sStream) => void;
  /** The stream has taken part of what waits, or has room again. */
  readonly onAcknowledged: (stream: S2sStream) => void;
  /** Somebody claims a domain by a dialback key. */
  readonly onClaim: (stream: S2sStream, claim: DialbackClaim) => void;
  /** The authoritative server has answered. */
  readonly onVerified: (stream: S2sStream, answer: Element) => void;
  /** It is over, for a reason fit for the log. Nothing more comes of it. */
  readonly onEnded: (stream: S2sStream, reason: string) => void;
}

/** A `<db:result/>` to be verified (XEP-0220 §2.1). */
export interface DialbackClaim {
  readonly domain: string;
  readonly key: string;
  readonly streamId: string;
}

export type State =
  | 'connecting'
  | 'securing'
  | 'opening'
  | 'negotiating'
  | 'asking'
  | 'ready'
  | 'up'
  | 'closing'
  | 'ended';
export type Event =
  | 'connected'
  | 'secure'
  | 'open'
  | 'header'
  | 'ask'
  | 'answer'
  | 'wait'
  | 'go-on'
  | 'done'
  | 'close'
  | 'end';

/**
 * - `opening`: the other side's stream header is awaited;
 * - `negotiating`: features are chosen from;
 * - `asking`: the answer to one of them is awaited;
 * - `ready`: TLS is done, and there is nothing yet to prove ourselves for;
 * - `closing`: our half of the stream has ended, the other side's has not.
 */
const TRANSITIONS = new Transitions<State, Event>([
  { from: 'connecting', on: 'connected', to: 'opening' },
  { from: ['connecting', 'opening', 'negotiating', 'asking'], on: 'secure', to: 'securing' },
  { from: ['securing', 'asking', 'negotiating', 'up'], on: 'open', to: 'opening' },
  { from: 'opening', on: 'header', to: 'negotiating' },
  { from: 'negotiating', on: 'ask', to: 'asking' },
  { from: 'asking', on: 'answer', to: 'negotiating' },
  { from: 'negotiating', on: 'wait', to: 'ready' },
  { from: 'ready', on: 'go-on', to: 'negotiating' },
  { from: ['negotiating', 'asking'], on: 'done', to: 'up' },
  { from: ['opening', 'negotiating', 'asking', 'ready', 'up'], on: 'close', to: 'closing' },
  {
    from: ['connecting', 'securing', 'opening', 'negotiating', 'asking', 'ready', 'up', 'closing'],
    on: 'end',
    to: 'ended',
  },
]);

/**
 * What the two kinds of server-to-server stream have in common (RFC 6120): a connection, the XML stream on it, what it has
 * come to, and who may say what on it. A stream that has ended hears nothing any more.
 */
export abstract class S2sStream {
  readonly connection: ConnectionId;
  /** Who opened the connection. */
  abstract readonly direction: 'out' | 'in';
  stanzasIn = 0;
  stanzasOut = 0;
  /** When the last stanza crossed, or the stream came to stand. */
  usedAt: number;
  /** When the last bytes crossed, each way. */
  #heardAt: number;
  #wroteAt: number;
  /** Acknowledgements of XEP-0198, once both sides want them. */
  management: StreamManagement | undefined;
  /** Whether the peer has ended it in order, so that nothing was under way. */
  isOrderly = false;
  /** Whose words the stream was ended over: they would end the next one too. */
  fault: 'ours' | 'theirs' | undefined;
  /** The SM-ID under which the session may be resumed. */
  sessionId: string | undefined;
  /** Such as `TLSv1.3`; undefined in the clear. */
  tls: string | undefined;
  protected readonly host: S2sHost;
  protected readonly conditions = new Set<Condition>();
  protected readonly wire: Wire;
  protected certificate: PeerCertificate | undefined;
  protected peerLimits: StreamLimits = {};
  /** Until when the state may last. */
  protected deadline: number | undefined;
  /** The id of the stream as it is now: the receiving server gives it. */
  protected streamId = '';
  #state: State;
  readonly #proved = new Map<string, Proof>();
  /** Domains that are being verified. */
  readonly #claims = new Set<string>();
  /** What has come behind a stanza that is being handled. */
  readonly #behind: (() => void)[] = [];
  #isHandlingStanza = false;
  readonly #throttle = new Throttle();
  /** When reading goes on, while it is held back. */
  #resumeAt: number | undefined;

  constructor(host: S2sHost, connection: ConnectionId, state: 'connecting' | 'opening') {
    this.host = host;
    this.connection = connection;
    this.#state = state;
    this.usedAt = host.now;
    this.#heardAt = host.now;
    this.#wroteAt = host.now;
    this.wire = new Wire(connection, {
      streamOpen: (header) => this.#open(header),
      stanza: (element) => this.#inTurn(() => this.#receive(element)),
      streamClose: () => this.#inTurn(() => this.#closed()),
    });
    this.deadline = host.now + NEGOTIATION_TIMEOUT;
  }

  get state(): State {
    return this.#state;
  }

  get bytesIn(): number {
    return this.wire.bytesIn;
  }

  get bytesOut(): number {
    return this.wire.bytesOut;
  }

  get savedBytes(): number {
    return this.wire.savedBytes;
  }

  get isSecure(): boolean {
    return this.conditions.has('secure');
  }

  get isBidirectional(): boolean {
    return this.conditions.has('bidirectional');
  }

  /** The domains that the peer has proved to be its own. */
  get domains(): string[] {
    return [...this.#proved.keys()];
  }

  /** The largest stanza that the peer takes, in bytes (XEP-0478). */
  get maxStanzaBytes(): number {
    return this.peerLimits.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  proofOf(domain: string): Proof | undefined {
    return this.#proved.get(domain);
  }

  /** Whether stanzas for that domain may be written to this stream now. */
  abstract carries(domain: string): boolean;

  /** Writes stanzas, all in one. Their bounds, also that of acknowledgements, are the caller's to keep as it gives them. */
  send(stanzas: Iterable<string>): void {
    const { now } = this.host;
    let text = '';
    for (const xml of stanzas) {
      this.stanzasOut += 1;
      this.management?.sent(xml, now);
      text += xml;
    }
    if (text === '') return;
    this.usedAt = now;
    this.write(text);
    this.#requestIfDue();
  }

  /** Writes what is still to be acknowledged once more. */
  protected sendAgain(xml: string): void {
    this.stanzasOut += 1;
    this.write(xml);
  }

  /** What has become of a claim: `valid`, `invalid`, or the condition of a dialback error (XEP-0220 §2.2 and §2.4). */
  settleClaim(domain: string, outcome: 'valid' | 'invalid' | DialbackError, proof: Proof = 'dialback'): void {
    if (this.#state === 'ended' || !this.#claims.delete(domain)) return;
    const answered = { name: 'result', from: this.host.settings.domain, to: domain } as const;
    if (outcome === 'valid') {
      this.prove(domain, proof);
      this.write(dialbackAnswer(answered, 'valid'));
      return this.onProved();
    }
    this.log('warn', 'dialback failed', { domain, outcome });
    const isOnly = this.#proved.size === 0;
    this.write(dialbackAnswer(answered, outcome === 'invalid' && !isOnly ? 'forbidden' : outcome));
    if (outcome === 'invalid' && isOnly) this.close();
  }

  handle(input: ConnectionInput): void {
    if (this.#state === 'ended') return;
    if (input.kind === 'data') this.#read(input.bytes);
    else if (input.kind === 'closed') this.end(input.reason);
    else if (input.kind === 'secured') this.#secured(input.version, input.certificate);
    else if (input.kind === 'connected') this.onConnected();
  }

  nextTimeout(): number | undefined {
    if (this.#state === 'ended') return undefined;
    const times = [
      this.deadline,
      this.#resumeAt,
      this.#silentUntil(),
      this.#keepaliveAt(),
      ...(this.#state === 'up' ? [this.management?.nextRequest(), this.management?.deadline] : []),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeout(): void {
    const { now } = this.host;
    const { management } = this;
    if (this.#resumeAt !== undefined && now >= this.#resumeAt) {
      this.#resumeAt = undefined;
      this.host.push({ kind: 'resume', connection: this.connection });
    }
    this.#requestIfDue();
    if (now >= (this.#keepaliveAt() ?? Number.POSITIVE_INFINITY)) this.write(' ');
    if (now >= (this.#silentUntil() ?? Number.POSITIVE_INFINITY)) this.close();
    if (management?.deadline !== undefined && now >= management.deadline && this.#state === 'up')
      this.fail(new StreamError('connection-timeout', 'An acknowledgement was asked for and did not come'));
    if (this.deadline === undefined || now < this.deadline || this.#state === 'ended') return;
    this.deadline = undefined;
    if (this.#state === 'closing') this.#finish('the peer did not end the stream');
    else if (this.#state === 'connecting') this.#finish('no connection came to stand in time');
    else
      this.fail(
        new StreamError('connection-timeout', `The negotiation got no further within ${NEGOTIATION_TIMEOUT / 1000} s`),
      );
  }

  /** Ends our half in order, and waits for the other side's to end (RFC 6120 §4.4). */
  close(): void {
    if (!this.enter('close')) return this.#finish('closed from our side');
    this.#endOurHalf();
    this.deadline = this.host.now + CLOSE_TIMEOUT;
  }

  /** Says what the other side did wrong and ends the stream (RFC 6120 §4.9.1.1). */
  fail(error: StreamError): void {
    if (this.#state === 'ended') return;
    if (!PASSING.has(error.condition)) this.fault = 'theirs';
    if (this.#state !== 'connecting' && this.#state !== 'securing') {
      this.beginForError();
      this.write(error.toXml() + (this.#state === 'closing' ? '' : STREAM_CLOSE));
    }
    this.log('warn', 'stream refused', { reason: error.message });
    this.#finish(error.message);
  }

  /** The connection is gone, or is given up without another word. */
  end(reason: string): void {
    this.#finish(reason);
  }

  /** A domain has been proved by dialback. */
  protected abstract onProved(): void;
  /** The connection stands. */
  protected abstract onConnected(): void;
  /** TLS stands, with what the peer has shown; a new stream is to begin. */
  protected abstract onSecured(): void;
  protected abstract onHeader(header: StreamHeader): void;
  /** A first-level element that is neither a stanza nor an acknowledgement. */
  protected abstract onNegotiation(element: Element): void;
  /** A receiving server's header must stand before its error (RFC 6120 §4.9.1.2). */
  protected beginForError(): void {}
  /** Who is on the other side, as far as that is known, for the log. */
  protected abstract get peerName(): string;
  /** What warnings are counted by: nothing that the other side may choose. */
  protected abstract get logKey(): string;

  /** Whether the state knows the event; if so, the state is now where it leads. */
  protected enter(event: Event): boolean {
    const next = TRANSITIONS.next(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    if (this.deadline !== undefined) this.deadline = this.host.now + NEGOTIATION_TIMEOUT;
    return true;
  }

  /** What our side bears (XEP-0478). The peer of a link may be silent for as long as it likes. */
  protected ownLimits(): StreamLimits {
    const isHeld = this.#isHeld();
    return { maxBytes: this.limits().stanzaBytes, idleSeconds: isHeld ? undefined : SILENCE_TIME / 1000 };
  }

  protected write(xml: string): void {
    this.#wroteAt = this.host.now;
    this.host.push(this.wire.write(xml));
  }

  protected log(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { peerName: peer, direction } = this;
    this.host.log(level, message, this.logKey, { peer, direction, ...fields });
  }

  /** The stream's header, ours (RFC 6120 §4.7). */
  protected writeHeader(attributes: Readonly<Record<string, string | undefined>>): void {
    const shown = Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}='${escapeAttribute(value ?? '')}'`)
      .join('');
    this.write(
      `<?xml version='1.0'?><stream:stream xmlns='${NS.server}' xmlns:stream='${NS.streams}' ` +
        `xmlns:db='${NS.dialback}'${shown} xml:lang='en' version='1.0'>`,
    );
  }

  /** What the parser allows on a new stream. */
  protected limits(): ParserLimits {
    return this.conditions.has('authenticated') ? DEFAULT_LIMITS : UNAUTHENTICATED_LIMITS;
  }

  /** The connection is to go on in TLS; `received` are bytes of it that have come already. */
  protected secure(tls: Pick<TlsRequest, 'role' | 'serverName'>, received?: Uint8Array): void {
    this.wire.seal();
    this.enter('secure');
    this.host.push({
      kind: 'secure',
      connection: this.connection,
      tls: { ...tls, profile: 's2s' },
      ...(received !== undefined && { received }),
    });
  }

  /** The peer has proved that a domain is its own: it may speak for it from now on. */
  protected prove(domain: string, proof: Proof): void {
    this.#proved.set(domain, proof);
    this.conditions.add('authenticated');
    this.usedAt = this.host.now;
  }

  /** Something has been proved, and nothing is left to wait for. */
  protected settle(): void {
    this.deadline = undefined;
    if (this.enter('done'))
      this.log('info', 'stream up', { tls: this.tls ?? 'none', proof: [...this.#proved.values()].join() });
    this.wire.relax(DEFAULT_LIMITS);
  }

  #open(header: StreamHeader): void {
    if (this.#state === 'opening') this.onHeader(header);
  }

  #secured(version: string, certificate: PeerCertificate | undefined): void {
    if (this.#state !== 'securing' && this.#state !== 'connecting') return;
    this.tls = version;
    this.certificate = certificate;
    this.conditions.add('secure');
    this.onSecured();
  }

  #isHeld(): boolean {
    return this.host.settings.peers.some(({ domain }) => this.#proved.has(domain));
  }

  /** Until when the peer must be heard. */
  #silentUntil(): number | undefined {
    return this.#state === 'up' && this.direction === 'in' && !this.#isHeld()
      ? this.#heardAt + SILENCE_TIME
      : undefined;
  }

  /** When a peer that bears only so much silence must hear something: a link's stream is to stay. */
  #keepaliveAt(): number | undefined {
    const { idleSeconds } = this.peerLimits;
    return this.#state === 'up' && idleSeconds !== undefined && this.#isHeld()
      ? this.#wroteAt + idleSeconds * KEEPALIVE_AFTER
      : undefined;
  }

  #read(bytes: Uint8Array): void {
    this.#heardAt = this.host.now;
    try {
      this.wire.read(bytes);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#inTurn(() => this.fail(error));
    }
  }

  /** The stanza before has been handled: goes on with what came behind it, up to the next one. */
  goOn(): void {
    this.#isHandlingStanza = false;
    try {
      while (!this.#isHandlingStanza && this.#state !== 'ended') {
        const next = this.#behind.shift();
        if (next === undefined) return;
        if (this.wire.isSealed) throw smuggled();
        next();
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.fail(error);
    }
  }

  /** Now, or where a stanza is being handled, once that has been. */
  #inTurn(act: () => void): void {
    if (this.#isHandlingStanza) this.#behind.push(act);
    else act();
  }

  #closed(): void {
    if (this.#state !== 'closing') this.#endOurHalf();
    this.#finish('the peer closed the stream', true);
  }

  #receive(element: Element): void {
    if (this.#state === 'ended') return;
    if (isStreamError(element)) {
      const { condition, message: reason } = StreamError.read(element);
      if (!PASSING.has(condition)) this.fault = 'ours';
      if (this.#state !== 'closing') this.write(STREAM_CLOSE);
      this.#finish(`the peer ended the stream: ${reason}`);
    } else if (isStanza(element)) this.#takeStanza(element);
    else if (element.attrs['xmlns'] === NS.sm && this.management !== undefined && this.#acknowledge(element)) return;
    else if (element.attrs['xmlns'] === NS.dialback) this.onDialback(element);
    else this.onNegotiation(element);
  }

  /** `<result/>` and `<verify/>` of XEP-0220, requests and answers. */
  protected onDialback(element: Element): void {
    const isAnswer = attribute(element, 'type') !== undefined;
    if (element.name === 'verify' && isAnswer) this.host.onVerified(this, element);
    else throw new StreamError('not-authorized', 'There is nothing to prove in this direction');
  }

  /** A key that is to prove a domain (XEP-0220 §2.2). One whose certificate proves it needs none. */
  protected claim(result: Element): void {
    const { settings } = this.host;
    const from = Jid.tryParse(attribute(result, 'from'));
    const to = Jid.tryParse(attribute(result, 'to'));
    if (from === undefined || to === undefined || from.toString() !== from.domain)
      throw new StreamError('improper-addressing');
    if (settings.tls === 'required' && !this.conditions.has('secure'))
      throw new StreamError('policy-violation', 'TLS is required here');
    const { domain } = from;
    if (this.#claims.has(domain)) throw new StreamError('policy-violation', 'That domain is being verified already');
    const hasRoom = this.#proved.size < MAX_DOMAINS && this.#claims.size < MAX_CLAIMS;
    if (to.toString() !== settings.domain)
      return this.write(dialbackAnswer({ name: 'result', from: to.domain, to: domain }, 'item-not-found'));
    this.#claims.add(domain);
    if (domain === settings.domain) return this.settleClaim(domain, 'forbidden');
    if (!hasRoom) return this.settleClaim(domain, 'resource-constraint');
    const isPinned = this.host.pinOf(domain) !== '';
    const judgement = settings.auth.includes('external') ? this.host.judge(this.certificate, domain) : undefined;
    if (judgement !== undefined && 'proof' in judgement) return this.settleClaim(domain, 'valid', judgement.proof);
    if (isPinned || !settings.auth.includes('dialback')) return this.settleClaim(domain, 'not-authorized');
    this.host.onClaim(this, { domain, key: textOf(result).trim(), streamId: this.streamId });
  }

  /** Whether it was part of XEP-0198 §4. */
  #acknowledge(element: Element): boolean {
    if (element.name === 'r') this.write(`<a xmlns='${NS.sm}' h='${this.management?.h ?? 0}'/>`);
    else if (element.name === 'a') {
      const h = attribute(element, 'h') ?? '';
      if (!/^\d{1,10}$/.test(h)) throw new StreamError('invalid-xml', 'An acknowledgement without a count');
      this.management?.acknowledge(Number(h), this.host.now);
      this.host.onAcknowledged(this);
    } else return false;
    return true;
  }

  /** RFC 6120 §8.1: both addresses, one of them proved and the other ours. */
  #takeStanza(stanza: Element): void {
    if (this.#proved.size === 0) throw new StreamError('not-authorized', 'Nothing has been proved on this stream');
    if (this.direction === 'out' && !this.isBidirectional)
      throw new StreamError('not-authorized', 'This stream is for the other direction');
    const from = Jid.tryParse(attribute(stanza, 'from'));
    const to = Jid.tryParse(attribute(stanza, 'to'));
    if (from === undefined || to === undefined) throw new StreamError('improper-addressing');
    if (!this.#proved.has(from.domain))
      throw new StreamError('invalid-from', `${from.domain} has not been proved on this stream`);
    if (to.domain !== this.host.settings.domain) throw new StreamError('host-unknown');
    this.wire.settle();
    this.stanzasIn += 1;
    this.usedAt = this.host.now;
    this.management?.handled();
    this.#isHandlingStanza = true;
    this.host.push({ kind: 'stanza', via: { kind: 's2s', domain: from.domain }, stanza });
    this.host.push({ kind: 's2s-go-on', connection: this.connection });
    this.#throttle.take(this.host.now);
    const until = this.#throttle.pauseUntil(this.host.now);
    if (until === undefined || this.#resumeAt !== undefined) return;
    this.#resumeAt = until;
    this.host.push({ kind: 'pause', connection: this.connection });
  }

  /** The last word on what has been handled goes before it. */
  #endOurHalf(): void {
    const { management } = this;
    this.write(`${management === undefined ? '' : `<a xmlns='${NS.sm}' h='${management.h}'/>`}${STREAM_CLOSE}`);
  }

  #requestIfDue(): void {
    const { now } = this.host;
    if (this.#state !== 'up' || this.management?.requestDue(now) !== true) return;
    this.management.requested(now);
    this.write(`<r xmlns='${NS.sm}'/>`);
  }

  #finish(reason: string, isOrderly = false): void {
    const wasUp = this.#state === 'up';
    if (!this.enter('end')) return;
    if (wasUp) this.log('info', 'stream ended', { reason });
    this.deadline = undefined;
    this.isOrderly = isOrderly;
    this.host.push({ kind: 'close', connection: this.connection });
    this.host.onEnded(this, reason);
  }
}
