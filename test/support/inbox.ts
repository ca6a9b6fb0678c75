/**
 * What has arrived, in order: stanzas at a client, lines of a log. Each item answers one expectation, the first that it
 * fits, so a conversation reads as it happened; `all` still has everything.
 */
export class Inbox<T> {
  readonly #owner: string;
  readonly #show: (item: T) => string;
  readonly #entries: { readonly item: T; taken: boolean }[] = [];
  readonly #waiting = new Set<Expectation<T>>();
  readonly #followers: ((item: T) => void)[] = [];
  #closed: string | undefined;

  /** `owner` names it in failures, where `show` shows its items. */
  constructor(owner: string, show: (item: T) => string) {
    this.#owner = owner;
    this.#show = show;
  }

  /** Has every item that comes from now on shown at once, whomever it answers. */
  follow(show: (item: T) => void): void {
    this.#followers.push(show);
  }

  add(item: T): void {
    for (const show of this.#followers) show(item);
    const taker = [...this.#waiting].find(({ fits }) => fits(item));
    this.#entries.push({ item, taken: taker !== undefined });
    if (taker === undefined) return;
    this.#waiting.delete(taker);
    taker.resolve(item);
  }

  /** The first item that fits and answered no other expectation, come or still to come within `timeout` milliseconds. */
  expect(description: string, fits: (item: T) => boolean, timeout = 10_000): Promise<T> {
    const entry = this.#entries.find(({ item, taken }) => !taken && fits(item));
    if (entry !== undefined) {
      entry.taken = true;
      return Promise.resolve(entry.item);
    }
    if (this.#closed !== undefined) return Promise.reject(this.#failure(description, this.#closed));
    return new Promise((resolve, reject) => {
      const give = (why: string): void => {
        this.#waiting.delete(expectation);
        clearTimeout(timer);
        reject(this.#failure(description, why));
      };
      const timer = setTimeout(give, timeout, `nothing within ${timeout} ms`);
      const expectation: Expectation<T> = {
        fits,
        resolve: (item) => {
          clearTimeout(timer);
          resolve(item);
        },
        give,
      };
      this.#waiting.add(expectation);
    });
  }

  all(): readonly T[] {
    return this.#entries.map(({ item }) => item);
  }

  /** Nothing more will come: what is still expected fails at once, with this as the reason. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const { give } of this.#waiting) give(reason);
  }

  #failure(description: string, why: string): Error {
    const received = this.#entries.map(({ item, taken }) => `  ${taken ? '✓' : ' '} ${this.#show(item)}`);
    return new Error(
      `${this.#owner} expected ${description}: ${why}. Received:\n${received.join('\n') || '  nothing'}`,
    );
  }
}

interface Expectation<T> {
  readonly fits: (item: T) => boolean;
  readonly resolve: (item: T) => void;
  readonly give: (why: string) => void;
}
