import { type Effect, type Input, isWrite, type Searching } from '../gateway/effects.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';
import type { Tcp } from '../io/tcp.ts';
import type { ConnectionId, Resolution, SecureEffect } from '../lib/effects.ts';
import type { CrossedEffect } from '../link/crossed.ts';
import type { Found } from '../muc/search.ts';
import type { WithheldEffect } from '../stanza/withheld.ts';
import type { GoOnEffect } from '../stream/s2s-types.ts';
import { DamagedTextError } from '../xml/parse.ts';

/** The longest that Node's timers can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What the loop carries effects out with. */
export interface World {
  readonly store: Store;
  readonly tcp: Tcp;
  readonly log: Log;
  readonly now: () => number;
  /** Asks where a domain's server is. Never rejects, and is done within a bounded time. */
  readonly resolve: (domain: string) => Promise<Resolution>;
  /** Called whenever everything that was to be done has been done. */
  readonly onRest: () => void;
  /** Called for each stanza that crosses a traced way, and for whatever doesn't. */
  readonly onTraced: (effect: CrossedEffect | WithheldEffect) => void;
}

/** Bytes for the XMPP server beyond which nothing more is handled until it has taken them. */
export const CONGESTED_BYTES = 1024 * 1024;
/** The most searches of an archive that go on at a time; further ones are told to come again. */
export const MAX_SEARCHES = 64;
/** Milliseconds in which the server has to take them; else its stream is given up, and the links go on. */
export const STALL_TIMEOUT = 30_000;
const STALLED = `the server has taken nothing for ${STALL_TIMEOUT / 1000} s`;

/** Milliseconds of work after which whatever else waits (sockets, timers, the control socket) has its turn. */
export const SLICE = 10;

/** Milliseconds between two looks at whether a stream that is ahead of its own server still is. */
export const HELD_BACK_STEP = 10;
/**
 * Milliseconds for which it waits where its server's connection isn't what it waits for, but a stream to that: what this needs
 * may stand behind what waits.
 */
export const MAX_HELD_BACK = 5000;

/** Bytes of one connection that are handled in one go. */
export const PIECE = 4096;

type Data = Extract<Input, { readonly kind: 'data' }>;

/**
 * Takes inputs to the gateway and carries its effects out, one turn at a time. Durable before seen: a turn's writes are
 * committed before anything else of it takes place; where that fails the turn is taken back whole.
 *
 * Effects wait in a stack: what an effect brings back comes to lie on top of it, and so is handled, with all that comes of
 * it, before the next effect. While the XMPP server takes less than one message to many occupants makes, everything
 * waits as it is, and nothing more is read. So it does for an instant after each slice of long work.
 */
export class Loop {
  readonly #gateway: Gateway;
  readonly #world: World;
  /** What has happened and is not yet handled, oldest first. Reading stops before there is much. */
  readonly #turns: { readonly input?: Input; readonly act: () => void }[] = [];
  /** The next to carry out is the last. */
  readonly #effects: Effect[] = [];
  /** Searches that go on once everybody else has had their turn, the one that has waited longest first. */
  readonly #searches: Searching[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: 'resting' | 'working' | 'yielding' | 'congested' | 'halted' = 'resting';

  constructor(gateway: Gateway, world: World) {
    this.#gateway = gateway;
    this.#world = world;
  }

  /** Something has happened. */
  readonly handle = (input: Input): void => {
    for (const part of input.kind === 'data' ? inPieces(input) : [input])
      this.#turns.push({ input: part, act: () => this.#handle(part) });
    this.#work();
  };

  /**
   * The first turn, in which the gateway reads what was kept.
   * @throws {StoreError} Where its writes fail, since a gateway that can't write doesn't start, or where that can't be read.
   */
  start(act: (now: number) => Effect[]): void {
    let effects: Effect[];
    try {
      effects = act(this.#world.now());
    } catch (error) {
      throw this.#startFailure(error);
    }
    this.#world.store.commit(effects.filter(isWrite));
    this.#gateway.commit();
    this.#stack(effects);
    this.#work();
  }

  /** A turn that no input leads to. Resolves to why it couldn't stand, or to undefined where it does. */
  run(act: (now: number) => Effect[]): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#turns.push({ act: () => resolve(this.#turn(undefined, act)) });
      this.#work();
    });
  }

  /** Does what is left to do, congested or not, and then no more by time. */
  halt(): void {
    this.#state = 'halted';
    clearTimeout(this.#timer);
    this.#work();
  }

  /** Goes on until nothing is left to do, the server takes no more, or others are to have their turn. */
  #work(): void {
    if (this.#state !== 'resting' && this.#state !== 'halted') return;
    if (this.#state === 'resting') this.#state = 'working';
    const end = performance.now() + SLICE;
    for (;;) {
      if (this.#isCongested()) return;
      if (this.#state === 'working' && performance.now() >= end) return this.#yield();
      const effect = this.#effects.pop();
      if (effect !== undefined) this.#carryOut(effect);
      else {
        const turn = this.#turns.shift();
        if (turn === undefined) break;
        turn.act();
      }
    }
    if (this.#state === 'working') this.#rest();
  }

  /** Lets others have their turn, but has nothing more read: it would only wait here. */
  #yield(): void {
    const { tcp } = this.#world;
    this.#state = 'yielding';
    tcp.pause();
    setImmediate(() => {
      tcp.resume();
      this.#goOn('yielding');
    });
  }

  /** Unless that has ended otherwise. */
  #goOn(from: 'yielding' | 'congested'): void {
    if (this.#state !== from) return;
    this.#state = 'resting';
    this.#work();
  }

  /** Where the server takes no more, stops reading until it does. */
  #isCongested(): boolean {
    const connection = this.#gateway.component?.connection;
    const { tcp } = this.#world;
    if (this.#state === 'halted' || connection === undefined || tcp.buffered(connection) < CONGESTED_BYTES)
      return false;
    this.#state = 'congested';
    tcp.pause();
    const stall = setTimeout(() => tcp.abort(connection, STALLED), STALL_TIMEOUT);
    tcp.whenDrained(connection, () => {
      clearTimeout(stall);
      tcp.resume();
      this.#goOn('congested');
    });
    return true;
  }

  #handle(input: Input): void {
    this.#turn(input, (now) => this.#gateway.handle(input, now));
  }

  /** Settles one turn, and answers why it can't stand, if it can't. A fault in it costs that turn, never the gateway. */
  #turn(input: Input | undefined, act: (now: number) => Effect[]): string | undefined {
    const now = this.#world.now();
    let effects: Effect[];
    let problem: string | undefined;
    try {
      effects = act(now);
      const writes = effects.filter(isWrite);
      if (writes.length > 0) this.#world.store.commit(writes);
      this.#gateway.commit();
    } catch (error) {
      const failure = this.#asDamage(error);
      problem = failure instanceof Error ? failure.message : String(failure);
      effects =
        failure instanceof StoreError
          ? this.#gateway.rollback(input, 'storeFailed', problem, now)
          : this.#gateway.rollback(input, 'internal', faultText(failure), now);
      this.#gateway.commit();
    }
    this.#stack(effects);
    return problem;
  }

  /** A fault at the start comes of what was kept, unless nothing was: then it must not cost one store after the other. */
  #startFailure(error: unknown): unknown {
    const { store, log } = this.#world;
    if (error instanceof StoreError || (store.rooms.length === 0 && store.newest() === undefined)) return error;
    log.write('error', 'fault', { reason: faultText(error) });
    return store.foundDamaged(error);
  }

  /** Where what was kept can't be read, it is the store that is damaged. */
  #asDamage(error: unknown): unknown {
    return error instanceof DamagedTextError ? this.#world.store.foundDamaged(error) : error;
  }

  #stack(effects: readonly Effect[]): void {
    for (let index = effects.length - 1; index >= 0; index--) this.#effects.push(effects[index] as Effect);
  }

  #carryOut(effect: Effect): void {
    const { tcp, log } = this.#world;
    if (isWrite(effect)) return;
    switch (effect.kind) {
      case 'open':
        return tcp.open(effect.connection, effect.host, effect.port, effect.tls);
      case 'secure':
        return this.#secure(effect);
      case 'write':
        return tcp.write(effect.connection, effect.data);
      case 'close':
        return tcp.close(effect.connection);
      case 'pause':
        return tcp.pause(effect.connection);
      case 'resume':
        return tcp.resume(effect.connection);
      case 'resolve':
        return this.#resolve(effect.domain);
      case 'log':
        return log.write(effect.level, effect.message, effect.fields);
      case 'crossed':
      case 'withheld':
        return this.#world.onTraced(effect);
      case 's2s-go-on':
        return this.#isAhead(effect.connection) ? this.#holdBack(effect, performance.now()) : this.#handle(effect);
      case 'stanza':
      case 'post':
      case 's2s-send':
      case 'departed':
      case 'change-over':
        return this.#handle(effect);
      case 'query-vcard': {
        const { request } = effect;
        const vcard = this.#read(request.room, (store) => store.vcard(request.room), undefined);
        return this.#handle({ kind: 'vcard-read', request, vcard });
      }
      case 'query': {
        const { request, query } = effect;
        const messages = this.#read(query.room, (store) => store.history(query), []);
        return this.#handle({ kind: 'archive', request, messages });
      }
      case 'search':
        return effect.isContinued ? this.#continueLater(effect) : this.#search(effect);
    }
  }

  /** Whether more waits for the domains of a stream than is to be added to by what it brings. */
  #isAhead(connection: ConnectionId): boolean {
    const { s2s } = this.#gateway;
    return this.#state !== 'halted' && (s2s?.isAhead(connection) === true || this.#stalledBy(connection) !== undefined);
  }

  /** The connection to those domains that has yet to take too much. */
  #stalledBy(connection: ConnectionId): ConnectionId | undefined {
    const carriers = this.#gateway.s2s?.carriersOf(connection) ?? [];
    return carriers.find((carrier) => this.#world.tcp.buffered(carrier) >= CONGESTED_BYTES);
  }

  /** A stream brings no more until its own server has taken what came of it, or doesn't; all others go on. */
  #holdBack(effect: GoOnEffect, since: number): void {
    const { tcp } = this.#world;
    const { connection } = effect;
    const stalled = this.#stalledBy(connection);
    const waited = performance.now() - since;
    tcp.setAhead(connection, true);
    if (stalled !== undefined && waited >= STALL_TIMEOUT) tcp.abort(stalled, STALLED);
    const isOver = !this.#isAhead(connection) || waited >= (stalled === undefined ? MAX_HELD_BACK : STALL_TIMEOUT);
    if (!isOver) return void setTimeout(() => this.#holdBack(effect, since), HELD_BACK_STEP);
    tcp.setAhead(connection, false);
    this.#turns.push({ input: effect, act: () => this.#handle(effect) });
    this.#work();
  }

  /** What has come of the connection and wasn't handled yet is the beginning of TLS as well: none of it is a stanza. */
  #secure({ connection, tls, received }: SecureEffect): void {
    const unhandled = this.#takeData(connection);
    const all = received === undefined ? unhandled : [received, ...unhandled];
    this.#world.tcp.secure(connection, tls, Buffer.concat(all));
  }

  #takeData(connection: ConnectionId): Uint8Array[] {
    const taken: Uint8Array[] = [];
    for (const { input } of this.#turns)
      if (input?.kind === 'data' && input.connection === connection) taken.push(input.bytes);
    const kept = this.#turns.filter(({ input }) => input?.kind !== 'data' || input.connection !== connection);
    this.#turns.splice(0, Number.POSITIVE_INFINITY, ...kept);
    return taken;
  }

  #resolve(domain: string): void {
    void this.#world.resolve(domain).then((resolution) => {
      if (this.#state !== 'halted') this.handle({ kind: 'resolved', domain, resolution });
    });
  }

  #search({ search, request }: Searching): void {
    const found = this.#read<Found | undefined>(search.room, (store) => store.search(search), undefined);
    this.#handle({ kind: 'searched', request, found });
  }

  /** One look for one search, then everybody else, then the next. */
  #continueLater(effect: Searching): void {
    const { length } = this.#searches;
    if (length >= MAX_SEARCHES) return this.#handle({ kind: 'searched', request: effect.request, found: undefined });
    this.#searches.push(effect);
    if (length === 0) setImmediate(() => this.#continueSearch());
  }

  #continueSearch(): void {
    const next = this.#searches.shift();
    if (this.#searches.length > 0) setImmediate(() => this.#continueSearch());
    if (next === undefined || this.#state === 'halted') return;
    this.#turns.push({ act: () => this.#search(next) });
    this.#work();
  }

  /** What can't be read gives nothing, and the log says so. */
  #read<T>(room: string, read: (store: Store) => T, nothing: T): T {
    const { store, log } = this.#world;
    try {
      return read(store);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.write('error', 'archive not read', { room, reason: error.message });
      return nothing;
    }
  }

  #rest(): void {
    this.#state = 'resting';
    this.#world.onRest();
    clearTimeout(this.#timer);
    const next = this.#gateway.nextTimeout();
    if (next === undefined) return;
    const delay = Math.min(Math.max(next - this.#world.now(), 0), LONGEST_TIMER);
    this.#timer = setTimeout(() => void this.run((now) => this.#gateway.handleTimeout(now)), delay);
  }
}

/** What came at once as several inputs, none of which takes long. */
function inPieces(data: Data): Data[] {
  const pieces: Data[] = [];
  for (let at = 0; at < data.bytes.length || at === 0; at += PIECE)
    pieces.push({ ...data, bytes: data.bytes.subarray(at, at + PIECE) });
  return pieces;
}

/** What the log has of a fault: where it happened, for whoever mends it. */
function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
