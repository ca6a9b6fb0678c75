/** Most text that `Ranges.parse` reads, in characters: more than any list within bounds takes. */
const MAX_TEXT = 4096;

const RANGE = /^([0-9a-z]{1,10})(?:-([0-9a-z]{1,10}))?$/;

/**
 * A set of natural numbers as inclusive ranges, ascending, with a hole between any two. Never changed: a change gives
 * another set. As text the numbers are in base 36: `2k-9z,a3`.
 */
export class Ranges {
  static readonly empty = new Ranges([]);
  readonly #pairs: readonly (readonly [low: number, high: number])[];

  private constructor(pairs: readonly (readonly [number, number])[]) {
    this.#pairs = pairs;
  }

  /** From `low` to `high`, both in it. */
  static of(low: number, high = low): Ranges {
    return low > high ? Ranges.empty : new Ranges([[low, high]]);
  }

  /** Undefined where the text isn't ascending ranges. */
  static parse(text: string): Ranges | undefined {
    if (text === '') return Ranges.empty;
    if (text.length > MAX_TEXT) return undefined;
    let ranges = Ranges.empty;
    for (const part of text.split(',')) {
      const match = RANGE.exec(part);
      if (match === null) return undefined;
      const low = Number.parseInt(match[1] ?? '', 36);
      const high = match[2] === undefined ? low : Number.parseInt(match[2], 36);
      if (low > high || (ranges.last !== undefined && low <= ranges.last)) return undefined;
      ranges = ranges.with(low, high);
    }
    return ranges;
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  /** How many numbers. */
  get count(): number {
    return this.#pairs.reduce((sum, [low, high]) => sum + high - low + 1, 0);
  }

  /** How many ranges. */
  get parts(): number {
    return this.#pairs.length;
  }

  get first(): number | undefined {
    return this.#pairs[0]?.[0];
  }

  get last(): number | undefined {
    return this.#pairs.at(-1)?.[1];
  }

  has(number: number): boolean {
    // The newest are asked for most.
    for (let index = this.#pairs.length - 1; index >= 0; index--) {
      const [low, high] = this.#pairs[index] as readonly [number, number];
      if (number >= low) return number <= high;
    }
    return false;
  }

  /** These and those from `low` to `high`. */
  with(low: number, high = low): Ranges {
    if (low > high) return this;
    const before: (readonly [number, number])[] = [];
    const after: (readonly [number, number])[] = [];
    let [from, to] = [low, high];
    for (const pair of this.#pairs)
      if (pair[1] < from - 1) before.push(pair);
      else if (pair[0] > to + 1) after.push(pair);
      else [from, to] = [Math.min(from, pair[0]), Math.max(to, pair[1])];
    return new Ranges([...before, [from, to], ...after]);
  }

  union(other: Ranges): Ranges {
    return other.#pairs.reduce<Ranges>((union, [low, high]) => union.with(low, high), this);
  }

  /** These without those. */
  minus(other: Ranges): Ranges {
    const left: (readonly [number, number])[] = [];
    for (const [first, high] of this.#pairs) {
      let low = first;
      for (const [from, to] of other.#pairs) {
        if (to < low || from > high) continue;
        if (from > low) left.push([low, from - 1]);
        low = to + 1;
      }
      if (low <= high) left.push([low, high]);
    }
    return new Ranges(left);
  }

  /** In at most so many parts: the lowest holes are filled until it is. */
  atMost(parts: number): Ranges {
    const excess = this.#pairs.length - parts;
    if (excess <= 0) return this;
    const low = this.#pairs[0]?.[0] ?? 0;
    const high = this.#pairs[excess]?.[1] ?? 0;
    return new Ranges([[low, high], ...this.#pairs.slice(excess + 1)]);
  }

  toString(): string {
    return this.#pairs
      .map(([low, high]) => (low === high ? low.toString(36) : `${low.toString(36)}-${high.toString(36)}`))
      .join(',');
  }
}
