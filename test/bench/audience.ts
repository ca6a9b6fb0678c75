import { messages, messageXml } from '../support/corpus.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import { standalone } from '../support/gateway-file.ts';
import { LightServer } from '../support/light-server.ts';
import { Prosody } from '../support/prosody.ts';
import { sleep, until } from './waiting.ts';

/* One room, and all who are in it behind one other server: one stream brings what they say, another one all that they get. */

/** Prosody finds the others at this port. */
const PORT = 5269;
const USERS = 'elsinore.test';
const SERVICE = 'rooms.denmark.test';
const ROOM = `battlements@${SERVICE}`;
/** Milliseconds in which nothing more has to come before everything has. */
const QUIET = 700;

/** Loopback addresses of the users' server and of the rooms'. */
export interface Addresses {
  readonly users: string;
  readonly rooms: string;
}

export class Audience {
  readonly size: number;
  readonly #server: LightServer;
  readonly #said: readonly Buffer[];
  #next = 0;

  private constructor(size: number, server: LightServer) {
    this.size = size;
    this.#server = server;
    // One after the other of the occupants says what the corpus has.
    this.#said = messages('measured').map((message, index) =>
      Buffer.from(messageXml(message, addressOf(index % size), ROOM)),
    );
  }

  /** An audience of ours; nobody has come in yet. `head` is how the gateway's file begins. */
  static async ofOurs(
    size: number,
    { users, rooms }: Addresses,
    program: Built,
    head = standalone(SERVICE),
  ): Promise<{ readonly audience: Audience; readonly gateway: Gateway }> {
    const server = await LightServer.start({ domain: USERS, address: users, port: PORT });
    const gateway = await Gateway.start(
      `${head}
      [s2s]
      listen = ["${rooms}:${PORT}"]
      tls = "off"
      auth = ["dialback"]
      hosts = { "${USERS}" = "${users}:${PORT}" }
      [[room]]
      name = "battlements"
      `,
      program,
    );
    await server.dial(SERVICE, rooms, PORT);
    return { audience: new Audience(size, server), gateway };
  }

  static async ofProsody(size: number, { users, rooms }: Addresses): Promise<Audience> {
    const server = await LightServer.start({ domain: USERS, address: users, port: PORT });
    await Prosody.start({
      domain: 'denmark.test',
      address: rooms,
      users: [],
      muc: SERVICE,
      archive: true,
      s2s: { interface: rooms, hosts: { [USERS]: users } },
    });
    await server.dial(SERVICE, rooms, PORT);
    return new Audience(size, server);
  }

  /** All come in at once, and each is shown to each; the stream back is opened meanwhile. */
  async enter(): Promise<void> {
    const { counts } = this.#server;
    for (let index = 0; index < this.size; index++)
      this.#server.send(
        `<presence from='${addressOf(index)}' to='${ROOM}/watch-${index}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
    await until(`${this.size} occupants`, () => counts.presence >= this.size ** 2);
    await this.#quiet();
  }

  /** Has that many messages under way for that long; stanzas delivered a second. */
  async talk(underWay: number, milliseconds: number): Promise<number> {
    const server = this.#server;
    const first = server.counts.message;
    let said = 0;
    const refill = (): void => {
      const room = underWay - said + Math.floor((server.counts.message - first) / this.size);
      if (room <= 0) return;
      said += room;
      server.send(Buffer.concat(Array.from({ length: room }, () => this.#message())));
    };
    server.onCounted = refill;
    const begun = performance.now();
    refill();
    await sleep(milliseconds);
    const rate = ((server.counts.message - first) / (performance.now() - begun)) * 1000;
    server.onCounted = () => {};
    await until('what is under way', () => server.counts.message >= first + said * this.size);
    return rate;
  }

  /** Everybody's server can no longer be reached, which is noticed by what one of them says. */
  async vanish(): Promise<void> {
    this.#server.vanish();
    await sleep(QUIET);
    this.#server.send(this.#message());
  }

  #message(): Buffer {
    return this.#said[this.#next++ % this.#said.length] ?? Buffer.alloc(0);
  }

  async #quiet(): Promise<void> {
    const { counts } = this.#server;
    for (let before = -1; before !== counts.message + counts.presence; await sleep(QUIET))
      before = counts.message + counts.presence;
  }
}

const addressOf = (index: number): string => `watch-${index}@${USERS}/post`;
