/**
 * What the core asks of the world, as far as every layer may ask it. A layer adds effects of its own beside these;
 * the gateway's effect type is the union.
 */

/** Names one byte stream for its whole life. Never reused within a process. */
export type ConnectionId = number;

/** Opens a TCP connection. Answered by `connected` or `closed`. */
export interface OpenEffect {
  readonly kind: 'open';
  readonly connection: ConnectionId;
  readonly host: string;
  readonly port: number;
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

export type ConnectionEffect = OpenEffect | WriteEffect | CloseEffect | LogEffect;

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
  | { readonly kind: 'data'; readonly connection: ConnectionId; readonly bytes: Uint8Array }
  /** The connection has ended or never stood; `reason` is text for the log. Nothing more follows for it. */
  | { readonly kind: 'closed'; readonly connection: ConnectionId; readonly reason: string };
