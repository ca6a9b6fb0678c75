import type { Address, LinkConfig } from '../../src/config/config.ts';
import {
  type CorpusMessage,
  type CorpusUser,
  joins,
  messages,
  messageXml,
  presenceHour,
  presenceXml,
  users,
} from './corpus.ts';
import { certificate, type GatewayOverrides, type VirtualGateway, VirtualWorld } from './virtual.ts';

/* A day of the corpus' people on two gateways in virtual time, hour by hour. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Said in an hour, spread over it: in two of them more than a room remembers to refer to. */
const SAID = messages('measured', 300);

const [NEAR = '', ...FAR] = new Set(users('measured').map(({ domain }) => domain));
const ADDRESS = { host: '127.0.0.1', port: 5270 };
const OTHER_ADDRESS = { host: '127.0.0.1', port: 5271 };
const LINK = { dialect: 'fmucd', compression: true, coalesce: 60 } as const;
const MUC = `<x xmlns='http://jabber.org/protocol/muc'/>`;

/** What a gateway needs whose links are streams between servers. */
function streamsOf(
  domain: string,
  transport: LinkConfig['transport'],
  listen: Address,
  hosts: Readonly<Record<string, Address>>,
): GatewayOverrides {
  if (transport === 'direct') return {};
  return {
    certificate: certificate(Buffer.from(domain).toString('hex').padEnd(64, '0'), domain),
    s2s: { listen: [listen], hosts },
  };
}

/** Two gateways that keep little, linked, each with its people in its room. */
export class Day {
  readonly world = new VirtualWorld();
  readonly near: VirtualGateway;
  readonly far: VirtualGateway;
  /** Messages that have come to those on both sides who only watch. */
  heard = 0;

  constructor(transport: LinkConfig['transport'] = 'direct') {
    this.world.maxEvents = Number.POSITIVE_INFINITY;
    const keep = { messages: 50, age: 0 };
    this.far = this.world.gateway('rooms.far.lit', {
      gateway: { localDomains: FAR },
      links: [
        transport === 's2s'
          ? { ...LINK, peer: 'rooms.near.lit', domains: [NEAR], transport }
          : { ...LINK, peer: 'rooms.near.lit', domains: [NEAR], listen: ADDRESS, from: ['127.0.0.1'] },
      ],
      ...streamsOf('rooms.far.lit', transport, ADDRESS, { 'rooms.near.lit': OTHER_ADDRESS }),
      rooms: [{ name: 'ops', keep }],
    });
    this.near = this.world.gateway('rooms.near.lit', {
      gateway: { localDomains: [NEAR] },
      links: [{ ...LINK, peer: 'rooms.far.lit', domains: FAR, connect: ADDRESS, transport }],
      ...streamsOf('rooms.near.lit', transport, OTHER_ADDRESS, { 'rooms.far.lit': ADDRESS }),
      rooms: [{ name: 'ops', keep, federate: [`ops@${this.far.domain}`] }],
    });
    for (const side of [this.near, this.far]) {
      const somebody = `watcher@${side === this.near ? NEAR : FAR[0]}/r`;
      side.onStanza = (xml) => {
        if (xml.includes(somebody) && xml.includes('<body>')) this.heard += 1;
      };
      this.#send(side, `<presence from='${somebody}' to='ops@${side.domain}/${side.domain}'>${MUC}</presence>`);
    }
    for (const { user, ...event } of joins('measured')) this.#presence({ user, ...event });
    this.world.settle(5 * MINUTE);
  }

  /** An hour of talk and presence, in which the link is down for a while; at its end everything has crossed. */
  hour(): void {
    const start = this.world.now;
    const wire = this.world.wire(this.near.domain, this.far.domain);
    const happens: (readonly [at: number, act: () => void])[] = [
      ...presenceHour('measured').map((event) => [event.at, () => this.#presence(event)] as const),
      ...SAID.map((message, index) => [(index * 60 * MINUTE) / SAID.length, () => this.#say(message)] as const),
      [20 * MINUTE, () => wire.hold(5 * MINUTE)],
      [40 * MINUTE, () => wire.cut()],
    ];
    for (const [at, act] of happens.toSorted(([one], [other]) => one - other)) {
      this.world.settle(Math.max(0, start + at - this.world.now));
      act();
    }
    // Whoever is somewhere else at the end of the hour than at its beginning comes back.
    for (const event of joins('measured')) this.#presence(event);
    this.world.settle(Math.max(0, start + 70 * MINUTE - this.world.now));
    for (const side of [this.near, this.far]) {
      side.logs.length = 0;
      side.crossed.length = 0;
    }
  }

  #say(message: CorpusMessage): void {
    const side = this.#sideOf(message.user);
    this.#send(side, messageXml(message, message.user.jid, `ops@${side.domain}`));
  }

  #presence(event: Parameters<typeof presenceXml>[0]): void {
    const side = this.#sideOf(event.user);
    this.#send(side, presenceXml(event, event.user.jid, `ops@${side.domain}`));
  }

  #sideOf({ domain }: CorpusUser): VirtualGateway {
    return domain === NEAR ? this.near : this.far;
  }

  #send(side: VirtualGateway, xml: string): void {
    side.send(xml);
    this.world.settle(0);
  }
}
