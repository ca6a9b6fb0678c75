import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../config/config.ts';
import { normaliseAddress } from '../lib/address.ts';
import type { ConnectionId, ConnectionInput, TlsRequest } from '../lib/effects.ts';
import { formatAddress } from './address.ts';
import { connectReason, ListenError, lossReason } from './tcp-errors.ts';
import type { Tls } from './tls.ts';
import { HUNG_UP, handshakeReason, isTlsError, tlsReason } from './tls-errors.ts';
import { Upgrade } from './upgrade.ts';

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
  /** That of TCP, or from the beginning of its handshake that of TLS. */
  socket: Socket;
  /** Takes what comes. */
  receive: (bytes: Uint8Array) => void;
  /** No longer hears of the socket. */
  release: () => void;
  stage: 'clear' | 'upgrading' | 'handshake' | 'secured';
  /** From the request for TLS on. */
  upgrade?: Upgrade;
  /** From the beginning of the handshake on: says that its session shall not go on, unless it has proved good. */
  distrust?: () => void;
  /** Paused by itself. */
  isPaused: boolean;
  /** Its upgrade wants nothing to be read now. */
  isHeld: boolean;
  /** What it has brought waits. */
  isAhead: boolean;
  /** Why it ends, once we know. */
  reason?: string;
  linger?: NodeJS.Timeout;
}

/**
 * Every TCP connection of the process. What happens is told through `report`, never from inside a call of a method:
 * `closed` exactly once for each connection, and nothing after it.
 *
 * Silence costs nothing (no keepalive), and what one turn of the event loop writes leaves together, in TLS as one record.
 */
export class Tcp {
  readonly #report: (input: ConnectionInput) => void;
  readonly #bounds: Required<TcpBounds>;
  readonly #connections = new Map<ConnectionId, Connection>();
  /** By the listener's name. */
  readonly #servers = new Map<string, Server>();
  /** What comes on any connection that was opened from here, until it is told. */
  readonly #read = new Uint8Array(READ_BYTES);
  readonly #tls: () => Promise<Tls>;
  #isPaused = false;

  /** `tls` is asked for whenever a connection is to be secured; without it none can be. */
  constructor(report: (input: ConnectionInput) => void, bounds: TcpBounds = {}, tls: () => Promise<Tls> = noTls) {
    this.#report = report;
    this.#tls = tls;
    this.#bounds = {
      maxBuffered: MAX_BUFFERED_BYTES,
      maxAccepted: MAX_ACCEPTED,
      linger: LINGER_MS,
      shutdownLinger: SHUTDOWN_LINGER_MS,
      ...bounds,
    };
  }

  /** Opens a connection. `connected` or `closed` follows, and with `tls`, `secured` or `closed`. */
  open(connection: ConnectionId, host: string, port: number, tls?: TlsRequest): void {
    const socket = connect({
      host,
      port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      // What reads for TLS, once that is there, has a buffer of its own.
      onread: {
        buffer: this.#read,
        callback: (length) => {
          held.receive(Buffer.from(this.#read.subarray(0, length)));
          return true;
        },
      },
    });
    let standing = false;
    socket.once('connect', () => {
      standing = true;
      if (tls !== undefined) this.secure(connection, tls);
      this.#report({ kind: 'connected', connection });
    });
    const held = this.#adopt(connection, socket, (error) =>
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

  /**
   * Has a connection that stands go on in TLS, which begins with the bytes `received` where some have come already.
   * `secured` or `closed` follows, and no `data` before that. Without effect on one that is secured, or that has gone.
   */
  secure(connection: ConnectionId, request: TlsRequest, received?: Uint8Array): void {
    const held = this.#connections.get(connection);
    if (held === undefined || held.stage !== 'clear' || !held.socket.writable) return;
    const upgrade = new Upgrade(
      held.socket,
      {
        setReading: (isReading) => {
          held.isHeld = !isReading;
          this.#applyPauses(held);
        },
        release: held.release,
        onBegun: ({ socket, distrust }) => {
          held.stage = 'handshake';
          held.isHeld = false;
          held.socket = socket;
          held.distrust = distrust;
          const reasonOf = (error: Error) => (held.stage === 'secured' ? tlsReason(error) : handshakeReason(error));
          this.#attach(connection, held, (error) => reasonOf(error) ?? lossReason(error));
        },
        onSecured: (secured) => {
          held.stage = 'secured';
          this.#report({ kind: 'secured', connection, ...secured });
        },
        onFailed: (reason) => this.abort(connection, reason),
      },
      received,
    );
    held.stage = 'upgrading';
    held.upgrade = upgrade;
    held.receive = upgrade.take;
    held.isHeld = true;
    this.#applyPauses(held);
    upgrade.begin(request, this.#tls);
  }

  /** Writes bytes, or text as UTF-8, in order. Without effect on a connection that has gone or that we closed. */
  write(connection: ConnectionId, data: string | Uint8Array): void {
    const held = this.#connections.get(connection);
    if (held === undefined || !held.socket.writable) return;
    const { socket } = held;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (held.stage === 'upgrading') held.upgrade?.write(bytes);
    else {
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      socket.write(bytes);
    }
    if (this.buffered(connection) <= this.#bounds.maxBuffered) return;
    this.abort(connection, `the peer takes too little: more than ${this.#bounds.maxBuffered} bytes waited for it`);
  }

  /** Closes a connection once what was written has left, or after LINGER_MS; one that doesn't stand yet, at once. */
  close(connection: ConnectionId): void {
    this.#connections.get(connection)?.distrust?.();
    this.#end(connection, 'closed from our side', this.#bounds.linger);
  }

  /**
   * Reads from nobody any more, or not from that connection, until `resume`: what comes meanwhile waits in the system, and
   * then with the peer. A connection is read when neither holds it.
   */
  pause(connection?: ConnectionId): void {
    this.#setPaused(connection, true);
  }

  /** Reads again. */
  resume(connection?: ConnectionId): void {
    this.#setPaused(connection, false);
  }

  /** Has one connection not be read, whatever else keeps it from being, or no longer. */
  setAhead(connection: ConnectionId, isAhead: boolean): void {
    const held = this.#connections.get(connection);
    if (held === undefined) return;
    held.isAhead = isAhead;
    this.#applyPauses(held);
  }

  /** Calls back once the system has taken everything written to a connection, or the connection has gone. */
  whenDrained(connection: ConnectionId, callback: () => void): void {
    const held = this.#connections.get(connection);
    if (held?.socket.writable !== true) return void setImmediate(callback);
    // Called back behind everything before it, and with an error where the connection ends first.
    if (held.stage === 'upgrading') held.upgrade?.write(new Uint8Array(), callback);
    else held.socket.write('', () => callback());
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
    const held = this.#connections.get(connection);
    return held === undefined ? 0 : held.socket.writableLength + (held.upgrade?.waitingBytes ?? 0);
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

  #adopt(connection: ConnectionId, socket: Socket, reasonOf: (error: Error) => string): Connection {
    const held: Connection = {
      socket,
      receive: (bytes) => this.#report({ kind: 'data', connection, bytes }),
      release: () => {},
      stage: 'clear',
      isPaused: false,
      isHeld: false,
      isAhead: false,
    };
    this.#connections.set(connection, held);
    this.#attach(connection, held, reasonOf);
    return held;
  }

  /** Hears of the connection's socket as it is now. */
  #attach(connection: ConnectionId, held: Connection, reasonOf: (error: Error) => string): void {
    const { socket } = held;
    const isSecure = held.stage !== 'clear';
    const isAmidHandshake = (): boolean => held.stage === 'upgrading' || held.stage === 'handshake';
    const onData = (bytes: Uint8Array): void => {
      if (!isSecure) return held.receive(bytes);
      delete held.distrust;
      this.#report({ kind: 'data', connection, bytes });
    };
    const onEnd = (): void => {
      this.#end(connection, isAmidHandshake() ? HUNG_UP : 'the peer closed the connection', this.#bounds.linger);
    };
    const onError = (error: Error): void => {
      if (isTlsError(error)) held.distrust?.();
      held.reason ??= reasonOf(error);
      socket.destroy(); // which a fault of TLS that stands doesn't do by itself
    };
    const onClose = (): void => {
      clearTimeout(held.linger);
      this.#connections.delete(connection);
      held.upgrade?.drop();
      const ended = isAmidHandshake() ? HUNG_UP : 'the connection ended';
      this.#report({ kind: 'closed', connection, reason: held.reason ?? ended });
    };
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    this.#applyPauses(held);
    held.release = () => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      socket.on('error', () => {}); // TLS is told of it too
    };
  }

  #setPaused(connection: ConnectionId | undefined, isPaused: boolean): void {
    if (connection === undefined) this.#isPaused = isPaused;
    for (const [id, held] of this.#connections) {
      if (id === connection) held.isPaused = isPaused;
      this.#applyPauses(held);
    }
  }

  #applyPauses(held: Connection): void {
    if (this.#isPaused || held.isPaused || held.isHeld || held.isAhead) held.socket.pause();
    else held.socket.resume();
  }

  #end(connection: ConnectionId, reason: string, linger: number): void {
    const held = this.#connections.get(connection);
    if (held === undefined) return;
    held.reason ??= reason;
    clearTimeout(held.linger);
    held.linger = setTimeout(() => held.socket.destroy(), linger);
    // What waits for TLS that doesn't stand can't leave any more.
    if (held.socket.connecting || held.stage === 'handshake') held.socket.destroy();
    else held.socket.end();
  }
}

function noTls(): Promise<Tls> {
  return Promise.reject(new Error('nothing is secured here'));
}
