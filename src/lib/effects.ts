/**
 * What the core asks of the world, as far as every layer may ask it. A layer adds effects of its own beside these;
 * the gateway's effect type is the union.
 */

/** Names one byte stream for its whole life. Never reused within a process. */
export type ConnectionId = number;

/** Opens a TCP connection. Answered by `connected`, with `tls` then by `secured`, or by `closed`. */
export interface OpenEffect {
  readonly kind: 'open';
  readonly connection: ConnectionId;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on (XEP-0368). */
  readonly tls?: TlsRequest;
}

/**
 * Has a connection that stands go on in TLS. Answered by `secured` or `closed`. What was written before leaves as it is,
 * whatever comes from now on is TLS.
 */
export interface SecureEffect {
  readonly kind: 'secure';
  readonly connection: ConnectionId;
  readonly tls: TlsRequest;
  /** Bytes that have come and are the beginning of TLS. */
  readonly received?: Uint8Array;
}

/** How a connection is secured. Whom it leads to is for the core to judge, by the certificate that `secured` tells of. */
export interface TlsRequest {
  readonly role: 'client' | 'server';
  /**
   * `s2s`: TLS 1.2 or 1.3, both sides show their certificates with the chain. `pinned`: TLS 1.3, each side shows its own
   * certificate alone, and sessions are resumed by tickets that outlive the process.
   */
  readonly profile: 's2s' | 'pinned';
  /** A client's: the domain that it wants (RFC 6066 §3), in ASCII. With `pinned` its tickets are kept under it and never shown. */
  readonly serverName?: string;
  /** A client's: the protocols that it offers (RFC 7301), such as `xmpp-server`. */
  readonly protocols?: readonly string[];
}

/** What a peer has shown in TLS. */
export interface PeerCertificate {
  /** SHA-256 of the DER form: 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Why the chain doesn't lead to an authority that we trust, or isn't valid now, in words for the operator. */
  readonly problem?: string;
  /** Of the subject's alternative names, those that XMPP looks at (RFC 6120 §13.7.1.2), as they stand there. */
  readonly dnsNames: readonly string[];
  /** id-on-dnsSRV (RFC 4985), such as `_xmpp-server.denmark.lit`. */
  readonly srvNames: readonly string[];
  /** id-on-xmppAddr. */
  readonly xmppAddresses: readonly string[];
}

/** Reads no more from one connection, until it is to go on. */
export interface ReadingEffect {
  readonly kind: 'pause' | 'resume';
  readonly connection: ConnectionId;
}

/** Asks for the addresses of a domain's server. Answered by `resolved`. */
export interface ResolveEffect {
  readonly kind: 'resolve';
  readonly domain: string;
}

/** A record of RFC 2782, its target resolved. */
export interface ServiceRecord {
  readonly service: 'xmpp-server' | 'xmpps-server';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
  /** Numeric, IPv6 and IPv4 as the system prefers them. */
  readonly addresses: readonly string[];
}

/** What is known of where a domain's server is. */
export interface Resolution {
  /** Every record of both services. One with target `.` says that there is no such service. */
  readonly records: readonly ServiceRecord[];
  /** The domain's own addresses; asked for only where there are no records. */
  readonly addresses: readonly string[];
  /** Why nothing is known, in words for the operator; set only where there is neither. */
  readonly problem?: string;
  /** Whether there certainly is no such domain, rather than nobody to ask now. */
  readonly isDefinite: boolean;
}

/** Writes to a connection, in order. Writing to one that has gone is silently without effect: `closed` is on its way. */
export interface WriteEffect {
  readonly kind: 'write';
  readonly connection: ConnectionId;
  /** Text is written as UTF-8. */
  readonly data: string | Uint8Array;
}

/** Closes a connection after what was written has left. `closed` follows, unless it came already. */
export interface CloseEffect {
  readonly kind: 'close';
  readonly connection: ConnectionId;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One event in the log. `message` is constant text; what varies goes into `fields`. */
export interface LogEffect {
  readonly kind: 'log';
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string | number>>;
}

export type ConnectionEffect = OpenEffect | SecureEffect | WriteEffect | ReadingEffect | CloseEffect | LogEffect;

/** What the world reports of connections. */
export type ConnectionInput =
  /** A connection that we opened stands. */
  | { readonly kind: 'connected'; readonly connection: ConnectionId }
  /** A peer at `address` (numeric, no port) connected to the listener bound to `listener` (`host:port` as configured). */
  | {
      readonly kind: 'accepted';
      readonly connection: ConnectionId;
      readonly listener: string;
      readonly address: string;
    }
  /** The connection goes on in TLS. `certificate` is undefined where the peer has shown none. */
  | {
      readonly kind: 'secured';
      readonly connection: ConnectionId;
      /** Such as `TLSv1.3`. */
      readonly version: string;
      readonly certificate: PeerCertificate | undefined;
      /** Whether an earlier session went on, so that no certificate crossed. */
      readonly isResumed: boolean;
    }
  | { readonly kind: 'data'; readonly connection: ConnectionId; readonly bytes: Uint8Array }
  /** The connection has ended or never stood; `reason` is text for the log. Nothing more follows for it. */
  | { readonly kind: 'closed'; readonly connection: ConnectionId; readonly reason: string };

/** What `resolve` has come to. */
export interface Resolved {
  readonly kind: 'resolved';
  readonly domain: string;
  readonly resolution: Resolution;
}
