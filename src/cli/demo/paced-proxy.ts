import { connect, createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK, listen } from './loopback.ts';
import {
  type Direction,
  PacedLink,
  type PacedLinkEffect,
  type PacedLinkInput,
  type PacedLinkOptions,
  QUEUE_BYTES,
} from './paced-link.ts';

export interface PacedProxyEvents {
  /** These bytes have arrived. */
  readonly crossed: (direction: Direction, bytes: Uint8Array) => void;
  /** A connection stands from end to end, or has gone. */
  readonly changed: (up: boolean) => void;
}

interface Pair {
  /** Where bytes of that direction are read from. */
  readonly source: Readonly<Record<Direction, Socket>>;
}

const OPPOSITE = { forth: 'back', back: 'forth' } as const;

/**
 * A TCP proxy on loopback whose bytes cross a PacedLink. One connection at a time: a new one replaces the one before.
 * It reads from a side only what the link has room for, so TCP itself slows the sender down.
 */
export class PacedProxy {
  readonly #link: PacedLink;
  readonly #target: number;
  readonly #events: PacedProxyEvents;
  readonly #server: Server;
  #port = 0;
  #pair: Pair | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `target`: the port on loopback that `forth` leads to. */
  constructor(options: PacedLinkOptions, target: number, events: PacedProxyEvents) {
    this.#link = new PacedLink(options);
    this.#target = target;
    this.#events = events;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens, on the same port each time, and resolves to that port. */
  async listen(): Promise<number> {
    if (!this.#server.listening) this.#port = await listen(this.#server, this.#port);
    return this.#port;
  }

  /** Stops listening and resets the connection; all that was on its way is lost. */
  cut(): void {
    this.#server.close();
    this.#drop();
  }

  /** False after `cut`. */
  get listening(): boolean {
    return this.#server.listening;
  }

  waiting(direction: Direction): number {
    return this.#link.waiting(direction);
  }

  onAir(): Direction | undefined {
    return this.#link.onAir(performance.now());
  }

  /** Milliseconds. */
  airTime(): number {
    return this.#link.airTime(performance.now());
  }

  #accept(dialler: Socket): void {
    this.#drop();
    const listener = connect({ host: LOOPBACK, port: this.#target, allowHalfOpen: true });
    const pair: Pair = { source: { forth: dialler, back: listener } };
    this.#pair = pair;
    for (const direction of ['forth', 'back'] as const) {
      const socket = pair.source[direction].setNoDelay();
      socket.on('readable', () => this.#read(pair, direction));
      socket.on('end', () => this.#feed(pair, { kind: 'end', direction }));
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', (failed) => {
        if (this.#pair === pair && (failed || pair.source[OPPOSITE[direction]].destroyed)) this.#drop();
      });
    }
    listener.once('connect', () => this.#events.changed(true));
  }

  #drop(): void {
    if (this.#pair === undefined) return;
    const { forth, back } = this.#pair.source;
    this.#pair = undefined;
    forth.resetAndDestroy();
    back.resetAndDestroy();
    this.#turn(this.#link.handle({ kind: 'cut' }, performance.now()));
    this.#events.changed(false);
  }

  #read(pair: Pair, direction: Direction): void {
    if (this.#pair !== pair) return;
    const socket = pair.source[direction];
    // With nothing to read, read() makes the socket report its end.
    if (socket.readableLength === 0) socket.read();
    const size = Math.min(this.#link.room(direction), socket.readableLength);
    if (size > 0) this.#feed(pair, { kind: 'data', direction, bytes: socket.read(size) as Buffer });
  }

  #feed(pair: Pair, input: PacedLinkInput): void {
    if (this.#pair === pair) this.#turn(this.#link.handle(input, performance.now()));
  }

  #turn(effects: readonly PacedLinkEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const next = this.#link.nextTimeout();
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, Math.ceil(next - performance.now())));
  }

  #wake(): void {
    this.#turn(this.#link.handleTimeout(performance.now()));
    const pair = this.#pair;
    if (pair !== undefined) for (const direction of ['forth', 'back'] as const) this.#read(pair, direction);
  }

  #carryOut(effect: PacedLinkEffect): void {
    const sink = this.#pair?.source[OPPOSITE[effect.direction]];
    if (sink === undefined) return;
    if (effect.kind === 'end') sink.end();
    else {
      this.#events.crossed(effect.direction, effect.bytes);
      sink.write(effect.bytes);
      // A side that doesn't read may not pile up more here than may wait for the air.
      if (sink.writableLength > QUEUE_BYTES) this.#drop();
    }
  }
}
