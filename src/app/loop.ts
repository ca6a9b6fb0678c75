import { type Effect, type Input, isWrite } from '../gateway/effects.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';
import type { Tcp } from '../io/tcp.ts';
import type { HistoryQuery, MessageRecord } from '../muc/records.ts';

/** The longest that Node's timers can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What the loop carries effects out with. */
export interface World {
  readonly store: Store;
  readonly tcp: Tcp;
  readonly log: Log;
  readonly now: () => number;
  /** Called whenever everything that was to be done has been done. */
  readonly onRest: () => void;
}

/**
 * Takes inputs to the gateway and carries its effects out, one turn at a time. Durable before seen: a turn's writes are
 * committed before anything else of it takes place; where that fails the turn is taken back whole.
 */
export class Loop {
  readonly #gateway: Gateway;
  readonly #world: World;
  #timer: NodeJS.Timeout | undefined;
  #isHalted = false;

  constructor(gateway: Gateway, world: World) {
    this.#gateway = gateway;
    this.#world = world;
  }

  /** Something has happened. */
  readonly handle = (input: Input): void => {
    this.#turn(input, (now) => this.#gateway.handle(input, now));
    this.#rest();
  };

  /** The first turn. Throws a StoreError where its writes fail: a gateway that can't write doesn't start. */
  start(act: (now: number) => Effect[]): void {
    const effects = act(this.#world.now());
    this.#world.store.commit(effects.filter(isWrite));
    this.#gateway.commit();
    this.#carryOut(effects);
    this.#rest();
  }

  /** A turn that no input leads to. */
  run(act: (now: number) => Effect[]): void {
    this.#turn(undefined, act);
    this.#rest();
  }

  /** No more turns by time, whatever still comes in. */
  halt(): void {
    clearTimeout(this.#timer);
    this.#isHalted = true;
  }

  /** Settles one turn. A fault in it costs that turn, never the gateway. */
  #turn(input: Input | undefined, act: (now: number) => Effect[]): void {
    const now = this.#world.now();
    let effects: Effect[];
    try {
      effects = act(now);
      const writes = effects.filter(isWrite);
      if (writes.length > 0) this.#world.store.commit(writes);
      this.#gateway.commit();
    } catch (error) {
      effects =
        error instanceof StoreError
          ? this.#gateway.rollback(input, 'storeFailed', error.message, now)
          : this.#gateway.rollback(input, 'internal', faultText(error), now);
      this.#gateway.commit();
    }
    this.#carryOut(effects);
  }

  /** In their order; what an effect brings back is handled, with all that comes of it, before the next effect. */
  #carryOut(effects: readonly Effect[]): void {
    const { tcp, log } = this.#world;
    for (const effect of effects)
      switch (effect.kind) {
        case 'append':
        case 'save':
        case 'forget':
          break;
        case 'open':
          tcp.open(effect.connection, effect.host, effect.port);
          break;
        case 'write':
          tcp.write(effect.connection, effect.data);
          break;
        case 'close':
          tcp.close(effect.connection);
          break;
        case 'log':
          log.write(effect.level, effect.message, effect.fields);
          break;
        case 'stanza':
          this.#turn(effect, (now) => this.#gateway.handle(effect, now));
          break;
        case 'query': {
          const read = { kind: 'archive', request: effect.request, messages: this.#read(effect.query) } as const;
          this.#turn(read, (now) => this.#gateway.handle(read, now));
          break;
        }
      }
  }

  /** An archive that can't be read gives nothing, and the log says so. */
  #read(query: HistoryQuery): readonly MessageRecord[] {
    const { store, log } = this.#world;
    try {
      return store.history(query);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.write('error', 'archive not read', { room: query.room, reason: error.message });
      return [];
    }
  }

  #rest(): void {
    this.#world.onRest();
    clearTimeout(this.#timer);
    if (this.#isHalted) return;
    const next = this.#gateway.nextTimeout();
    if (next === undefined) return;
    const delay = Math.min(Math.max(next - this.#world.now(), 0), LONGEST_TIMER);
    this.#timer = setTimeout(() => this.run((now) => this.#gateway.handleTimeout(now)), delay);
  }
}

/** What the log has of a fault: where it happened, for whoever mends it. */
function faultText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
