import type { ConnectionId } from '../lib/effects.ts';
import { Jid } from '../lib/jid.ts';
import { attribute, childElements, type Element, findChild } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { escapeAttribute, serialise } from '../xml/serialise.ts';
import { StreamError } from '../xml/stream-errors.ts';
import { DEFAULT_LIMITS, type StreamHeader } from '../xml/stream-parser.ts';
import { type FeatureName, type Offer, openFeatures, readOffer } from './features.ts';
import { type S2sHost, S2sStream } from './s2s-stream.ts';
import { limitsElement, readLimits } from './stream-limits.ts';
import { StreamManagement } from './stream-management.ts';

/** A session that was lost with its stream and may go on (XEP-0198 §5). */
export interface Resumption {
  readonly id: string;
  readonly management: StreamManagement;
}

export interface OutgoingOptions {
  /** The domain that it leads to. */
  readonly domain: string;
  /** The same in ASCII, as TLS has it. */
  readonly serverName: string;
  /** Whether TLS stands from the first byte on (XEP-0368). */
  readonly isDirectTls: boolean;
  /** Whether it is to be compressed. */
  readonly compression: boolean;
  readonly resumption: Resumption | undefined;
  /** The connection stands. */
  readonly onConnected: () => void;
  /** Whether there is something to prove ourselves for: else it waits once TLS is done. */
  readonly isWanted: () => boolean;
  /** The other side can be asked about dialback keys from now on. */
  readonly onAskable: () => void;
  /** The peer doesn't know the session any more: it has had that much of it, if it says so. */
  readonly onNotResumed: (handled: number | undefined) => void;
}

/** Seconds for which we hope to be let resume. */
export const WANTED_RESUMPTION = 600;

/**
 * A stream that we opened: the initiating server of RFC 6120. It carries stanzas to one domain, and from it once both
 * directions have been agreed on (XEP-0288).
 */
export class OutgoingStream extends S2sStream {
  readonly direction = 'out';
  readonly domain: string;
  /** Why the peer's certificate proves nothing; undefined where it does, and in the clear. */
  doubt: string | undefined;
  /** Whether it has come to nothing because of what both sides are, not of the way between them. */
  isHopeless = false;
  /** Milliseconds since the epoch until which a lost session could be resumed, from its loss on. */
  resumptionSeconds = 0;
  readonly #options: OutgoingOptions;
  #offer: Offer | undefined;
  #asked: FeatureName | 'resumption' | undefined;
  /** What the peer has refused, so that it isn't asked again. */
  readonly #refused = new Set<FeatureName>();
  #isAskable = false;

  constructor(host: S2sHost, connection: ConnectionId, options: OutgoingOptions) {
    super(host, connection, 'connecting');
    this.#options = options;
    this.domain = options.domain;
  }

  /** Whether the authoritative server can be asked about a key: TLS is done, or there is none to be had (XEP-0220 §2.1). */
  get isAskable(): boolean {
    return this.#isAskable && this.state !== 'closing' && this.state !== 'ended';
  }

  carries(domain: string): boolean {
    return this.state === 'up' && domain === this.domain;
  }

  /** There is something to prove ourselves for. */
  proveOurselves(): void {
    if (this.enter('go-on')) this.#step();
  }

  /** Asks whether a key that came on another stream is theirs (XEP-0220 §2.1, step 3). */
  verify(streamId: string, key: string): void {
    const ours = this.host.settings.domain;
    this.write(
      `<db:verify from='${ours}' to='${this.domain}' id='${escapeAttribute(streamId)}'>${escapeAttribute(key)}</db:verify>`,
    );
  }

  protected onConnected(): void {
    this.#options.onConnected();
    if (this.#options.isDirectTls) return void this.enter('secure');
    this.enter('connected');
    this.#open();
  }

  protected onSecured(): void {
    const judgement = this.host.judge(this.certificate, this.domain);
    this.doubt = 'reason' in judgement ? judgement.reason : undefined;
    const isPinned = this.host.pinOf(this.domain) !== '';
    if (this.doubt !== undefined && (isPinned || !this.host.settings.auth.includes('dialback')))
      return this.#giveUp(`not who it should be: ${this.doubt}`);
    if (this.doubt !== undefined) this.log('info', 'certificate is no proof', { reason: this.doubt });
    this.#reopen();
  }

  /** RFC 6120 §4.7 */
  protected onHeader({ attrs }: StreamHeader): void {
    const from = attrs['from'];
    if (from !== undefined && Jid.tryParse(from)?.bare !== this.domain)
      throw new StreamError('invalid-from', `This is ${from}, not ${this.domain}`);
    const id = attrs['id'];
    if (id === undefined || id === '') throw new StreamError('bad-format', 'A stream without an id');
    this.streamId = id;
    this.enter('header');
    if (!/^[1-9]\d{0,3}\.\d{1,4}$/.test(attrs['version'] ?? '')) {
      // RFC 6120 §4.7.5: before version 1.0 there were no features.
      this.#offer = { features: new Set(['dialback']), isTlsRequired: false };
      this.#step();
    }
  }

  protected onNegotiation(received: Element): void {
    const what = `${received.attrs['xmlns']} ${received.name}`;
    if (what === `${NS.streams} features`) return this.#takeOffer(received);
    switch (this.state === 'asking' ? `${this.#asked}: ${what}` : what) {
      case `starttls: ${NS.tls} proceed`:
        return this.secure({ role: 'client', serverName: this.#options.serverName });
      case `starttls: ${NS.tls} failure`:
        return this.#giveUp('the peer refuses TLS after it has offered it');
      case `external: ${NS.sasl} success`:
        return this.#authenticated();
      case `external: ${NS.sasl} failure`:
        return this.#refuse('external', `the peer does not take our certificate${reasonIn(received)}`);
      case `compression: ${NS.compress} compressed`:
        this.conditions.add('compressed');
        this.wire.compress();
        return this.#reopen();
      case `compression: ${NS.compress} failure`:
        return this.#refuse('compression', 'the peer refuses compression after it has offered it');
      case `management: ${NS.sm} enabled`:
        return this.#managed(received);
      case `management: ${NS.sm} failed`:
        return this.#refuse('management', 'the peer refuses stream management after it has offered it');
      case `resumption: ${NS.sm} resumed`:
        return this.#resumed(received);
      case `resumption: ${NS.sm} failed`:
        this.#options.onNotResumed(countIn(received));
        return this.#ask('management', `<enable xmlns='${NS.sm}' resume='true' max='${WANTED_RESUMPTION}'/>`);
      default:
        throw new StreamError('unsupported-stanza-type');
    }
  }

  /** The answer to our key (XEP-0220 §2.1, step 4). On a stream for both directions the peer may prove further domains. */
  protected override onDialback(received: Element): void {
    const type = attribute(received, 'type');
    if (received.name !== 'result' || type === undefined) {
      if (received.name !== 'result' || !this.isBidirectional) return super.onDialback(received);
      return this.claim(received);
    }
    const isOurs =
      attribute(received, 'from') === this.domain && attribute(received, 'to') === this.host.settings.domain;
    if (this.#asked !== 'dialback' || this.state !== 'asking' || !isOurs) return;
    if (type !== 'valid') {
      const why = type === 'invalid' ? ': our key is wrong' : reasonIn(received);
      return this.#giveUp(`the peer does not believe that we are ${this.host.settings.domain}${why}`);
    }
    this.#asked = undefined;
    this.prove(this.domain, 'dialback');
    this.#up();
  }

  protected onProved(): void {
    this.host.onReady(this);
  }

  protected get peerName(): string {
    return this.domain;
  }

  protected get logKey(): string {
    return this.domain;
  }

  #open(): void {
    this.wire.begin(this.limits());
    this.writeHeader({ from: this.host.settings.domain, to: this.domain });
  }

  #reopen(): void {
    this.#offer = undefined;
    this.#asked = undefined;
    this.enter('open');
    this.#open();
  }

  #takeOffer(features: Element): void {
    if (this.state !== 'negotiating' || this.#offer !== undefined)
      throw new StreamError('unsupported-stanza-type', 'Features came where none were due');
    this.#offer = readOffer(features);
    this.peerLimits = readLimits(features);
    this.#step();
  }

  /** Takes the next of what is offered. */
  #step(): void {
    const { settings } = this.host;
    const offer = this.#offer;
    if (offer === undefined || this.state !== 'negotiating') return;
    const [next] = openFeatures(this.conditions, {
      isTlsRequired: settings.tls === 'required',
      wants: (feature) => offer.features.has(feature) && !this.#refused.has(feature) && this.#wants(feature),
    });
    if (next === 'starttls') return this.#ask('starttls', `<starttls xmlns='${NS.tls}'/>`);
    if (!this.conditions.has('secure') && offer.isTlsRequired)
      return this.#giveUp('the peer wants TLS, and [s2s] has tls = "off"');
    if (!this.conditions.has('secure') && settings.tls === 'required')
      return this.#giveUp('the peer offers no TLS, and [s2s] has tls = "required"');
    this.#becomeAskable();
    if (!this.conditions.has('authenticated') && !this.#options.isWanted()) {
      this.enter('wait');
      return;
    }
    switch (next) {
      case 'bidi':
        this.write(
          `<bidi xmlns='${NS.bidi}'>${serialise(limitsElement({ maxBytes: DEFAULT_LIMITS.stanzaBytes }))}</bidi>`,
        );
        this.conditions.add('bidirectional');
        return this.#step();
      case 'external':
        return this.#ask(
          'external',
          `<auth xmlns='${NS.sasl}' mechanism='EXTERNAL'>${Buffer.from(settings.domain).toString('base64')}</auth>`,
        );
      case 'dialback': {
        const key = this.host.dialbackKey(this.domain, this.streamId);
        return this.#ask('dialback', `<db:result from='${settings.domain}' to='${this.domain}'>${key}</db:result>`);
      }
      case 'compression':
        return this.#ask('compression', `<compress xmlns='${NS.compress}'><method>zlib</method></compress>`);
      case 'management':
        return this.#manage();
      case undefined:
        if (this.conditions.has('authenticated')) return this.#up();
        return this.#giveUp(`it takes no proof that [s2s] auth = ${JSON.stringify(settings.auth)} allows`);
    }
  }

  #wants(feature: FeatureName): boolean {
    const { auth, tls } = this.host.settings;
    switch (feature) {
      case 'starttls':
        return tls !== 'off';
      case 'external':
        return auth.includes('external') && this.doubt === undefined;
      case 'dialback':
        return auth.includes('dialback');
      case 'compression':
        return this.#options.compression;
      default:
        return true;
    }
  }

  #ask(feature: FeatureName | 'resumption', xml: string): void {
    this.#asked = feature;
    this.enter('ask');
    this.write(xml);
  }

  /** Goes on without a feature that the peer doesn't give. */
  #refuse(feature: FeatureName, reason: string): void {
    this.log('warn', 'feature refused', { feature, reason });
    this.#refused.add(feature);
    this.#asked = undefined;
    this.enter('answer');
    this.#step();
  }

  /** SASL is done, so a new stream begins (RFC 6120 §6.4.6). */
  #authenticated(): void {
    const judgement = this.host.judge(this.certificate, this.domain);
    this.prove(this.domain, 'proof' in judgement ? judgement.proof : 'certificate');
    this.#reopen();
  }

  /** XEP-0198 §3 and §5. */
  #manage(): void {
    const { resumption } = this.#options;
    if (resumption === undefined)
      return this.#ask('management', `<enable xmlns='${NS.sm}' resume='true' max='${WANTED_RESUMPTION}'/>`);
    const h = resumption.management.h;
    this.#ask('resumption', `<resume xmlns='${NS.sm}' previd='${escapeAttribute(resumption.id)}' h='${h}'/>`);
  }

  #managed(enabled: Element): void {
    const id = attribute(enabled, 'id');
    const mayResume = attribute(enabled, 'resume') === 'true' || attribute(enabled, 'resume') === '1';
    this.management = new StreamManagement();
    this.conditions.add('managed');
    if (mayResume && id !== undefined && id !== '') {
      const max = Number(attribute(enabled, 'max') ?? WANTED_RESUMPTION);
      this.sessionId = id;
      this.resumptionSeconds = Number.isFinite(max) && max > 0 ? Math.min(max, WANTED_RESUMPTION) : WANTED_RESUMPTION;
    }
    this.#up();
  }

  #resumed(received: Element): void {
    const { resumption } = this.#options;
    const h = countIn(received);
    if (resumption === undefined || h === undefined || attribute(received, 'previd') !== resumption.id)
      throw new StreamError('invalid-xml', 'A resumption without its session or its count');
    this.management = resumption.management;
    this.sessionId = resumption.id;
    this.resumptionSeconds = WANTED_RESUMPTION;
    this.conditions.add('managed');
    const again = this.management.resume(h, this.host.now);
    for (const { xml } of again) this.sendAgain(xml);
    this.#up();
  }

  #up(): void {
    this.settle();
    this.host.onReady(this);
  }

  #becomeAskable(): void {
    if (this.#isAskable) return;
    this.#isAskable = true;
    this.#options.onAskable();
  }

  /** This stream can't come to anything, and another try wouldn't either. */
  #giveUp(reason: string): void {
    this.isHopeless = true;
    this.log('warn', 'stream given up', { reason });
    if (this.state !== 'connecting' && this.state !== 'securing') this.write('</stream:stream>');
    this.end(reason);
  }
}

/** The `h` of XEP-0198, where it has one. */
function countIn(element: Element): number | undefined {
  const h = attribute(element, 'h') ?? '';
  return /^\d{1,10}$/.test(h) ? Number(h) : undefined;
}

/** The condition and text in a failure, short, for the log. */
function reasonIn(failure: Element): string {
  const holder = findChild(failure, 'error') ?? failure;
  const said = childElements(holder)
    .map((child) => (child.name === 'text' ? child.getText() : child.name))
    .join(', ')
    .slice(0, 200);
  return said === '' ? '' : ` (${said})`;
}
