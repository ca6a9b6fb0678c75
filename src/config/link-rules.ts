/** What can't be meant in links: keys that exclude or need one another, links that can't be told apart. */

import { normaliseAddress } from '../lib/address.ts';
import type { Address } from './config.ts';
import { type Draft, type DraftLink, hasHoles, present } from './draft.ts';
import { fault, type Remark, warning } from './finding.ts';
import type { Path } from './positions.ts';

export function* linkRules(draft: Draft): Generator<Remark> {
  for (const [index, link] of links(draft)) {
    const written = writtenIn(draft, index);
    yield* waysToConnect(link, ['link', index], written);
    yield* pin(link, ['link', index], written);
    if (link.compression === true && link.transport === 'direct' && link.dialect === 'openfire')
      yield fault(
        ['link', index, 'compression'],
        'compression = true takes an fmucd at the other end (false, or another dialect)',
      );
  }
  yield* domains(draft);
  yield* sharedPeers(draft);
  yield* sharedListeners(draft);
  yield* pinnedListeners(draft);
  yield* sharedPins(draft);
}

/** The addresses that may connect to a link's listener: those of the file, else that of `connect`; with a pin, none: any. */
export function allowedAddresses(link: Pick<DraftLink, 'from' | 'connect' | 'tls'>): readonly string[] {
  if (link.tls === 'pinned') return link.from ?? [];
  const dialled = normaliseAddress(link.connect?.host ?? '');
  return link.from ?? (dialled === undefined ? [] : [dialled]);
}

/** The domains that a link reaches: its peer and the further ones, each with the place where the file says so. */
export function* reachedDomains(draft: Draft): Generator<{ domain: string; path: Path }> {
  for (const [link, { peer, domains = [] }] of links(draft)) {
    if (peer !== undefined) yield { domain: peer, path: ['link', link, 'peer'] };
    for (const [index, domain] of present(domains)) yield { domain, path: ['link', link, 'domains', index] };
  }
}

function* waysToConnect(link: DraftLink, path: Path, written: Written): Generator<Remark> {
  if (link.transport !== 'direct') return;
  if (!written('connect') && !written('listen'))
    yield fault(path, 'the link can neither dial nor be dialled (connect, listen or both)');
  if (!written('listen') && written('from')) yield fault([...path, 'from'], 'from does nothing without listen');
  if (isWaiting(link) && !hasDoubtfulAddresses(link, written) && allowedAddresses(link).length === 0)
    yield fault([...path, 'listen'], 'nobody may connect to listen (from, or a numeric address in connect)');
  if (link.tls === 'pinned' && link.from?.length === 0)
    yield fault([...path, 'from'], 'nobody may connect to listen (addresses, or no from: whoever has the pin)');
}

/** Whether it waits for a peer that only its address tells from others; with TLS, its certificate does. */
function isWaiting(link: DraftLink): link is DraftLink & { readonly listen: Address } {
  return link.listen !== undefined && link.tls === 'off';
}

function hasDoubtfulAddresses(link: DraftLink, written: Written): boolean {
  return hasHoles(link.from ?? []) || (['from', 'connect'] as const).some((key) => written(key) && !link[key]);
}

function* pin(link: DraftLink, path: Path, written: Written): Generator<Remark> {
  if (link.tls === 'off' && link.pin) yield fault([...path, 'pin'], 'pin does nothing without tls = "pinned"');
  if (link.tls === 'pinned' && link.pin === '')
    yield fault([...path, written('pin') ? 'pin' : 'tls'], 'tls = "pinned" needs a pin (SHA-256 of the certificate)');
}

function* domains(draft: Draft): Generator<Remark> {
  const own = draft.values.gateway?.domain;
  const local = new Set(Object.values(draft.values.gateway?.local_domains ?? []));
  for (const { domain, path } of reachedDomains(draft)) {
    if (domain === own) yield fault(path, `${domain} is this gateway's own domain (the far side's domains)`);
    else if (local.has(domain)) yield fault(path, `${domain} is one of local_domains too (the far side's domains)`);
  }
}

function* sharedPeers(draft: Draft): Generator<Remark> {
  const peers = new Set<string>();
  for (const [index, { peer }] of links(draft)) {
    if (peer === undefined) continue;
    if (peers.has(peer))
      yield fault(['link', index, 'peer'], `another link leads to ${peer} already (one to each peer)`);
    peers.add(peer);
  }
}

function* sharedListeners(draft: Draft): Generator<Remark> {
  const taken = new Set<string>();
  for (const [index, link] of links(draft)) {
    if (!isWaiting(link) || hasDoubtfulAddresses(link, writtenIn(draft, index))) continue;
    const { host, port } = link.listen;
    const addresses = allowedAddresses(link);
    const shared = addresses.find((address) => taken.has(`${address} ${host} ${port}`));
    if (shared !== undefined)
      yield fault(
        ['link', index, 'listen'],
        `another link waits here for ${shared} too (another port, or other addresses in from)`,
      );
    for (const address of addresses) taken.add(`${address} ${host} ${port}`);
  }
}

/** On one listener a certificate tells whose a connection is, or its address does. */
function* pinnedListeners(draft: Draft): Generator<Remark> {
  const waiting = links(draft).flatMap(([index, { listen, tls, pin = '' }]) =>
    listen === undefined || tls === undefined ? [] : [{ index, tls, pin, at: `${listen.host} ${listen.port}` }],
  );
  for (const [place, { index, tls, pin, at }] of waiting.entries()) {
    const others = waiting.slice(0, place).filter((other) => other.at === at);
    if (others.some((other) => other.tls !== tls))
      yield fault(
        ['link', index, 'listen'],
        `another link waits here with tls = "${tls === 'pinned' ? 'off' : 'pinned'}" (another port, or the same tls)`,
      );
    if (pin !== '' && others.some((other) => other.pin === pin))
      yield fault(['link', index, 'pin'], 'another link waits here for that pin too (the certificate of its own peer)');
  }
}

/** Elsewhere than on one listener it would even work, for the one of them whose pin it is. */
function* sharedPins(draft: Draft): Generator<Remark> {
  const peers = new Map<string, DraftLink>();
  for (const [index, link] of links(draft)) {
    const { pin = '', tls, listen } = link;
    if (tls !== 'pinned' || pin === '') continue;
    const other = peers.get(pin);
    const isOneListener =
      listen !== undefined && other?.listen?.host === listen.host && other.listen.port === listen.port;
    if (other?.peer !== undefined && !isOneListener)
      yield warning(['link', index, 'pin'], `the link to ${other.peer} has that pin too (its own peer's certificate)`);
    peers.set(pin, link);
  }
}

/** Whether the file has that key of a link. */
type Written = (key: keyof DraftLink) => boolean;

function writtenIn(draft: Draft, index: number): Written {
  return (key) => draft.written(['link', index, key]);
}

function links(draft: Draft): [number, DraftLink][] {
  return present(draft.values.link ?? []);
}
