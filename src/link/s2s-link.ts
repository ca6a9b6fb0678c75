import type { S2sReport } from '../stream/s2s-types.ts';
import type { Element } from '../xml/element.ts';
import { serialise } from '../xml/serialise.ts';
import { crossed } from './crossed.ts';
import { Departures, type DeparturesConfig, type Posting } from './departures.ts';
import type { LinkEffect } from './link-effects.ts';
import type { LinkStream } from './link-stream.ts';

/** The most stanzas that wait for a stream, which may be lost and resumed: they are not in the archive's hands meanwhile. */
export const MAX_HELD = 4096;
/** Their characters. */
export const MAX_HELD_CHARACTERS = 2 * 1024 * 1024;

const HELD = { stanzas: MAX_HELD, characters: MAX_HELD_CHARACTERS };

/** What a link asks about the streams to its peer (`stream/s2s.ts`), which are not its own. */
export interface HeldStream {
  isReachable(domain: string): boolean;
  isCongested(domain: string): boolean;
  report(domain: string): S2sReport | undefined;
}

/**
 * A link to a peer over an ordinary server-to-server stream: what is to cross waits here for its turn, and is handed on a
 * batch at a time. The next follows once that has been given to the stream, the line is free again, and the stream is
 * neither lost nor congested.
 */
export class S2sLink implements LinkStream {
  stanzasIn = 0;
  stanzasOut = 0;
  readonly departures: Departures;
  readonly #peer: string;
  readonly #streams: HeldStream;
  #isStarted = false;
  /** Changes only where that is told: the stream itself comes and goes for an instant while it is negotiated. */
  #isReachable = false;
  #isUp = false;
  #since = 0;
  /** What has been handed on, and the stream doesn't have yet. */
  #batch: readonly string[] | undefined;
  readonly #seen = { bytesIn: 0, bytesOut: 0 };
  /** Bytes that had come when somebody began to look on, or when the last stanza came since. */
  #heard = 0;

  constructor(config: DeparturesConfig, streams: HeldStream) {
    this.#peer = config.peer;
    this.#streams = streams;
    this.departures = new Departures(config, HELD);
  }

  get isTraced(): boolean {
    return this.departures.isTraced;
  }

  set isTraced(isTraced: boolean) {
    if (isTraced && !this.isTraced) this.#heard = this.bytesIn;
    this.departures.isTraced = isTraced;
  }

  /** A stream that is lost and may be resumed is not up: nothing leaves meanwhile. */
  get state(): 'up' | 'connecting' | 'down' {
    return this.#report?.state ?? 'down';
  }

  /** Since when the stream is up, or isn't, however often it was tried meanwhile; 0 before the start. */
  get since(): number {
    return this.#since;
  }

  get error(): string | undefined {
    return this.#report?.error;
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  get bytesIn(): number {
    return this.#report?.bytesIn ?? 0;
  }

  get bytesOut(): number {
    return this.#report?.bytesOut ?? 0;
  }

  get savedBytes(): number {
    return this.#report?.savedBytes ?? 0;
  }

  delay(now: number): number | undefined {
    return this.state === 'up' ? this.departures.delay(now) : undefined;
  }

  /** The stream itself is begun by whoever has it. */
  start(now: number): LinkEffect[] {
    this.#isStarted = true;
    this.#since = now;
    return this.#rise();
  }

  stop(now: number): LinkEffect[] {
    this.#isStarted = false;
    this.#isReachable = false;
    return [...this.departures.forget(now)];
  }

  post(postings: readonly Posting[], now: number, isMoreToCome = false): LinkEffect[] {
    if (!this.isReachable) return [...this.departures.refuse(postings)];
    this.departures.put(postings);
    return isMoreToCome ? [] : this.proceed(now);
  }

  /** Something has become of the stream: hands on what it can take now. */
  proceed(now: number): LinkEffect[] {
    const isUp = this.state === 'up';
    if (isUp !== this.#isUp) [this.#isUp, this.#since] = [isUp, now];
    const crossing = this.#crossed('bytesIn') + (this.#batch === undefined ? this.#crossed('bytesOut') : 0);
    if (crossing > 0) this.departures.hear(now, crossing);
    const effects = [...this.#rise(), ...this.#handOn(now)];
    return [...effects, ...this.departures.takeTold(now), ...this.departures.drained()];
  }

  /** The stream is gone, with whatever was under way on it. */
  fall(): LinkEffect[] {
    if (!this.#isReachable) return [];
    this.#isReachable = false;
    return [{ kind: 'link-down', peer: this.#peer }];
  }

  /** The stream has got what was handed on. */
  handedOn(now: number): LinkEffect[] {
    const batch = this.#batch;
    if (batch === undefined) return [];
    this.#batch = undefined;
    const text = batch.join('');
    const wire = this.#crossed('bytesOut') || Buffer.byteLength(text);
    this.departures.left(now, text.length, wire);
    this.stanzasOut += batch.length;
    const told = this.isTraced ? crossed(this.#peer, 'out', batch, wire) : [];
    return [...told, ...this.proceed(now)];
  }

  /** A stanza of the peer has come by its stream. */
  hear(stanza: Element): LinkEffect[] {
    this.stanzasIn += 1;
    const told = this.isTraced ? crossed(this.#peer, 'in', [serialise(stanza)], this.#takeHeard()) : [];
    return [...told, { kind: 'stanza', via: { kind: 'link', peer: this.#peer }, stanza }];
  }

  /** What has come since the last stanza; undefined where that came with it. */
  #takeHeard(): number | undefined {
    const heard = this.bytesIn - this.#heard;
    this.#heard = this.bytesIn;
    return heard > 0 ? heard : undefined;
  }

  nextTimeout(): number | undefined {
    return this.#isFree ? this.departures.nextTimeout() : undefined;
  }

  handleTimeout(now: number): LinkEffect[] {
    const next = this.nextTimeout();
    return next === undefined || now < next ? [] : this.proceed(now);
  }

  #rise(): LinkEffect[] {
    if (this.#isReachable || !this.#isStarted || !this.#streams.isReachable(this.#peer)) return [];
    this.#isReachable = true;
    return [{ kind: 'link-up', peer: this.#peer }];
  }

  #handOn(now: number): LinkEffect[] {
    const stanzas = this.#isFree ? this.departures.next(now) : [];
    if (stanzas.length === 0) return [];
    this.#batch = stanzas;
    return [{ kind: 's2s-send', domain: this.#peer, stanzas }];
  }

  /** Bytes that have crossed since the last look. */
  #crossed(way: 'bytesIn' | 'bytesOut'): number {
    const before = this.#seen[way];
    this.#seen[way] = this[way];
    return Math.max(0, this[way] - before);
  }

  get #isFree(): boolean {
    return this.#batch === undefined && this.state === 'up' && !this.#streams.isCongested(this.#peer);
  }

  get #report(): S2sReport | undefined {
    return this.#streams.report(this.#peer);
  }
}
