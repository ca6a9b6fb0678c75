/** Where links dial: to a place of our own, to one that another link dials, or from addresses that can't come. */

import { formatAddress, isIpv6, normaliseAddress } from '../lib/address.ts';
import type { Address } from './config.ts';
import { type Draft, type DraftLink, present } from './draft.ts';
import { fault, type Remark } from './finding.ts';
import { isAny, isLoopback } from './host-port.ts';
import type { Path } from './positions.ts';

export function* dialRules(draft: Draft): Generator<Remark> {
  const dialled = new Set<string>();
  for (const [index, link] of present(draft.values.link ?? [])) {
    const path = ['link', index];
    yield* toOurselves(link, path, draft);
    yield* toAnother(link, path, dialled);
    yield* families(link, path);
  }
}

function* toOurselves({ connect }: DraftLink, path: Path, draft: Draft): Generator<Remark> {
  if (connect === undefined) return;
  const at = [...path, 'connect'];
  const own = listeners(draft).find((listener) => leadsTo(connect, listener));
  const { host, port } = draft.values.component ?? {};
  if (own !== undefined)
    yield fault(at, `connect leads back to us: we wait at ${formatAddress(own)} ourselves (where the peer waits)`);
  else if (connect.host === host && connect.port === port)
    yield fault(at, `the server of [component] is at ${formatAddress(connect)} (where the peer waits)`);
}

/** Over S2S several domains may be at one server; a direct link's listener is one peer's, and tells us by our address. */
function* toAnother({ connect, transport }: DraftLink, path: Path, dialled: Set<string>): Generator<Remark> {
  if (connect === undefined || transport !== 'direct') return;
  const address = formatAddress(connect);
  if (dialled.has(address))
    yield fault([...path, 'connect'], `another link dials ${address} already (one peer waits there)`);
  dialled.add(address);
}

/** `[::]` takes both; any other numeric address only those of its own kind. */
function* families({ listen, from = [] }: DraftLink, path: Path): Generator<Remark> {
  const host = listen === undefined ? undefined : normaliseAddress(listen.host);
  if (host === undefined || host === '0:0:0:0:0:0:0:0') return;
  const isV6 = isIpv6(host);
  for (const [index, address] of present(from))
    if (isIpv6(address) !== isV6)
      yield fault(
        [...path, 'from', index],
        `nobody comes from ${address} to ${host} (${isV6 ? 'IPv6' : 'IPv4'} addresses, or listen at [::])`,
      );
}

function listeners({ values: { link = [], s2s } }: Draft): Address[] {
  const ofLinks = present(link).flatMap(([, { listen, transport }]) =>
    listen === undefined || transport === 's2s' ? [] : [listen],
  );
  return [...ofLinks, ...Object.values(s2s?.listen ?? [])];
}

function leadsTo(to: Address, listener: Address): boolean {
  if (to.port !== listener.port) return false;
  return to.host === listener.host || isAny(to.host) || (isLoopback(to.host) && isAny(listener.host));
}
