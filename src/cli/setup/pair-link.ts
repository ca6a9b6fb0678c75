/** From two lines to the `[[link]]` of one side, and into its file. */

import type { Address, LinkConfig } from '../../config/config.ts';
import type { LoadResult } from '../../config/load.ts';
import { toml } from '../../config/toml-text.ts';
import { formatAddress } from '../../io/address.ts';
import { isIpv6, normaliseAddress } from '../../lib/address.ts';
import { commentedTable } from './commented-file.ts';
import type { PairLine, Terms } from './pair-line.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

/** The keys of a link, as the file writes them. */
export type LinkKeys = Readonly<Record<string, unknown>>;

const TERMS = ['transport', 'tls', 'bandwidth', 'compression'] as const;

/** Which of the terms two sides don't have alike, in words; undefined where they agree. */
export function disagreement(ours: Partial<Terms>, theirs: Terms): string | undefined {
  const key = TERMS.find((term) => ours[term] !== undefined && ours[term] !== theirs[term]);
  return (
    key &&
    `their line says ${key} = ${toml(theirs[key])}, and ours ${toml(ours[key])}: agree on one (--${key} ${theirs[key]}, or they type our line first)`
  );
}

/** The numeric address that a side dials from; undefined where its line doesn't tell. */
export function dialsFrom({ from, address }: Pick<PairLine, 'from' | 'address'>): string | undefined {
  return from ?? normaliseAddress(address?.host ?? '');
}

/** Where we wait for a peer that dials this address of ours: at every address of that kind, unless it is said where. */
export function listenFor({ host, port }: Address): Address {
  return { host: isIpv6(host) ? '0:0:0:0:0:0:0:0' : '0.0.0.0', port };
}

/** Our link to the other side, or why there can be none. `listen` is where we wait, if we do. */
export function linkBetween(
  ours: PairLine,
  theirs: PairLine,
  listen: Address | undefined,
): LinkKeys | { readonly problem: string } {
  const { domain: peer, domains, address: connect, transport, tls, pin, bandwidth, compression } = theirs;
  if (peer === ours.domain) return { problem: `that is our own line: theirs is what "fmucd pair" prints over there` };
  const problem = disagreement(ours, theirs);
  if (problem !== undefined) return { problem };
  const isDirect = transport === 'direct';
  if (isDirect && connect === undefined && listen === undefined)
    return { problem: 'neither side has an address, so nobody could dial: one gives --connect HOST:PORT' };
  const waits = isDirect && listen !== undefined;
  const from = waits && tls === 'off' ? dialsFrom(theirs) : undefined;
  if (waits && tls === 'off' && from === undefined)
    return {
      problem:
        'without TLS we know them by their numeric address alone, and their line has none: they give --from ADDRESS',
    };
  return {
    peer,
    ...(domains.length > 0 && { domains }),
    ...(!isDirect && { transport }),
    ...(connect !== undefined && { connect: formatAddress(connect) }),
    ...(waits && { listen: formatAddress(listen) }),
    ...(from !== undefined && from !== normaliseAddress(connect?.host ?? '') && { from: [from] }),
    tls,
    ...(pin !== '' && { pin }),
    ...(bandwidth > 0 && { bandwidth }),
    compression,
  };
}

/** The link as lines of the file. */
export function linkLines(link: LinkKeys): string[] {
  return commentedTable('link', link);
}

/** A file's text with the link in it. */
export type Edit =
  | { readonly kind: 'added' | 'changed'; readonly text: string }
  /** There is nothing to be done. */
  | { readonly kind: 'same' }
  /** It takes the operator: these keys are others than the ones that there are. */
  | { readonly kind: 'by-hand'; readonly keys: readonly string[] };

/** What may be exchanged in a link that is there: who the peer is and where, not what was decided about it. */
const EXCHANGED = ['connect', 'pin'] as const;

/** Puts the link at the end, or its address and pin into the one that leads to that peer. All else stays as it is. */
export function withLink({ config, locate, text }: Loaded, link: LinkKeys): Edit {
  const index = config.links.findIndex(({ peer }) => peer === link['peer']);
  const held = config.links[index];
  if (held === undefined) {
    const lines = [...(text === '' || text.endsWith('\n') ? [] : ['']), '', ...linkLines(link), ''];
    return { kind: 'added', text: text + lines.join(text.includes('\r\n') ? '\r\n' : '\n') };
  }
  const keys = differing(held, link);
  const byHand: Edit = { kind: 'by-hand', keys };
  if (keys.length === 0) return { kind: 'same' };
  let edited = text;
  const places = keys.map((key) => ({ key, ...locate(['link', index, key], 'value') }));
  for (const { key, line, column } of places.toSorted((a, b) => b.line - a.line || b.column - a.column)) {
    const offset = offsetOf(text, line) + column - 1;
    const written = STRING.exec(edited.slice(offset))?.[0];
    if (!EXCHANGED.some((one) => one === key) || link[key] === undefined || written === undefined) return byHand;
    edited = edited.slice(0, offset) + toml(link[key]) + edited.slice(offset + written.length);
  }
  return { kind: 'changed', text: edited };
}

/** A string of TOML on one line, without escapes. */
const STRING = /^(?:"[^"\\\r\n]+"|'[^'\r\n]+')/;

/** Where a line of the text begins, in UTF-16 units; lines count from 1. */
function offsetOf(text: string, line: number): number {
  return text
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, one) => sum + one.length + 1, 0);
}

/** The keys in which a link that is there isn't the one that is wanted. */
function differing(held: LinkConfig, link: LinkKeys): string[] {
  // What the file says nothing of: with a pin anybody, else whoever we dial.
  const dialled = held.tls === 'off' ? (normaliseAddress(held.connect?.host ?? '') ?? '') : '';
  const is: LinkKeys = {
    domains: held.domains.toSorted(),
    transport: held.transport,
    connect: held.connect && formatAddress(held.connect),
    listen: held.listen?.port,
    from: held.from.join() === dialled ? undefined : held.from,
    tls: held.tls,
    pin: held.pin,
    bandwidth: held.bandwidth,
    compression: held.compression,
  };
  const { domains = [], connect, listen, from, pin = '', bandwidth = 0, tls, transport = 'direct', compression } = link;
  const wanted: LinkKeys = {
    domains: (domains as string[]).toSorted(),
    transport,
    connect,
    listen: listen === undefined ? undefined : Number(/\d+$/.exec(listen as string)?.[0]),
    from,
    tls,
    pin,
    bandwidth,
    compression,
  };
  return Object.keys(wanted).filter((key) => JSON.stringify(is[key]) !== JSON.stringify(wanted[key]));
}
