import type { ConnectionInput } from '../../src/lib/effects.ts';
import { domainOf } from '../../src/lib/jid.ts';
import { attribute, type Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { serialise } from '../../src/xml/serialise.ts';
import { StreamParser } from '../../src/xml/stream-parser.ts';
import type { OpenfireRoom } from './openfire.ts';
import type { VirtualGateway, VirtualWorld } from './virtual.ts';
import type { Host, VirtualConnection } from './wire.ts';

/* Openfire beside a virtual gateway: at the far end of its link, or behind its XMPP server. */

/** Where the gateway's link listens for it. */
export const OPENFIRE_PORT = 7100;
/** Milliseconds before it dials again. */
const REDIAL = 1000;

/** An Openfire room as the other end of something that a gateway sees. */
export interface OpenfirePeer {
  readonly room: OpenfireRoom;
  /** What the gateway has sent since the last look, oldest first. */
  take(): Element[];
  /** Sends what a method of the room gave, and lets everything come of it that is to come soon. */
  does(stanzas: readonly Element[]): void;
}

/** It dials the gateway's link and keeps doing so. While the link is down what it sends is lost. */
export function connect(gateway: VirtualGateway, room: OpenfireRoom): OpenfireLink {
  const link = new OpenfireLink(gateway, room);
  gateway.world.settle();
  return link;
}

/** It is reached through the gateway's XMPP server. */
export function attach(gateway: VirtualGateway, room: OpenfireRoom): OpenfirePeer {
  const { world } = gateway;
  const received: Element[] = [];
  room.clock = () => world.now;
  const send = (stanzas: readonly Element[]): void => {
    for (const stanza of stanzas)
      if (domainOf(attribute(stanza, 'to') ?? '') === gateway.domain) gateway.send(serialise(stanza));
  };
  gateway.servers.set(domainOf(room.jid), (stanza) => {
    received.push(stanza);
    world.schedule(0, () => send(room.handle(stanza)));
  });
  return {
    room,
    take: () => received.splice(0),
    does: (stanzas) => {
      send(stanzas);
      world.settle();
    },
  };
}

/** Openfire as the far end of a direct link (XEP-0361). */
export class OpenfireLink implements OpenfirePeer, Host {
  readonly room: OpenfireRoom;
  readonly domain: string;
  readonly isDead = false;
  readonly #world: VirtualWorld;
  readonly #target: string;
  readonly #received: Element[] = [];
  #connection: VirtualConnection | undefined;
  #parser: StreamParser | undefined;

  constructor(gateway: VirtualGateway, room: OpenfireRoom) {
    this.room = room;
    this.domain = domainOf(room.jid);
    this.#world = gateway.world;
    this.#target = gateway.domain;
    room.clock = () => this.#world.now;
    this.#dial();
  }

  take(): Element[] {
    return this.#received.splice(0);
  }

  does(stanzas: readonly Element[]): void {
    this.send(stanzas);
    this.#world.settle();
  }

  /** The same, and nothing of what comes of it has happened yet. */
  send(stanzas: readonly Element[]): void {
    for (const stanza of stanzas)
      if (this.#parser !== undefined) this.#connection?.write(this, Buffer.from(serialise(stanza)));
  }

  /** Nothing gets through for so long. */
  outage(milliseconds: number): void {
    this.#world.wire(this.domain, this.#target).hold(milliseconds);
  }

  attach(_id: number, connection: VirtualConnection): void {
    this.#connection = connection;
  }

  hear(input: ConnectionInput): void {
    if (input.kind === 'connected')
      this.#parser = new StreamParser(
        { contentNamespace: NS.server, implicitOpen: true },
        { streamOpen() {}, stanza: (stanza) => this.#handle(stanza), streamClose() {} },
      );
    else if (input.kind === 'data') this.#parser?.write(input.bytes);
    else if (input.kind === 'closed') {
      this.#parser = undefined;
      this.#connection = undefined;
      this.#world.schedule(REDIAL, () => this.#dial());
    }
  }

  #dial(): void {
    const find = (): VirtualGateway | undefined => this.#world.gateways.find(({ domain }) => domain === this.#target);
    this.#connection = this.#world
      .wire(this.domain, this.#target)
      .dial(this, this.#world.nextConnection(), `127.0.0.1:${OPENFIRE_PORT}`, find);
  }

  #handle(stanza: Element): void {
    this.#received.push(stanza);
    this.send(this.room.handle(stanza));
  }
}
