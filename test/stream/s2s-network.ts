import type { ConnectionInput, PeerCertificate, Resolution, Resolved } from '../../src/lib/effects.ts';
import { Random } from '../../src/lib/random.ts';
import { S2s } from '../../src/stream/s2s.ts';
import type { S2sEffect, S2sSettings } from '../../src/stream/s2s-types.ts';
import type { KeptSession, SessionWrite } from '../../src/stream/session-record.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { Agenda } from '../support/agenda.ts';

/* Servers of the core's S2S streams in virtual time, on a network that carries bytes and TLS, and peers that a test plays. */

const ENCODER = new TextEncoder();
/** One way, in milliseconds. */
const LATENCY = 20;

export type ServerOptions = Partial<Omit<S2sSettings, 'domain' | 'listeners'>> & {
  readonly certificate?: PeerCertificate | undefined;
};

/** A certificate that names these domains, of an authority that everyone trusts unless there is a problem. */
export function certificateOf(names: readonly string[], problem?: string): PeerCertificate {
  const sha256 = Buffer.from(names.join(' ')).toString('hex').padEnd(64, '0').slice(0, 64);
  const certificate = { sha256, dnsNames: names, srvNames: [], xmppAddresses: [] };
  return problem === undefined ? certificate : { ...certificate, problem };
}

/** One end of a connection, as the network sees it. */
interface End {
  readonly hear: (input: Event) => void;
  /** What it shows in TLS, once it is ready for it. */
  certificate?: PeerCertificate | undefined;
  isSecuring: boolean;
}

type Event =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'secured'; readonly certificate: PeerCertificate | undefined }
  | { readonly kind: 'closed' };

/** A connection between two ends. Bytes keep their order; what is under way when it is cut is lost. */
class Connection {
  readonly #network: Network;
  readonly #ends: readonly [End, End];
  #isOpen = true;

  constructor(network: Network, one: End, other: End) {
    this.#network = network;
    this.#ends = [one, other];
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(from: End, bytes: Uint8Array): void {
    this.#later(from, { kind: 'data', bytes });
  }

  /** TLS stands once both ends want it. */
  secure(from: End): void {
    from.isSecuring = true;
    const [one, other] = this.#ends;
    if (!one.isSecuring || !other.isSecuring) return;
    one.isSecuring = false;
    other.isSecuring = false;
    this.#later(one, { kind: 'secured', certificate: one.certificate });
    this.#later(other, { kind: 'secured', certificate: other.certificate });
  }

  close(from: End): void {
    this.#later(from, { kind: 'closed' });
  }

  /** The line is gone at once, for both. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const end of this.#ends) this.#network.schedule(0, () => end.hear({ kind: 'closed' }));
  }

  #later(from: End, event: Event): void {
    const to = this.#ends[0] === from ? this.#ends[1] : this.#ends[0];
    this.#network.schedule(LATENCY, () => {
      if (!this.#isOpen) return;
      if (event.kind === 'closed') this.#isOpen = false;
      to.hear(event);
      if (event.kind === 'closed') from.hear(event);
    });
  }
}

/** A peer that a test plays: it writes what it likes. */
export class Played implements End {
  certificate: PeerCertificate | undefined;
  isSecuring = false;
  isSecure = false;
  isClosed = false;
  /** All that has come since it was last taken. */
  #received = '';
  readonly #network: Network;
  connection: Connection | undefined;

  constructor(network: Network) {
    this.#network = network;
  }

  readonly hear = (event: Event): void => {
    if (event.kind === 'data') this.#received += Buffer.from(event.bytes).toString('latin1');
    else if (event.kind === 'secured') this.isSecure = true;
    else this.isClosed = true;
  };

  write(data: string | Uint8Array): void {
    this.connection?.write(this, typeof data === 'string' ? ENCODER.encode(data) : data);
  }

  /** Writes, and gives what comes of it. */
  say(data: string | Uint8Array): string {
    this.write(data);
    return this.take();
  }

  /** Whatever has come by the time that all is still. */
  take(): string {
    this.#network.settle();
    return this.read();
  }

  /** Whatever has come by now. */
  read(): string {
    const received = Buffer.from(this.#received, 'latin1').toString();
    this.#received = '';
    return received;
  }

  /** Is ready for TLS with that certificate. */
  ready(certificate?: PeerCertificate): void {
    this.certificate = certificate;
    this.connection?.secure(this);
  }

  /** The same, until it stands. */
  secure(certificate?: PeerCertificate): void {
    this.ready(certificate);
    this.#network.settle();
  }

  close(): void {
    this.connection?.close(this);
    this.#network.settle();
  }

  cut(): void {
    this.connection?.cut();
    this.#network.settle();
  }
}

/** A server with the core's streams. */
export class Server {
  readonly core: S2s;
  readonly domain: string;
  readonly address: string;
  /** Stanzas that have come, each with the domain that its stream was of. */
  readonly stanzas: string[] = [];
  /** What comes of a stanza, before anything that follows it. */
  onStanza: (from: string) => void = () => {};
  readonly events: string[] = [];
  readonly log: string[] = [];
  /** What the store would have of sessions. */
  readonly writes: SessionWrite[] = [];
  readonly paused = new Set<number>();
  #isDead = false;
  readonly #network: Network;
  readonly #certificate: PeerCertificate | undefined;
  readonly #connections = new Map<number, { readonly end: End; readonly connection: () => Connection | undefined }>();
  /** The connections that it has opened or taken, in their order. */
  readonly opened: Connection[] = [];

  constructor(network: Network, domain: string, address: string, { certificate, ...settings }: ServerOptions) {
    this.#network = network;
    this.domain = domain;
    this.address = address;
    this.#certificate = certificate;
    this.core = new S2s(
      {
        domain,
        listeners: [address],
        tls: 'required',
        auth: ['external', 'dialback'],
        hosts: network.hosts,
        peers: [],
        ...settings,
      },
      {
        random: new Random(domain.length),
        nextConnection: network.nextConnection,
        secret: ENCODER.encode(`the secret of ${domain}`.padEnd(32)),
      },
    );
  }

  start(kept: readonly KeptSession[] = []): void {
    this.act((now) => this.core.start(kept, now));
  }

  /** Sends stanzas to a domain, at once. */
  send(domain: string, ...stanzas: readonly string[]): void {
    this.act((now) => this.core.send({ kind: 's2s-send', domain, stanzas }, now));
  }

  /** Power loss. */
  kill(): void {
    this.#isDead = true;
    this.#network.servers.splice(this.#network.servers.indexOf(this), 1);
    this.cut();
  }

  act(act: (now: number) => readonly S2sEffect[]): void {
    if (this.#isDead) return;
    for (const effect of act(this.#network.now)) this.#carryOut(effect);
  }

  /** A connection that somebody has opened to it. */
  accept(address: string): { readonly end: End; readonly attach: (connection: Connection) => void } {
    const id = this.#network.nextConnection();
    const adopted = this.#adopt(id);
    return {
      end: adopted.end,
      attach: (connection) => {
        adopted.attach(connection);
        this.#input({ kind: 'accepted', connection: id, listener: this.address, address });
      },
    };
  }

  /** Cuts everything that it has on the network. */
  cut(): void {
    for (const connection of this.opened) connection.cut();
  }

  #adopt(id: number): { readonly end: End; readonly attach: (connection: Connection) => void } {
    let attached: Connection | undefined;
    const end: End = {
      certificate: this.#certificate,
      isSecuring: false,
      hear: (event) => {
        if (event.kind === 'data') this.#input({ ...event, connection: id });
        else if (event.kind === 'secured')
          this.#input({ ...event, connection: id, version: 'TLSv1.3', isResumed: false });
        else {
          this.#connections.delete(id);
          this.#input({ kind: 'closed', connection: id, reason: 'the connection was lost' });
        }
      },
    };
    this.#connections.set(id, { end, connection: () => attached });
    return {
      end,
      attach: (connection) => {
        attached = connection;
        this.opened.push(connection);
      },
    };
  }

  #input(input: ConnectionInput | Resolved): void {
    this.act((now) => this.core.handle(input, now));
  }

  #carryOut(effect: S2sEffect): void {
    switch (effect.kind) {
      case 'open': {
        const adopted = this.#adopt(effect.connection);
        const target = this.#network.at(`${effect.host}:${effect.port}`);
        this.#network.schedule(LATENCY, () => {
          if (target === undefined) return adopted.end.hear({ kind: 'closed' });
          const far = target(this.address);
          const connection = new Connection(this.#network, adopted.end, far.end);
          adopted.attach(connection);
          far.attach(connection);
          this.#input({ kind: 'connected', connection: effect.connection });
          if (effect.tls !== undefined) connection.secure(adopted.end);
        });
        return;
      }
      case 'secure': {
        const held = this.#connections.get(effect.connection);
        if (held !== undefined) held.connection()?.secure(held.end);
        return;
      }
      case 'write': {
        const held = this.#connections.get(effect.connection);
        if (held !== undefined) held.connection()?.write(held.end, Buffer.from(effect.data));
        return;
      }
      case 'close': {
        const held = this.#connections.get(effect.connection);
        if (held !== undefined) held.connection()?.close(held.end);
        return;
      }
      case 'pause':
        return void this.paused.add(effect.connection);
      case 'resume':
        return void this.paused.delete(effect.connection);
      case 'resolve':
        if (this.#network.isDnsMute) return;
        this.#network.schedule(LATENCY, () =>
          this.#input({
            kind: 'resolved',
            domain: effect.domain,
            resolution: this.#network.dns.get(effect.domain) ?? NOBODY,
          }),
        );
        return;
      case 'stanza':
        this.stanzas.push(`${effect.via.domain}: ${serialise(effect.stanza)}`);
        return this.onStanza(effect.via.domain);
      case 's2s-go-on':
        return this.act((now) => this.core.goOn(effect, now));
      case 's2s-lost':
      case 's2s-unreachable':
        return void this.events.push(`${effect.kind} ${effect.domain}`);
      case 's2s-up':
      case 's2s-down':
        return void this.events.push(`${effect.kind} ${effect.peer}`);
      case 'log':
        return void this.log.push(`${effect.message} ${JSON.stringify(effect.fields ?? {})}`);
      default:
        this.writes.push(effect);
    }
  }
}

const NOBODY: Resolution = { records: [], addresses: [], problem: 'no such domain', isDefinite: true };

/** Where everyone is. */
export class Network {
  now = Date.UTC(2026, 0, 1);
  readonly hosts: Record<string, { host: string; port: number }> = {};
  readonly dns = new Map<string, Resolution>();
  /** Nobody answers what is asked of DNS. */
  isDnsMute = false;
  readonly servers: Server[] = [];
  readonly #agenda = new Agenda();
  readonly #played = new Map<string, (peer: Played) => void>();
  #connections = 0;

  readonly nextConnection = (): number => ++this.#connections;

  schedule(delay: number, act: () => void): void {
    this.#agenda.add(this.now + delay, act);
  }

  /** A server that everyone finds by its domain. */
  server(domain: string, options: ServerOptions = {}): Server {
    const port = 5269 + this.servers.length;
    this.hosts[domain] ??= { host: '10.0.0.1', port };
    const server = new Server(this, domain, `10.0.0.1:${port}`, { certificate: certificateOf([domain]), ...options });
    this.servers.push(server);
    server.start();
    return server;
  }

  /** From now on `domain` is at an address where the test plays the server. */
  play(domain: string, port: number, take: (peer: Played) => void): void {
    this.hosts[domain] = { host: '10.0.0.9', port };
    this.#played.set(`10.0.0.9:${port}`, take);
  }

  /** Somebody connects to a server. */
  connect(server: Server, address = '10.0.0.7'): Played {
    const played = new Played(this);
    const far = server.accept(address);
    played.connection = new Connection(this, played, far.end);
    far.attach(played.connection);
    this.settle(2 * LATENCY);
    return played;
  }

  /** What takes connections there. */
  at(
    address: string,
  ): ((from: string) => { readonly end: End; readonly attach: (connection: Connection) => void }) | undefined {
    const server = this.servers.find((one) => one.address === address);
    if (server !== undefined) return (from) => server.accept(from.replace(/:\d+$/, ''));
    const take = this.#played.get(address);
    if (take === undefined) return undefined;
    return () => {
      const played = new Played(this);
      return {
        end: played,
        attach: (connection) => {
          played.connection = connection;
          take(played);
        },
      };
    };
  }

  /** Lets everything happen that is due within `milliseconds`. */
  settle(milliseconds = 1000): void {
    const until = this.now + milliseconds;
    for (;;) {
      const event = this.#agenda.next ?? Number.POSITIVE_INFINITY;
      const timeouts = this.servers.map(({ core }) => core.nextTimeout() ?? Number.POSITIVE_INFINITY);
      const next = Math.min(event, ...timeouts);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      if (event <= this.now) this.#agenda.take()?.();
      else for (const server of this.servers) server.act((now) => server.core.handleTimeout(now));
    }
    this.now = until;
  }
}
