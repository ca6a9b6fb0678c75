import type { ConnectionId, ConnectionInput, PeerCertificate } from '../../src/lib/effects.ts';
import type { Random } from '../../src/lib/random.ts';

/** Milliseconds, from a least to a most. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** What a link does to what crosses it. */
export interface Weather {
  /** One way. */
  readonly latency: Span;
  /** How likely a write is to be lost on its way. It is sent again, and holds up everything behind it. */
  readonly loss: number;
  /** Until what was lost is sent again. */
  readonly retransmission: Span;
  /** How likely a write is to arrive in two pieces. */
  readonly split: number;
  /** Until a side learns that its connection is no more. */
  readonly notice: Span;
}

/** A gateway as its connections see it. */
export interface Host {
  readonly domain: string;
  readonly isDead: boolean;
  /** What it shows in TLS. */
  readonly certificate?: PeerCertificate | undefined;
  /** It has a connection more. */
  attach(id: ConnectionId, connection: VirtualConnection): void;
  hear(input: ConnectionInput): void;
}

/** What carries time and chance to the wires. */
export interface Surroundings {
  readonly now: number;
  readonly random: Random;
  schedule(delay: number, act: () => void): void;
  readonly nextConnection: () => ConnectionId;
}

/** One side of a connection. */
interface Side {
  readonly host: Host;
  readonly id: ConnectionId;
  /** Whether the gateway believes that it stands. */
  isOpen: boolean;
  /** Whether it is to go on in TLS. */
  isSecuring?: boolean;
  /** When the last of what it has written arrives. */
  lastArrival: number;
}

/** What lies between two gateways. Without `weather` it has the world's constant latency, and a cut is seen at once. */
export class Wire {
  weather: Weather | undefined;
  readonly connections = new Set<VirtualConnection>();
  /** What becomes of the bytes of a write on their way. */
  tamper: ((bytes: Uint8Array, from: string) => Uint8Array) | undefined;
  readonly #world: Surroundings & { readonly latency: number };
  #downUntil = Number.NEGATIVE_INFINITY;

  constructor(world: Surroundings & { readonly latency: number }, weather: Weather | undefined) {
    this.#world = world;
    this.weather = weather;
  }

  get isDown(): boolean {
    return this.#world.now < this.#downUntil;
  }

  /** Every connection is lost with all that is under way, both ways; each side learns of it in its own time. */
  cut(by?: Host): void {
    for (const connection of this.connections) connection.cut(by);
  }

  /** Cut, and nothing gets through for so long. */
  hold(milliseconds: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#world.now + milliseconds);
    this.cut();
  }

  /** From now on everything gets through again. */
  mend(): void {
    this.#downUntil = Number.NEGATIVE_INFINITY;
  }

  /** A gateway dies, and its connections with it. What it has written is still under way. */
  abandon(host: Host): void {
    for (const connection of this.connections) connection.abandon(host);
  }

  /** One way, what is lost included. */
  delay(): number {
    const { weather } = this;
    if (weather === undefined) return this.#world.latency;
    let delay = this.draw(weather.latency);
    for (let tries = 0; tries < 8 && this.chance(weather.loss); tries++) delay += this.draw(weather.retransmission);
    return delay;
  }

  /** Until a side learns that its connection is no more. */
  notice(isCutter: boolean): number {
    if (this.weather !== undefined) return this.draw(this.weather.notice);
    return isCutter ? 0 : this.#world.latency;
  }

  chance(likelihood: number): boolean {
    return likelihood > 0 && this.#world.random.next() < likelihood;
  }

  draw({ min, max }: Span): number {
    return min === max ? min : Math.round(min + this.#world.random.next() * (max - min));
  }

  /** Opens a connection to whoever `target` finds; answered as TCP does it, or by nothing at all while it is down. */
  dial(host: Host, id: ConnectionId, listener: string, target: () => Host | undefined): VirtualConnection {
    const world = this.#world;
    const connection = new VirtualConnection(world, this, host, id);
    const refuse = (): void => {
      if (this.weather !== undefined && this.chance(0.5)) return;
      const isAnswered = this.weather !== undefined;
      world.schedule(isAnswered ? this.delay() : 0, () => connection.refuse());
    };
    world.schedule(this.delay(), () => {
      const far = target();
      if (this.isDown || far === undefined || far.isDead) return refuse();
      if (this.weather === undefined) {
        connection.accept(far, listener);
        return connection.stand();
      }
      world.schedule(this.delay(), () => {
        if (this.isDown) return refuse();
        const arrival = this.delay();
        // Before anything that is written at once, which may arrive at the same instant.
        world.schedule(arrival, () => connection.accept(far, listener));
        connection.stand(arrival);
      });
    });
    return connection;
  }
}

/** A connection as TCP makes it: what is written arrives in order, or never. */
export class VirtualConnection {
  readonly #world: Surroundings;
  readonly #wire: Wire;
  readonly #near: Side;
  #far: Side | undefined;
  /** Cut: nothing that is under way arrives. */
  #isCut = false;
  /** The one who dialled has given it up before it stood, or has died. */
  #isGivenUp = false;

  constructor(world: Surroundings, wire: Wire, host: Host, id: ConnectionId) {
    this.#world = world;
    this.#wire = wire;
    this.#near = { host, id, isOpen: false, lastArrival: 0 };
    wire.connections.add(this);
  }

  /** The one who dialled has its answer, and may write; what it writes arrives after `arrival`. */
  stand(arrival = 0): void {
    this.#isGivenUp ||= this.#near.host.isDead;
    if (this.#isGivenUp) return;
    this.#near.isOpen = true;
    this.#near.lastArrival = this.#world.now + arrival;
    this.#near.host.hear({ kind: 'connected', connection: this.#near.id });
  }

  accept(host: Host, listener: string): void {
    if (this.#isCut || this.#isGivenUp) return;
    if (host.isDead) return this.#lose(this.#near, this.#wire.notice(false), 'reset');
    const id = this.#world.nextConnection();
    this.#far = { host, id, isOpen: true, lastArrival: 0 };
    host.attach(id, this);
    host.hear({ kind: 'accepted', connection: id, listener, address: '127.0.0.1' });
  }

  /** A side goes on in TLS, which stands once both do. */
  secure(host: Host): void {
    const side = this.#sideOf(host);
    if (side === undefined) return;
    side.isSecuring = true;
    if (this.#near.isSecuring !== true || this.#far?.isSecuring !== true) return;
    const delay = this.#wire.delay();
    for (const one of [this.#near, this.#far]) {
      one.isSecuring = false;
      this.#world.schedule(delay, () => {
        const certificate = this.#otherThan(one)?.host.certificate;
        if (!this.#isCut && one.isOpen)
          one.host.hear({ kind: 'secured', connection: one.id, version: 'TLSv1.3', certificate, isResumed: false });
      });
    }
  }

  refuse(): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#wire.connections.delete(this);
    this.#near.host.hear({ kind: 'closed', connection: this.#near.id, reason: 'refused' });
  }

  write(host: Host, written: Uint8Array): void {
    const from = this.#sideOf(host);
    if (from === undefined || !from.isOpen || this.#isCut) return;
    const { weather, tamper } = this.#wire;
    const bytes = tamper === undefined ? written : tamper(written, host.domain);
    if (weather !== undefined && bytes.length > 1 && this.#wire.chance(weather.split)) {
      const middle = this.#wire.draw({ min: 1, max: bytes.length - 1 });
      this.#carry(from, bytes.subarray(0, middle));
      this.#carry(from, bytes.subarray(middle));
    } else this.#carry(from, bytes);
  }

  /** In order: what was written before arrives first. */
  close(host: Host): void {
    const from = this.#sideOf(host);
    if (from === undefined) return;
    const wasOpen = from.isOpen;
    from.isOpen = false;
    if (!wasOpen && from === this.#near) this.#isGivenUp = true;
    this.#forget();
    this.#world.schedule(0, () => host.hear({ kind: 'closed', connection: from.id, reason: 'closed' }));
    if (!wasOpen) return;
    this.#world.schedule(this.#arrivalOf(from), () => {
      if (!this.#isCut) this.#end(this.#otherThan(from), 'closed');
    });
  }

  cut(by: Host | undefined): void {
    if (!this.#near.isOpen && this.#far?.isOpen !== true) return;
    this.#isCut = true;
    this.#wire.connections.delete(this);
    for (const side of [this.#near, this.#far])
      if (side !== undefined) this.#lose(side, this.#wire.notice(side.host === by), 'cut');
  }

  abandon(host: Host): void {
    const side = this.#sideOf(host);
    if (side === undefined) return;
    const wasOpen = side.isOpen;
    side.isOpen = false;
    const other = this.#otherThan(side);
    if (other === undefined) this.#isGivenUp = true;
    else if (wasOpen) this.#lose(other, this.#wire.notice(false), 'reset');
    this.#forget();
  }

  #carry(from: Side, bytes: Uint8Array): void {
    this.#world.schedule(this.#arrivalOf(from), () => {
      const to = this.#otherThan(from);
      if (!this.#isCut && to?.isOpen === true) to.host.hear({ kind: 'data', connection: to.id, bytes });
    });
  }

  /** Until something written now arrives: never before what was written earlier. */
  #arrivalOf(from: Side): number {
    from.lastArrival = Math.max(from.lastArrival, this.#world.now + this.#wire.delay());
    return from.lastArrival - this.#world.now;
  }

  #lose(side: Side, delay: number, reason: string): void {
    this.#world.schedule(delay, () => this.#end(side, reason));
  }

  #end(side: Side | undefined, reason: string): void {
    if (side?.isOpen !== true) return;
    side.isOpen = false;
    this.#forget();
    side.host.hear({ kind: 'closed', connection: side.id, reason });
  }

  /** Once nobody believes in it any more. */
  #forget(): void {
    if (!this.#near.isOpen && this.#far?.isOpen !== true) this.#wire.connections.delete(this);
  }

  #sideOf(host: Host): Side | undefined {
    return [this.#near, this.#far].find((side) => side?.host === host);
  }

  #otherThan(side: Side): Side | undefined {
    return side === this.#near ? this.#far : this.#near;
  }
}
