/**
 * A process that works on a store until it is killed. `write DIRECTORY`: commits without end, each reported on stdout
 * once it stands. `hold DIRECTORY`: opens the store, says so, and waits. `fill DIRECTORY`: commits until the disk is
 * full, frees it, and goes on; what it finds is reported as JSON.
 */
import { rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../src/io/sqlite.ts';
import { StoreError } from '../../src/io/store-error.ts';
import { append, elsinore, message, room } from './store-records.ts';

const [task, directory = ''] = process.argv.slice(2);

function say(text: string): void {
  writeSync(1, `${text}\n`); // a killed process flushes nothing
}

function write(store: Store): never {
  let seq = store.archives[0]?.lastSeq ?? 0;
  for (;;) {
    seq += 1;
    store.commit([append(message(seq), { messages: 50, age: 0 }), { kind: 'save', record: saved(seq) }]);
    say(String(seq));
  }
}

/** The turn's other write, to be there exactly when its message is. */
function saved(seq: number) {
  return room({ subject: { text: String(seq), nick: 'hamlet', author: 'hamlet@denmark.lit', stamp: seq } });
}

function fill(store: Store): void {
  const ballast = join(directory, 'ballast');
  writeFileSync(ballast, Buffer.alloc(256 * 1024));
  let stood = 0;
  let refusal: StoreError | undefined;
  while (refusal === undefined)
    try {
      store.commit([append(message(stood + 1)), append(message(stood + 2))]);
      stood += 2;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      refusal = error;
    }
  const whileFull = store.history({ room: elsinore }).length;
  rmSync(ballast);
  store.commit([append(message(stood + 1))]);
  store.close();
  const after = openStore(directory);
  const { condition, message: text } = refusal;
  say(JSON.stringify({ condition, text, stood, whileFull, after: after.history({ room: elsinore }).length }));
  after.close();
}

try {
  const store = openStore(directory);
  if (task === 'write') write(store);
  if (task === 'fill') fill(store);
  if (task === 'hold') {
    say('open');
    setInterval(() => {}, 60_000);
  }
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  say(`${error.condition}: ${error.message}`);
  process.exitCode = 1;
}
