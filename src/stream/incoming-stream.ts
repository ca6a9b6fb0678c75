import type { ConnectionId, ConnectionInput } from '../lib/effects.ts';
import { Jid } from '../lib/jid.ts';
import { attribute, type Element, findChild, textOf } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { escapeAttribute, serialise } from '../xml/serialise.ts';
import { StreamError } from '../xml/stream-errors.ts';
import type { StreamHeader } from '../xml/stream-parser.ts';
import { dialbackAnswer } from './dialback.ts';
import { type FeatureName, openFeatures } from './features.ts';
import { type S2sHost, S2sStream } from './s2s-stream.ts';
import { limitsElement, readLimits } from './stream-limits.ts';
import { StreamManagement } from './stream-management.ts';
import { STREAM_CLOSE } from './wire.ts';

/** How often a peer may fail at SASL before its stream is ended (RFC 6120 §6.4.5). */
const MAX_AUTH_FAILURES = 3;
/** Seconds for which a session that was lost may be resumed (XEP-0198 §5). */
export const RESUMPTION_SECONDS = 600;

/** The first byte of a TLS handshake (RFC 8446 §5.1), which no XML has. */
const TLS_HANDSHAKE = 0x16;

/** Conditions of SASL failures that we answer with (RFC 6120 §6.5). */
type SaslFailure =
  | 'aborted'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'not-authorized';

/** What an incoming stream needs beside what every stream does. */
export interface IncomingHost extends S2sHost {
  /** Takes a session that was lost out of those that may be resumed: by its id, if it was of one of these domains. */
  readonly takeSession: (id: string, domains: readonly string[]) => StreamManagement | undefined;
}

/**
 * A stream that a peer opened: the receiving server of RFC 6120. It carries stanzas from the domains that the peer has
 * proved, and to them once both directions have been agreed on (XEP-0288).
 */
export class IncomingStream extends S2sStream {
  readonly direction = 'in';
  /** Numeric, for the log and for bounds. */
  readonly address: string;
  readonly #incoming: IncomingHost;
  /** The domain in the header: what the peer says that it is. */
  #claimed: string | undefined;
  #hasHeader = false;
  #isFirst = true;
  #failures = 0;

  constructor(host: IncomingHost, connection: ConnectionId, address: string) {
    super(host, connection, 'opening');
    this.#incoming = host;
    this.address = address;
    this.wire.begin(this.limits());
  }

  carries(domain: string): boolean {
    return this.isBidirectional && this.state === 'up' && this.proofOf(domain) !== undefined;
  }

  /** Bytes that begin TLS at once are taken for it: XEP-0368, on the one port that there is. */
  override handle(input: ConnectionInput): void {
    const isTls = input.kind === 'data' && this.#isFirst && input.bytes[0] === TLS_HANDSHAKE;
    if (input.kind === 'data') this.#isFirst = false;
    if (isTls && this.host.settings.tls !== 'off') this.secure({ role: 'server' }, input.bytes);
    else super.handle(input);
  }

  protected onConnected(): void {}

  protected onSecured(): void {
    this.#reopen();
  }

  /** RFC 6120 §4.7 and §4.9.1.2: whatever is wrong is said after our own header. */
  protected onHeader({ attrs }: StreamHeader): void {
    const { settings } = this.host;
    const to = Jid.tryParse(attrs['to']);
    const from = Jid.tryParse(attrs['from']);
    this.streamId = this.host.newStreamId();
    this.#hasHeader = true;
    this.enter('header');
    this.writeHeader({ from: settings.domain, to: from?.domain, id: this.streamId });
    if (attrs['to'] === undefined) throw new StreamError('improper-addressing', 'The stream says to nobody');
    if (to?.toString() !== settings.domain) throw new StreamError('host-unknown');
    if (attrs['from'] !== undefined && (from === undefined || from.toString() !== from.domain))
      throw new StreamError('improper-addressing', 'The stream is from no domain');
    if (from?.domain === settings.domain) throw new StreamError('invalid-from', 'That domain is served here');
    if (this.domains.length > 0 && from !== undefined && this.proofOf(from.domain) === undefined)
      throw new StreamError('invalid-from', `${from.domain} is not who has been authenticated`);
    this.#claimed = from?.domain;
    if (/^[1-9]\d{0,3}\.\d{1,4}$/.test(attrs['version'] ?? '')) this.#offer();
    else if (settings.tls === 'required') throw new StreamError('unsupported-version', 'XMPP 1.0 is needed, with TLS');
  }

  protected override beginForError(): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.writeHeader({ from: this.host.settings.domain, id: this.host.newStreamId() });
  }

  protected onNegotiation(received: Element): void {
    const feature = featureOf(received);
    if (feature === undefined) throw new StreamError('unsupported-stanza-type');
    if (feature === 'starttls') return this.#startTls();
    if (!this.#features().includes(feature)) return this.#decline(feature, received);
    switch (feature) {
      case 'bidi':
        this.conditions.add('bidirectional');
        this.peerLimits = readLimits(received);
        return;
      case 'external':
        return this.#authenticate(received);
      case 'compression':
        return this.#compress(received);
      case 'management':
        return received.name === 'resume' ? this.#resume(received) : this.#manage(received);
      default:
        throw new StreamError('unsupported-stanza-type');
    }
  }

  /** Claims to be verified, and questions about our own keys (XEP-0220 §2.3). */
  protected override onDialback(received: Element): void {
    if (attribute(received, 'type') !== undefined) return super.onDialback(received);
    if (received.name === 'result') return this.claim(received);
    if (received.name !== 'verify') throw new StreamError('unsupported-stanza-type');
    const { settings } = this.host;
    if (settings.tls === 'required' && !this.isSecure)
      throw new StreamError('policy-violation', 'TLS is required here');
    const from = Jid.tryParse(attribute(received, 'from'));
    const to = Jid.tryParse(attribute(received, 'to'));
    const id = attribute(received, 'id');
    if (from === undefined || to === undefined || id === undefined) throw new StreamError('improper-addressing');
    const answered = { name: 'verify', from: to.domain, to: from.domain, id } as const;
    if (to.toString() !== settings.domain) return this.write(dialbackAnswer(answered, 'item-not-found'));
    const isOurs = this.host.isDialbackKey(textOf(received).trim(), from.domain, id);
    this.write(dialbackAnswer(answered, isOurs ? 'valid' : 'invalid'));
  }

  protected onProved(): void {
    if (this.state === 'up') return this.host.onReady(this);
    this.settle();
    this.host.onReady(this);
  }

  protected get peerName(): string {
    return this.domains[0] ?? this.#claimed ?? this.address;
  }

  protected get logKey(): string {
    return this.address;
  }

  #reopen(): void {
    this.enter('open');
    this.#hasHeader = false;
    this.wire.begin(this.limits());
  }

  #features(): FeatureName[] {
    return openFeatures(this.conditions, {
      isTlsRequired: this.host.settings.tls === 'required',
      wants: (feature) => this.#wants(feature),
    });
  }

  #wants(feature: FeatureName): boolean {
    const { settings } = this.host;
    switch (feature) {
      case 'starttls':
        return settings.tls !== 'off';
      case 'external':
        return settings.auth.includes('external') && this.#doubt() === undefined;
      case 'dialback':
        return settings.auth.includes('dialback');
      case 'compression':
        return settings.peers.some(({ domain, compression }) => compression && this.proofOf(domain) !== undefined);
      default:
        return true;
    }
  }

  /** Why the certificate doesn't prove the domain in the header; undefined where it does. */
  #doubt(domain = this.#claimed): string | undefined {
    if (domain === undefined) return 'the stream does not say whose it is';
    const judgement = this.host.judge(this.certificate, domain);
    return 'reason' in judgement ? judgement.reason : undefined;
  }

  #offer(): void {
    const { settings } = this.host;
    const offered = this.#features();
    const doubt = this.isSecure && this.domains.length === 0 ? this.#doubt() : undefined;
    if (doubt !== undefined && !settings.auth.includes('dialback'))
      throw new StreamError('not-authorized', `Not let in: ${doubt}`);
    if (doubt !== undefined && settings.auth.includes('external') && this.#claimed !== undefined)
      this.log('info', 'certificate is no proof', { reason: doubt });
    const isRequired = settings.tls === 'required';
    this.write(
      `<stream:features>${offered.map((feature) => featureXml(feature, isRequired)).join('')}${serialise(limitsElement(this.ownLimits()))}</stream:features>`,
    );
    if (this.conditions.has('authenticated')) this.onProved();
  }

  /** RFC 6120 §5.4.2 */
  #startTls(): void {
    if (!this.#features().includes('starttls')) {
      this.write(`<failure xmlns='${NS.tls}'/>${STREAM_CLOSE}`);
      return this.end('TLS was asked for where it was not offered');
    }
    this.write(`<proceed xmlns='${NS.tls}'/>`);
    this.secure({ role: 'server' });
  }

  /** Something was asked for that wasn't offered. */
  #decline(feature: FeatureName, received: Element): void {
    const { settings } = this.host;
    if (settings.tls === 'required' && !this.isSecure)
      throw new StreamError('policy-violation', 'TLS is required here');
    if (feature === 'external' && !this.conditions.has('authenticated')) {
      const isKnown = attribute(received, 'mechanism') === 'EXTERNAL' && settings.auth.includes('external');
      return this.#failSasl(isKnown && this.isSecure ? 'not-authorized' : 'invalid-mechanism', this.#doubt());
    }
    if (feature === 'management') return this.write(failed('unexpected-request'));
    if (feature === 'compression') return this.write(`<failure xmlns='${NS.compress}'><setup-failed/></failure>`);
    throw new StreamError('policy-violation', 'That was not offered');
  }

  /** SASL EXTERNAL (RFC 6120 §6.4, XEP-0178 §3). */
  #authenticate(auth: Element): void {
    if (auth.name === 'abort') return this.#failSasl('aborted');
    if (auth.name !== 'auth') return this.#failSasl('malformed-request');
    if (attribute(auth, 'mechanism') !== 'EXTERNAL') return this.#failSasl('invalid-mechanism');
    const claimed = this.#claimed ?? '';
    const response = textOf(auth).trim();
    const asked = response === '' || response === '=' ? claimed : decoded(response);
    if (asked === undefined) return this.#failSasl('incorrect-encoding');
    if (Jid.tryParse(asked)?.toString() !== claimed)
      return this.#failSasl('invalid-authzid', `the stream is from ${claimed}`);
    const judgement = this.host.judge(this.certificate, claimed);
    if ('reason' in judgement) return this.#failSasl('not-authorized', judgement.reason);
    this.prove(claimed, judgement.proof);
    this.write(`<success xmlns='${NS.sasl}'/>`);
    this.#reopen();
  }

  #failSasl(condition: SaslFailure, reason?: string): void {
    const why = reason === undefined ? '' : `<text xml:lang='en'>${escapeAttribute(reason)}</text>`;
    this.log('warn', 'authentication failed', { condition, ...(reason !== undefined && { reason }) });
    this.write(`<failure xmlns='${NS.sasl}'><${condition}/>${why}</failure>`);
    this.#failures += 1;
    if (this.#failures >= MAX_AUTH_FAILURES) throw new StreamError('policy-violation', 'Too many attempts failed');
  }

  /** XEP-0138 §3 */
  #compress(compress: Element): void {
    const method = findChild(compress, 'method');
    if (method === undefined || textOf(method).trim() !== 'zlib')
      return this.write(`<failure xmlns='${NS.compress}'><unsupported-method/></failure>`);
    this.write(`<compressed xmlns='${NS.compress}'/>`);
    this.conditions.add('compressed');
    this.wire.compress();
    this.#reopen();
  }

  /** XEP-0198 §3 */
  #manage(enable: Element): void {
    const mayResume = attribute(enable, 'resume') === 'true' || attribute(enable, 'resume') === '1';
    this.management = new StreamManagement();
    this.conditions.add('managed');
    this.sessionId = mayResume ? this.host.newStreamId() : undefined;
    const resumption = mayResume ? ` id='${this.sessionId}' resume='true' max='${RESUMPTION_SECONDS}'` : '';
    this.write(`<enabled xmlns='${NS.sm}'${resumption}/>`);
    this.onProved();
  }

  /** XEP-0198 §5 */
  #resume(resume: Element): void {
    const id = attribute(resume, 'previd') ?? '';
    const h = attribute(resume, 'h') ?? '';
    const management = /^\d{1,10}$/.test(h) ? this.#incoming.takeSession(id, this.domains) : undefined;
    if (management === undefined) return this.write(failed('item-not-found'));
    this.management = management;
    this.sessionId = id;
    this.conditions.add('managed');
    const again = management.resume(Number(h), this.host.now);
    this.write(`<resumed xmlns='${NS.sm}' previd='${escapeAttribute(id)}' h='${management.h}'/>`);
    for (const { xml } of again) this.sendAgain(xml);
    this.onProved();
  }
}

/** What a first-level element asks for; undefined where it is none of a negotiation. */
function featureOf({ name, attrs }: Element): FeatureName | undefined {
  switch (`${attrs['xmlns']} ${name}`) {
    case `${NS.tls} starttls`:
      return 'starttls';
    case `${NS.bidi} bidi`:
      return 'bidi';
    case `${NS.sasl} auth`:
    case `${NS.sasl} abort`:
    case `${NS.sasl} response`:
      return 'external';
    case `${NS.compress} compress`:
      return 'compression';
    case `${NS.sm} enable`:
    case `${NS.sm} resume`:
      return 'management';
    default:
      return undefined;
  }
}

function featureXml(feature: FeatureName, isTlsRequired: boolean): string {
  switch (feature) {
    case 'starttls':
      return `<starttls xmlns='${NS.tls}'>${isTlsRequired ? '<required/>' : ''}</starttls>`;
    case 'bidi':
      return `<bidi xmlns='${NS.bidiFeature}'/>`;
    case 'external':
      return `<mechanisms xmlns='${NS.sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>`;
    case 'dialback':
      return `<dialback xmlns='${NS.dialbackFeature}'><errors/></dialback>`;
    case 'compression':
      return `<compression xmlns='${NS.compressFeature}'><method>zlib</method></compression>`;
    case 'management':
      return `<sm xmlns='${NS.sm}'/>`;
  }
}

function failed(condition: 'item-not-found' | 'unexpected-request'): string {
  return `<failed xmlns='${NS.sm}'><${condition} xmlns='${NS.stanzaErrors}'/></failed>`;
}

/** Base64 of text in UTF-8, undefined where it is neither. */
function decoded(base64: string): string | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z\d+/]+={0,2}$/.test(base64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}
