/** A state machine as a table: what isn't in the table can't happen. */

/** A table that contradicts itself, which is a defect of the program. */
export class TransitionError extends Error {
  override readonly name = 'TransitionError';
}

/** In a state, or any of several, an event leads to a state. */
export interface Transition<S extends string, E extends string> {
  readonly from: S | readonly S[];
  readonly on: E;
  readonly to: S;
}

export class Transitions<S extends string, E extends string> {
  readonly #to = new Map<string, S>();

  /** Throws TransitionError where a state has two rows for one event. */
  constructor(table: readonly Transition<S, E>[]) {
    for (const { from, on, to } of table)
      for (const state of typeof from === 'string' ? [from] : from) {
        const key = keyOf(state, on);
        if (this.#to.has(key)) throw new TransitionError(`the state ${state} has two transitions on ${on}`);
        this.#to.set(key, to);
      }
  }

  /** Where the event leads, undefined where the state knows no such event. */
  next(state: S, event: E): S | undefined {
    return this.#to.get(keyOf(state, event));
  }
}

function keyOf(state: string, event: string): string {
  return `${state} ${event}`;
}
