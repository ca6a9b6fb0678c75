interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** What is to happen at which instant: the earliest first, and at one instant in the order in which it was put in. */
export class Agenda {
  /** A binary heap. */
  readonly #entries: Entry[] = [];
  #order = 0;

  /** The instant of the next entry. */
  get next(): number | undefined {
    return this.#entries[0]?.at;
  }

  add(at: number, act: () => void): void {
    const entry = { at, order: this.#order++, act };
    let index = this.#entries.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#entries[parent] as Entry;
      if (isBefore(above, entry)) break;
      this.#entries[index] = above;
      index = parent;
    }
    this.#entries[index] = entry;
  }

  /** Takes the next entry out. */
  take(): (() => void) | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (first === undefined || last === undefined || first === last) return first?.act;
    let index = 0;
    for (;;) {
      const left = this.#entries[2 * index + 1];
      if (left === undefined) break;
      const right = this.#entries[2 * index + 2];
      const takesRight = right !== undefined && isBefore(right, left);
      const below = takesRight ? right : left;
      if (isBefore(last, below)) break;
      this.#entries[index] = below;
      index = 2 * index + (takesRight ? 2 : 1);
    }
    this.#entries[index] = last;
    return first.act;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
