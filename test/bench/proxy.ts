import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from '../support/ending.ts';
import { type Air, type AirOptions, airTime, type Packet, type Place, type Side } from './air.ts';

/** Headers of IPv4 and TCP with timestamps, as Linux sends them. */
const HEADERS = 52;
/** A SYN carries more options. */
const SYN = 60;
const SEGMENT = 1448;
/** The ports of both ways to federate: direct links and S2S. */
const LINK_PORTS = { direct: 5270, s2s: 5269 } as const;

const OTHER: Readonly<Record<Side, Side>> = { near: 'far', far: 'near' };

let links = 0;

/**
 * A link between addresses of this machine: whoever dials the other side reaches a proxy that lets bytes through at the
 * rate of the air. What TCP itself puts on the air can't be seen here and is estimated: a segment and its ACK for each
 * write, the handshake, and the end.
 */
export class ProxyAir implements Air {
  readonly near: Place;
  readonly far: Place;
  readonly #packets: Packet[] = [];
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #options: AirOptions;
  #freeAt = 0;
  readonly #underWay: (() => void)[] = [];
  #isDown = false;

  private constructor(options: AirOptions) {
    const number = ++links;
    this.#options = options;
    this.near = placeAt(`127.9.${number}.1`, `127.9.${number}.101`);
    this.far = placeAt(`127.9.${number}.2`, `127.9.${number}.102`);
  }

  static async start(options: AirOptions): Promise<ProxyAir> {
    const air = new ProxyAir(options);
    for (const side of ['near', 'far'] as const)
      for (const port of Object.values(LINK_PORTS)) await air.#listen(side, port);
    atEnd(() => air.cut());
    return air;
  }

  packets(): Promise<readonly Packet[]> {
    return Promise.resolve([...this.#packets]);
  }

  set(options: AirOptions): void {
    this.#options = options;
  }

  cut(): Promise<void> {
    this.#isDown = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
    return Promise.resolve();
  }

  mend(): Promise<void> {
    this.#isDown = false;
    return Promise.resolve();
  }

  /** Lets the other side reach what listens at that port here. */
  async #listen(side: Side, port: number): Promise<void> {
    const place = this[side];
    const server = createServer((dialler) => this.#carry(dialler, OTHER[side], place.air, port));
    server.listen(port, place.reached);
    await once(server, 'listening');
    atEnd(() => server.close());
  }

  #carry(dialler: Socket, from: Side, host: string, port: number): void {
    dialler.on('error', () => {}); // `close` follows
    if (this.#isDown) return void dialler.resetAndDestroy();
    const listener = connect({ host, port, localAddress: this[from].air });
    listener.on('error', () => {});
    const pair = [dialler, listener] as const;
    this.#pairs.add(pair);
    this.#transmit(from, SYN, 0);
    this.#transmit(OTHER[from], SYN, 0);
    this.#transmit(from, HEADERS, 0);
    for (const [here, there, side] of [
      [dialler, listener, from],
      [listener, dialler, OTHER[from]],
    ] as const) {
      here.on('data', (bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += SEGMENT) {
          const segment = bytes.subarray(at, at + SEGMENT);
          this.#transmit(side, segment.length + HEADERS, segment.length, () => {
            if (this.#pairs.has(pair)) there.write(segment);
          });
          this.#transmit(OTHER[side], HEADERS, 0);
        }
      });
      here.on('end', () => {
        if (!this.#pairs.has(pair)) return;
        for (const end of [side, OTHER[side]]) this.#transmit(end, HEADERS, 0);
        setTimeout(() => there.end(), this.#options.delay * 1000);
      });
      here.on('close', () => {
        if (this.#pairs.delete(pair)) there.destroySoon();
      });
    }
  }

  #transmit(from: Side, bytes: number, payload: number, arrive?: () => void): void {
    const now = airTime();
    const at = Math.max(this.#freeAt, now);
    this.#freeAt = at + (bytes * 8) / this.#options.bandwidth;
    const arrived = this.#freeAt + this.#options.delay;
    this.#packets.push({ from, at, arrived, bytes, payload });
    if (arrive === undefined) return;
    // In this order, whatever becomes of timers that are due in the same millisecond.
    this.#underWay.push(arrive);
    setTimeout(() => this.#underWay.shift()?.(), (arrived - now) * 1000);
  }
}

function placeAt(address: string, reached: string): Place {
  return { within: [], address, ours: '127.0.0.1', air: address, reached };
}
