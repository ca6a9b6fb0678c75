/** Lines that are kept. */
export const TAIL_LINES = 64;
/** Their characters; a line alone is cut there. */
export const TAIL_CHARACTERS = 16 * 1024;

/** The end of the log, for whoever begins to look on. */
export class LogTail {
  readonly #lines: string[] = [];
  #characters = 0;
  #position: number;

  /** `start`: when this log begins. Positions go on from there, so that those of an earlier process come before. */
  constructor(start: number) {
    this.#position = start;
  }

  /** Keeps a line; the oldest make room for it. */
  add(line: string): void {
    const kept = line.slice(0, TAIL_CHARACTERS);
    this.#lines.push(kept);
    this.#characters += kept.length;
    this.#position += 1;
    while (this.#lines.length > TAIL_LINES || this.#characters > TAIL_CHARACTERS)
      this.#characters -= this.#lines.shift()?.length ?? 0;
  }

  /** What is kept of the lines after a position, oldest first, and the position of the last; all where it can't be of this log. */
  since(position: number): { readonly lines: readonly string[]; readonly position: number } {
    const news = this.#position - position;
    return {
      lines: news < 0 ? [...this.#lines] : news === 0 ? [] : this.#lines.slice(-news),
      position: this.#position,
    };
  }
}
