import { createSocket } from 'node:dgram';
import type { Address } from '../config/config.ts';
import { isIpv6, normaliseAddress } from '../lib/address.ts';
import { formatAddress } from './address.ts';
import { connectReason } from './tcp-errors.ts';

/** The address of ours by which packets leave for somewhere, or why none can. */
export type Route = { readonly source: string } | { readonly problem: string };

/** Asks the system for its route to a numeric address. Nothing is sent, so nobody there is disturbed. */
export function routeTo(address: Address): Promise<Route> {
  const { host, port } = address;
  return new Promise((resolve) => {
    const socket = createSocket(isIpv6(host) ? 'udp6' : 'udp4');
    const end = (route: Route): void => {
      socket.close();
      resolve(route);
    };
    // The type leaves out that it is told of an error.
    const connected = (error?: Error): void => {
      if (error) return end({ problem: connectReason(error, formatAddress(address)) });
      const source = socket.address().address;
      end({ source: normaliseAddress(source) ?? source });
    };
    socket.connect(port, host, connected);
  });
}
