import { performance } from 'node:perf_hooks';

let offset = Date.now() - performance.now();

/**
 * Milliseconds since the epoch, whole; never less than an earlier call gave. Where the system's clock is set forward,
 * this follows; where it is set back, time goes on from where it was until the system's has caught up.
 */
export function now(): number {
  const elapsed = performance.now();
  offset = Math.max(offset, Date.now() - elapsed);
  return Math.floor(elapsed + offset);
}
