import { randomFillSync } from 'node:crypto';

/** 16 bytes from the system, for a core's random sequence to start from. */
export function seed(): Uint8Array {
  return randomFillSync(new Uint8Array(16));
}

/** 32 bytes from the system that nobody else knows. */
export function secret(): Uint8Array {
  return randomFillSync(new Uint8Array(32));
}
