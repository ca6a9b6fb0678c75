import { connect, createServer } from 'node:net';
import { atEnd } from './ending.ts';
import { listen } from './ports.ts';

/** A wire between a gateway that dials and one that listens, on which every byte is seen. */
export class Tap {
  readonly port: number;
  #crossed = '';

  private constructor(port: number) {
    this.port = port;
  }

  /** Whoever connects to the tap's port is passed on to this one. */
  static async start(to: number): Promise<Tap> {
    const server = createServer((dialler) => {
      const listener = connect(to, '127.0.0.1');
      for (const [here, there] of [
        [dialler, listener],
        [listener, dialler],
      ] as const) {
        here.on('data', (bytes) => {
          tap.#crossed += bytes.toString();
        });
        here.on('error', () => there.destroy());
        here.pipe(there);
        atEnd(() => here.destroy());
      }
    });
    const tap = new Tap(await listen(server, '127.0.0.1'));
    atEnd(() => server.close());
    return tap;
  }

  /** Everything that crossed, both ways, in order. */
  get crossed(): string {
    return this.#crossed;
  }
}
