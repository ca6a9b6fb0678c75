import { type Credentials, client } from '@xmpp/client';
import type { Element } from '../../src/xml/element.ts';
import { atEnd } from './ending.ts';
import { Inbox } from './inbox.ts';
import { Person } from './person.ts';
import { password, type XmppServer } from './server.ts';

/** Somebody with a real client: @xmpp/client on an account of a server. */
export class Client extends Person {
  readonly #disconnect: () => Promise<void>;
  readonly #socket: () => { destroy(): void } | null;

  private constructor(jid: string, inbox: Inbox<Element>, entity: ReturnType<typeof client>) {
    super(jid, inbox, (stanza) => entity.send(stanza));
    this.#socket = () => entity.socket;
    this.#disconnect = async () => {
      await entity.stop();
    };
  }

  /** Resolves once the client is online as `username@domain/resource`. */
  static async connect(server: XmppServer, username: string, resource: string): Promise<Client> {
    const service = `xmpp://${server.address}:${server.clientPort}`;
    // The library's SCRAM takes half a second of ours for every login.
    const credentials: Credentials = (authenticate) => authenticate({ username, password }, 'PLAIN');
    const entity = client({ service, domain: server.domain, username, credentials, resource });
    entity.reconnect.stop();
    const inbox = new Inbox<Element>(username, String);
    entity.on('stanza', (stanza) => inbox.add(stanza));
    entity.on('error', (error) => inbox.close(`the stream failed (${error.message})`));
    entity.on('disconnect', () => inbox.close('the stream has ended'));
    const jid = await entity.start();
    const connected = new Client(String(jid), inbox, entity);
    atEnd(() => connected.disconnect());
    return connected;
  }

  async disconnect(): Promise<void> {
    await this.#disconnect();
  }

  /** Ends without a word. */
  cut(): Promise<void> {
    this.#socket()?.destroy();
    return Promise.resolve();
  }
}
