import { createServer, type Socket } from 'node:net';
import { attribute, type Element, element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import type { Issued } from './authority.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';
import { listen } from './ports.ts';
import { S2sPeer, streamHeader } from './s2s-peer.ts';

export interface S2sServerOptions {
  readonly domain: string;
  readonly address: string;
  /** A free one by default. */
  readonly port?: number;
  readonly identity: Issued;
  /** What it lets others prove themselves by. */
  readonly auth: 'external' | 'dialback';
}

/** A server that others dial, scripted: TLS, then EXTERNAL or dialback, and it believes everyone. It is every user of its domain. */
export class S2sServer {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  /** Every stanza that it was sent. */
  readonly inbox: Inbox<Element>;
  /** Whether it calls a key its own that another server asks about (XEP-0220 §2.4). */
  knows: (verify: Element) => boolean = () => false;

  private constructor({ domain, address }: S2sServerOptions, port: number) {
    this.domain = domain;
    this.address = address;
    this.port = port;
    this.inbox = new Inbox<Element>(domain, String);
  }

  static async start(options: S2sServerOptions): Promise<S2sServer> {
    const listener = createServer((socket) => server.#accept(socket, options));
    const server = new S2sServer(options, await listen(listener, options.address, options.port));
    atEnd(() => listener.close());
    return server;
  }

  #accept(socket: Socket, { identity, auth }: S2sServerOptions): void {
    let stage: 'clear' | 'secure' | 'authenticated' = 'clear';
    const features = {
      clear: `<starttls xmlns='${NS.tls}'><required/></starttls>`,
      secure:
        auth === 'external'
          ? `<mechanisms xmlns='${NS.sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>`
          : `<dialback xmlns='${NS.dialbackFeature}'><errors/></dialback>`,
      authenticated: '',
    };
    const peer = new S2sPeer(socket, {
      opened: ({ attrs }) => {
        peer.send(streamHeader({ from: this.domain, to: attrs['from'] ?? '' }, 'scripted'));
        peer.send(`<stream:features>${features[stage]}</stream:features>`);
      },
      element: (received) => {
        const { from, to } = received.attrs as Record<string, string>;
        switch (`${attribute(received, 'xmlns') ?? ''} ${received.name}`) {
          case `${NS.tls} starttls`:
            peer.send(element('proceed', { xmlns: NS.tls }));
            stage = 'secure';
            peer.restart();
            // A peer that gives up is seen by what it sends no more.
            void peer.secure('server', { identity }).catch(() => peer.destroy());
            break;
          case `${NS.sasl} auth`:
            peer.send(element('success', { xmlns: NS.sasl }));
            stage = 'authenticated';
            peer.restart();
            break;
          case `${NS.dialback} result`:
            peer.send(`<db:result from='${to}' to='${from}' type='valid'/>`);
            break;
          case `${NS.dialback} verify`:
            peer.send(
              `<db:verify from='${to}' to='${from}' id='${received.attrs['id']}' type='${this.knows(received) ? 'valid' : 'invalid'}'/>`,
            );
            break;
          default:
            this.inbox.add(received);
        }
      },
    });
  }
}
