import type { Config } from '../config/config.ts';
import type { Neighbour } from '../fmuc/neighbour.ts';
import type { FmucNode } from '../fmuc/node.ts';
import { countOf } from '../fmuc/resync.ts';
import { domainOf } from '../lib/jid.ts';
import { formatStamp } from '../lib/stamp.ts';
import type { Room } from '../muc/room.ts';
import { isOff } from './federation-fields.ts';
import type { Gateway } from './gateway.ts';
import type { ComponentReport, LinkReport, NeighbourReport, RoomReport } from './report.ts';

/** How the component stream stands; null where there is none. `now` is in milliseconds since the epoch. */
export function componentReport(gateway: Gateway, config: Config, now: number): ComponentReport | null {
  const { component } = gateway;
  if (component === undefined || config.component === undefined) return null;
  return {
    server: `${config.component.host}:${config.component.port}`,
    state: component.state,
    since: sinceStamp(component.since, now),
    error: component.error ?? null,
  };
}

/** How each link stands. `now` is in milliseconds since the epoch. */
export function linkReports(gateway: Gateway, config: Config, now: number): Omit<LinkReport, 'minutes'>[] {
  const queued = queuedByPeer(gateway);
  return gateway.links.map(({ peer, stream, spared, presence, coalesce }) => {
    const file = config.links.find((link) => link.peer === peer);
    return {
      peer,
      transport: file?.transport ?? 'direct',
      state: stream.state,
      since: sinceStamp(stream.since, now),
      bytes_in: stream.bytesIn,
      bytes_out: stream.bytesOut,
      stanzas_in: stream.stanzasIn,
      stanzas_out: stream.stanzasOut,
      queued: (queued.get(peer) ?? 0) + stream.departures.waitingMessages,
      waiting: stream.departures.waiting,
      delay: stream.delay(now) ?? null,
      saved: {
        compression: stream.savedBytes,
        coalescing: spared.presences,
        trimming: spared.payloadCharacters,
        payloads: spared.payloads,
      },
      file: {
        bandwidth: file?.bandwidth ?? 0,
        compression: file?.compression ?? false,
        presence,
        coalesce,
        tls: file?.tls ?? 'off',
        pin: file?.tls === 'pinned' ? file.pin : null,
      },
      error: stream.error ?? null,
    };
  });
}

/** What hasn't begun yet is as it is since now. Both in milliseconds since the epoch. */
export function sinceStamp(since: number, now: number): string {
  return formatStamp(since === 0 ? now : since);
}

/** How each room stands; `kept` tells the number of messages in a room's archive. */
export function roomReports(gateway: Gateway, kept: (room: string) => number): RoomReport[] {
  return gateway.service.rooms().map((room) => {
    const node = gateway.federation.node(room.jid);
    const local = room.occupantsOf(undefined).length;
    const history = kept(room.jid);
    return {
      jid: room.jid,
      mode: gateway.rooms.modeOf(room),
      federate: node?.upward?.at.node ?? null,
      state: node?.upward?.state ?? 'local',
      reason:
        node?.upward?.reason ?? (isOff(room.settings.further) ? 'an admin has switched its federation off' : null),
      occupants: { local, remote: room.occupants.size - local },
      nodes: occupantsByNode(room, node),
      history,
      neighbours: neighboursOf(node).map((neighbour) => neighbourReport(neighbour, history)),
      missing: node === undefined ? 0 : countOf(node.had.gaps),
      lost: node?.lost ?? 0,
      held: node?.held.size ?? 0,
    };
  });
}

/** The nodes that have to do with a room now: fallbacks that aren't in use don't. */
function neighboursOf(node: FmucNode | undefined): Neighbour[] {
  return (node?.everyone() ?? []).filter((neighbour) => !neighbour.isUpward || neighbour === node?.upward?.at);
}

function neighbourReport(neighbour: Neighbour, history: number): NeighbourReport {
  const { node, isUpward, presence, since, dialect, waitingMessages, dropped, fallen, refused } = neighbour;
  const isHere = presence === 'here';
  return {
    node,
    side: isUpward ? 'joined' : 'joining',
    state: presence,
    since: since === 0 ? null : formatStamp(since),
    dialect,
    has: Math.max(0, history - waitingMessages),
    unconfirmed: isHere ? waitingMessages : 0,
    misses: isHere ? 0 : waitingMessages,
    dropped: dropped + fallen,
    refused,
  };
}

function occupantsByNode(room: Room, node: FmucNode | undefined): Record<string, number> {
  const counts: Record<string, number> = { [room.jid]: 0 };
  for (const { node: jid } of node?.neighboursBut(undefined) ?? []) counts[jid] = 0;
  for (const { source } of room.occupants.values()) {
    const jid = source ?? room.jid;
    counts[jid] = (counts[jid] ?? 0) + 1;
  }
  return counts;
}

/** Messages that wait in the archive until some node is back, by the link that it is behind. */
function queuedByPeer(gateway: Gateway): Map<string, number> {
  const queued = new Map<string, number>();
  for (const node of gateway.federation.nodes())
    for (const { presence, waitingMessages, node: jid } of neighboursOf(node)) {
      if (presence === 'here' || waitingMessages === 0) continue;
      const peer = gateway.linkTo(domainOf(jid));
      if (peer !== undefined) queued.set(peer, (queued.get(peer) ?? 0) + waitingMessages);
    }
  return queued;
}
