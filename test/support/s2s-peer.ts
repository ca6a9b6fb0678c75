import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion, TLSSocket } from 'node:tls';
import { attribute, type Element, element, findChild } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { isStreamError, StreamError } from '../../src/xml/stream-errors.ts';
import { type StreamHeader, StreamParser } from '../../src/xml/stream-parser.ts';
import type { Issued } from './authority.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';

/** How the peer's end of TLS is made. It trusts everyone: what the gateway thinks of it is what is tested. */
export interface PeerTls {
  readonly identity?: Issued;
  readonly serverName?: string;
  readonly protocols?: readonly string[];
  readonly maxVersion?: SecureVersion;
}

/** Who speaks to whom. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

/** Where from, and where to. */
export interface Route {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
}

/** What the other side does, for those who answer rather than ask. */
export interface PeerListener {
  opened(header: StreamHeader): void;
  element(element: Element): void;
}

/** What the content of a stream is, and of whom. */
export function streamHeader(ends: Partial<Ends>, id?: string): string {
  const attributes = { ...ends, id, version: '1.0', 'xmlns:db': NS.dialback };
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}='${value}'`],
  );
  return `<?xml version='1.0'?><stream:stream xmlns='${NS.server}' xmlns:stream='${NS.streams}' ${written.join(' ')}>`;
}

/** One end of a server-to-server stream on a real socket, held by the suite: it does each step right, or whatever else it is told to. */
export class S2sPeer {
  /** Once the other side has closed, or the connection broke. */
  readonly closed: Promise<void>;
  readonly #headers = new Inbox<StreamHeader>('the peer (headers)', (header) => JSON.stringify(header));
  readonly #inbox = new Inbox<Element>('the peer', String);
  readonly #listener: PeerListener | undefined;
  #socket: Socket;
  #parser = this.#newParser();
  #received = '';

  constructor(socket: Socket, listener?: PeerListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => {
      for (const inbox of [this.#headers, this.#inbox])
        inbox.close(`the connection has ended, after ${this.#received}`);
    });
    this.#read(socket);
    atEnd(() => socket.destroy());
  }

  static async dial({ address, port, localAddress }: Route): Promise<S2sPeer> {
    const socket = connect({ host: address, port, ...(localAddress === undefined ? {} : { localAddress }) });
    await once(socket, 'connect');
    return new S2sPeer(socket);
  }

  /** Up to where a stanza could be sent: TLS, EXTERNAL, and the stream after it (RFC 6120 §5 and §6). */
  static async authenticated(route: Route, ends: Ends, tls: PeerTls): Promise<S2sPeer> {
    const peer = await S2sPeer.dial(route);
    await peer.startTls(ends, tls);
    await peer.external(ends);
    return peer;
  }

  /** Every byte received so far, deciphered, as text. */
  get received(): string {
    return this.#received;
  }

  /** Such as `TLSv1.3`; undefined in the clear. */
  get tlsVersion(): string | undefined {
    return this.#socket instanceof TLSSocket ? (this.#socket.getProtocol() ?? undefined) : undefined;
  }

  /** A stanza, or raw bytes, well-formed or not. */
  send(data: Element | string | Uint8Array): void {
    this.#socket.write(typeof data === 'string' || data instanceof Uint8Array ? data : serialise(data));
  }

  /** The first element of the stream that fits and answered no other expectation. */
  expect(description: string, fits: (element: Element) => boolean, timeout?: number): Promise<Element> {
    return this.#inbox.expect(description, fits, timeout);
  }

  /** Every element of the streams so far, whatever it is. */
  collected(): readonly Element[] {
    return this.#inbox.all();
  }

  /** Begins a stream, the first one or after what restarts it, and gives back the features that it is offered. */
  async open(ends: Partial<Ends>): Promise<Element> {
    this.restart();
    this.send(streamHeader(ends));
    await this.header();
    return this.expect('features', isNamed('features', NS.streams));
  }

  /** The header of the other side's next stream. */
  header(): Promise<StreamHeader> {
    return this.#headers.expect('a stream header', () => true);
  }

  /** What comes from now on is a new stream. */
  restart(): void {
    this.#parser = this.#newParser();
  }

  /** RFC 6120 §5.4: opens a stream and has it go on in TLS; the stream after that isn't open yet. */
  async startTls(ends: Ends, tls: PeerTls): Promise<void> {
    const features = await this.open(ends);
    if (findChild(features, 'starttls', NS.tls) === undefined) throw new Error(`no STARTTLS in ${String(features)}`);
    this.send(`<starttls xmlns='${NS.tls}'/>`);
    await this.expect('to proceed', isNamed('proceed', NS.tls));
    await this.secure('client', tls);
  }

  /** The TLS handshake by itself. */
  async secure(role: 'client' | 'server', { identity, serverName, protocols, maxVersion }: PeerTls): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const options = {
      ...(identity && { cert: readFileSync(identity.certificate), key: readFileSync(identity.key) }),
      ...(maxVersion && { maxVersion, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT:@SECLEVEL=0' }),
      rejectUnauthorized: false,
    };
    const secure =
      role === 'server'
        ? new TLSSocket(plain, { ...options, isServer: true, requestCert: true })
        : connectTls({
            ...options,
            socket: plain,
            ...(serverName === undefined ? {} : { servername: serverName }),
            ...(protocols && { ALPNProtocols: [...protocols] }),
          });
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', resolve).once('error', reject);
      plain.once('close', () => reject(new Error('the connection has ended during the TLS handshake')));
    });
    this.#socket = secure;
    this.#read(secure);
  }

  /** Asks for another TLS handshake inside the one that stands; fails where the other side won't have it. */
  renegotiate(): Promise<void> {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) throw new Error('there is no TLS');
    return new Promise((resolve, reject) => {
      void this.closed.then(() => reject(new Error('the connection has ended')));
      socket.renegotiate({}, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** RFC 6120 §6.4 with EXTERNAL, and the stream after it. */
  async external(ends: Ends): Promise<void> {
    await this.open(ends);
    this.send(auth(ends.from));
    await this.expect('success', isNamed('success', NS.sasl));
    await this.open(ends);
  }

  /** Offers a dialback key (XEP-0220 §2.1.1) on the stream that is open, and gives back what the other side says to it. */
  dialback({ from, to }: Ends, key: string): Promise<Element> {
    this.send(`<db:result from='${from}' to='${to}'>${key}</db:result>`);
    return this.expect('a result of dialback', isNamed('result', NS.dialback));
  }

  /** How the other side ends the stream: by an error (RFC 6120 §4.9), the stream's end and the connection's. */
  async refusal(timeout?: number): Promise<StreamError> {
    const error = StreamError.read(await this.expect('a stream error', isStreamError, timeout));
    await this.closed;
    if (!this.#received.endsWith('</stream:stream>')) throw new Error(`a stream without an end: ${this.#received}`);
    return error;
  }

  /** Closes the stream, and the connection once that was sent. */
  end(): void {
    this.send('</stream:stream>');
    this.finish();
  }

  /** Says no more, whatever was begun. */
  finish(): void {
    this.#socket.end();
  }

  /** Breaks the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(socket: Socket): void {
    socket.on('error', () => {}); // `close` follows
    socket.on('data', (bytes: Buffer) => {
      this.#received += bytes.toString();
      try {
        this.#parser.write(bytes);
      } catch (error) {
        this.#inbox.close(`what came is no stream (${String(error)}): ${this.#received}`);
      }
    });
  }

  #newParser(): StreamParser {
    return new StreamParser(
      { contentNamespace: NS.server, implicitOpen: false },
      {
        streamOpen: (header) => {
          this.#headers.add(header);
          this.#listener?.opened(header);
        },
        stanza: (stanza) => {
          this.#inbox.add(stanza);
          this.#listener?.element(stanza);
        },
        streamClose: () => this.#socket.end(),
      },
    );
  }
}

/** RFC 6120 §6.4.2, as XEP-0178 §3 has it: who one is stands in the stream's `from` too. */
export function auth(identity: string): Element {
  return element('auth', { xmlns: NS.sasl, mechanism: 'EXTERNAL' }, Buffer.from(identity).toString('base64'));
}

export function isNamed(name: string, namespace: string): (element: Element) => boolean {
  return (element) => element.name === name && attribute(element, 'xmlns') === namespace;
}
