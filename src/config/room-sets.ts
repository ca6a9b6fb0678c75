/** Whether the rooms of several gateways fit together: who joins whom, who lets whom, and that it is a tree. */

import { domainOf } from '../lib/jid.ts';
import type { RoomFileConfig } from './config.ts';
import { fault, warning } from './finding.ts';
import { domainOfFile, type GatewayFile, type RemarkIn, whereIn } from './gateway-file.ts';
import { nearest } from './nearest.ts';
import type { Path } from './positions.ts';

interface Node {
  readonly jid: string;
  readonly of: GatewayFile;
  readonly room: RoomFileConfig;
  readonly path: Path;
}

export function* roomSets(files: readonly GatewayFile[]): Generator<RemarkIn> {
  const nodes = new Map(files.flatMap((of) => nodesOf(of)).map((node) => [node.jid, node]));
  const gateways = new Map(files.map((of) => [domainOfFile(of), of]));
  for (const node of nodes.values()) {
    for (const [index, target] of node.room.federate.entries()) {
      const gateway = gateways.get(domainOf(target));
      if (gateway !== undefined) yield* joining(node, index, target, nodes.get(target), gateway);
      else yield* amongUsers(node, index, target, files);
    }
    yield* awaiting(node, nodes, gateways);
  }
  yield* circles(nodes);
}

function nodesOf(of: GatewayFile): Node[] {
  const domain = domainOfFile(of);
  return of.config.rooms.map((room, index) => ({ jid: `${room.name}@${domain}`, of, room, path: ['room', index] }));
}

function* joining(
  { jid, of, room, path }: Node,
  index: number,
  target: string,
  above: Node | undefined,
  gateway: GatewayFile,
): Generator<RemarkIn> {
  const at = [...path, 'federate', index];
  if (above === undefined) {
    const { file, gateway: settings } = gateway.config;
    const judge = settings.createRooms === 'nobody' ? fault : warning;
    const near = nearest(
      localOf(target),
      gateway.config.rooms.map(({ name }) => name),
    );
    const meant = near === undefined ? 'a [[room]] there, unless somebody makes it' : `did you mean ${near}?`;
    yield [of, judge(at, `${file} has no room ${target} (${meant})`)];
    return;
  }
  const { accept, mode } = above.room;
  if (![jid, domainOf(jid), '*'].some((one) => accept.includes(one)))
    yield [
      of,
      fault(at, `${target} doesn't accept ${jid} (accept in ${whereIn(above.of, [...above.path, 'accept'])})`),
    ];
  if (mode !== room.mode && index === 0) {
    const there = whereIn(above.of, [...above.path, 'mode']);
    yield [
      of,
      warning([...path, 'mode'], `mode is ${room.mode} here and ${mode} in ${there} (the same in all of a set)`),
    ];
  }
}

/** Rooms are at a gateway's own domain, not where its users are. */
function* amongUsers(
  { of, path }: Node,
  index: number,
  target: string,
  files: readonly GatewayFile[],
): Generator<RemarkIn> {
  const domain = domainOf(target);
  const gateway = files.find((file) => file !== of && file.config.gateway.localDomains?.includes(domain));
  if (gateway !== undefined)
    yield [
      of,
      fault(
        [...path, 'federate', index],
        `${domain} has the users of ${gateway.config.file} (its rooms are at ${domainOfFile(gateway)})`,
      ),
    ];
}

function localOf(jid: string): string {
  return jid.slice(0, jid.lastIndexOf('@'));
}

/** Rooms that are let in by name and don't come. */
function* awaiting(
  { jid, of, room, path }: Node,
  nodes: ReadonlyMap<string, Node>,
  gateways: ReadonlyMap<string, GatewayFile>,
): Generator<RemarkIn> {
  for (const [index, node] of room.accept.entries()) {
    const gateway = node.includes('@') ? gateways.get(domainOf(node)) : undefined;
    if (gateway === undefined || nodes.get(node)?.room.federate.includes(jid) === true) continue;
    const { file } = gateway.config;
    const why = nodes.has(node) ? `doesn't join this room` : `is no room of ${file}`;
    yield [of, warning([...path, 'accept', index], `${node} ${why} (federate in ${file})`)];
  }
}

/** One for each room that leads back to one above it. */
function* circles(nodes: ReadonlyMap<string, Node>): Generator<RemarkIn> {
  const done = new Set<string>();
  const way: Node[] = [];
  function* walk(node: Node): Generator<RemarkIn> {
    way.push(node);
    for (const target of node.room.federate) {
      const above = nodes.get(target);
      const start = way.findIndex(({ jid }) => jid === target);
      if (start >= 0) yield circle(way.slice(start));
      else if (above !== undefined && !done.has(target)) yield* walk(above);
    }
    way.pop();
    done.add(node.jid);
  }
  for (const node of nodes.values()) if (!done.has(node.jid)) yield* walk(node);
}

/** With several nodes to join, a circle closes only where the first of them is out of reach. */
function circle(ring: readonly Node[]): RemarkIn {
  const [first] = ring as readonly [Node, ...Node[]];
  const isCertain = ring.every(({ room }) => room.federate.length === 1);
  const rooms = [...ring, first].map(({ jid }) => jid).join(' → ');
  const said = isCertain
    ? `the rooms join in a circle: ${rooms} (one of them joins none)`
    : `the rooms may join in a circle: ${rooms}`;
  return [first.of, (isCertain ? fault : warning)([...first.path, 'federate'], said)];
}
