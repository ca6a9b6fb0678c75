import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../config/config.ts';
import { normaliseAddress } from '../lib/address.ts';
import type { ConnectionId, ConnectionInput } from '../lib/effects.ts';
import { formatAddress } from './address.ts';
import { connectReason, ListenError, lossReason } from './tcp-errors.ts';

/** Bytes that may wait in user space for a peer to take them; beyond, the connection is dropped. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Milliseconds that a closed connection has to bring out what was written and to see the peer's end. */
const LINGER_MS = 60_000;

/** The same when the process ends. */
const SHUTDOWN_LINGER_MS = 5_000;

/** Bytes that are read at a time. Else Node takes 64 kB for each read, and gives them back in pieces that nothing larger fits in. */
const READ_BYTES = 16 * 1024;

/** Connections that one listener holds at a time; the system turns further ones away. */
const MAX_ACCEPTED = 256;

/** Milliseconds for each address of a name that has several; a slow link needs far more than Node's quarter second. */
const ATTEMPT_MS = 60_000;

/** The bounds above, where other ones are wanted. */
export interface TcpBounds {
  readonly maxBuffered?: number;
  readonly maxAccepted?: number;
  readonly linger?: number;
  readonly shutdownLinger?: number;
}

interface Connection {
  readonly socket: Socket;
  /** Why it ends, once we know. */
  reason?: string;
  linger?: NodeJS.Timeout;
}

/**
 * Every TCP connection of the process. What happens is told through `report`, never from inside a call of a method:
 * `closed` exactly once for each connection, and nothing after it.
 *
 * Silence costs nothing (no keepalive), and what one turn of the event loop writes leaves together.
 */
export class Tcp {
  readonly #report: (input: ConnectionInput) => void;
  readonly #bounds: Required<TcpBounds>;
  readonly #connections = new Map<ConnectionId, Connection>();
  /** By the listener's name. */
  readonly #servers = new Map<string, Server>();
  /** What comes on any connection that was opened from here, until it is told. */
  readonly #read = new Uint8Array(READ_BYTES);
  #isPaused = false;

  constructor(report: (input: ConnectionInput) => void, bounds: TcpBounds = {}) {
    this.#report = report;
    this.#bounds = {
      maxBuffered: MAX_BUFFERED_BYTES,
      maxAccepted: MAX_ACCEPTED,
      linger: LINGER_MS,
      shutdownLinger: SHUTDOWN_LINGER_MS,
      ...bounds,
    };
  }

  /** Opens a connection. `connected` or `closed` follows. */
  open(connection: ConnectionId, host: string, port: number): void {
    const socket = connect({
      host,
      port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      onread: {
        buffer: this.#read,
        callback: (length) => {
          this.#report({ kind: 'data', connection, bytes: Buffer.from(this.#read.subarray(0, length)) });
          return true;
        },
      },
    });
    let standing = false;
    socket.once('connect', () => {
      standing = true;
      this.#report({ kind: 'connected', connection });
    });
    this.#adopt(connection, socket, (error) =>
      standing ? lossReason(error) : connectReason(error, formatAddress({ host, port })),
    );
  }

  /**
   * Waits for peers at `listener`, and resolves to the address bound (where port 0 was asked: the one that the system
   * chose). `nextConnection` names each peer's connection.
   * @throws {ListenError} Where the address can't be had.
   */
  listen(listener: Address, nextConnection: () => ConnectionId): Promise<Address> {
    const name = formatAddress(listener);
    const server = createServer({ noDelay: true }, (socket) => {
      const address = socket.remoteAddress;
      if (address === undefined) return void socket.destroy(); // gone before we looked
      const connection = nextConnection();
      this.#adopt(connection, socket, lossReason);
      this.#report({ kind: 'accepted', connection, listener: name, address: normaliseAddress(address) ?? address });
    });
    server.maxConnections = this.#bounds.maxAccepted;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(new ListenError(error, name)));
      server.listen({ host: listener.host, port: listener.port }, () => {
        // From here on an error is one peer that couldn't be accepted; the listener itself stands.
        server.removeAllListeners('error').on('error', () => {});
        this.#servers.set(name, server);
        const bound = server.address();
        resolve(bound !== null && typeof bound === 'object' ? { host: bound.address, port: bound.port } : listener);
      });
    });
  }

  /** Waits for peers there no more; those who have come stay. */
  unlisten(listener: Address): void {
    const name = formatAddress(listener);
    this.#servers.get(name)?.close();
    this.#servers.delete(name);
  }

  /** Writes bytes, or text as UTF-8, in order. Without effect on a connection that has gone or that we closed. */
  write(connection: ConnectionId, data: string | Uint8Array): void {
    const held = this.#connections.get(connection);
    if (held === undefined || !held.socket.writable) return;
    const { socket } = held;
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(typeof data === 'string' ? Buffer.from(data) : data);
    if (socket.writableLength <= this.#bounds.maxBuffered) return;
    this.abort(connection, `the peer takes too little: more than ${this.#bounds.maxBuffered} bytes waited for it`);
  }

  /** Closes a connection once what was written has left, or after LINGER_MS; one that doesn't stand yet, at once. */
  close(connection: ConnectionId): void {
    this.#end(connection, 'closed from our side', this.#bounds.linger);
  }

  /** Reads from nobody any more, until `resume`: what comes meanwhile waits in the system, and then with the peer. */
  pause(): void {
    this.#isPaused = true;
    for (const { socket } of this.#connections.values()) socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#isPaused = false;
    for (const { socket } of this.#connections.values()) socket.resume();
  }

  /** Calls back once the system has taken everything written to a connection, or the connection has gone. */
  whenDrained(connection: ConnectionId, callback: () => void): void {
    const socket = this.#connections.get(connection)?.socket;
    if (socket?.writable !== true) return void setImmediate(callback);
    // Called back behind everything before it, and with an error where the connection ends first.
    socket.write('', () => callback());
  }

  /** Ends a connection at once, for a reason fit for the log; what was written and not yet sent is lost. */
  abort(connection: ConnectionId, reason: string): void {
    const held = this.#connections.get(connection);
    if (held === undefined) return;
    held.reason ??= reason;
    held.socket.destroy();
  }

  /** Bytes written that the system has not taken yet; 0 where there is no such connection. */
  buffered(connection: ConnectionId): number {
    return this.#connections.get(connection)?.socket.writableLength ?? 0;
  }

  /** Stops listening, closes every connection, and resolves once the last has ended, after SHUTDOWN_LINGER_MS at most. */
  async shutdown(): Promise<void> {
    const ends: Promise<void>[] = [];
    for (const server of this.#servers.values()) ends.push(new Promise((resolve) => server.close(() => resolve())));
    this.#servers.clear();
    for (const [connection, { socket }] of this.#connections) {
      ends.push(new Promise((resolve) => socket.once('close', () => resolve())));
      this.#end(connection, 'the gateway stops', this.#bounds.shutdownLinger);
    }
    await Promise.all(ends);
  }

  #adopt(connection: ConnectionId, socket: Socket, reasonOf: (error: Error) => string): void {
    const held: Connection = { socket };
    this.#connections.set(connection, held);
    if (this.#isPaused) socket.pause();
    socket.on('data', (bytes) => this.#report({ kind: 'data', connection, bytes }));
    socket.on('end', () => this.#end(connection, 'the peer closed the connection', this.#bounds.linger));
    socket.on('error', (error) => (held.reason ??= reasonOf(error)));
    socket.on('close', () => {
      clearTimeout(held.linger);
      this.#connections.delete(connection);
      this.#report({ kind: 'closed', connection, reason: held.reason ?? 'the connection ended' });
    });
  }

  #end(connection: ConnectionId, reason: string, linger: number): void {
    const held = this.#connections.get(connection);
    if (held === undefined) return;
    held.reason ??= reason;
    clearTimeout(held.linger);
    held.linger = setTimeout(() => held.socket.destroy(), linger);
    if (held.socket.connecting) held.socket.destroy();
    else held.socket.end();
  }
}
