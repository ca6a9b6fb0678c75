import { type Effect, type Input, isWrite } from '../gateway/effects.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';
import type { Tcp } from '../io/tcp.ts';
import type { StoreWrite } from '../muc/records.ts';

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

  constructor(gateway: Gateway, world: World) {
    this.#gateway = gateway;
    this.#world = world;
  }

  /** Something has happened. */
  readonly handle = (input: Input): void => {
    this.#turn(input, (now) => this.#gateway.handle(input, now));
    this.#rest();
  };

  /** A turn that no input leads to, such as the start or the end. */
  run(act: (now: number) => Effect[]): void {
    this.#turn(undefined, act);
    this.#rest();
  }

  /** No more turns by time. */
  halt(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #turn(input: Input | undefined, act: (now: number) => Effect[]): void {
    const now = this.#world.now();
    const effects = act(now);
    const writes = effects.filter(isWrite);
    const failure = writes.length === 0 ? undefined : this.#commit(writes);
    if (failure === undefined) {
      this.#gateway.commit();
      this.#carryOut(effects);
    } else this.#carryOut(this.#gateway.rollback(input, failure, now));
  }

  /** Undefined once the writes are durable, else why they aren't. */
  #commit(writes: readonly StoreWrite[]): string | undefined {
    try {
      this.#world.store.commit(writes);
      return undefined;
    } catch (error) {
      if (error instanceof StoreError) return error.message;
      throw error;
    }
  }

  /** In their order; what an effect brings back is handled, with all that comes of it, before the next effect. */
  #carryOut(effects: readonly Effect[]): void {
    const { store, tcp, log } = this.#world;
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
          const read = { kind: 'archive', request: effect.request, messages: store.history(effect.query) } as const;
          this.#turn(read, (now) => this.#gateway.handle(read, now));
          break;
        }
      }
  }

  #rest(): void {
    this.#world.onRest();
    this.halt();
    const next = this.#gateway.nextTimeout();
    if (next === undefined) return;
    const delay = Math.min(Math.max(next - this.#world.now(), 0), LONGEST_TIMER);
    this.#timer = setTimeout(() => this.run((now) => this.#gateway.handleTimeout(now)), delay);
  }
}
