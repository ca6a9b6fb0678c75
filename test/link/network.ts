import type { ConnectionId, ConnectionInput } from '../../src/lib/effects.ts';
import { Random } from '../../src/lib/random.ts';
import { DirectLink, type DirectLinkConfig } from '../../src/link/direct.ts';
import type { LinkEffect } from '../../src/link/link-effects.ts';
import { type Outgoing, outgoing } from '../../src/link/outgoing.ts';
import { attribute } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { serialise } from '../../src/xml/serialise.ts';

/** A stanza as the gateway gives it to a link. */
export function posting(xml: string): Outgoing {
  const stanza = parseElement(xml);
  return outgoing(stanza, attribute(stanza, 'to') ?? '', xml);
}

interface Event {
  readonly at: number;
  readonly act: () => void;
}

/** One gateway's end of the link, and all that came out of it. */
export interface Side {
  readonly link: DirectLink;
  readonly address: string;
  readonly listener: string;
  /** Effects in a word each: stanzas and what is written stand for themselves, others are named. */
  readonly heard: string[];
  readonly connections: Map<ConnectionId, { readonly far: Side; readonly farConnection: ConnectionId; alive: boolean }>;
}

/** Two links and the network between them, in virtual time: connections take a round trip, bytes half of one. */
export class Network {
  now = 0;
  latency: number;
  /** Whether anything gets through; what doesn't is lost. */
  isOpen = true;
  readonly a: Side;
  readonly b: Side;
  readonly #events: Event[] = [];
  #connections = 0;

  constructor(latency: number, seed: number, a: Partial<DirectLinkConfig>, b: Partial<DirectLinkConfig>) {
    this.latency = latency;
    this.a = this.#side('10.0.0.1', new Random(2 * seed), {
      domain: 'a.lit',
      idle: 0,
      bandwidth: 0,
      compression: false,
      peer: 'b.lit',
      pin: '',
      from: ['10.0.0.2'],
      ...a,
    });
    this.b = this.#side('10.0.0.2', new Random(2 * seed + 1), {
      domain: 'b.lit',
      idle: 0,
      bandwidth: 0,
      compression: false,
      peer: 'a.lit',
      pin: '',
      from: ['10.0.0.1'],
      ...b,
    });
  }

  start(side: Side): void {
    this.#carryOut(side, side.link.start(this.now));
  }

  stop(side: Side): void {
    this.#carryOut(side, side.link.stop(this.now));
  }

  send(side: Side, xml: string): void {
    this.#carryOut(side, side.link.post([posting(xml)], this.now));
  }

  input(side: Side, input: ConnectionInput): void {
    this.#carryOut(side, side.link.handle(input, this.now));
  }

  /** The connections that stand, each counted once. */
  get standing(): number {
    return [...this.a.connections.values()].filter(({ alive }) => alive).length;
  }

  /** Every connection breaks, and both sides are told. */
  break(): void {
    for (const side of [this.a, this.b])
      for (const [connection, at] of side.connections) {
        if (!at.alive) continue;
        at.alive = false;
        this.input(side, { kind: 'closed', connection, reason: 'broken' });
      }
  }

  /** Lets that much time pass, going from one event to the next. */
  run(duration: number): void {
    const end = this.now + duration;
    for (;;) {
      const wake = Math.min(...[this.a, this.b].map(({ link }) => link.nextTimeout() ?? Number.POSITIVE_INFINITY));
      const [event] = this.#events;
      const next = Math.min(wake, event?.at ?? Number.POSITIVE_INFINITY);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      if (event !== undefined && event.at <= next) {
        this.#events.shift();
        event.act();
      } else for (const side of [this.a, this.b]) this.#carryOut(side, side.link.handleTimeout(this.now));
    }
    this.now = end;
  }

  #side(address: string, random: Random, config: DirectLinkConfig): Side {
    const link = new DirectLink(config, { random, nextConnection: () => this.#newConnection() });
    const listener = config.listen === undefined ? '' : `${config.listen.host}:${config.listen.port}`;
    return { link, address, listener, heard: [], connections: new Map() };
  }

  #newConnection(): ConnectionId {
    this.#connections += 1;
    return this.#connections;
  }

  #later(delay: number, act: () => void): void {
    const at = this.now + delay;
    const before = this.#events.findLastIndex((event) => event.at <= at);
    this.#events.splice(before + 1, 0, { at, act });
  }

  #carryOut(side: Side, effects: readonly LinkEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'post') this.#carryOut(side, side.link.post(effect.postings, this.now, effect.isMoreToCome));
      else if (effect.kind === 'stanza') side.heard.push(serialise(effect.stanza));
      else if (effect.kind === 'log') side.heard.push(`${effect.level}: ${effect.message}`);
      else if (effect.kind !== 'open' && effect.kind !== 'write' && effect.kind !== 'close')
        side.heard.push(effect.kind);
      else if (effect.kind === 'open') this.#open(side, effect.connection);
      else this.#toFar(side, effect.connection, effect.kind === 'write' ? effect.data : undefined);
    }
  }

  #open(near: Side, connection: ConnectionId): void {
    const far = near === this.a ? this.b : this.a;
    this.#later(this.latency, () => {
      const isTaken = this.isOpen && far.link.accepts(far.listener, near.address);
      const farConnection = this.#newConnection();
      if (isTaken) {
        far.connections.set(farConnection, { far: near, farConnection: connection, alive: true });
        near.connections.set(connection, { far, farConnection, alive: true });
        this.input(far, { kind: 'accepted', connection: farConnection, listener: far.listener, address: near.address });
      }
      this.#later(this.latency, () => {
        if (isTaken) this.input(near, { kind: 'connected', connection });
        else if (this.isOpen) this.input(near, { kind: 'closed', connection, reason: 'connection refused' });
      });
    });
  }

  /** Data, or without data the end. */
  #toFar(near: Side, connection: ConnectionId, data: string | Uint8Array | undefined): void {
    const at = near.connections.get(connection);
    if (at === undefined || !at.alive) return;
    if (data === undefined) at.alive = false;
    this.#later(this.latency, () => {
      const farther = at.far.connections.get(at.farConnection);
      if (!this.isOpen || farther === undefined || !farther.alive) return;
      if (data === undefined) {
        farther.alive = false;
        this.input(at.far, { kind: 'closed', connection: at.farConnection, reason: 'end of file' });
      } else {
        const bytes = Buffer.from(data);
        this.input(at.far, { kind: 'data', connection: at.farConnection, bytes });
      }
    });
  }
}
