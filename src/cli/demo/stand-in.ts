import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { attribute, type Element, element, textOf } from '../../xml/element.ts';
import { NS } from '../../xml/names.ts';
import { serialise } from '../../xml/serialise.ts';
import { StreamError } from '../../xml/stream-errors.ts';
import { StreamParser } from '../../xml/stream-parser.ts';
import { listen } from './loopback.ts';
import { serviceUnavailable } from './people.ts';

export interface StandInOptions {
  /** The domain of the component that it waits for. */
  readonly component: string;
  readonly secret: string;
  /** The component has shown that it knows the secret. */
  readonly attached: () => void;
}

/** Takes a stanza for one user. */
export type Client = (stanza: Element) => void;

/**
 * A stand-in for an XMPP server on loopback, as far as a demo needs one: it accepts one external component (XEP-0114) and
 * routes between it and a few users, who need no stream of their own. A later connection of the component replaces the
 * one before.
 */
export class StandIn {
  readonly #options: StandInOptions;
  readonly #server: Server;
  /** By full JID. */
  readonly #clients = new Map<string, Client>();
  readonly #sockets = new Set<Socket>();
  #component: Socket | undefined;

  constructor(options: StandInOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a free port of loopback, and resolves to it. */
  listen(): Promise<number> {
    return listen(this.#server);
  }

  /** Logs a user in. */
  connect(jid: string, client: Client): void {
    this.#clients.set(jid, client);
  }

  /** Whether the component is there. */
  get attached(): boolean {
    return this.#component !== undefined;
  }

  /** Routes a user's stanza to the component; without effect where there is none. */
  send(stanza: Element): void {
    this.#component?.write(serialise(stanza));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const id = randomBytes(8).toString('hex');
    const parser = new StreamParser(
      { contentNamespace: NS.component, implicitOpen: false },
      {
        streamOpen: (header) => this.#open(socket, id, header.attrs['to']),
        stanza: (stanza) => this.#stanza(socket, id, stanza),
        streamClose: () => {
          this.#detach(socket);
          socket.end('</stream:stream>');
        },
      },
    );
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#detach(socket);
    });
    socket.on('data', (bytes) => {
      if (socket.writableEnded) return;
      try {
        parser.write(bytes);
      } catch (error) {
        if (!(error instanceof StreamError)) throw error;
        socket.end(`${error.toXml()}</stream:stream>`);
      }
    });
  }

  #detach(socket: Socket): void {
    if (this.#component === socket) this.#component = undefined;
  }

  /** XEP-0114 §3, steps 1 and 2. */
  #open(socket: Socket, id: string, to: string | undefined): void {
    socket.write(
      `<?xml version='1.0'?><stream:stream xmlns:stream='${NS.streams}' xmlns='${NS.component}'` +
        ` from='${this.#options.component}' id='${id}'>`,
    );
    if (to !== this.#options.component) throw new StreamError('host-unknown');
  }

  #stanza(socket: Socket, id: string, stanza: Element): void {
    if (socket === this.#component) this.#route(stanza);
    else if (stanza.name === 'handshake') this.#handshake(socket, id, textOf(stanza));
    else throw new StreamError('not-authorized');
  }

  /** XEP-0114 §3, steps 3 and 4. */
  #handshake(socket: Socket, id: string, digest: string): void {
    const expected = createHash('sha1')
      .update(id + this.#options.secret)
      .digest('hex');
    if (digest.toLowerCase() !== expected) throw new StreamError('not-authorized');
    this.#component?.destroy();
    this.#component = socket;
    socket.write('<handshake/>');
    this.#options.attached();
  }

  /** From the component to one of the users; what finds nobody is answered as RFC 6120 §10.5 has it. */
  #route(stanza: Element): void {
    const to = attribute(stanza, 'to') ?? '';
    const client = this.#clients.get(to);
    if (client !== undefined) return client(stanza);
    const type = attribute(stanza, 'type');
    if (stanza.name === 'presence' || type === 'error' || type === 'result') return;
    const address = { from: to, to: attribute(stanza, 'from'), id: attribute(stanza, 'id'), type: 'error' };
    this.send(element(stanza.name, address, serviceUnavailable()));
  }
}
