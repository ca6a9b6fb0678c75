import { isIPv6 } from 'node:net';
import type { Address } from '../config/config.ts';

/** `host:port`, an IPv6 address in brackets: the way the operator's file writes it. */
export function formatAddress(address: Address): string {
  return isIPv6(address.host) ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
