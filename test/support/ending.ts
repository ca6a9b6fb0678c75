import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a suite has started and must be ended, in the order of starting. */
const endings: (() => unknown)[] = [];

/** Has `end` called by `endAll`. It must bear being called for something that has ended already. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

/** Ends everything that was started since the last call, newest first: the suite's `afterEach` or `afterAll`. */
export async function endAll(): Promise<void> {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
}

/** A folder of the suite's own, removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fmucd-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
