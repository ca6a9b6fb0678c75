import type {
  CertificateReport,
  LinkReport,
  NeighbourReport,
  RoomReport,
  S2sStreamReport,
  StatusReport,
} from '../../src/gateway/report.ts';

/** 2026-11-21T12:00:00Z */
export const noon = Date.UTC(2026, 10, 21, 12);

export function link(changes: Partial<LinkReport> = {}): LinkReport {
  return {
    peer: 'rooms.wonderland.lit',
    transport: 'direct',
    state: 'up',
    since: '2026-11-21T09:00:00Z',
    bytes_in: 12_345,
    bytes_out: 678,
    stanzas_in: 81,
    stanzas_out: 1,
    queued: 0,
    waiting: 0,
    delay: 0,
    saved: { compression: 0, coalescing: 0, trimming: 0, payloads: 0 },
    minutes: { in: [0], out: [0] },
    file: { bandwidth: 0, compression: false, presence: 'availability', coalesce: 0, tls: 'off', pin: null },
    error: null,
    ...changes,
  };
}

export function neighbour(changes: Partial<NeighbourReport> = {}): NeighbourReport {
  return {
    node: 'rabbithole@rooms.wonderland.lit',
    side: 'joined',
    state: 'here',
    since: '2026-11-21T11:00:00Z',
    dialect: 'fmucd',
    has: 812,
    unconfirmed: 0,
    misses: 0,
    dropped: 0,
    refused: 0,
    ...changes,
  };
}

export function room(changes: Partial<RoomReport> = {}): RoomReport {
  return {
    jid: 'elsinore@rooms.denmark.lit',
    mode: 'primary-primary',
    federate: 'rabbithole@rooms.wonderland.lit',
    state: 'joined',
    reason: null,
    occupants: { local: 2, remote: 5 },
    nodes: { 'elsinore@rooms.denmark.lit': 2, 'rabbithole@rooms.wonderland.lit': 5 },
    history: 812,
    neighbours: [neighbour()],
    missing: 0,
    lost: 0,
    held: 0,
    ...changes,
  };
}

export function certificate(changes: Partial<CertificateReport> = {}): CertificateReport {
  return {
    sha256: 'fedcba9876543210'.repeat(4),
    names: ['rooms.denmark.lit'],
    expires: '2049-12-31T23:59:59Z',
    self_signed: true,
    ...changes,
  };
}

/** How the streams with a domain stand. */
export function stream(changes: Partial<S2sStreamReport> = {}): S2sStreamReport {
  return {
    domain: 'france.lit',
    state: 'up',
    since: '2026-11-21T11:00:00Z',
    proof: 'certificate',
    tls: 'TLSv1.3',
    bidirectional: true,
    resumable: true,
    bytes_in: 12_345,
    bytes_out: 678,
    stanzas_in: 81,
    stanzas_out: 1,
    queued: 0,
    error: null,
    ...changes,
  };
}

export function report(changes: Partial<StatusReport> = {}): StatusReport {
  return {
    version: '0.1.0',
    domain: 'rooms.denmark.lit',
    uptime: 11_000,
    rss: 38_200_000,
    problems: [],
    component: { server: '127.0.0.1:5347', state: 'up', since: '2026-11-21T11:57:00Z', error: null },
    certificate: certificate(),
    links: [link()],
    s2s: [],
    ways: [],
    rooms: [room()],
    ...changes,
  };
}

/** Everything that can be in trouble is, with the longest of reasons. */
export const trouble: StatusReport = report({
  component: {
    server: '127.0.0.1:5347',
    state: 'down',
    since: '2026-11-21T11:59:48Z',
    error: 'nobody listens at 127.0.0.1:5347: is the server there running and its port open?',
  },
  links: [
    link({
      peer: 'rooms.arden.lit',
      waiting: 203,
      delay: 12.34,
      saved: { compression: 45_600, coalescing: 81, trimming: 1234, payloads: 1 },
      file: {
        bandwidth: 300,
        compression: true,
        presence: 'availability',
        coalesce: 10,
        tls: 'pinned',
        pin: '0123456789abcdef'.repeat(4),
      },
    }),
    link({ state: 'connecting', since: '2026-11-18T12:00:00Z', queued: 1204, delay: null, bytes_in: 45_600_000 }),
    link({
      peer: 'rooms.a-station-with-a-very-long-name.somewhere-in-the-arctic.lit',
      state: 'down',
      since: '2026-11-21T11:20:00Z',
      delay: null,
      error: 'no answer from 10.1.0.2:5270: is the link up, and does a firewall let this port through?',
    }),
  ],
  rooms: [
    room(),
    room({ jid: 'heath@rooms.denmark.lit', federate: null, state: 'local', occupants: { local: 0, remote: 0 } }),
    room({
      jid: 'tower@rooms.denmark.lit',
      state: 'rejected',
      reason: 'rooms.wonderland.lit: This room does not federate with rooms.denmark.lit',
    }),
    room({ jid: 'court@rooms.denmark.lit', state: 'out-of-reach', reason: 'the link to rooms.wonderland.lit is down' }),
  ],
});

/** More than fits, all of it in trouble. */
export const crowd: StatusReport = report({
  ...trouble,
  links: Array.from({ length: 30 }, (_, at) =>
    link({
      peer: `rooms.station-${at}.lit`,
      state: 'down',
      delay: null,
      error: 'no route to it: is the network interface up?',
    }),
  ),
  rooms: Array.from({ length: 300 }, (_, at) =>
    room({ jid: `room-${at}@rooms.denmark.lit`, state: 'out-of-reach', reason: 'the link is down' }),
  ),
});
