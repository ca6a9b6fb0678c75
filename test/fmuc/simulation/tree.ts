import type { Random } from '../../../src/lib/random.ts';
import type { GatewayOverrides } from '../../support/virtual.ts';
import type { Span, Weather } from '../../support/wire.ts';

/* Which nodes there are, who joins whom, and what lies between them. */

/** For each node those that it may join, the preferred one first; none for the root. */
export type Tree = readonly (readonly number[])[];

export interface TreeOptions {
  readonly dialect: 'fmucd' | 'auto';
  readonly mode: 'primary-primary' | 'primary-replica';
  /** Links bring little across after an outage. */
  readonly isTight: boolean;
  /** Bits a second of each link; 0: not paced. */
  readonly bandwidth: number;
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

export function randomTree(random: Random, size: number): Tree {
  return Array.from({ length: size }, (_, node) => (node === 0 ? [] : [below(random, node)]));
}

/** The same, and some nodes may join another one where their own is out of reach. */
export function withFallbacks(random: Random, tree: Tree): Tree {
  return tree.map((targets, node) => {
    const other = below(random, Math.max(node, 1));
    return node > 1 && random.next() < 0.5 && !targets.includes(other) ? [...targets, other] : targets;
  });
}

/** The tree in a line: `1→0 2→1`; a fallback behind a bar. */
export function drawTree(tree: Tree): string {
  return tree.flatMap((targets, node) => (targets.length === 0 ? [] : [`${node}→${targets.join('|')}`])).join(' ');
}

/** Every pair that has a link, who joins first. */
export function linksOf(tree: Tree): [child: number, parent: number][] {
  return tree.flatMap((targets, child) => targets.map((parent): [number, number] => [child, parent]));
}

/** What a gateway's file says: a link for each neighbour, which brings everyone who may be behind it. */
export function fileOf(
  tree: Tree,
  node: number,
  dialers: readonly Dialer[],
  { dialect, mode, isTight, bandwidth }: TreeOptions,
): GatewayOverrides {
  const links = linksOf(tree).flatMap(([child, parent]) => {
    const id = 10 * child + parent;
    if (parent !== node && child !== node) return [];
    return parent === node
      ? { id, child, peer: child, side: 'parent' as const }
      : { id, child, peer: parent, side: 'child' as const };
  });
  return {
    gateway: { admins: [moderatorOf(node)], localDomains: [usersDomain(node)] },
    links: links.map(({ id, child, peer, side }) => ({
      peer: domain(peer),
      domains: behind(tree, node, peer).map(usersDomain),
      from: ['127.0.0.1'],
      history: isTight
        ? { messages: 5, bytes: 1000, age: 3600 }
        : { messages: 10_000, bytes: 10_000_000, age: Number.POSITIVE_INFINITY },
      queue: isTight
        ? { messages: 10, bytes: 2000, age: 7200 }
        : { messages: 100_000, bytes: 100_000_000, age: 100_000_000 },
      moderate: true,
      bandwidth,
      compression: bandwidth > 0,
      dialect,
      ...endsOf(id, side, dialers[child] ?? 'child'),
    })),
    rooms: [
      {
        name: 'room',
        accept: ['*'],
        keep: { messages: 0, age: 0 },
        mode,
        federate: (tree[node] ?? []).map(room),
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

/** Every node that `node` may reach through its neighbour `far`; with fallbacks, what anyone has said may come any way. */
function behind(tree: Tree, node: number, far: number): number[] {
  const joins = (one: number, other: number): boolean => tree[one]?.includes(other) === true;
  const others = [...tree.keys()].filter((other) => other !== node);
  if (tree.some((targets) => targets.length > 1)) return others;
  const reached = [far];
  for (const next of reached)
    for (const other of others)
      if (!reached.includes(other) && (joins(other, next) || joins(next, other))) reached.push(other);
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
