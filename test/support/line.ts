import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from './ending.ts';
import { listen } from './ports.ts';

/** Milliseconds between a cut and when both sides learn of it. */
const NOTICE = 50;

/** What a connection over a line has carried. */
interface Carried {
  /** Both ways. */
  bytes: number;
  /** The first of it, both ways, as it stood on the line. */
  text: string;
}

/** How much of a connection's text is kept. */
const KEPT_CHARACTERS = 65_536;

/** The line between two gateways: it counts what it carries, and can be cut in the middle of it. */
export class Line {
  readonly port: number;
  /** Of each connection, the first one first. */
  readonly connections: Carried[] = [];
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** Bytes that still pass before the line is cut, and what is done then. */
  #fuse: { left: number; readonly burnt: () => void } | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** Passes whoever connects to its port at 127.0.0.1 on to that listener. */
  static async start(host: string, port: number): Promise<Line> {
    const server = createServer((dialler) => line.#carry(dialler, connect(port, host)));
    const line = new Line(await listen(server, '127.0.0.1'));
    atEnd(() => {
      server.close();
      line.cut();
    });
    return line;
  }

  /** What is on its way in either direction is lost, and a little later both sides learn of it. */
  cut(): void {
    this.#fuse = undefined;
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      for (const socket of pair) {
        socket.removeAllListeners('data').resume();
        setTimeout(() => socket.destroy(), NOTICE);
      }
    }
  }

  /** Is cut once it has carried so many bytes more. */
  cutAfter(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#fuse = { left: bytes, burnt: resolve };
    });
  }

  #carry(dialler: Socket, listener: Socket): void {
    const carried: Carried = { bytes: 0, text: '' };
    const pair = [dialler, listener] as const;
    this.connections.push(carried);
    this.#pairs.add(pair);
    for (const [here, there] of [pair, [listener, dialler] as const]) {
      here.on('error', () => {}); // `close` follows
      here.on('close', () => there.destroySoon());
      here.on('data', (bytes: Buffer) => {
        carried.bytes += bytes.length;
        if (carried.text.length < KEPT_CHARACTERS) carried.text += bytes.toString('latin1');
        there.write(bytes);
        this.#burn(bytes.length);
      });
    }
    dialler.on('close', () => this.#pairs.delete(pair));
  }

  #burn(bytes: number): void {
    const fuse = this.#fuse;
    if (fuse === undefined) return;
    fuse.left -= bytes;
    if (fuse.left > 0) return;
    this.cut();
    fuse.burnt();
  }
}
