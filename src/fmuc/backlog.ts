import type { Journal } from '../lib/journal.ts';
import type { ArchiveEntry } from '../muc/records.ts';

/** Settled entries that may lie about before room is made. */
const MAX_SETTLED = 64;

/** What of a room's archive some other node may not have yet, oldest first. */
export class Backlog {
  readonly #journal: Journal;
  #entries: ArchiveEntry[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(entry: ArchiveEntry): void {
    const entries = this.#entries;
    entries.push(entry);
    this.#journal.record(() => entries.splice(entries.indexOf(entry), 1));
  }

  /** Those after that position in the archive, oldest first. */
  *after(seq: number): Generator<ArchiveEntry> {
    for (let index = this.#indexAfter(seq); index < this.#entries.length; index++)
      yield this.#entries[index] as ArchiveEntry;
  }

  /** Nothing up to that position is needed any more. */
  settle(seq: number): void {
    const settled = this.#indexAfter(seq);
    if (settled < this.#entries.length && settled <= MAX_SETTLED) return;
    const before = this.#entries;
    this.#journal.record(() => {
      this.#entries = before;
    });
    this.#entries = before.slice(settled);
  }

  #indexAfter(seq: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as ArchiveEntry).seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
