import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { NS } from '../../src/xml/names.ts';
import { atEnd } from './ending.ts';
import { listen } from './ports.ts';
import { streamHeader } from './s2s-peer.ts';

/** What is counted, by the end tag of each. */
const COUNTED = { message: Buffer.from('</message>'), presence: Buffer.from('</presence>') } as const;
export type Counted = keyof typeof COUNTED;

/** The least that a server is that others bring stanzas to: it proves itself by dialback, without TLS, and believes everyone. */
interface LightServerOptions {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
}

/**
 * A server whose users may be many: one stream to another server and one from it, in the clear. It looks at nothing that
 * comes but counts what ends in it, and sends what was made before, so that the time that passes is the other side's.
 */
export class LightServer {
  readonly counts: Record<Counted, number> = { message: 0, presence: 0 };
  /** Called whenever something was counted. */
  onCounted: () => void = () => {};
  readonly #domain: string;
  readonly #listener = createServer((socket) => this.#accept(socket));
  #out: Socket | undefined;
  readonly #in = new Set<Socket>();

  private constructor(domain: string) {
    this.#domain = domain;
  }

  static async start({ domain, address, port }: LightServerOptions): Promise<LightServer> {
    const server = new LightServer(domain);
    await listen(server.#listener, address, port);
    atEnd(() => {
      server.vanish();
      server.#out?.destroy();
    });
    return server;
  }

  /** Opens a stream to a service of the server there, and resolves once that has let us in. */
  async dial(service: string, address: string, port: number): Promise<void> {
    const socket = connect({ host: address, port, noDelay: true });
    await once(socket, 'connect');
    this.#out = socket;
    const ends = { from: this.#domain, to: service };
    const isIn = new Promise<void>((resolve, reject) => {
      let said = '';
      let hasAsked = false;
      socket.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        if (!hasAsked && said.includes('</stream:features>')) {
          hasAsked = true;
          socket.write(`<db:result from='${ends.from}' to='${ends.to}'>key</db:result>`);
        }
        if (!/<db:result\b[^>]*>/.test(said)) return;
        socket.removeAllListeners('data').resume();
        if (/<db:result\b[^>]*\btype=['"]valid/.test(said)) resolve();
        else reject(new Error(`not let in by ${service}: ${said}`));
      });
      socket.once('close', () => reject(new Error(`${service} has hung up: ${said}`)));
    });
    socket.on('error', () => {}); // `close` follows
    socket.write(streamHeader(ends));
    await isIn;
  }

  send(xml: string | Uint8Array): void {
    this.#out?.write(xml);
  }

  /** Can no longer be reached by others, though what it sends still arrives. */
  vanish(): void {
    this.#listener.close();
    for (const socket of this.#in) socket.destroy();
  }

  /** Lets in whoever dials, says that every key is ours, and counts. */
  #accept(socket: Socket): void {
    let said = '';
    let isIn = false;
    const counters = (['message', 'presence'] as const).map((name) => new Counter(COUNTED[name], this.counts, name));
    this.#in.add(socket);
    socket.once('close', () => this.#in.delete(socket));
    socket.on('error', () => {}); // `close` follows
    socket.on('data', (bytes: Buffer) => {
      // A key may be asked about on a stream that has been let in.
      if (!isIn || bytes.includes('<db:')) {
        said += bytes.toString();
        const header = /<stream:stream\b[^>]*>/.exec(said)?.[0];
        if (header !== undefined) {
          said = said.slice(said.indexOf(header) + header.length);
          const to = valueOf('from', header) ?? '';
          socket.write(
            `${streamHeader({ from: this.#domain, to }, 'light')}<stream:features><dialback xmlns='${NS.dialbackFeature}'/></stream:features>`,
          );
        }
        said = said.replace(/<db:(result|verify)\b([^>]*)>[^<]*<\/db:\1>/g, (_, name: string, attributes: string) => {
          const id = valueOf('id', attributes);
          const addresses = `from='${valueOf('to', attributes)}' to='${valueOf('from', attributes)}'`;
          socket.write(`<db:${name} ${addresses}${id === undefined ? '' : ` id='${id}'`} type='valid'/>`);
          isIn ||= name === 'result';
          return '';
        });
      }
      for (const counter of counters) counter.count(bytes);
      this.onCounted();
    });
  }
}

/** How often something stands in the bytes that come. */
class Counter {
  readonly #what: Buffer;
  readonly #counts: Record<Counted, number>;
  readonly #name: Counted;
  #rest = Buffer.alloc(0);

  constructor(what: Buffer, counts: Record<Counted, number>, name: Counted) {
    this.#what = what;
    this.#counts = counts;
    this.#name = name;
  }

  count(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let end = 0;
    for (let at = all.indexOf(this.#what); at !== -1; at = all.indexOf(this.#what, end)) {
      this.#counts[this.#name] += 1;
      end = at + this.#what.length;
    }
    this.#rest = Buffer.from(all.subarray(Math.max(end, all.length - this.#what.length + 1)));
  }
}

function valueOf(name: string, tag: string): string | undefined {
  return new RegExp(`\\b${name}=(['"])(.*?)\\1`).exec(tag)?.[2];
}
