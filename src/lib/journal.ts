/**
 * The undo log of one turn. Whatever a turn changes in memory it records here, so that when its durable part can't be
 * written (the disk is full) the turn can be taken back whole: not in memory, not on disk, not on the wire.
 */
export class Journal {
  #undo: (() => void)[] = [];

  /** Records how to take a change back that is about to be made. */
  record(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Sets a property, recording its old value. */
  set<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): void {
    const before = target[key];
    this.#undo.push(() => {
      target[key] = before;
    });
    target[key] = value;
  }

  /** The turn stands: forget how to take it back. */
  commit(): void {
    this.#undo = [];
  }

  /** Takes every recorded change back, the latest first. */
  rollback(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}

/**
 * A map whose changes a journal records. Taking a deletion back puts the entry at the end: order of iteration is kept
 * only by turns that stand.
 */
export class JournaledMap<K, V> implements Iterable<[K, V]> {
  readonly #entries = new Map<K, V>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }

  set(key: K, value: V): void {
    this.#recordOf(key);
    this.#entries.set(key, value);
  }

  delete(key: K): boolean {
    if (!this.#entries.has(key)) return false;
    this.#recordOf(key);
    return this.#entries.delete(key);
  }

  #recordOf(key: K): void {
    const before = this.#entries.get(key);
    const existed = this.#entries.has(key);
    this.#journal.record(() => {
      if (existed) this.#entries.set(key, before as V);
      else this.#entries.delete(key);
    });
  }
}
