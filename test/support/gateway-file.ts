import type { Issued } from './authority.ts';

/** Where a gateway attaches as a component. */
interface ComponentPort {
  readonly address: string;
  readonly port: number;
}

/** What a gateway under test shares with the server that it attaches to. */
export const SECRET = 's3cret';

/** The part of a gateway's file about itself and that server: its rooms are at `rooms.` before the server's domain. */
export function gatewayOf(domain: string, { address, port }: ComponentPort): string {
  return `
    [gateway]
    domain = "rooms.${domain}"
    data = "data"
    control = "control.sock"
    local_domains = ["${domain}"]
    [component]
    host = "${address}"
    port = ${port}
    secret = "${SECRET}"
  `;
}

/** A link to that server's gateway, and what else is set for it, a line each. */
export function linkTo(domain: string, ...settings: readonly string[]): string {
  return `
    [[link]]
    peer = "rooms.${domain}"
    domains = ["${domain}"]
    ${settings.join('\n    ')}
  `;
}

/** How a gateway meets other servers by streams of its own. */
interface S2sPart {
  /** `host:port` */
  readonly listen: string;
  readonly identity: Issued;
  /** PEM file of the authority that it trusts. */
  readonly authority: string;
  readonly auth?: readonly ('external' | 'dialback')[];
  /** `host:port` of each other domain. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** The part of a gateway's file about such streams. TLS is required. */
export function s2s({ listen, identity, authority, auth = ['external', 'dialback'], hosts }: S2sPart): string {
  const addresses = Object.entries(hosts).map(([domain, address]) => `"${domain}" = "${address}"`);
  return `
    [s2s]
    listen = ["${listen}"]
    ${auth.includes('external') ? `ca = "${authority}"` : ''}
    certificate = "${identity.certificate}"
    key = "${identity.key}"
    auth = [${auth.map((way) => `"${way}"`).join(', ')}]
    hosts = { ${addresses.join(', ')} }
  `;
}

/** The part of a gateway's file about itself, where no server stands before it: everyone comes by streams between servers. */
export function standalone(domain: string): string {
  return `
    [gateway]
    domain = "${domain}"
    data = "data"
    control = "control.sock"
  `;
}
