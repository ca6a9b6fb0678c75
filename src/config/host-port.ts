import { normaliseAddress } from '../lib/address.ts';
import type { Address } from './config.ts';

export const MIN_PORT = 1;
export const MAX_PORT = 65_535;

/** RFC 1123 §2.1, and the underscore of closed networks; a last label in digits is a mistyped IPv4 address. */
const HOST_NAME = /^(?!.*(?:^|\.)\d+$)[a-z\d_](?:[a-z\d_-]*[a-z\d_])?(?:\.[a-z\d_](?:[a-z\d_-]*[a-z\d_])?)*$/;

/** A numeric address, normalised so that it compares as text, or a host name in lower case. Undefined: neither. */
export function parseHost(text: string): string | undefined {
  const name = text.toLowerCase();
  return normaliseAddress(name) ?? (HOST_NAME.test(name) ? name : undefined);
}

/** `host:port`, where an IPv6 host stands in brackets. Undefined where the text isn't that. */
export function parseHostPort(text: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = parseHost(bracketed ?? plain ?? '');
  const port = Number(digits);
  return host !== undefined && port >= MIN_PORT && port <= MAX_PORT ? { host, port } : undefined;
}

/** Whether a listener there takes connections to every address of the machine. */
export function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '0:0:0:0:0:0:0:0';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.') || host === '0:0:0:0:0:0:0:1';
}
