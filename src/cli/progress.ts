import { formatBytes } from './format.ts';

/** Milliseconds before anything is shown, and between two times. */
const STEP = 500;

/** What shows how far something is. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A line on a terminal that tells how far a copy is; what is done at once shows none. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #next: number;
  #isShown = false;

  constructor(stream: ProgressStream = process.stderr, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#next = now() + STEP;
  }

  readonly copied = (copied: number, size: number): void => {
    if (this.#stream.isTTY !== true || this.#now() < this.#next) return;
    this.#next = this.#now() + STEP;
    this.#show(
      copied === size
        ? `verifying ${formatBytes(size)}`
        : `copying, ${Math.floor((100 * copied) / size)} % of ${formatBytes(size)}`,
    );
  };

  /** Leaves the line empty. */
  end(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[K');
    this.#isShown = false;
  }

  #show(text: string): void {
    this.#stream.write(`\r\u001b[K${text}`);
    this.#isShown = true;
  }
}
