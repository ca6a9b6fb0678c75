import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { attribute, type Element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { StreamError } from '../../src/xml/stream-errors.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';
import { Person } from './person.ts';
import { listen } from './ports.ts';
import { StreamPeer } from './stream-peer.ts';

/**
 * The server's side of XEP-0114, scripted: it lets the component in and is every user at once. What the component sends
 * is kept for whom it is addressed to.
 */
export class ComponentServer {
  readonly address: string;
  readonly port: number;
  /** May be changed: the next handshake is judged by it. */
  secret: string;
  readonly #handshakes = new Inbox<'accepted' | 'refused'>('the component server', String);
  readonly #inboxes = new Map<string, Inbox<Element>>();
  #stream: StreamPeer | undefined;

  private constructor(address: string, port: number, secret: string) {
    this.address = address;
    this.port = port;
    this.secret = secret;
  }

  static async start(secret: string, address = '127.0.0.1'): Promise<ComponentServer> {
    const listener = createServer((socket) => server.#accept(socket));
    const server = new ComponentServer(address, await listen(listener, address), secret);
    atEnd(() => listener.close());
    return server;
  }

  /** The next handshake's outcome that nobody has asked for yet. */
  async handshake(outcome: 'accepted' | 'refused', timeout?: number): Promise<void> {
    await this.#handshakes.expect(`a handshake to be ${outcome}`, (happened) => happened === outcome, timeout);
  }

  /** Somebody who sends from this full JID and receives what is sent to it. */
  user(jid: string): Person {
    return new Person(jid, this.#inboxOf(jid), (stanza) => {
      stanza.attrs['from'] = jid;
      this.stream.send(stanza);
    });
  }

  /** The component's stream. */
  get stream(): StreamPeer {
    if (this.#stream === undefined) throw new Error('no component is connected');
    return this.#stream;
  }

  #accept(socket: Socket): void {
    const id = 'scripted';
    let isOpen = false;
    const stream = new StreamPeer(
      socket,
      { contentNamespace: NS.component, implicitOpen: false },
      {
        streamOpen: ({ attrs }) =>
          stream.sendRaw(
            `<?xml version='1.0'?><stream:stream xmlns='${NS.component}' xmlns:stream='${NS.streams}' from='${attrs['to']}' id='${id}'>`,
          ),
        stanza: (stanza) => {
          if (isOpen) return this.#inboxOf(attribute(stanza, 'to') ?? '').add(stanza);
          isOpen = stanza.is('handshake') && stanza.text() === digest(id, this.secret);
          if (isOpen) {
            this.#stream = stream;
            stream.sendRaw('<handshake/>');
          } else {
            stream.sendRaw(`${new StreamError('not-authorized', 'Wrong secret').toXml()}</stream:stream>`);
            stream.end();
          }
          this.#handshakes.add(isOpen ? 'accepted' : 'refused');
        },
        streamClose: () => {
          stream.sendRaw('</stream:stream>');
          stream.end();
        },
      },
    );
  }

  #inboxOf(jid: string): Inbox<Element> {
    const inbox = this.#inboxes.get(jid) ?? new Inbox<Element>(jid, String);
    this.#inboxes.set(jid, inbox);
    return inbox;
  }
}

/** What proves that the component knows the secret (XEP-0114 §3). */
function digest(id: string, secret: string): string {
  return createHash('sha1')
    .update(id + secret)
    .digest('hex');
}
