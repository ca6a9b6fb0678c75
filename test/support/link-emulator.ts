import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from './ending.ts';
import { listen } from './ports.ts';

/** Bytes that are put on the air at a time. */
const CHUNK = 64;
/** Milliseconds after which a side that was cut off learns of it. */
const NOTICE = 200;

/**
 * A slow half-duplex link between a gateway that dials and one that listens: so many bits a second for both ways
 * together, each bit late by the delay. It can be cut: what is under way is lost, both ways.
 */
export class LinkEmulator {
  readonly port: number;
  readonly #to: number;
  readonly #bitsPerSecond: number;
  readonly #delay: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** When the air is free again. */
  #freeAt = 0;
  /** What is on its way: it arrives in this order, whatever becomes of timers that are due in the same millisecond. */
  readonly #underWay: (() => void)[] = [];
  #isDown = false;

  private constructor(port: number, to: number, bitsPerSecond: number, delay: number) {
    this.port = port;
    this.#to = to;
    this.#bitsPerSecond = bitsPerSecond;
    this.#delay = delay;
  }

  /** Passes whoever connects to its port on to that one. `delay` is one way, in milliseconds. */
  static async start(to: number, bitsPerSecond: number, delay: number): Promise<LinkEmulator> {
    const server = createServer((dialler) => emulator.#carry(dialler));
    const emulator = new LinkEmulator(await listen(server, '127.0.0.1'), to, bitsPerSecond, delay);
    atEnd(() => {
      server.close();
      emulator.#isDown = true;
      emulator.cut();
    });
    return emulator;
  }

  /** Everything under way is lost; a little later both sides learn of it. */
  cut(): void {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      for (const socket of pair) {
        socket.removeAllListeners('data').resume();
        setTimeout(() => socket.destroy(), NOTICE);
      }
    }
  }

  /** Cut, and nobody gets through until it is mended. */
  hold(): void {
    this.#isDown = true;
    this.cut();
  }

  mend(): void {
    this.#isDown = false;
  }

  #carry(dialler: Socket): void {
    dialler.on('error', () => {}); // `close` follows
    if (this.#isDown) return void dialler.destroy();
    const listener = connect(this.#to, '127.0.0.1');
    listener.on('error', () => {});
    const pair = [dialler, listener] as const;
    this.#pairs.add(pair);
    for (const [here, there] of [pair, [listener, dialler] as const]) {
      here.on('data', (bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += CHUNK) this.#send(pair, there, bytes.subarray(at, at + CHUNK));
      });
      here.on('close', () => {
        if (this.#pairs.delete(pair)) there.destroySoon();
      });
    }
  }

  #send(pair: readonly [Socket, Socket], to: Socket, bytes: Buffer): void {
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes.length * 8000) / this.#bitsPerSecond;
    this.#underWay.push(() => {
      if (this.#pairs.has(pair)) to.write(bytes);
    });
    setTimeout(() => this.#underWay.shift()?.(), this.#freeAt - now + this.#delay);
  }
}
