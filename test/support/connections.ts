import { readFileSync } from 'node:fs';

const ESTABLISHED = '01';

/** How many TCP connections stand at that listener of this machine. */
export function connectionsAt(address: string, port: number): number {
  const bytes = address.split('.').map(Number).reverse();
  const local = `${Buffer.from(bytes).toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, at, , state]) => at === local && state === ESTABLISHED).length;
}
