import { createHash } from 'node:crypto';
import { type ConfigChanges, changesOf } from '../../src/config/changes.ts';
import type { Config, LinkConfig, RoomFileConfig, S2sConfig } from '../../src/config/config.ts';
import { type Effect, type Input, isWrite } from '../../src/gateway/effects.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type {
  ConnectionInput,
  LogEffect,
  OpenEffect,
  PeerCertificate,
  Resolution,
  WriteEffect,
} from '../../src/lib/effects.ts';
import { domainOf } from '../../src/lib/jid.ts';
import { Random } from '../../src/lib/random.ts';
import type { CrossedEffect } from '../../src/link/crossed.ts';
import { DirectLink } from '../../src/link/direct.ts';
import { type Decoder, encodingOf } from '../../src/link/encoding.ts';
import { outgoing } from '../../src/link/outgoing.ts';
import type { WithheldEffect } from '../../src/stanza/withheld.ts';
import { attribute, childElements, type Element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamParser } from '../../src/xml/stream-parser.ts';
import { Agenda } from './agenda.ts';
import { MemoryStore } from './memory-store.ts';
import { type Host, type VirtualConnection, type Weather, Wire } from './wire.ts';

/*
 * Gateways in virtual time: the real core, with an XMPP server's stand-in at each one's component stream and links
 * between them on which time passes. A day of outages takes milliseconds, and every run of a seed is the same.
 */

/** The component secret of every virtual gateway. */
const SECRET = 's3cret';
const STREAM_ID = 'stream-1';
/** What the program under test says of itself. */
export const VERSION = '1.2.3';
const ENCODER = new TextEncoder();

/** Virtual time, and what is to happen at which instant. Instants are milliseconds since the epoch. */
export class VirtualWorld {
  now = Date.UTC(2026, 0, 1);
  /** One way, in milliseconds, on wires without weather. */
  latency = 300;
  /** That of every wire that is made from now on. */
  weather: Weather | undefined;
  /** Told of everything worth a line in a report. */
  trace: ((line: string) => void) | undefined;
  /** How much may happen in all, before it is taken for a storm that never ends. */
  maxEvents = 1_000_000;
  readonly random: Random;
  readonly gateways: VirtualGateway[] = [];
  /** Servers that are no gateways. */
  readonly servers: Server[] = [];
  /** How many gateways have been started. */
  lives = 0;
  /** What DNS knows, by domain; of others it knows that there are none. */
  readonly dns = new Map<string, Resolution>();
  readonly #agenda = new Agenda();
  readonly #wires = new Map<string, Wire>();
  #connections = 0;
  #events = 0;

  /** The seed feeds the chance of the wires. */
  constructor(seed = 0) {
    this.random = new Random(seed);
  }

  readonly nextConnection = (): number => ++this.#connections;

  schedule(delay: number, act: () => void): void {
    this.#agenda.add(this.now + delay, act);
  }

  /** What lies between the gateways of two domains. */
  wire(one: string, other: string): Wire {
    const key = [one, other].toSorted().join(' ');
    const wire = this.#wires.get(key) ?? new Wire(this, this.weather);
    this.#wires.set(key, wire);
    return wire;
  }

  /** The wires that touch a gateway, or all. */
  wires(domain?: string): Wire[] {
    const found = [...this.#wires].filter(([key]) => domain === undefined || key.split(' ').includes(domain));
    return found.map(([, wire]) => wire);
  }

  /** Starts a gateway; with the `store` of an earlier one it is that one after a restart. */
  gateway(domain: string, overrides: GatewayOverrides = {}, store = new MemoryStore()): VirtualGateway {
    const gateway = new VirtualGateway(this, domain, overrides, store);
    this.start(gateway);
    this.settle();
    return gateway;
  }

  /** The same, and nothing of what comes of it has happened yet. */
  start(gateway: VirtualGateway): void {
    this.gateways.push(gateway);
    gateway.start();
  }

  /** What DNS says of a domain. */
  resolve(domain: string): Resolution {
    const problem = `there is no ${domain}`;
    return this.dns.get(domain) ?? { records: [], addresses: [], problem, isDefinite: true };
  }

  /** Whoever listens at a port. */
  listenerAt(port: number): Host | undefined {
    const isAt = (address: { readonly port: number } | undefined): boolean => address?.port === port;
    return (
      this.servers.find((server) => server.port === port) ??
      this.gateways.find(
        ({ config }) =>
          config.links.some(({ listen, transport }) => transport === 'direct' && isAt(listen)) ||
          config.s2s?.listen.some(isAt) === true,
      )
    );
  }

  /** Lets everything happen that is due within `milliseconds`; without, whatever is under way on streams. */
  settle(milliseconds = 5000): void {
    const until = this.now + milliseconds;
    for (;;) {
      const event = this.#agenda.next ?? Number.POSITIVE_INFINITY;
      let next = event;
      const hosts = [...this.gateways, ...this.servers];
      for (const { timeout } of hosts) if (timeout !== undefined && timeout < next) next = timeout;
      if (next > until) break;
      if (++this.#events > this.maxEvents) throw new Error('a storm: it never ends');
      this.now = Math.max(this.now, next);
      if (event <= this.now) this.#agenda.take()?.();
      else for (const host of hosts.filter(({ timeout }) => timeout !== undefined)) host.wake();
    }
    this.now = until;
  }
}

/** A server with streams to others, as the world sees it. */
export interface Server extends Host {
  /** Where it listens for other servers. */
  readonly port: number;
  readonly timeout: number | undefined;
  wake(): void;
}

/** What a gateway's file would say, as far as it isn't the default. */
export interface GatewayOverrides {
  readonly gateway?: Partial<Config['gateway']>;
  /** Not at all where false. */
  readonly component?: false;
  readonly s2s?: Partial<S2sConfig>;
  readonly links?: readonly (Partial<LinkConfig> & { readonly peer: string })[];
  readonly rooms?: readonly (Partial<RoomFileConfig> & { readonly name: string })[];
  /** What it shows in TLS, which its file would name. */
  readonly certificate?: PeerCertificate;
}

/** A certificate that its issuer vouches for, with these names in it. */
export function certificate(sha256: string, ...dnsNames: string[]): PeerCertificate {
  return { sha256, dnsNames, srvNames: [], xmppAddresses: [] };
}

const LINK_DEFAULTS: Omit<LinkConfig, 'peer'> = {
  domains: [],
  transport: 'direct',
  from: [],
  tls: 'off',
  pin: '',
  bandwidth: 0,
  compression: false,
  presence: 'availability',
  coalesce: 0,
  history: { messages: 50, bytes: 8192, age: 86_400 },
  queue: { messages: 10_000, bytes: 4_194_304, age: 604_800 },
  idle: 0,
  grace: 300,
  moderate: false,
  dialect: 'auto',
};

const S2S_DEFAULTS: S2sConfig = { listen: [], tls: 'required', auth: ['external', 'dialback'], hosts: {} };

const ROOM_DEFAULTS: Omit<RoomFileConfig, 'name'> = {
  federate: [],
  mode: 'primary-primary',
  accept: ['*'],
  leaveAfter: 0,
  keep: { messages: 1000, age: 0 },
};

function configOf(domain: string, overrides: GatewayOverrides): Config {
  return {
    file: 'virtual.toml',
    gateway: {
      domain,
      name: domain,
      data: '',
      control: '',
      admins: [],
      createRooms: 'everyone',
      ...overrides.gateway,
    },
    log: { level: 'debug' },
    ...(overrides.component !== false && { component: { host: '127.0.0.1', port: 5347, secret: SECRET } }),
    ...(overrides.s2s && { s2s: { ...S2S_DEFAULTS, ...overrides.s2s } }),
    links: (overrides.links ?? []).map((link) => ({ ...LINK_DEFAULTS, ...link })),
    rooms: (overrides.rooms ?? []).map((room) => ({ ...ROOM_DEFAULTS, ...room })),
  };
}

/** As of a process: another one after each restart. */
function secretOf(domain: string, life: number): Uint8Array {
  return createHash('sha256').update(`${domain} ${life}`).digest();
}

/** What is written at once, stanza by stanza. */
function stanzasIn(data: string): string[] {
  return data.endsWith('</stream:stream>') ? [data] : childElements(parseElement(`<all>${data}</all>`)).map(serialise);
}

/** A gateway, the server that it is a component of, and that server's users. */
export class VirtualGateway implements Host {
  readonly world: VirtualWorld;
  readonly domain: string;
  readonly store: MemoryStore;
  readonly certificate: PeerCertificate | undefined;
  readonly core: Gateway;
  readonly logs: LogEffect[] = [];
  /** Everything that has crossed its links, outward, as text. */
  readonly crossed: string[] = [];
  /** The bytes of that on the wire. */
  bytesCrossed = 0;
  /** How often it has written to a link. */
  writes = 0;
  /** Gets what would come to the inboxes of users, stanza by stanza, as it was written. */
  onStanza: ((xml: string) => void) | undefined;
  /** Told of what crosses links that are traced. */
  onCrossed: ((crossed: CrossedEffect) => void) | undefined;
  /** Told of what doesn't, or not now, or not whole. */
  onWithheld: ((withheld: WithheldEffect) => void) | undefined;
  /** Other servers behind ours, by domain: they get what would come to inboxes there. */
  readonly servers = new Map<string, (stanza: Element) => void>();
  readonly #inboxes = new Map<string, Element[]>();
  readonly #connections = new Map<number, VirtualConnection>();
  readonly #decoders = new Map<number, Decoder>();
  /** The connections of server-to-server streams. */
  readonly #streamed = new Set<number>();
  #component: number | undefined;
  #server: StreamParser | undefined;
  #timeout: number | undefined;
  #isTimeoutKnown = false;
  /** Power is lost amid the next turn: that part of its effects is carried out. */
  #doomed: number | undefined;
  #isDead = false;

  constructor(
    world: VirtualWorld,
    domain: string,
    overrides: GatewayOverrides = {},
    store = new MemoryStore(),
    seed = new Uint8Array(16),
  ) {
    this.world = world;
    this.domain = domain;
    this.store = store;
    this.certificate = overrides.certificate;
    this.core = new Gateway(
      configOf(domain, overrides),
      seed,
      secretOf(domain, ++world.lives),
      world.nextConnection,
      VERSION,
    );
  }

  get config(): Config {
    return this.core.config;
  }

  /** What `fmucd reload` does once the file says this. */
  reload(overrides: GatewayOverrides): ConfigChanges {
    const changes = changesOf(this.config, configOf(this.domain, overrides));
    this.#turn(undefined, (now) => this.core.reconfigure(changes, this.store, now));
    return changes;
  }

  /** What `fmucd fetch ROOM` does. */
  fetch(room: string): void {
    this.#turn(undefined, (now) => this.core.fetch(room, now).effects);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get timeout(): number | undefined {
    if (this.#isDead) return undefined;
    if (!this.#isTimeoutKnown) this.#timeout = this.core.nextTimeout();
    this.#isTimeoutKnown = true;
    return this.#timeout;
  }

  start(): void {
    this.#turn(undefined, (now) => this.core.start(this.store, now));
  }

  wake(): void {
    if (this.timeout !== undefined && this.timeout <= this.world.now)
      this.#turn(undefined, (now) => this.core.handleTimeout(now));
  }

  /** A user, or another server, sends a stanza (as XML, with its `from`) through our XMPP server. */
  send(xml: string): void {
    this.#input(this.#component, serialise(parseElement(xml)));
  }

  /** Writes to the link to `peer` whatever a hostile gateway would; `text` in the stanza's place, if any is given. */
  inject(peer: string, xml: string, text = xml): void {
    const link = this.core.links.find((candidate) => candidate.peer === peer);
    const stanza = parseElement(xml);
    const posting = outgoing(stanza, attribute(stanza, 'to') ?? '', text);
    this.#carryOut(
      (link?.stream.post([posting], this.world.now) ?? []).filter(
        (effect): effect is WriteEffect => effect.kind === 'write',
      ),
    );
  }

  /** Sends, and lets everything come of it that is to come soon. */
  say(xml: string): void {
    this.send(xml);
    this.world.settle();
  }

  /** What has come for that address since the last look, oldest first. */
  take(jid: string): Element[] {
    const inbox = this.#inboxes.get(jid) ?? [];
    this.#inboxes.delete(jid);
    return inbox;
  }

  /** The same, as text. */
  takeText(jid: string): string[] {
    return this.take(jid).map(serialise);
  }

  /** Everyone for whom something has come. */
  get recipients(): string[] {
    return [...this.#inboxes.keys()];
  }

  /** Power loss: nothing more happens here, and the others learn of it in their time. */
  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.world.gateways.splice(this.world.gateways.indexOf(this), 1);
    for (const wire of this.world.wires(this.domain)) wire.abandon(this);
  }

  /** Power loss amid the next turn that does anything: its writes stand, and that part (0 to 1) of the rest is done. */
  killAmidTurn(part: number): void {
    this.#doomed = part;
  }

  /** Ends in order: streams are closed. */
  stop(): void {
    if (this.#isDead) return;
    this.#turn(undefined, (now) => this.core.stop(now));
    this.kill();
  }

  /** Ends every connection of its links, or those with one peer. They come up again by themselves. */
  cut(peer?: string): void {
    const wires = peer === undefined ? this.world.wires(this.domain) : [this.world.wire(this.domain, peer)];
    for (const wire of wires) wire.cut(this);
  }

  attach(id: number, connection: VirtualConnection): void {
    this.#connections.set(id, connection);
  }

  hear(input: ConnectionInput): void {
    if (input.kind === 'closed') {
      this.#connections.delete(input.connection);
      this.#decoders.delete(input.connection);
      this.#streamed.delete(input.connection);
    }
    this.#handle(input);
  }

  #input(connection: number | undefined, text: string): void {
    if (connection !== undefined) this.#handle({ kind: 'data', connection, bytes: ENCODER.encode(text) });
  }

  #handle(input: Input): void {
    this.#turn(input, (now) => this.core.handle(input, now));
  }

  #turn(input: Input | undefined, act: (now: number) => Effect[]): void {
    if (this.#isDead) return;
    this.#isTimeoutKnown = false;
    const effects = act(this.world.now);
    const writes = effects.filter(isWrite);
    if (writes.length === 0 || this.store.commit(writes)) {
      this.core.commit();
      this.#carryOut(effects);
    } else this.#carryOut(this.core.rollback(input, 'storeFailed', 'the disk is full', this.world.now));
  }

  #carryOut(effects: readonly Effect[]): void {
    if (this.#doomed !== undefined && effects.length > 0) {
      const visible = effects.filter((effect) => !isWrite(effect));
      const part = visible.slice(0, Math.floor(this.#doomed * (visible.length + 1)));
      this.#doomed = undefined;
      this.#carryOut(part);
      this.world.trace?.(`${this.domain} loses power after ${part.length} of ${visible.length} effects`);
      return this.kill();
    }
    for (const effect of effects) {
      if (this.#isDead) return;
      this.#carryOutOne(effect);
    }
  }

  #carryOutOne(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.#open(effect);
      case 'secure':
        return this.#connections.get(effect.connection)?.secure(this);
      case 'write':
        return this.#write(effect.connection, effect.data);
      case 'close':
        return this.#close(effect.connection);
      case 'log':
        this.logs.push(effect);
        this.world.trace?.(`${this.domain} ${effect.level}: ${effect.message} ${JSON.stringify(effect.fields ?? {})}`);
        return;
      case 'crossed':
        return this.onCrossed?.(effect);
      case 'withheld':
        return this.onWithheld?.(effect);
      case 'stanza':
      case 'post':
      case 's2s-send':
      case 's2s-go-on':
      case 'departed':
      case 'change-over':
        return this.#handle(effect);
      case 'resolve': {
        const { domain } = effect;
        const resolution = this.world.resolve(domain);
        return this.world.schedule(0, () => this.#handle({ kind: 'resolved', domain, resolution }));
      }
      case 'query-vcard':
        return this.#handle({
          kind: 'vcard-read',
          request: effect.request,
          vcard: this.store.vcard(effect.request.room),
        });
      case 'query':
        return this.#handle({
          kind: 'archive',
          request: effect.request,
          messages: this.store.history(effect.query),
        });
      case 'search': {
        const { search, request, isContinued } = effect;
        const look = (): void => this.#handle({ kind: 'searched', request, found: this.store.search(search) });
        return isContinued ? this.world.schedule(0, look) : look();
      }
      default:
        return;
    }
  }

  #open({ connection, port, tls }: OpenEffect): void {
    if (port === 5347) {
      this.#component = connection;
      this.#server = undefined;
      this.world.schedule(0, () => this.#handle({ kind: 'connected', connection }));
      return;
    }
    const [host] = Object.entries(this.config.s2s?.hosts ?? {}).find(([, address]) => address.port === port) ?? [];
    const peer = this.config.links.find((link) => link.connect?.port === port)?.peer ?? host ?? '';
    const dialled = this.world
      .wire(this.domain, peer)
      .dial(this, connection, `127.0.0.1:${port}`, () => this.world.listenerAt(port));
    this.attach(connection, dialled);
    if (tls !== undefined) dialled.secure(this);
  }

  #write(connection: number, written: string | Uint8Array): void {
    if (connection === this.#component) return this.#serve(String(written));
    const bytes = Buffer.from(written);
    this.bytesCrossed += bytes.length;
    this.writes += 1;
    const isStream = this.core.s2s?.owns(connection) === true || this.#streamed.has(connection);
    if (isStream) this.#streamed.add(connection);
    const data = isStream ? String(written) : this.#readable(connection, bytes);
    if (!isStream) this.crossed.push(...stanzasIn(data));
    this.world.trace?.(`${this.domain} writes to #${connection}: ${data}`);
    this.#connections.get(connection)?.write(this, bytes);
  }

  /** What the far side reads in what is written. */
  #readable(connection: number, bytes: Uint8Array): string {
    const peer = this.core.links.find(({ stream }) => stream instanceof DirectLink && stream.owns(connection))?.peer;
    const compression = this.config.links.find((link) => link.peer === peer)?.compression === true;
    const decoder = this.#decoders.get(connection) ?? encodingOf({ compression }).decoder;
    this.#decoders.set(connection, decoder);
    return Buffer.concat(decoder.decode(bytes).text).toString();
  }

  #close(connection: number): void {
    const closed = this.#connections.get(connection);
    if (closed === undefined)
      this.world.schedule(0, () => this.#handle({ kind: 'closed', connection, reason: 'closed' }));
    else closed.close(this);
  }

  /** What the gateway writes to its server: the stream header, the handshake, then stanzas for users. */
  #serve(data: string): void {
    if (this.onStanza !== undefined && this.core.component?.state === 'up') {
      for (const stanza of stanzasIn(data)) this.onStanza(stanza);
      return;
    }
    this.#server ??= new StreamParser(
      { contentNamespace: 'jabber:component:accept', implicitOpen: false },
      {
        streamOpen: () =>
          this.#answer(`<stream:stream xmlns='jabber:component:accept'
          xmlns:stream='http://etherx.jabber.org/streams' from='${this.domain}' id='${STREAM_ID}'>`),
        stanza: (stanza) => this.#deliver(stanza),
        streamClose() {},
      },
    );
    this.#server.write(ENCODER.encode(data));
  }

  #deliver(stanza: Element): void {
    if (stanza.name === 'handshake') {
      const expected = createHash('sha1')
        .update(STREAM_ID + SECRET)
        .digest('hex');
      if (stanza.getText() === expected) this.#answer('<handshake/>');
      return;
    }
    const to = attribute(stanza, 'to') ?? '';
    const server = this.servers.get(domainOf(to));
    if (server !== undefined) return server(stanza);
    const inbox = this.#inboxes.get(to);
    if (inbox === undefined) this.#inboxes.set(to, [stanza]);
    else inbox.push(stanza);
  }

  #answer(text: string): void {
    this.world.schedule(0, () => this.#input(this.#component, text));
  }
}
