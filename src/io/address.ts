import { isIPv6 } from 'node:net';
import type { Address } from '../config/config.ts';

/** `host:port`, an IPv6 address in brackets: the way the operator's file writes it. */
export function formatAddress(address: Address): string {
  return isIPv6(address.host) ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** An IPv4 peer as IPv4, also where a listener on `::` met it (`::ffff:10.1.0.2`, RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
