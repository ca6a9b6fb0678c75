import { element } from '../../src/xml/element.ts';
import { NS } from '../../src/xml/names.ts';
import { parseElement } from '../../src/xml/parse.ts';
import { Client } from '../support/client.ts';
import { ComponentServer } from '../support/component-server.ts';
import {
  type CorpusMessage,
  type CorpusUser,
  messageXml,
  type PresenceEvent,
  presenceXml,
  users,
} from '../support/corpus.ts';
import { type Built, Gateway } from '../support/gateway.ts';
import type { Person } from '../support/person.ts';
import { Prosody } from '../support/prosody.ts';
import type { Air, Packet, Side } from './air.ts';
import { sleep, until } from './waiting.ts';

/* The two things that are compared, each with people on both sides of an emulated link. */

/** How long a link must have been silent until nothing more is on its way, in milliseconds. */
const QUIET = 3000;
const SECRET = 'in a nutshell';
const DOMAINS = { near: 'denmark.test', far: 'wonderland.test' } as const;
const PORT = 5270;

/** What a scene is started with. */
export interface SceneOptions {
  readonly air: Air;
  /** Where each user of the corpus is. Where nothing is said, those of the first site are near, the others far. */
  readonly sideOf?: (user: CorpusUser) => Side;
  /** Further keys of the link. Ours only. */
  readonly link?: string;
  readonly bandwidth: number;
  readonly hasProsody: boolean;
  /** The built program. */
  readonly program: Built;
}

/** People, rooms and a link; the near side joins what is on the far side. */
export interface Scene {
  readonly air: Air;
  /** How many there are, the two that only watch not counted. */
  readonly people: readonly CorpusUser[];
  sideOf(user: CorpusUser): Side;
  /** Somebody of that side who is in the room and does nothing. */
  watcher(side: Side): Person;
  room(side: Side): string;
  say(message: CorpusMessage): Promise<void>;
  show(event: PresenceEvent): Promise<void>;
  /** Everybody who has seen the link die does what it takes to be in the room again. */
  rejoin(side: Side, since: string): Promise<void>;
}

abstract class Stage implements Scene {
  readonly air: Air;
  readonly people: readonly CorpusUser[];
  protected readonly clients = new Map<string, Person>();
  readonly #sideOf: (user: CorpusUser) => Side;

  constructor({ air, sideOf = ({ site }) => (site === 0 ? 'near' : 'far') }: SceneOptions) {
    this.air = air;
    this.people = users('measured');
    this.#sideOf = sideOf;
  }

  abstract room(side: Side): string;

  sideOf(user: CorpusUser): Side {
    return this.#sideOf(user);
  }

  accounts(side: Side): { readonly localpart: string; readonly resource: string }[] {
    const watcher = { localpart: `watcher.${side}`, resource: 'w' };
    return [watcher, ...this.people.filter((user) => this.sideOf(user) === side)];
  }

  watcher(side: Side): Person {
    return this.#client(`watcher.${side}`);
  }

  async say(message: CorpusMessage): Promise<void> {
    const person = this.#client(message.user.localpart);
    await person.send(parseElement(messageXml(message, person.jid, this.room(this.sideOf(message.user)))));
  }

  async show(event: PresenceEvent): Promise<void> {
    const person = this.#client(event.user.localpart);
    await person.send(parseElement(presenceXml(event, person.jid, this.room(this.sideOf(event.user)))));
  }

  abstract rejoin(side: Side, since: string): Promise<void>;

  #client(localpart: string): Person {
    const client = this.clients.get(localpart);
    if (client === undefined) throw new Error(`nobody is called ${localpart}`);
    return client;
  }
}

/** Two gateways, each a component of a server of its own. */
export class OurScene extends Stage {
  readonly #gateways: Partial<Record<Side, Gateway>> = {};

  static async start(options: SceneOptions): Promise<OurScene> {
    const scene = new OurScene(options);
    await Promise.all((['near', 'far'] as const).map((side) => scene.#start(side, options)));
    return scene;
  }

  room(side: Side): string {
    return `${side === 'near' ? 'elsinore' : 'rabbithole'}@rooms.${DOMAINS[side]}`;
  }

  gateway(side: Side): Gateway {
    const gateway = this.#gateways[side];
    if (gateway === undefined) throw new Error(`the ${side} gateway hasn't been started`);
    return gateway;
  }

  /** The gateways do it. */
  async rejoin(): Promise<void> {
    await until('the near node to be joined again', async () => {
      const { rooms } = await this.gateway('near').status();
      return rooms.some(({ state }) => state === 'joined');
    });
  }

  async #start(side: Side, options: SceneOptions): Promise<void> {
    const { air, program } = options;
    const { within, address } = air[side];
    const server = options.hasProsody
      ? await Prosody.start({
          domain: DOMAINS[side],
          address,
          within,
          users: this.accounts(side).map(({ localpart }) => localpart),
          components: { [`rooms.${DOMAINS[side]}`]: SECRET },
        })
      : await ComponentServer.start(SECRET, air[side].ours);
    const port = server instanceof Prosody ? server.componentPort : server.port;
    const [command, ...args] = [...within, ...program] as [string, ...string[]];
    this.#gateways[side] = await Gateway.start(this.#file(side, server.address, port, options), [command, ...args]);
    if (server instanceof ComponentServer) await server.handshake('accepted');
    await Promise.all(
      this.accounts(side).map(async ({ localpart, resource }) => {
        const client =
          server instanceof Prosody
            ? await Client.connect(server, localpart, resource)
            : server.user(`${localpart}@${DOMAINS[side]}/${resource}`);
        this.clients.set(localpart, client);
      }),
    );
  }

  #file(side: Side, host: string, port: number, { air, link = '', bandwidth }: SceneOptions): string {
    const far = `${air.far[side === 'far' ? 'air' : 'reached']}:${PORT}`;
    const peer = DOMAINS[side === 'near' ? 'far' : 'near'];
    return `
      [gateway]
      domain = "rooms.${DOMAINS[side]}"
      data = "data"
      control = "control.sock"
      local_domains = ["${DOMAINS[side]}"]
      [component]
      host = "${host}"
      port = ${port}
      secret = "${SECRET}"
      [[link]]
      peer = "rooms.${peer}"
      domains = ["${peer}"]
      transport = "direct"
      ${side === 'near' ? `connect = "${far}"` : `listen = "${far}"\nfrom = ["${air.near.air}"]`}
      bandwidth = ${bandwidth}
      compression = true
      presence = "availability"
      dialect = "fmucd"
      history = { messages = 10000, bytes = 10000000, age = 86400 }
      ${link.includes('coalesce') ? '' : 'coalesce = 60'}
      ${link}
      [[room]]
      name = "${side === 'near' ? 'elsinore' : 'rabbithole'}"
      ${side === 'near' ? `federate = "${this.room('far')}"` : `accept = ["${this.room('near')}"]`}
    `;
  }
}

/** Two Prosodys: the far one has the room, and the people of the near one join it over S2S. */
export class ProsodyScene extends Stage {
  static async start(options: SceneOptions): Promise<ProsodyScene> {
    const scene = new ProsodyScene(options);
    await Promise.all((['near', 'far'] as const).map((side) => scene.#start(side, options)));
    return scene;
  }

  room(): string {
    return `rabbithole@rooms.${DOMAINS.far}`;
  }

  /** Each of them joins anew, and asks for what came since. */
  async rejoin(side: Side, since: string): Promise<void> {
    const people = [
      { localpart: `watcher.${side}`, nick: `watcher ${side}` },
      ...this.people.filter((user) => this.sideOf(user) === side),
    ];
    for (const { localpart, nick } of people) {
      const history = element('history', { since });
      await this.clients
        .get(localpart)
        ?.send(element('presence', { to: `${this.room()}/${nick}` }, element('x', { xmlns: NS.muc }, history)));
    }
  }

  async #start(side: Side, { air }: SceneOptions): Promise<void> {
    const { within, address } = air[side];
    const where = (other: Side): string => (other === side ? air[other].air : air[other].reached);
    const server = await Prosody.start({
      domain: DOMAINS[side],
      address,
      within,
      users: this.accounts(side).map(({ localpart }) => localpart),
      s2s: {
        interface: air[side].air,
        hosts: {
          [DOMAINS.near]: where('near'),
          [DOMAINS.far]: where('far'),
          [`rooms.${DOMAINS.far}`]: where('far'),
        },
      },
      ...(side === 'far' ? { muc: `rooms.${DOMAINS.far}` } : {}),
    });
    await Promise.all(
      this.accounts(side).map(async ({ localpart, resource }) => {
        this.clients.set(localpart, await Client.connect(server, localpart, resource));
      }),
    );
  }
}

/** Somebody on each side who only watches joins, the far one first: so there is a room, and the link is in use. */
export async function open(scene: Scene): Promise<void> {
  await scene.watcher('far').join(scene.room('far'), 'watcher far');
  await scene.watcher('near').join(scene.room('near'), 'watcher near');
  for (const side of ['near', 'far'] as const) await untilOccupants(scene, side, 2);
}

/** Everybody joins, and is seen to be there by both who watch. */
export async function fill(scene: Scene, events: readonly PresenceEvent[]): Promise<void> {
  for (const event of events) await scene.show(event);
  for (const side of ['near', 'far'] as const) await untilOccupants(scene, side, events.length + 2);
}

/** Whoever watches on that side has seen so many come. */
export async function untilOccupants(scene: Scene, side: Side, count: number): Promise<void> {
  await until(`${count} occupants on the ${side} side`, () => {
    const nicks = scene
      .watcher(side)
      .collected()
      .filter((stanza) => stanza.is('presence') && stanza.attrs['type'] === undefined)
      .map((stanza) => String(stanza.attrs['from']));
    return new Set(nicks).size >= count;
  });
}

/** How many messages whoever watches on that side has got. */
export function heard(scene: Scene, side: Side): number {
  return scene.watcher(side).collected().filter(isMessage).length;
}

export function isMessage(stanza: ReturnType<Person['collected']>[number]): boolean {
  return stanza.is('message') && stanza.attrs['type'] === 'groupchat' && stanza.getChild('body') !== undefined;
}

/** Nothing has been on the air for a while. Gives back every packet so far. */
export async function untilQuiet(air: Air, quiet = QUIET): Promise<readonly Packet[]> {
  for (;;) {
    const before = (await air.packets()).length;
    await sleep(quiet);
    const packets = await air.packets();
    if (packets.length === before) return packets;
  }
}
