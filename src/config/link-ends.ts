/** Whether both ends of a link say the same of it: the files of two gateways, held against each other. */

import { formatAddress, normaliseAddress } from '../lib/address.ts';
import type { Address } from './config.ts';
import { fault, warning } from './finding.ts';
import { domainOfFile, type GatewayFile, type LinkEnd, linkBetween, type RemarkIn, whereIn } from './gateway-file.ts';
import { isAny } from './host-port.ts';
import { nearest } from './nearest.ts';

/** What there is to say of the link between two gateways, in either file. */
export function* linkEnds(one: GatewayFile, other: GatewayFile): Generator<RemarkIn> {
  const here = linkBetween(one, other);
  const there = linkBetween(other, one);
  if (here !== undefined && there === undefined) yield* oneSided(here, other);
  if (there !== undefined && here === undefined) yield* oneSided(there, one);
  if (here === undefined || there === undefined) return;
  if (here.link.transport !== there.link.transport) {
    yield differing(here, there, 'transport');
    return;
  }
  yield* sameTls(here, there);
  if (here.link.transport === 'direct' && here.link.compression !== there.link.compression)
    yield differing(here, there, 'compression');
  yield* meeting(here, there);
  for (const [end, far] of [
    [here, there],
    [there, here],
  ] as const) {
    yield* sameDomains(end, far);
    if (end.link.dialect === 'openfire')
      yield [
        end.of,
        warning([...end.path, 'dialect'], `dialect is "openfire", and ${far.of.config.file} is of an fmucd (auto)`),
      ];
  }
  if (here.link.bandwidth !== there.link.bandwidth) {
    const [ours, theirs] = [here.link.bandwidth, there.link.bandwidth];
    const place = whereIn(there.of, [...there.path, 'bandwidth']);
    const said = `bandwidth is ${ours} here and ${theirs} in ${place}, and each end paces what it sends (the line's own)`;
    yield [one, warning([...here.path, 'bandwidth'], said)];
  }
}

/** A stream between servers needs no link at the other end. */
function* oneSided({ of, link, path }: LinkEnd, far: GatewayFile): Generator<RemarkIn> {
  const { file, links, s2s } = far.config;
  const domain = domainOfFile(of);
  const peers = links.map(({ peer }) => peer);
  const near = nearest(domain, peers);
  const meant = near && `did you mean ${near} in ${whereIn(far, ['link', peers.indexOf(near), 'peer'])}?`;
  if (link.transport === 'direct')
    yield [of, fault([...path, 'peer'], `${file} has no [[link]] to ${domain} (${meant ?? 'one at both ends'})`)];
  else if (s2s === undefined)
    yield [of, fault([...path, 'transport'], `${file} has no [s2s], which takes this link's stream`)];
}

function differing(here: LinkEnd, there: LinkEnd, key: 'transport' | 'tls' | 'compression'): RemarkIn {
  const [ours, theirs] = [JSON.stringify(here.link[key]), JSON.stringify(there.link[key])];
  const place = whereIn(there.of, [...there.path, key]);
  return [
    here.of,
    fault([...here.path, key], `${key} is ${ours} here and ${theirs} in ${place} (the same at both ends)`),
  ];
}

function* sameTls(here: LinkEnd, there: LinkEnd): Generator<RemarkIn> {
  if (here.link.tls !== there.link.tls) yield differing(here, there, 'tls');
  if (here.link.tls !== 'pinned' || there.link.tls !== 'pinned') return;
  const ends = [
    [here, there],
    [there, here],
  ] as const;
  const wrong = ends.filter(([end, far]) => far.of.sha256 !== undefined && far.of.sha256 !== end.link.pin);
  for (const [end, far] of wrong)
    yield [
      end.of,
      fault(
        [...end.path, 'pin'],
        `pin isn't the certificate of ${domainOfFile(far.of)} (its SHA-256: ${far.of.sha256})`,
      ),
    ];
  if (wrong.length === 0 && here.link.pin === there.link.pin)
    yield [
      here.of,
      fault(
        [...here.path, 'pin'],
        `${whereIn(there.of, [...there.path, 'pin'])} has this pin too, so one of them is its own certificate (the other's)`,
      ),
    ];
}

/** Whether one of them dials where the other waits for it. */
function* meeting(here: LinkEnd, there: LinkEnd): Generator<RemarkIn> {
  if (here.link.transport === 'direct' && !here.link.connect && !there.link.connect) {
    yield [
      here.of,
      fault(here.path, `neither this end of the link nor that in ${whereIn(there.of, there.path)} dials (connect)`),
    ];
    return;
  }
  yield* dialling(here, there);
  yield* dialling(there, here);
}

function* dialling(end: LinkEnd, far: LinkEnd): Generator<RemarkIn> {
  const { connect } = end.link;
  if (connect === undefined) return;
  const at = [...end.path, 'connect'];
  const listeners = listenersOf(far);
  const isOtherWayOpen = far.link.connect !== undefined && listenersOf(end).length > 0;
  if (listeners.length === 0) {
    const where = `${far.of.config.file} doesn't listen for this link (${far.link.transport === 's2s' ? 'listen of [s2s] there' : 'listen there'})`;
    yield [end.of, (isOtherWayOpen ? warning : fault)(at, where)];
    return;
  }
  const fitting = listeners.filter(({ port }) => port === connect.port);
  const names = (fitting.length === 0 ? listeners : fitting).map(formatAddress).join(' or ');
  if (fitting.length === 0)
    yield [
      end.of,
      fault(at, `connect goes to port ${connect.port}, and ${far.of.config.file} listens at ${names} (the same port)`),
    ];
  else if (normaliseAddress(connect.host) !== undefined && !fitting.some(({ host }) => mayBe(host, connect.host)))
    yield [end.of, warning(at, `connect goes to ${connect.host}, and ${far.of.config.file} listens at ${names}`)];
  yield* admitted(end, far);
}

/** Without TLS a peer is known by its address. */
function* admitted({ of, link }: LinkEnd, far: LinkEnd): Generator<RemarkIn> {
  if (far.link.transport !== 'direct' || far.link.from.length === 0) return;
  const hosts = [link.listen?.host, far.link.connect?.host].flatMap((host) => normaliseAddress(host ?? '') ?? []);
  const known = [...new Set(hosts.filter((host) => !isAny(host)))];
  if (known.length > 0 && !known.some((host) => far.link.from.includes(host)))
    yield [
      far.of,
      fault(
        [...far.path, 'from'],
        `from leaves out ${known.join(' and ')}, where ${domainOfFile(of)} is (its address)`,
      ),
    ];
}

function listenersOf({ of, link }: LinkEnd): readonly Address[] {
  if (link.transport === 's2s') return of.config.s2s?.listen ?? [];
  return link.listen === undefined ? [] : [link.listen];
}

function mayBe(listener: string, dialled: string): boolean {
  return isAny(listener) || listener === dialled || normaliseAddress(listener) === undefined;
}

/** Whose users the far end says are its own, and whose it may speak for here. */
function* sameDomains({ of, link, path }: LinkEnd, far: LinkEnd): Generator<RemarkIn> {
  const { gateway, links, file } = far.of.config;
  const { localDomains } = gateway;
  if (localDomains === undefined) return;
  const at = [...path, 'domains'];
  const missing = localDomains.filter((domain) => domain !== gateway.domain && !link.domains.includes(domain));
  if (missing.length > 0)
    yield [
      of,
      fault(at, `domains leaves out ${missing.join(', ')}, whose users come over this link (local_domains of ${file})`),
    ];
  const beyond = new Set(links.flatMap(({ peer, domains }) => [peer, ...domains]));
  for (const [index, domain] of link.domains.entries())
    if (domain !== gateway.domain && !localDomains.includes(domain) && !beyond.has(domain))
      yield [of, warning([...at, index], `${domain} is neither one of local_domains in ${file} nor beyond its links`)];
}

/** Whether the other end lets us in from where we come, as far as its `from` tells. */
export function* comingFrom(one: GatewayFile, other: GatewayFile, source: string): Generator<RemarkIn> {
  const here = linkBetween(one, other);
  const { link, path } = linkBetween(other, one) ?? {};
  if (here === undefined || link === undefined || path === undefined) return;
  if (here.link.transport !== 'direct' || link.listen === undefined || link.from.length === 0) return;
  if (link.from.includes(source)) return;
  const where = whereIn(other, [...path, 'from']);
  yield [
    one,
    warning([...here.path, 'connect'], `we come from ${source}, which from in ${where} leaves out (our address there)`),
  ];
}
