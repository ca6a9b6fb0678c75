import { createHash } from 'node:crypto';
import type { ConnectionInput, PeerCertificate, Resolved } from '../../src/lib/effects.ts';
import { domainOf } from '../../src/lib/jid.ts';
import { S2s } from '../../src/stream/s2s.ts';
import type { S2sEffect, S2sSettings } from '../../src/stream/s2s-types.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { certificate, type Server, type VirtualWorld } from './virtual.ts';
import type { VirtualConnection } from './wire.ts';

/** An XMPP server of other people, in virtual time: its users reach rooms by its own streams. */
export class VirtualServer implements Server {
  readonly isDead = false;
  readonly port: number;
  readonly domain: string;
  readonly certificate: PeerCertificate | undefined;
  readonly streams: S2s;
  readonly #world: VirtualWorld;
  readonly #inboxes = new Map<string, Element[]>();
  readonly #connections = new Map<number, VirtualConnection>();

  /** It finds others at the ports of `hosts`, by domain. */
  constructor(
    world: VirtualWorld,
    domain: string,
    port: number,
    hosts: Readonly<Record<string, number>>,
    settings: Partial<S2sSettings> = {},
    shown: PeerCertificate | undefined = certificate(createHash('sha256').update(domain).digest('hex'), domain),
  ) {
    this.#world = world;
    this.domain = domain;
    this.port = port;
    this.certificate = shown;
    const addresses = Object.entries(hosts).map(([name, at]) => [name, { host: '127.0.0.1', port: at }] as const);
    this.streams = new S2s(
      {
        domain,
        listeners: [`127.0.0.1:${port}`],
        tls: 'required',
        auth: ['external', 'dialback'],
        hosts: Object.fromEntries(addresses),
        peers: [],
        ...settings,
      },
      {
        random: world.random,
        nextConnection: world.nextConnection,
        secret: createHash('sha256').update(`secret of ${domain}`).digest(),
      },
    );
    world.servers.push(this);
    this.#carryOut(this.streams.start([], world.now));
  }

  get timeout(): number | undefined {
    return this.streams.nextTimeout();
  }

  wake(): void {
    this.#carryOut(this.streams.handleTimeout(this.#world.now));
  }

  /** Sends a stanza of a user, with its `from` and `to`, and lets everything come of it that is to come soon. */
  say(...stanzas: readonly Element[]): void {
    for (const stanza of stanzas) {
      const domain = domainOf(attribute(stanza, 'to') ?? '');
      this.#carryOut(this.streams.send({ kind: 's2s-send', domain, stanzas: [serialise(stanza)] }, this.#world.now));
    }
    this.#world.settle();
  }

  /** What has come for that address since the last look, oldest first. */
  take(jid: string): Element[] {
    const inbox = this.#inboxes.get(jid) ?? [];
    this.#inboxes.delete(jid);
    return inbox;
  }

  attach(id: number, connection: VirtualConnection): void {
    this.#connections.set(id, connection);
  }

  hear(input: ConnectionInput | Resolved): void {
    this.#carryOut(this.streams.handle(input, this.#world.now));
  }

  #carryOut(effects: readonly S2sEffect[]): void {
    for (const effect of effects) this.#carryOutOne(effect);
  }

  #carryOutOne(effect: S2sEffect): void {
    switch (effect.kind) {
      case 'open': {
        const { connection, port, tls } = effect;
        const peer = this.#world.listenerAt(port)?.domain ?? '';
        const wire = this.#world.wire(this.domain, peer);
        const dialled = wire.dial(this, connection, `127.0.0.1:${port}`, () => this.#world.listenerAt(port));
        this.attach(connection, dialled);
        if (tls !== undefined) dialled.secure(this);
        return;
      }
      case 'secure':
        return this.#connections.get(effect.connection)?.secure(this);
      case 'write':
        this.#world.trace?.(`${this.domain} writes to #${effect.connection}: ${String(effect.data)}`);
        return this.#connections.get(effect.connection)?.write(this, Buffer.from(effect.data));
      case 'close':
        return this.#connections.get(effect.connection)?.close(this);
      case 'resolve': {
        const { domain } = effect;
        const resolution = this.#world.resolve(domain);
        return this.#world.schedule(0, () => this.hear({ kind: 'resolved', domain, resolution }));
      }
      case 'log':
        return this.#world.trace?.(`${this.domain} ${effect.level}: ${effect.message}`);
      case 'stanza': {
        const to = attribute(effect.stanza, 'to') ?? '';
        const inbox = this.#inboxes.get(to);
        if (inbox === undefined) this.#inboxes.set(to, [effect.stanza]);
        else inbox.push(effect.stanza);
        return;
      }
      case 's2s-go-on':
        return this.#carryOut(this.streams.goOn(effect, this.#world.now));
      default:
        return;
    }
  }
}
