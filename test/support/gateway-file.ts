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
