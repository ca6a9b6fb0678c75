import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';
import { listen } from './ports.ts';
import { StreamPeer } from './stream-peer.ts';

/** The far end of a `direct` link (XEP-0361), scripted: no header is sent or awaited, the first byte is a stanza's. */
export class DirectPeer {
  readonly stream: StreamPeer;
  readonly #inbox = new Inbox<Element>('the peer', String);

  private constructor(socket: Socket) {
    this.stream = new StreamPeer(
      socket,
      { contentNamespace: NS.server, implicitOpen: true },
      {
        streamOpen: () => {},
        stanza: (stanza) => this.#inbox.add(stanza),
        streamClose: () => this.#inbox.close('the stream was closed'),
      },
    );
    void this.stream.closed.then(() => this.#inbox.close('the connection has ended'));
  }

  /** Connects, from this loopback address. */
  static async dial(port: number, from = '127.0.0.1'): Promise<DirectPeer> {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from });
    await once(socket, 'connect');
    return new DirectPeer(socket);
  }

  /** Waits to be dialled; `accepted` is the first connection. */
  static async listen(): Promise<{ readonly port: number; readonly accepted: Promise<DirectPeer> }> {
    const listener = createServer();
    const accepted = once(listener, 'connection').then(([socket]) => new DirectPeer(socket as Socket));
    const port = await listen(listener, '127.0.0.1');
    atEnd(() => listener.close());
    return { port, accepted };
  }

  send(stanza: Element): void {
    this.stream.send(stanza);
  }

  expect(description: string, fits: (stanza: Element) => boolean, timeout?: number): Promise<Element> {
    return this.#inbox.expect(description, fits, timeout);
  }

  collected(): readonly Element[] {
    return this.#inbox.all();
  }
}
