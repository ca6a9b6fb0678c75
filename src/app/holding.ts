import { OpenAnswer } from '../io/feed.ts';
import type { Store } from '../io/sqlite.ts';
import { StoreError } from '../io/store-error.ts';

/** An answer that has the store held still for as long as it is open, and tells what the store holds. */
export function holding(store: Store): OpenAnswer {
  return new OpenAnswer({}, (feed) => {
    try {
      feed.send(JSON.stringify({ held: store.hold() }));
      return () => store.release();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      feed.send(JSON.stringify({ refused: error.message }));
      return () => {};
    }
  });
}
