import { createHash } from 'node:crypto';
import { formatAddress } from '../lib/address.ts';
import { Backoff } from '../lib/backoff.ts';
import type { ConnectionEffect, ConnectionId, ConnectionInput, LogLevel } from '../lib/effects.ts';
import type { Random } from '../lib/random.ts';
import { Transitions } from '../lib/transitions.ts';
import type { Element } from '../xml/element.ts';
import { NS } from '../xml/names.ts';
import { isStanza, isStreamError, StreamError, type StreamErrorCondition } from '../xml/stream-errors.ts';
import { type StreamHeader, StreamParser } from '../xml/stream-parser.ts';

export interface ComponentStreamConfig {
  /** The component's own domain, prepared. */
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

export interface ComponentStreamContext {
  readonly random: Random;
  readonly nextConnection: () => ConnectionId;
}

export type ComponentEffect =
  | ConnectionEffect
  | { readonly kind: 'stanza'; readonly via: { readonly kind: 'component' }; readonly stanza: Element }
  | { readonly kind: 'component-up' }
  | { readonly kind: 'component-down' };

/** A stream error that ended the stream. */
export interface ComponentRefusal {
  /** Whose word it is: the server's, or ours on what it has said. */
  readonly by: 'server' | 'us';
  readonly condition: StreamErrorCondition;
}

/** Milliseconds until an attempt to connect is given up. */
export const CONNECT_TIMEOUT = 30_000;
/** Milliseconds from the connection to the accepted handshake. */
export const HANDSHAKE_TIMEOUT = 30_000;
/** Milliseconds between a loss and the next attempt. */
export const RECONNECT_DELAY = { min: 1000, max: 60_000 };

type State = 'idle' | 'waiting' | 'connecting' | 'opening' | 'authenticating' | 'up';
type Event = 'start' | 'retry' | 'connected' | 'header' | 'accepted' | 'lost' | 'stop';

const TRANSITIONS = new Transitions<State, Event>([
  { from: 'idle', on: 'start', to: 'connecting' },
  { from: 'waiting', on: 'retry', to: 'connecting' },
  { from: 'connecting', on: 'connected', to: 'opening' },
  { from: 'opening', on: 'header', to: 'authenticating' },
  { from: 'authenticating', on: 'accepted', to: 'up' },
  { from: ['connecting', 'opening', 'authenticating', 'up'], on: 'lost', to: 'waiting' },
  { from: ['waiting', 'connecting', 'opening', 'authenticating', 'up'], on: 'stop', to: 'idle' },
]);

const REPORTED = {
  idle: 'down',
  waiting: 'down',
  connecting: 'connecting',
  opening: 'connecting',
  authenticating: 'connecting',
  up: 'up',
} as const;

/**
 * The component's side of XEP-0114: connects to the server, shakes hands, and does so again whenever the stream is lost,
 * until it is stopped. Times are milliseconds since the epoch. A connection that was given up is no longer owned;
 * nothing that still comes of it is heard.
 */
export class ComponentStream {
  readonly #config: ComponentStreamConfig;
  readonly #nextConnection: () => ConnectionId;
  readonly #backoff: Backoff;
  #state: State = 'idle';
  #since = 0;
  #error: string | undefined;
  #refusal: ComponentRefusal | undefined;
  /** The loss that the log has at `warn`; the same again is not news. */
  #toldLoss: string | undefined;
  #connection: ConnectionId | undefined;
  #parser: StreamParser | undefined;
  /** What it is for, the state says. */
  #deadline: number | undefined;
  #now = 0;
  readonly #effects: ComponentEffect[] = [];

  constructor(config: ComponentStreamConfig, { random, nextConnection }: ComponentStreamContext) {
    this.#config = config;
    this.#nextConnection = nextConnection;
    this.#backoff = new Backoff(random, RECONNECT_DELAY);
  }

  get state(): 'up' | 'connecting' | 'down' {
    return REPORTED[this.#state];
  }

  /** Since when the stream is up, or isn't, however often it was tried meanwhile; 0 before the start. */
  get since(): number {
    return this.#since;
  }

  /** Why the stream was lost the last time, undefined where it never was. */
  get error(): string | undefined {
    return this.#error;
  }

  /** With what stream error that was, undefined where it was none. */
  get refusal(): ComponentRefusal | undefined {
    return this.#refusal;
  }

  start(now: number): ComponentEffect[] {
    return this.#turn(now, () => this.#connect('start'));
  }

  /** The connection that the stream is on, if there is one. */
  get connection(): ConnectionId | undefined {
    return this.#connection;
  }

  owns(connection: ConnectionId): boolean {
    return connection === this.#connection;
  }

  handle(input: ConnectionInput, now: number): ComponentEffect[] {
    if (!this.owns(input.connection)) return [];
    return this.#turn(now, () => {
      switch (input.kind) {
        case 'connected':
          return this.#open();
        case 'data':
          return this.#read(input.connection, input.bytes);
        case 'closed':
          this.#connection = undefined;
          return this.#lose(input.reason);
        case 'accepted':
        case 'secured':
          return;
      }
    });
  }

  /** When `handleTimeout` wants to be called. */
  nextTimeout(): number | undefined {
    return this.#deadline;
  }

  handleTimeout(now: number): ComponentEffect[] {
    if (this.#deadline === undefined || now < this.#deadline) return [];
    return this.#turn(now, () => {
      if (this.#state === 'waiting') this.#connect('retry');
      else if (this.#state === 'connecting') this.#lose(`no connection within ${CONNECT_TIMEOUT / 1000} s`);
      else this.#fail(new StreamError('connection-timeout', `no handshake within ${HANDSHAKE_TIMEOUT / 1000} s`));
    });
  }

  /** Writes a serialised stanza. Nothing is kept: while the stream isn't up nothing happens. */
  send(xml: string): ComponentEffect[] {
    return this.#state === 'up' && this.#connection !== undefined
      ? [{ kind: 'write', connection: this.#connection, data: xml }]
      : [];
  }

  /** Ends the stream in order and stays down until the next `start`. */
  stop(now: number): ComponentEffect[] {
    return this.#turn(now, () => {
      this.#close('</stream:stream>');
      this.#enter('stop');
    });
  }

  #turn(now: number, act: () => void): ComponentEffect[] {
    this.#now = now;
    act();
    return this.#effects.splice(0);
  }

  /** Whether the state knows the event; if so, the state is now where it leads. */
  #enter(event: Event, deadline?: number): boolean {
    const next = TRANSITIONS.next(this.#state, event);
    if (next === undefined) return false;
    if ((REPORTED[next] === 'up') !== (this.state === 'up') || this.#since === 0) this.#since = this.#now;
    if (next === 'up') this.#effects.push({ kind: 'component-up' });
    else if (this.#state === 'up') this.#effects.push({ kind: 'component-down' });
    this.#state = next;
    this.#deadline = deadline;
    return true;
  }

  #connect(event: 'start' | 'retry'): void {
    if (!this.#enter(event, this.#now + CONNECT_TIMEOUT)) return;
    const { host, port } = this.#config;
    const connection = this.#nextConnection();
    this.#connection = connection;
    this.#parser = new StreamParser(
      { contentNamespace: NS.component, implicitOpen: false },
      {
        streamOpen: (header) => this.#handshake(header),
        stanza: (received) => {
          if (this.owns(connection)) this.#receive(received);
        },
        streamClose: () => {
          if (this.owns(connection)) this.#lose('the server closed the stream', '</stream:stream>');
        },
      },
    );
    this.#effects.push({ kind: 'open', connection, host, port });
  }

  #open(): void {
    if (!this.#enter('connected', this.#now + HANDSHAKE_TIMEOUT)) return;
    const attributes = `xmlns='${NS.component}' xmlns:stream='${NS.streams}' to='${this.#config.domain}'`;
    this.#write(`<?xml version='1.0'?><stream:stream ${attributes}>`);
  }

  #read(connection: ConnectionId, bytes: Uint8Array): void {
    try {
      this.#parser?.write(bytes);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      if (this.owns(connection)) this.#fail(error);
    }
  }

  /** XEP-0114 §3: the hash of stream id and secret. */
  #handshake({ attrs }: StreamHeader): void {
    const id = attrs['id'];
    if (id === undefined) throw new StreamError('bad-format', 'The stream has no id to shake hands with');
    this.#enter('header', this.#deadline);
    const hash = createHash('sha1').update(`${id}${this.#config.secret}`).digest('hex');
    this.#write(`<handshake>${hash}</handshake>`);
  }

  #receive(received: Element): void {
    if (isStreamError(received)) {
      const { message, condition } = StreamError.read(received);
      return this.#lose(message, '</stream:stream>', { by: 'server', condition });
    }
    if (this.#state !== 'up') return this.#accept(received);
    if (!isStanza(received)) throw new StreamError('unsupported-stanza-type');
    this.#effects.push({ kind: 'stanza', via: { kind: 'component' }, stanza: received });
  }

  #accept(received: Element): void {
    if (received.name !== 'handshake' || received.attrs['xmlns'] !== undefined)
      throw new StreamError('not-authorized', `<${received.name}/> came before the handshake was accepted`);
    this.#enter('accepted');
    this.#backoff.reset();
    this.#toldLoss = undefined;
    this.#log('info', 'component attached');
  }

  /** The server broke a rule: it is told which (RFC 6120 §4.9.1). */
  #fail(error: StreamError): void {
    this.#lose(error.message, `${error.toXml()}</stream:stream>`, { by: 'us', condition: error.condition });
  }

  /** The stream is no more, for a reason fit for the log; ours is ended with `lastWords` where it had begun. */
  #lose(reason: string, lastWords = '', refusal?: ComponentRefusal): void {
    const { state } = this;
    this.#close(lastWords);
    const delay = this.#backoff.next();
    this.#enter('lost', this.#now + delay);
    this.#error = reason;
    this.#refusal = refusal;
    this.#log(
      reason === this.#toldLoss ? 'debug' : 'warn',
      state === 'up' ? 'component lost' : 'component not attached',
      {
        reason,
        retry_in: `${Math.ceil(delay / 1000)} s`,
      },
    );
    this.#toldLoss = reason;
  }

  #close(lastWords: string): void {
    if (this.#connection === undefined) return;
    if (this.#state !== 'connecting' && lastWords !== '') this.#write(lastWords);
    this.#effects.push({ kind: 'close', connection: this.#connection });
    this.#connection = undefined;
    this.#parser = undefined;
  }

  #write(data: string): void {
    if (this.#connection !== undefined) this.#effects.push({ kind: 'write', connection: this.#connection, data });
  }

  #log(level: LogLevel, message: string, fields: Readonly<Record<string, string>> = {}): void {
    const { domain } = this.#config;
    this.#effects.push({
      kind: 'log',
      level,
      message,
      fields: { domain, server: formatAddress(this.#config), ...fields },
    });
  }
}
