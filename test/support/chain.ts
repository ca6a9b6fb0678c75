import type { MemoryStore } from './memory-store.ts';
import type { GatewayOverrides, VirtualGateway } from './virtual.ts';
import { VirtualWorld } from './virtual.ts';

/* Gateways a, b, c … in virtual time, each with a room `room@rooms.X.lit` and users in `X.lit`, linked as a test asks. */

export const room = (node: string): string => `room@rooms.${node}.lit`;
export const user = (node: string, name = 'u'): string => `${name}@${node}.lit/r`;

type LinkOverrides = Partial<NonNullable<GatewayOverrides['links']>[number]>;
type RoomOverrides = Partial<NonNullable<GatewayOverrides['rooms']>[number]>;

export interface Plan {
  /** Whom each node joins, the preferred one first. Those without are in it with an empty list. */
  readonly federate: Readonly<Record<string, readonly string[]>>;
  /** Further pairs that have a link. */
  readonly links?: readonly (readonly [string, string])[];
  /** What every link has. */
  readonly link?: LinkOverrides;
  /** What links of one node have, by `node` or `node peer`. */
  readonly linkOf?: Readonly<Record<string, LinkOverrides>>;
  readonly room?: RoomOverrides;
  readonly gateway?: GatewayOverrides['gateway'];
}

export interface Set {
  readonly world: VirtualWorld;
  readonly plan: Plan;
  node(name: string): VirtualGateway;
  /** The same node after a restart, with the same store, or with that one. */
  restart(name: string, store?: MemoryStore): VirtualGateway;
}

/** Starts them all, and lets their links come up. Every link brings everyone. */
export function set(plan: Plan): Set {
  const world = new VirtualWorld();
  const nodes = new Map<string, VirtualGateway>();
  const start = (name: string, store = nodes.get(name)?.store): void => {
    nodes.set(name, world.gateway(`rooms.${name}.lit`, fileOf(plan, name), store));
  };
  for (const name of Object.keys(plan.federate)) start(name);
  world.settle(60_000);
  return {
    world,
    plan,
    node(name) {
      const found = nodes.get(name);
      if (found === undefined) throw new Error(`no node ${name}`);
      return found;
    },
    restart(name, store) {
      if (!this.node(name).isDead) this.node(name).kill();
      start(name, store);
      return this.node(name);
    },
  };
}

function pairsOf({ federate, links = [] }: Plan): (readonly [string, string])[] {
  const pairs = Object.entries(federate).flatMap(([child, parents]) =>
    parents.map((parent): readonly [string, string] => [child, parent]),
  );
  return [...pairs, ...links];
}

function fileOf(plan: Plan, name: string): GatewayOverrides {
  const others = Object.keys(plan.federate).filter((other) => other !== name);
  const links = pairsOf(plan).flatMap(([child, parent], index) => {
    if (child !== name && parent !== name) return [];
    const peer = child === name ? parent : child;
    const address = { host: '127.0.0.1', port: 8000 + index };
    return {
      domains: others.map((other) => `${other}.lit`),
      from: ['127.0.0.1'],
      ...plan.link,
      ...plan.linkOf?.[name],
      ...plan.linkOf?.[`${name} ${peer}`],
      peer: `rooms.${peer}.lit`,
      ...(child === name ? { connect: address } : { listen: address }),
    };
  });
  return {
    gateway: { localDomains: [`${name}.lit`], admins: [`admin@${name}.lit`], ...plan.gateway },
    links,
    rooms: [{ name: 'room', federate: (plan.federate[name] ?? []).map(room), ...plan.room }],
  };
}
