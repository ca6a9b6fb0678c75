import { createHash } from 'node:crypto';
import type { Config, LinkConfig, RoomFileConfig } from '../../src/config/config.ts';
import { type Effect, type Input, isWrite } from '../../src/gateway/effects.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { LogEffect, WriteEffect } from '../../src/lib/effects.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamParser } from '../../src/xml/stream-parser.ts';
import { MemoryStore } from './memory-store.ts';

/*
 * Gateways in virtual time: the real core, with an XMPP server's stand-in at each one's component stream and a link
 * with latency between them. A day of outages takes milliseconds, and every run is the same.
 */

/** The component secret of every virtual gateway. */
const SECRET = 's3cret';
const STREAM_ID = 'stream-1';

/** Virtual time, and what is to happen at which instant. Instants are milliseconds since the epoch. */
export class VirtualWorld {
  now = Date.UTC(2026, 0, 1);
  /** One way, in milliseconds. */
  latency = 300;
  readonly gateways: VirtualGateway[] = [];
  readonly #events: { at: number; order: number; act: () => void }[] = [];
  #order = 0;
  #connections = 0;

  readonly nextConnection = (): number => ++this.#connections;

  schedule(delay: number, act: () => void): void {
    this.#events.push({ at: this.now + delay, order: this.#order++, act });
  }

  /** Starts a gateway; with the `store` of an earlier one it is that one after a restart. */
  gateway(domain: string, overrides: GatewayOverrides = {}, store = new MemoryStore()): VirtualGateway {
    const gateway = new VirtualGateway(this, domain, overrides, store);
    this.gateways.push(gateway);
    gateway.start();
    this.settle();
    return gateway;
  }

  /** Lets everything happen that is due within `milliseconds`; without, whatever is under way on streams. */
  settle(milliseconds = 5000): void {
    const until = this.now + milliseconds;
    for (;;) {
      const event = this.#events.toSorted((one, other) => one.at - other.at || one.order - other.order)[0];
      const timeouts = this.gateways.flatMap((gateway) => (gateway.timeout === undefined ? [] : [gateway.timeout]));
      const next = Math.min(event?.at ?? Number.POSITIVE_INFINITY, ...timeouts);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      if (event !== undefined && event.at <= this.now) {
        this.#events.splice(this.#events.indexOf(event), 1);
        event.act();
      } else for (const gateway of this.gateways) gateway.wake();
    }
    this.now = until;
  }
}

/** What a gateway's file would say, as far as it isn't the default. */
export interface GatewayOverrides {
  readonly gateway?: Partial<Config['gateway']>;
  readonly links?: readonly (Partial<LinkConfig> & { readonly peer: string })[];
  readonly rooms?: readonly (Partial<RoomFileConfig> & { readonly name: string })[];
}

const LINK_DEFAULTS: Omit<LinkConfig, 'peer'> = {
  domains: [],
  transport: 'direct',
  from: [],
  tls: 'off',
  pin: '',
  bandwidth: 0,
  compression: false,
  presence: 'full',
  coalesce: 0,
  history: { messages: 50, bytes: 8192, age: 86_400 },
  queue: { messages: 10_000, bytes: 4_194_304, age: 604_800 },
  idle: 0,
  grace: 300,
  moderate: false,
  dialect: 'auto',
};

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
    component: { host: '127.0.0.1', port: 5347, secret: SECRET },
    links: (overrides.links ?? []).map((link) => ({ ...LINK_DEFAULTS, ...link })),
    rooms: (overrides.rooms ?? []).map((room) => ({ ...ROOM_DEFAULTS, ...room })),
  };
}

/** One end of a virtual link's connection. */
interface LinkEnd {
  readonly gateway: VirtualGateway;
  readonly connection: number;
}

/** A gateway, the server that it is a component of, and that server's users. */
export class VirtualGateway {
  readonly world: VirtualWorld;
  readonly domain: string;
  readonly store: MemoryStore;
  readonly core: Gateway;
  readonly config: Config;
  readonly logs: LogEffect[] = [];
  /** Everything that has crossed its links, outward, as text. */
  readonly crossed: string[] = [];
  readonly #links: readonly LinkConfig[];
  readonly #inboxes = new Map<string, Element[]>();
  readonly #ends = new Map<number, LinkEnd>();
  #component: number | undefined;
  #server: StreamParser | undefined;
  #dead = false;

  constructor(world: VirtualWorld, domain: string, overrides: GatewayOverrides, store: MemoryStore) {
    const config = configOf(domain, overrides);
    this.config = config;
    this.world = world;
    this.domain = domain;
    this.store = store;
    this.#links = config.links;
    this.core = new Gateway(config, new Uint8Array(16), world.nextConnection);
  }

  get timeout(): number | undefined {
    return this.#dead ? undefined : this.core.nextTimeout();
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

  /** Writes to the link to `peer` whatever a hostile gateway would. */
  inject(peer: string, xml: string): void {
    const link = this.core.links.find((candidate) => candidate.peer === peer);
    this.#carryOut((link?.stream.send(xml) ?? []).filter((effect): effect is WriteEffect => effect.kind === 'write'));
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

  /** Power loss: nothing more happens here, and its connections end for the others. */
  kill(): void {
    this.#dead = true;
    this.world.gateways.splice(this.world.gateways.indexOf(this), 1);
    this.cut();
  }

  /** Ends every connection of its links. They come up again by themselves. */
  cut(): void {
    for (const connection of this.#ends.keys()) this.#close(connection, 'cut');
  }

  #input(connection: number | undefined, text: string): void {
    if (connection !== undefined) this.#handle({ kind: 'data', connection, bytes: new TextEncoder().encode(text) });
  }

  #handle(input: Input): void {
    if (!this.#dead) this.#turn(input, (now) => this.core.handle(input, now));
  }

  #turn(input: Input | undefined, act: (now: number) => Effect[]): void {
    const effects = act(this.world.now);
    const writes = effects.filter(isWrite);
    if (writes.length === 0 || this.store.commit(writes)) {
      this.core.commit();
      this.#carryOut(effects);
    } else this.#carryOut(this.core.rollback(input, 'storeFailed', 'the disk is full', this.world.now));
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects)
      switch (effect.kind) {
        case 'open':
          this.#open(effect.connection, effect.port);
          break;
        case 'write':
          this.#write(effect.connection, effect.data);
          break;
        case 'close':
          this.#close(effect.connection, 'closed');
          break;
        case 'log':
          this.logs.push(effect);
          break;
        case 'stanza':
          this.#handle(effect);
          break;
        case 'query':
          this.#handle({ kind: 'archive', request: effect.request, messages: this.store.history(effect.query) });
          break;
        default:
          break;
      }
  }

  #open(connection: number, port: number): void {
    if (port === 5347) {
      this.#component = connection;
      this.#server = undefined;
      this.world.schedule(0, () => this.#handle({ kind: 'connected', connection }));
      return;
    }
    const target = this.world.gateways.find((other) => other.#links.some((link) => link.listen?.port === port));
    this.world.schedule(this.world.latency, () => {
      if (target === undefined || !this.world.gateways.includes(target))
        return this.#handle({ kind: 'closed', connection, reason: 'refused' });
      const far = this.world.nextConnection();
      this.#ends.set(connection, { gateway: target, connection: far });
      target.#ends.set(far, { gateway: this, connection });
      target.#handle({ kind: 'accepted', connection: far, listener: `127.0.0.1:${port}`, address: '127.0.0.1' });
      this.#handle({ kind: 'connected', connection });
    });
  }

  #write(connection: number, data: string): void {
    if (connection === this.#component) return this.#serve(data);
    this.crossed.push(data);
    const far = this.#ends.get(connection);
    this.world.schedule(this.world.latency, () => {
      if (far !== undefined && far.gateway.#ends.has(far.connection)) far.gateway.#input(far.connection, data);
    });
  }

  #close(connection: number, reason: string): void {
    const far = this.#ends.get(connection);
    this.#ends.delete(connection);
    this.world.schedule(0, () => this.#handle({ kind: 'closed', connection, reason }));
    if (far === undefined) return;
    this.world.schedule(this.world.latency, () => {
      if (far.gateway.#ends.delete(far.connection))
        far.gateway.#handle({ kind: 'closed', connection: far.connection, reason });
    });
  }

  /** What the gateway writes to its server: the stream header, the handshake, then stanzas for users. */
  #serve(data: string): void {
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
    this.#server.write(new TextEncoder().encode(data));
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
    this.#inboxes.set(to, [...(this.#inboxes.get(to) ?? []), stanza]);
  }

  #answer(text: string): void {
    this.world.schedule(0, () => this.#input(this.#component, text));
  }
}
