import type { Socket } from 'node:net';
import type { TlsRequest } from '../lib/effects.ts';
import { helloLength } from './client-hello.ts';
import type { Secured, Tls, TlsConnection } from './tls.ts';

/** The longest record that TLS has, with its header (RFC 8446 §5.1). */
const MAX_RECORD_BYTES = 16 * 1024 + 5;

/** What an upgrade asks of the connection that it is about. */
export interface Upgrading {
  /** Reads from the connection in the clear, or no more; what comes is given to `take`. */
  readonly setReading: (isReading: boolean) => void;
  /** From now on the connection is TLS's: nothing but that may hear of it in the clear. */
  readonly release: () => void;
  readonly onBegun: (connection: TlsConnection) => void;
  readonly onSecured: (secured: Secured) => void;
  /** It can't be, for a reason fit for the log. */
  readonly onFailed: (reason: string) => void;
}

/**
 * A connection on its way from clear text into TLS. What was written in the clear leaves first; every byte that comes from
 * now on belongs to TLS, and what is written waits for it.
 */
export class Upgrade {
  readonly #raw: Socket;
  readonly #upgrading: Upgrading;
  /** What has come and isn't given to TLS yet: less than one record, and what came along with it. */
  readonly #received: Uint8Array[] = [];
  /** What is to be written in TLS, and who waits for that; its bound is that of every connection. */
  readonly #waiting: { readonly data: Uint8Array; readonly callback: () => void }[] = [];
  #onReceived = () => {};

  constructor(raw: Socket, upgrading: Upgrading, received: Uint8Array | undefined) {
    this.#raw = raw;
    this.#upgrading = upgrading;
    if (received !== undefined && received.length > 0) this.#received.push(received);
  }

  /** Bytes that wait to be written in TLS. */
  get waitingBytes(): number {
    return this.#waiting.reduce((sum, { data }) => sum + data.length, 0);
  }

  /** Begins. Nothing follows where the connection goes before TLS has it. */
  begin(request: TlsRequest, tls: () => Promise<Tls>): void {
    this.#begin(request, tls).catch((error: unknown) =>
      this.#upgrading.onFailed(error instanceof Error ? error.message : String(error)),
    );
  }

  readonly take = (bytes: Uint8Array): void => {
    this.#received.push(bytes);
    this.#onReceived();
  };

  write(data: Uint8Array, callback: () => void = () => {}): void {
    this.#waiting.push({ data, callback });
  }

  /** The connection has gone: nobody waits any more. */
  drop(): void {
    for (const { callback } of this.#waiting.splice(0)) callback();
  }

  async #begin(request: TlsRequest, load: () => Promise<Tls>): Promise<void> {
    const raw = this.#raw;
    const [tls] = await Promise.all([load(), new Promise<void>((resolve) => raw.write('', () => resolve()))]);
    const hello = request.role === 'server' && request.profile === 'pinned' ? await this.#hello() : undefined;
    if (raw.destroyed || raw.writableEnded) return;
    tls.prepare(request);
    if (this.#received.length > 0) raw.unshift(Buffer.concat(this.#received));
    const connection = tls.secure(raw, request, hello, this.#upgrading.onSecured);
    this.#upgrading.release();
    this.#upgrading.onBegun(connection);
    for (const { data, callback } of this.#waiting.splice(0)) connection.socket.write(data, callback);
  }

  /** The client's first record, whole; what isn't TLS at all is left to TLS to refuse. */
  async #hello(): Promise<Uint8Array> {
    for (;;) {
      const bytes = Buffer.concat(this.#received);
      const length = helloLength(bytes);
      if (length !== undefined && (bytes.length >= length || length > MAX_RECORD_BYTES))
        return bytes.subarray(0, length);
      const more = new Promise<void>((resolve) => (this.#onReceived = resolve));
      this.#upgrading.setReading(true);
      await more;
      this.#upgrading.setReading(false);
    }
  }
}
