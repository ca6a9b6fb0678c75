import type { Random } from '../../../src/lib/random.ts';
import type { GatewayOverrides } from '../../support/virtual.ts';
import type { Span, Weather } from '../../support/wire.ts';

/* Which nodes there are, who joins whom, and what lies between them. */

/** For each node the one that it joins; undefined for the root. */
export type Parents = readonly (number | undefined)[];

export interface TreeOptions {
  readonly dialect: 'fmucd' | 'auto';
}

export function domain(node: number): string {
  return `rooms.node${node}.lit`;
}

export function room(node: number): string {
  return `room@${domain(node)}`;
}

export function usersDomain(node: number): string {
  return `users${node}.lit`;
}

export function moderatorOf(node: number): string {
  return `mod${node}@${usersDomain(node)}`;
}

export function randomTree(random: Random, size: number): Parents {
  return Array.from({ length: size }, (_, node) => (node === 0 ? undefined : below(random, node)));
}

/** The tree in a line: `1→0 2→1`. */
export function drawTree(parents: Parents): string {
  return parents.flatMap((parent, node) => (parent === undefined ? [] : [`${node}→${parent}`])).join(' ');
}

/** What a gateway's file says: a link for each neighbour, which brings everyone behind it. */
export function fileOf(
  parents: Parents,
  node: number,
  dialers: readonly Dialer[],
  options: TreeOptions,
): GatewayOverrides {
  const parent = parents[node];
  const children = [...parents.keys()].filter((child) => parents[child] === node);
  const links = [
    ...children.map((child) => ({ id: child, peer: child, side: 'parent' as const })),
    ...(parent === undefined ? [] : [{ id: node, peer: parent, side: 'child' as const }]),
  ];
  return {
    gateway: { admins: [moderatorOf(node)], localDomains: [usersDomain(node)] },
    links: links.map(({ id, peer, side }) => ({
      peer: domain(peer),
      domains: behind(parents, node, peer).map(usersDomain),
      from: ['127.0.0.1'],
      history: { messages: 10_000, bytes: 10_000_000, age: Number.POSITIVE_INFINITY },
      queue: { messages: 100_000, bytes: 100_000_000, age: 100_000_000 },
      moderate: true,
      dialect: options.dialect,
      ...endsOf(id, side, dialers[id] ?? 'child'),
    })),
    rooms: [
      {
        name: 'room',
        accept: ['*'],
        keep: { messages: 0, age: 0 },
        federate: parent === undefined ? [] : [room(parent)],
      },
    ],
  };
}

/** Who opens a link's connections: the node that joins, the one that it joins, or either. */
export type Dialer = 'child' | 'parent' | 'both';

function endsOf(id: number, side: 'child' | 'parent', dialer: Dialer): { listen?: Port; connect?: Port } {
  const own = { host: '127.0.0.1', port: (side === 'parent' ? 7000 : 8000) + id };
  const other = { host: '127.0.0.1', port: (side === 'parent' ? 8000 : 7000) + id };
  return {
    ...(dialer === side ? {} : { listen: own }),
    ...(dialer === 'both' || dialer === side ? { connect: other } : {}),
  };
}

interface Port {
  readonly host: string;
  readonly port: number;
}

/** Every node that `node` reaches through its neighbour `far`. */
function behind(parents: Parents, node: number, far: number): number[] {
  const reached = [far];
  for (const next of reached) {
    const neighbours = [...parents.keys()].filter((other) => parents[other] === next || parents[next] === other);
    reached.push(...neighbours.filter((other) => other !== node && !reached.includes(other)));
  }
  return reached;
}

/** From a fast line to one on which a write takes half a minute. */
export function randomWeather(random: Random, hasFaults: boolean): Weather {
  const slowness = below(random, 3);
  const latency: Span = [
    { min: 1, max: 50 },
    { min: 100, max: 3000 },
    { min: 300, max: 30_000 },
  ][slowness] ?? { min: 1, max: 1 };
  return {
    latency,
    loss: random.next() < 0.5 ? 0 : random.next() * 0.2,
    retransmission: { min: 2 * latency.min, max: 4 * latency.max },
    split: random.next() < 0.5 ? 0 : 0.2,
    notice: { min: 0, max: hasFaults && random.next() < 0.3 ? 900_000 : 30_000 },
  };
}

export function below(random: Random, bound: number): number {
  return Math.floor(random.next() * bound);
}
