import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Tcp, type TcpBounds } from '../../src/io/tcp.ts';
import { Tls, type TlsSettings } from '../../src/io/tls.ts';
import type { ConnectionId, ConnectionInput } from '../../src/lib/effects.ts';
import { atEnd } from './ending.ts';

/** Real connections with TLS, and what they report. Nothing waits for time: each step waits for the report that it expects. */
export class TlsWorld {
  readonly inputs: ConnectionInput[] = [];
  readonly tcp: Tcp;
  readonly tls: Tls;
  /** Called with each input, before anybody else sees it. */
  onInput: (input: ConnectionInput) => void = () => {};
  #changed = () => {};

  /** `now` is what the clock says to whoever judges certificates. */
  constructor(settings: TlsSettings, bounds: TcpBounds = {}, now: () => number = Date.now) {
    this.tls = new Tls(() => settings, now);
    const report = (input: ConnectionInput): void => {
      this.inputs.push(input);
      this.onInput(input);
      this.#changed();
    };
    this.tcp = new Tcp(report, bounds, async () => this.tls);
    atEnd(() => this.tcp.shutdown());
  }

  /** Listens on a free port of loopback; connections are named from `first` on. */
  async listen(first: ConnectionId): Promise<number> {
    let next = first;
    return (await this.tcp.listen({ host: '127.0.0.1', port: 0 }, () => next++)).port;
  }

  async until<K extends ConnectionInput['kind']>(
    kind: K,
    connection: ConnectionId,
  ): Promise<Extract<ConnectionInput, { kind: K }>> {
    for (;;) {
      const found = this.inputs.find((input) => input.kind === kind && input.connection === connection);
      if (found !== undefined) return found as Extract<ConnectionInput, { kind: K }>;
      const closed = this.inputs.find((input) => input.kind === 'closed' && input.connection === connection);
      if (closed !== undefined) throw new Error(`no ${kind}: ${closed.kind === 'closed' ? closed.reason : ''}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** Resolves once that text has come on the connection, in the end. */
  async untilText(connection: ConnectionId, text: string): Promise<void> {
    while (!this.text(connection).endsWith(text)) {
      if (this.kinds(connection).at(-1) === 'closed') throw new Error(`closed with ${this.text(connection)}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  text(connection: ConnectionId): string {
    return this.inputs
      .map((input) =>
        input.kind === 'data' && input.connection === connection ? Buffer.from(input.bytes).toString() : '',
      )
      .join('');
  }

  kinds(connection: ConnectionId): string[] {
    return this.inputs.filter((input) => input.connection === connection).map(({ kind }) => kind);
  }
}

/** Between two sides of a connection: counts what crosses, keeps it, and passes it on. */
export class Crossing {
  readonly port: number;
  #there: Buffer[] = [];
  #back: Buffer[] = [];
  readonly #sockets: Socket[] = [];

  private constructor(port: number) {
    this.port = port;
  }

  /** `piece` has what crosses arrive in pieces of that many bytes. */
  static async to(target: number, piece = Number.POSITIVE_INFINITY): Promise<Crossing> {
    const server: Server = createServer((here) => {
      const there = connect(target, '127.0.0.1');
      crossing.#pass(here, there, piece, (bytes) => crossing.#there.push(bytes));
      crossing.#pass(there, here, piece, (bytes) => crossing.#back.push(bytes));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const crossing = new Crossing((server.address() as AddressInfo).port);
    atEnd(() => {
      for (const socket of crossing.#sockets) socket.destroy();
      server.close();
    });
    return crossing;
  }

  /** All that has crossed since the last call: from whoever dialled, and to them. */
  take(): { there: Buffer; back: Buffer } {
    const taken = { there: Buffer.concat(this.#there), back: Buffer.concat(this.#back) };
    this.#there = [];
    this.#back = [];
    return taken;
  }

  /** Cuts every connection that goes across. */
  cut(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }

  #pass(from: Socket, to: Socket, piece: number, crossed: (bytes: Buffer) => void): void {
    this.#sockets.push(from);
    from.setNoDelay(true);
    let last = Promise.resolve();
    from.on('data', (bytes) => {
      crossed(bytes);
      last = last.then(() => passOn(bytes, to, piece));
    });
    from.on('end', () => void last.then(() => to.end()));
    from.on('error', () => {}); // `close` follows
    from.on('close', () => void last.then(() => to.destroySoon()));
  }
}

async function passOn(bytes: Buffer, to: Socket, piece: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    to.write(bytes.subarray(at, at + piece));
    if (at + piece < bytes.length) await new Promise(setImmediate);
  }
}
