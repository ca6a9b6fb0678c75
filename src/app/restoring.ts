import { now } from '../io/clock.ts';
import { CopyError } from '../io/copy-error.ts';
import type { Feed } from '../io/feed.ts';
import type { Log } from '../io/log.ts';
import { replaceStore } from '../io/replace-store.ts';
import { StoreError } from '../io/store-error.ts';

/** The end of a life for the sake of a store that was prepared beside its own. */
export class Restoring {
  readonly #prepared: string;
  readonly #feed: Feed;

  /** `feed` is told what comes of it. */
  constructor(prepared: string, feed: Feed) {
    this.#prepared = prepared;
    this.#feed = feed;
  }

  /** Between two lives: puts it into the place of the other, or leaves all as it was. */
  carryOut(directory: string, log: Log): void {
    try {
      const kept = replaceStore(directory, this.#prepared, now());
      log.write('warn', 'store restored', { kept: kept ?? '' });
      this.#feed.send(JSON.stringify({ restored: { kept: kept ?? null } }));
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof CopyError)) throw error;
      log.write('error', 'store not restored', { reason: error.message });
      this.#feed.send(JSON.stringify({ refused: error.message }));
    }
  }
}
