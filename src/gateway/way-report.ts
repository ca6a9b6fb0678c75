import { formatAddress } from '../lib/address.ts';
import { domainOf } from '../lib/jid.ts';
import type { Gateway } from './gateway.ts';
import type { S2sStreamReport, WayReport } from './report.ts';
import { sinceStamp } from './status.ts';

/** The most domains whose ways, or streams, are told of. */
export const MAX_REPORTED = 256;

/** How the S2S streams with each domain stand, by name. `now` is in milliseconds since the epoch. */
export function s2sReports({ s2s }: Gateway, now: number): S2sStreamReport[] {
  return (s2s?.reports() ?? [])
    .toSorted((one, other) => (one.domain < other.domain ? -1 : 1))
    .slice(0, MAX_REPORTED)
    .map((report) => ({
      domain: report.domain,
      state: report.state,
      since: sinceStamp(report.since, now),
      proof: report.proof ?? null,
      tls: report.tls ?? null,
      bidirectional: report.isBidirectional,
      resumable: report.isResumable,
      bytes_in: report.bytesIn,
      bytes_out: report.bytesOut,
      stanzas_in: report.stanzasIn,
      stanzas_out: report.stanzasOut,
      queued: report.queued,
      error: report.error ?? null,
    }));
}

/** Which way the domains go that the file names or that have to do with a room or a stream now, by name. */
export function wayReports(gateway: Gateway): WayReport[] {
  const { component } = gateway.config;
  return [...domainsOf(gateway)]
    .toSorted()
    .slice(0, MAX_REPORTED)
    .flatMap((domain): WayReport[] => {
      const way = gateway.ways.way(domain);
      if (way?.kind === 'link') return [{ domain, way: 'link', via: way.link.peer }];
      if (way?.kind === 's2s') return [{ domain, way: 's2s', via: null }];
      if (way === undefined || component === undefined) return [];
      return [{ domain, way: 'component', via: formatAddress(component) }];
    });
}

function domainsOf(gateway: Gateway): Set<string> {
  const { config, links, s2s, federation, service } = gateway;
  const nodes = [...federation.nodes()].flatMap((node) => node.everyone().map((neighbour) => neighbour.node));
  const occupants = service.rooms().flatMap((room) => [...room.sessions()]);
  return new Set([
    ...links.flatMap(({ domains }) => [...domains]),
    ...(config.gateway.localDomains ?? []),
    ...[...config.rooms.flatMap(({ federate }) => federate), ...nodes, ...occupants].map(domainOf),
    ...(s2s?.reports() ?? []).map(({ domain }) => domain),
  ]);
}
