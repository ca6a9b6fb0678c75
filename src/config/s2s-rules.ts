/** What can't be meant in [s2s], and in links whose transport it is. */

import { formatAddress } from '../lib/address.ts';
import { Jid } from '../lib/jid.ts';
import type { Address } from './config.ts';
import { type Draft, type DraftLink, hasHoles, present } from './draft.ts';
import { fault, type Remark, warning } from './finding.ts';
import { isAny, isLoopback } from './host-port.ts';
import type { Path } from './positions.ts';

const LISTEN = ['s2s', 'listen'] as const;
const HOSTS = ['s2s', 'hosts'] as const;
const AUTH = ['s2s', 'auth'] as const;

export function* s2sRules(draft: Draft): Generator<Remark> {
  yield* keyPair(draft);
  yield* proofs(draft);
  yield* withoutTls(draft);
  yield* listeners(draft);
  yield* hosts(draft);
  yield* besideComponent(draft);
  for (const [index, link] of present(draft.values.link ?? []))
    if (link.transport === 's2s') yield* transport(link, ['link', index], draft);
}

function* keyPair(draft: Draft): Generator<Remark> {
  const hasCertificate = draft.written(['s2s', 'certificate']);
  const hasKey = draft.written(['s2s', 'key']);
  if (hasCertificate && !hasKey) yield fault(['s2s', 'certificate'], 'the certificate has no key (key)');
  if (hasKey && !hasCertificate) yield fault(['s2s', 'key'], 'the key has no certificate (certificate)');
}

function* proofs(draft: Draft): Generator<Remark> {
  const auth = authOf(draft);
  if (auth === undefined) return;
  if (auth.length === 0)
    yield fault(AUTH, 'auth is empty, so no server could prove who it is (external, dialback or both)');
  const named = new Set<string>();
  for (const [index, proof] of auth.entries()) {
    if (named.has(proof)) yield fault([...AUTH, index], `auth names ${proof} already (each once)`);
    named.add(proof);
  }
  if (auth.length > 0 && !named.has('external') && draft.written(['s2s', 'ca']))
    yield fault(['s2s', 'ca'], 'ca does nothing without external in auth: no certificate would be a proof');
}

function* withoutTls(draft: Draft): Generator<Remark> {
  if (draft.values.s2s?.tls !== 'off') return;
  const auth = authOf(draft) ?? [];
  if (auth.length > 0 && auth.every((proof) => proof === 'external'))
    yield fault(AUTH, 'auth = ["external"] needs TLS: certificates are shown in it (dialback, or another tls)');
  // A pinned link shows the certificate too.
  const links = present(draft.values.link ?? []);
  const isShown = links.some(([, { tls, transport }]) => tls !== 'off' && transport !== 's2s');
  const idle = isShown ? (['ca'] as const) : (['certificate', 'key', 'ca'] as const);
  for (const key of idle)
    if (draft.written(['s2s', key])) yield fault(['s2s', key], `${key} does nothing with tls = "off"`);
}

function* listeners(draft: Draft): Generator<Remark> {
  const { component, link = [] } = draft.values;
  const server =
    component?.host === undefined || component.port === undefined
      ? undefined
      : { host: component.host, port: component.port };
  const linkListeners = present(link).flatMap(([, { listen, transport }]) =>
    listen === undefined || transport === 's2s' ? [] : [listen],
  );
  const before: Address[] = [];
  for (const [index, address] of present(draft.values.s2s?.listen ?? [])) {
    const at = [...LISTEN, index];
    const name = formatAddress(address);
    const taken = before.find((other) => isShared(address, other));
    if (taken !== undefined) yield fault(at, `listen names ${formatAddress(taken)} already (each address once)`);
    else if (linkListeners.some((other) => isShared(address, other)))
      yield fault(at, `a [[link]] waits at ${name} too (another port)`);
    else if (
      server !== undefined &&
      (isSame(address, server) || (isShared(address, server) && isLoopback(server.host)))
    )
      yield fault(at, `the server of [component] is at ${formatAddress(server)} (another port, such as 5269)`);
    before.push(address);
  }
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}

/** Whether two listeners are in each other's way: one may be for every address. */
function isShared(one: Address, other: Address): boolean {
  return one.port === other.port && (one.host === other.host || isAny(one.host) || isAny(other.host));
}

function* hosts(draft: Draft): Generator<Remark> {
  const own = draft.values.gateway?.domain;
  const named = new Set<string>();
  for (const key of draft.keys(HOSTS)) {
    const domain = Jid.tryParse(key)?.domain;
    if (domain === undefined) continue;
    const problem =
      domain === own
        ? `${domain} is this gateway's own domain (domains of other servers)`
        : `hosts names ${domain} already (each domain once)`;
    if (domain === own || named.has(domain)) yield { ...fault([...HOSTS, key], problem), part: 'key' };
    named.add(domain);
  }
}

function* besideComponent({ written }: Draft): Generator<Remark> {
  if (written(['s2s']) && written(['component']) && !written(['gateway', 'local_domains']))
    yield warning(
      ['s2s'],
      'every domain goes by the [component] where nothing says which its server has (local_domains in [gateway])',
    );
}

function* transport(link: DraftLink, path: Path, draft: Draft): Generator<Remark> {
  for (const key of ['listen', 'from'] as const)
    if (draft.written([...path, key]))
      yield fault([...path, key], `${key} does nothing with transport = "s2s" (listen of [s2s])`);
  if (!draft.written(['s2s'])) {
    yield fault([...path, 'transport'], 'transport = "s2s" needs an [s2s] table');
    return;
  }
  if (link.tls !== 'pinned') return;
  if (draft.values.s2s?.tls === 'off')
    yield fault([...path, 'tls'], 'tls = "pinned" needs TLS, and [s2s] has tls = "off" (required)');
  const auth = authOf(draft);
  if (auth !== undefined && auth.length > 0 && !auth.includes('external'))
    yield fault([...path, 'tls'], 'tls = "pinned" needs external in auth of [s2s]: the certificate is the proof');
}

/** Undefined where it is in doubt. */
function authOf(draft: Draft): readonly ('external' | 'dialback')[] | undefined {
  const auth = draft.values.s2s?.auth;
  return auth === undefined || hasHoles(auth) ? undefined : auth;
}
