import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** How long anything may take, in milliseconds. */
const PATIENCE = 150_000;
const STEP = 100;

/** Waits until it is so. Fails where that takes too long. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, patience = PATIENCE): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${patience / 1000} s for ${what}`);
    await sleep(STEP);
  }
}
