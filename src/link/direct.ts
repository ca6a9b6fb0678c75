import { formatAddress, normaliseAddress } from '../lib/address.ts';
import { Backoff } from '../lib/backoff.ts';
import type { ConnectionId, ConnectionInput, LogLevel, PeerCertificate } from '../lib/effects.ts';
import type { Random } from '../lib/random.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import { element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { serialise, serialiseTo } from '../xml/serialise.ts';
import { crossed } from './crossed.ts';
import { Departures, type DeparturesConfig, type PostEffect, type Posting } from './departures.ts';
import { DirectStream, type Fault, STREAM_CLOSE } from './direct-stream.ts';
import type { LinkEffect } from './link-effects.ts';
import type { LinkStream } from './link-stream.ts';
import { outgoing } from './outgoing.ts';

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `compression`: both sides write in the encoding of ours. */
export interface DirectLinkConfig extends DeparturesConfig {
  /** Our own domain, which asks. */
  readonly domain: string;
  /** Seconds of silence after which the peer is asked whether it is there; 0: never. */
  readonly idle: number;
  /** Where to dial. */
  readonly connect?: HostPort;
  /** Where the peer may dial us. */
  readonly listen?: HostPort;
  /** Numeric addresses that may dial us. With a pin, none: any. */
  readonly from: readonly string[];
  /** SHA-256 of the peer's certificate, 64 lower-case hexadecimal digits; empty: the link is in the clear. */
  readonly pin: string;
}

export interface DirectLinkContext {
  readonly random: Random;
  readonly nextConnection: () => ConnectionId;
}

/** Milliseconds until dialling is given up: the round trips of a slow link take their time. */
export const CONNECT_TIMEOUT = 60_000;
/** What a first handshake of TLS takes on air about, both ways and with all headers, in bytes. */
const HANDSHAKE_BYTES = 4096;
/** Milliseconds in which a peer that is asked whether it is there must be heard: a slow link answers late. */
export const PROBE_TIMEOUT = 60_000;
/** Milliseconds without a byte amid a frame after which its length must have been damaged: the rest will never come. */
export const FRAME_TIMEOUT = 300_000;
/** Milliseconds between a loss and the next attempt. */
export const REDIAL_DELAY = { min: 1000, max: 60_000 };
/** Milliseconds after which a connection that brought no stanza counts as a success all the same. */
export const STEADY_AFTER = 60_000;

/**
 * A link of XEP-0361 to one peer: TCP connections that carry stanzas from the first byte on, without any handshake.
 *
 * There is one connection that we dialled and one that the peer did, at most. It is used both ways while it is alone;
 * of two, which both sides opening at once brings about, each side sends on its own, or goes on where it has begun, and
 * both receive on either (§4.3).
 * With a pin a connection stands once TLS has shown the peer's certificate to be that one; until then nothing is written.
 * We dial only while no connection stands. What the link can't carry yet waits in the outbox, the most urgent first; what
 * waits when it goes down is lost, and the layers above know. Times are milliseconds since the epoch.
 */
export class DirectLink implements LinkStream {
  bytesIn = 0;
  bytesOut = 0;
  stanzasIn = 0;
  stanzasOut = 0;
  /** Bytes that compression has kept off the wire, both ways. */
  savedBytes = 0;
  readonly departures: Departures;
  readonly #config: DirectLinkConfig;
  readonly #nextConnection: () => ConnectionId;
  readonly #backoff: Backoff;
  readonly #listener: string | undefined;
  readonly #from: ReadonlySet<string>;
  #dialled: DirectStream | undefined;
  #accepted: DirectStream | undefined;
  /** The one that our last stanza was written to. */
  #sending: DirectStream | undefined;
  /** When to dial, or to give dialling up. */
  #deadline: number | undefined;
  /** When the silence will have lasted too long, while the link is up. */
  #silence: { readonly until: number; readonly isProbed: boolean } | undefined;
  #probes = 0;
  #isStarted = false;
  #state: 'up' | 'connecting' | 'down' = 'down';
  #since = 0;
  #error: string | undefined;
  /** The loss that the log has at `warn`; the same again is not news. */
  #toldLoss: string | undefined;
  #now = 0;
  readonly #effects: LinkEffect[] = [];

  constructor(config: DirectLinkConfig, { random, nextConnection }: DirectLinkContext) {
    this.#config = config;
    this.#nextConnection = nextConnection;
    this.#backoff = new Backoff(random, REDIAL_DELAY);
    this.#listener = config.listen && formatAddress(config.listen);
    this.#from = new Set(config.from.map((address) => normaliseAddress(address) ?? address));
    this.departures = new Departures(config);
  }

  get isTraced(): boolean {
    return this.departures.isTraced;
  }

  set isTraced(isTraced: boolean) {
    this.departures.isTraced = isTraced;
  }

  /** Seconds until a message that is posted now has left, undefined while the link is down. */
  delay(now: number): number | undefined {
    return this.#state === 'up' ? this.departures.delay(now) : undefined;
  }

  /** `up` while a connection stands, `connecting` while the only one is being dialled. */
  get state(): 'up' | 'connecting' | 'down' {
    return this.#state;
  }

  /** Since when the link is up, or isn't, however often it was dialled meanwhile; 0 before the start. */
  get since(): number {
    return this.#since;
  }

  /** Why a connection was lost or turned away the last time, undefined where none ever was. */
  get error(): string | undefined {
    return this.#error;
  }

  /** SHA-256 of the peer's certificate; empty: the link is in the clear. */
  get pin(): string {
    return this.#config.pin;
  }

  /** Milliseconds that TLS may take beyond all other patience, since the link is so slow; 0 in the clear. */
  get handshakeTime(): number {
    const { pin, bandwidth } = this.#config;
    return pin === '' || bandwidth === 0 ? 0 : (2 * 8000 * HANDSHAKE_BYTES) / bandwidth;
  }

  get isReachable(): boolean {
    return this.#state === 'up';
  }

  /** Whether a connection from that numeric address to that listener is this link's, if TLS has shown it to be its peer's. */
  accepts(listener: string, address: string, certificate?: PeerCertificate): boolean {
    const { pin } = this.#config;
    return pin === (certificate?.sha256 ?? '') && this.#mayCome(listener, address);
  }

  /** Whether a connection from there is to go on in TLS, for the certificate to tell whether it is this link's. */
  identifies(listener: string, address: string): boolean {
    return this.#config.pin !== '' && this.#mayCome(listener, address);
  }

  owns(connection: ConnectionId): boolean {
    return this.#streamOf(connection) !== undefined;
  }

  /** A connection from that address has come to that listener and was refused: while the link is down, that may be why. */
  turnedAway(listener: string, address: string, reason: string): void {
    if (this.#state !== 'up' && listener === this.#listener) this.#error = `turned away ${address}: ${reason}`;
  }

  /** Dials where there is whom to dial; from now on the peer may dial us. */
  start(now: number): LinkEffect[] {
    return this.#turn(now, () => {
      this.#isStarted = true;
      this.#dial();
    });
  }

  /** An `accepted` must be one that `accepts` agreed to. */
  handle(input: ConnectionInput, now: number): LinkEffect[] {
    if (input.kind === 'accepted') return this.#turn(now, () => this.#takeIn(input.connection));
    const stream = this.#streamOf(input.connection);
    if (stream === undefined) return [];
    return this.#turn(now, () => {
      if (input.kind === 'connected' && this.#config.pin === '') stream.standsSince = now;
      else if (input.kind === 'secured') this.#identify(stream, input.certificate);
      else if (input.kind === 'data' && stream.standsSince !== undefined) this.#read(stream, input.bytes);
      else if (input.kind === 'closed') this.#lose(stream, input.reason);
    });
  }

  /** When `handleTimeout` wants to be called. */
  nextTimeout(): number | undefined {
    const times = [
      this.#deadline,
      this.#silence?.until,
      this.#nextDeparture(),
      ...this.#standing().map(({ frameDeadline }) => frameDeadline),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeout(now: number): LinkEffect[] {
    const next = this.nextTimeout();
    if (next === undefined || now < next) return [];
    return this.#turn(now, () => {
      const departure = this.#nextDeparture();
      if (departure !== undefined && now >= departure) this.#effects.push(this.#post([]));
      for (const stream of this.#standing())
        if (stream.frameDeadline !== undefined && now >= stream.frameDeadline)
          this.#end(stream, 'damaged on its way: the rest of a frame does not come', STREAM_CLOSE);
      if (this.#silence !== undefined && now >= this.#silence.until) this.#breakSilence(this.#silence.isProbed);
      if (this.#deadline === undefined || now < this.#deadline) return;
      if (this.#dialled === undefined) this.#dial();
      else this.#end(this.#dialled, `no connection within ${this.#patience / 1000} s`);
    });
  }

  /** Takes what is to cross, and sends what can leave now, or once the rest is there. While no connection stands nothing is taken. */
  post(postings: readonly Posting[], now: number, isMoreToCome = false): LinkEffect[] {
    if (this.#standing().length === 0) return [...this.departures.refuse(postings)];
    return this.#turn(now, () => {
      this.departures.put(postings);
      if (!isMoreToCome) this.#send();
    });
  }

  /** Ends every connection in order, and stays down until the next `start`. */
  stop(now: number): LinkEffect[] {
    return this.#turn(now, () => {
      this.#isStarted = false;
      this.#deadline = undefined;
      for (const stream of this.#streams()) this.#close(stream, stream.isUsed ? STREAM_CLOSE : '');
    });
  }

  /** Sends what the link can carry now, all that leaves at once in one go. */
  #send(): void {
    const standing = this.#standing();
    // Of two connections the one that carried the last: what follows on another could arrive first.
    const stream = standing.find((one) => one === this.#sending) ?? standing[0];
    if (stream === undefined) return;
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      this.#sending = stream;
      this.stanzasOut += batch.length;
      const text = batch.join('');
      const wire = this.#write(stream, text);
      this.departures.left(this.#now, text.length, wire);
      if (this.isTraced) this.#effects.push(...crossed(this.#config.peer, 'out', batch, wire));
    }
    this.#effects.push(...this.departures.takeTold(this.#now), ...this.departures.drained());
  }

  #next(): readonly string[] {
    return this.departures.next(this.#now);
  }

  /** When something that waits may leave, undefined where nothing does. */
  #nextDeparture(): number | undefined {
    return this.#standing().length === 0 ? undefined : this.departures.nextTimeout();
  }

  #post(postings: readonly Posting[]): PostEffect {
    return { kind: 'post', peer: this.#config.peer, postings };
  }

  /** Asks the peer whether it is there (XEP-0199), or, where it has been asked, takes it for gone. */
  #breakSilence(isProbed: boolean): void {
    if (isProbed) {
      for (const stream of this.#standing()) this.#end(stream, 'no answer to the probe');
      return;
    }
    this.#silence = { until: Math.max(this.#now, this.departures.freeAt) + PROBE_TIMEOUT, isProbed: true };
    const { domain, peer } = this.#config;
    const id = `probe-${++this.#probes}`;
    const probe = element('iq', { from: domain, type: 'get', id }, element('ping', { xmlns: NS.ping }));
    this.#effects.push(this.#post(serialiseTo(probe, [peer]).map((xml) => outgoing(probe, peer, xml))));
  }

  #streams(): DirectStream[] {
    return [this.#dialled, this.#accepted].filter((stream) => stream !== undefined);
  }

  /** Those that stand, the one to send on first. */
  #standing(): DirectStream[] {
    return this.#streams().filter(({ standsSince }) => standsSince !== undefined);
  }

  #streamOf(connection: ConnectionId): DirectStream | undefined {
    return this.#streams().find((stream) => stream.connection === connection);
  }

  #turn(now: number, act: () => void): LinkEffect[] {
    this.#now = now;
    act();
    this.#settle();
    return this.#effects.splice(0);
  }

  /** Draws the conclusions from which connections there are now. */
  #settle(): void {
    const before = this.#state;
    const isUp = this.#standing().length > 0;
    this.#state = isUp ? 'up' : this.#dialled === undefined ? 'down' : 'connecting';
    if (isUp !== (before === 'up') || this.#since === 0) this.#since = this.#now;
    if (!isUp) this.#silence = undefined;
    else if (this.#silence === undefined) this.#hear();
    if (isUp && before !== 'up') {
      this.#toldLoss = undefined;
      this.#log('info', 'link up');
      this.#effects.push({ kind: 'link-up', peer: this.#config.peer });
    }
    if (!isUp && before === 'up') this.#effects.push({ kind: 'link-down', peer: this.#config.peer });
    if (this.#state === 'down') this.#deadline ??= this.#redialAt();
    else if (this.#dialled === undefined || this.#dialled.standsSince !== undefined) this.#deadline = undefined;
  }

  /** Anything of the peer ends its silence. */
  #hear(): void {
    const { idle } = this.#config;
    if (idle > 0) this.#silence = { until: this.#now + idle * 1000, isProbed: false };
  }

  #redialAt(): number | undefined {
    const dials = this.#isStarted && this.#config.connect !== undefined;
    return dials ? this.#now + this.#backoff.next() : undefined;
  }

  #dial(): void {
    if (this.#config.connect === undefined || this.#streams().length > 0) return;
    this.#dialled = new DirectStream(this.#nextConnection(), this.#config.compression);
    this.#deadline = this.#now + this.#patience;
    const { host, port } = this.#config.connect;
    const { pin, peer } = this.#config;
    const tls = { role: 'client', profile: 'pinned', serverName: peer } as const;
    this.#effects.push({ kind: 'open', connection: this.#dialled.connection, host, port, ...(pin !== '' && { tls }) });
  }

  /** Milliseconds until dialling is given up. */
  get #patience(): number {
    return Math.max(CONNECT_TIMEOUT, this.handshakeTime);
  }

  #mayCome(listener: string, address: string): boolean {
    const isFromThere =
      (this.#config.pin !== '' && this.#from.size === 0) || this.#from.has(normaliseAddress(address) ?? address);
    return this.#isStarted && listener === this.#listener && isFromThere;
  }

  /** TLS stands, and so does the connection if it is the peer that has shown its certificate. */
  #identify(stream: DirectStream, certificate: PeerCertificate | undefined): void {
    const { pin } = this.#config;
    if (certificate?.sha256 === pin) stream.standsSince = this.#now;
    else this.#end(stream, wrongCertificate([pin], certificate));
  }

  /**
   * A peer that dials anew has lost the connection that it dialled before, and what was under way on it: the link goes
   * down for an instant, so that the layers above start afresh.
   */
  #takeIn(connection: ConnectionId): void {
    const older = this.#accepted;
    if (older !== undefined) this.#end(older, 'the peer connected anew', older.isUsed ? STREAM_CLOSE : '');
    this.#settle();
    this.#accepted = new DirectStream(connection, this.#config.compression, this.#now);
  }

  #read(stream: DirectStream, bytes: Uint8Array): void {
    this.bytesIn += bytes.length;
    this.departures.hear(this.#now, bytes.length);
    this.#hear();
    const { peer } = this.#config;
    const { stanzas, wire, textBytes, end } = stream.read(bytes);
    if (this.#config.compression) this.savedBytes += textBytes - bytes.length;
    stream.frameDeadline = stream.isAmid ? this.#now + FRAME_TIMEOUT : undefined;
    this.stanzasIn += stanzas.length;
    if (this.isTraced) this.#effects.push(...crossed(peer, 'in', stanzas.map(serialise), wire));
    for (const stanza of stanzas) this.#effects.push({ kind: 'stanza', via: { kind: 'link', peer }, stanza });
    if (end?.fault !== undefined && this.isTraced) this.#effects.push(faulty(peer, end.fault, end.reason));
    if (end !== undefined) this.#end(stream, end.reason, end.answer);
  }

  /** Closes a connection for a reason. */
  #end(stream: DirectStream, reason: string, lastWords = ''): void {
    this.#close(stream, lastWords);
    this.#lose(stream, reason);
  }

  #close(stream: DirectStream, lastWords: string): void {
    if (lastWords !== '') this.#write(stream, lastWords);
    this.#effects.push({ kind: 'close', connection: stream.connection });
    this.#forget(stream);
  }

  #forget(stream: DirectStream): void {
    if (stream === this.#dialled) this.#dialled = undefined;
    if (stream === this.#accepted) this.#accepted = undefined;
  }

  /** A connection is no more, for a reason fit for the log. */
  #lose(stream: DirectStream, reason: string): void {
    const { standsSince, hasCarried } = stream;
    this.#forget(stream);
    if (standsSince === undefined) this.#deadline = undefined;
    else if (hasCarried || this.#now - standsSince >= STEADY_AFTER) this.#backoff.reset();
    this.#error = reason;
    const message = standsSince === undefined ? 'link not connected' : 'link connection lost';
    this.#log(reason === this.#toldLoss ? 'debug' : 'warn', message, { reason, left: this.#standing().length });
    this.#toldLoss = reason;
    if (standsSince !== undefined && stream.isUsed && this.#standing().length > 0) this.#flap();
  }

  /** One of two connections is lost, and what was under way on it: the layers above are to start afresh on the other. */
  #flap(): void {
    const { peer } = this.#config;
    this.#since = this.#now;
    this.#effects.push({ kind: 'link-down', peer }, { kind: 'link-up', peer });
  }

  /** Answers how many bytes were written. */
  #write(stream: DirectStream, text: string): number {
    const data = stream.write(text);
    this.bytesOut += data.length;
    if (this.#config.compression) this.savedBytes += Buffer.byteLength(text) - data.length;
    this.#effects.push({ kind: 'write', connection: stream.connection, data });
    return data.length;
  }

  #log(level: LogLevel, message: string, fields: Readonly<Record<string, string | number>> = {}): void {
    this.#effects.push({ kind: 'log', level, message, fields: { peer: this.#config.peer, ...fields } });
  }
}

/** Tells of what can't be taken as a stanza, or of ours that the peer couldn't. */
function faulty(peer: string, reason: Fault, detail: string): WithheldEffect {
  const direction = reason === 'refused-there' ? 'out' : 'in';
  return { kind: 'withheld', peer, room: null, reason, about: 'unreadable', direction, detail };
}

/** Why a peer isn't let in: which certificate was wanted, and which was found. */
export function wrongCertificate(pins: readonly string[], found: PeerCertificate | undefined): string {
  const shown = found === undefined ? 'none' : found.sha256;
  return `wrong certificate: the pin is ${pins.join(' or ')}, and the peer has shown ${shown}`;
}
