let offset = Date.now() - uptime();

/**
 * Milliseconds since the epoch, whole; never less than an earlier call gave. Where the system's clock is set forward,
 * this follows; where it is set back, time goes on from where it was until the system's has caught up.
 */
export function now(): number {
  const elapsed = uptime();
  offset = Math.max(offset, Date.now() - elapsed);
  return Math.floor(elapsed + offset);
}

/** Milliseconds on a clock that nobody sets; from `performance` they would cost the start a dozen of Node's modules. */
function uptime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
