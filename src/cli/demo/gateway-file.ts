import { join } from 'node:path';
import { roomOf, type Side } from './people.ts';

/** Bits per second on the air, and in the gateways' own file. */
export const BANDWIDTH = 2400;

export interface GatewayFileOptions {
  /** Where the store and the control socket go. */
  readonly directory: string;
  readonly side: Side;
  readonly peer: Side;
  readonly component: { readonly port: number; readonly secret: string };
  /** Which port of loopback the link leads to, or is awaited on. Who connects, joins the peer's room. */
  readonly link: { readonly connect: number } | { readonly listen: number };
}

/** The file that an operator would write for one side. The link carries plain XML, so that one can read what crosses. */
export function gatewayFile({ directory, side, peer, component, link }: GatewayFileOptions): string {
  return [
    '[gateway]',
    `domain = ${quote(side.gateway)}`,
    `data = ${quote(directory)}`,
    `control = ${quote(join(directory, 'control.sock'))}`,
    `admins = [${quote(bare(side.person.jid))}]`,
    `local_domains = [${quote(side.server)}]`,
    '',
    '[component]',
    'host = "127.0.0.1"',
    `port = ${component.port}`,
    `secret = ${quote(component.secret)}`,
    '',
    '[[link]]',
    `peer = ${quote(peer.gateway)}`,
    `domains = [${quote(peer.server)}]`,
    'transport = "direct"',
    ...('connect' in link
      ? [`connect = "127.0.0.1:${link.connect}"`]
      : [`listen = "127.0.0.1:${link.listen}"`, 'from = ["127.0.0.1"]']),
    `bandwidth = ${BANDWIDTH}`,
    'compression = false',
    'coalesce = 0',
    'dialect = "fmucd"',
    '',
    '[[room]]',
    `name = ${quote(side.room)}`,
    ...('connect' in link ? [`federate = ${quote(roomOf(peer))}`, 'leave_after = 0'] : ['accept = ["*"]']),
    '',
  ].join('\n');
}

function bare(jid: string): string {
  return jid.slice(0, jid.indexOf('/'));
}

/** A TOML basic string: what JSON escapes, TOML reads. */
function quote(text: string): string {
  return JSON.stringify(text);
}
