/** What can't be meant in rooms: names that stand twice, nodes that can't be joined or can't join, keys without effect. */

import { domainOf } from '../lib/jid.ts';
import { MAX_FEDERATE, notAnotherNode } from '../lib/node-names.ts';
import { type Draft, type DraftRoom, hasHoles, present } from './draft.ts';
import { fault, type Remark, warning } from './finding.ts';
import { reachedDomains } from './link-rules.ts';
import type { Path } from './positions.ts';

export function* roomRules(draft: Draft): Generator<Remark> {
  const names = new Set<string>();
  for (const [index, room] of present(draft.values.room ?? [])) {
    const path = ['room', index];
    if (room.name !== undefined && names.has(room.name))
      yield fault([...path, 'name'], `another room is named ${room.name} already (names after preparation, RFC 7622)`);
    if (room.name !== undefined) names.add(room.name);
    yield* joins(room, path, draft);
    yield* accepts(room, path, draft);
    yield* idleKeys(room, path, draft);
  }
}

function* joins(room: DraftRoom, path: Path, draft: Draft): Generator<Remark> {
  const { federate, mode } = room;
  const at = [...path, 'federate'];
  if (federate === undefined) return;
  if (federate.length === 0) yield fault(at, 'federate is empty (name at least one node, or leave it out)');
  if (federate.length > MAX_FEDERATE)
    yield fault([...at, MAX_FEDERATE], `federate names ${federate.length} nodes (${MAX_FEDERATE} or fewer)`);
  const named = new Set<string>();
  for (const [index, node] of present(federate)) {
    const problem = named.has(node)
      ? `federate names ${node} already (each node once)`
      : notANode(node, room, draft, 'a room of another node');
    if (problem !== undefined) yield fault([...at, index], problem);
    else if (mode === 'primary-replica' && isOpenfire(domainOf(node), draft))
      yield fault(
        [...at, index],
        `${node} can't be the primary: Openfire never echoes messages (mode, or another node)`,
      );
    named.add(node);
  }
}

function* accepts(room: DraftRoom, path: Path, draft: Draft): Generator<Remark> {
  const { accept = [] } = room;
  for (const [index, node] of present(accept)) {
    const problem = node === '*' ? undefined : notANode(node, room, draft, 'rooms or domains of other nodes');
    if (problem !== undefined) yield fault([...path, 'accept', index], problem);
  }
  const isForAny = accept.length > 0 && !hasHoles(accept) && accept.every((node) => node === '*');
  const isByStreamAlone = draft.written(['s2s']) && !draft.written(['component']);
  const tellsNothing = draft.values.link?.length === 0 && !draft.written(['gateway', 'local_domains']);
  if (isForAny && tellsNothing && !isByStreamAlone)
    yield warning(
      [...path, 'accept'],
      '"*" lets nobody join where nothing tells nodes from users (nodes by name, a [[link]], or local_domains)',
    );
}

/** Keys that have been written and do nothing. */
function* idleKeys({ accept, mode, leave_after }: DraftRoom, path: Path, draft: Draft): Generator<Remark> {
  if (draft.written([...path, 'federate'])) return;
  if (leave_after !== undefined && draft.written([...path, 'leave_after']))
    yield warning([...path, 'leave_after'], 'leave_after does nothing without federate');
  if (mode === 'primary-replica' && accept?.length === 0)
    yield warning([...path, 'mode'], `mode = "${mode}" does nothing without federate or accept`);
}

/** Why a room or domain can't be that of another node in the same set. */
function notANode(node: string, room: DraftRoom, draft: Draft, allowed: string): string | undefined {
  const { domain, local_domains: local = [] } = draft.values.gateway ?? {};
  const names = {
    room: domain === undefined ? undefined : `${room.name}@${domain}`,
    domain,
    localDomains: Object.values(local),
    isReached: (one: string) => isReached(one, draft),
  };
  return notAnotherNode(node, names, allowed);
}

function isOpenfire(domain: string, draft: Draft): boolean {
  return present(draft.values.link ?? []).some(([, link]) => link.peer === domain && link.dialect === 'openfire');
}

/** A component's server reaches any domain, and so does S2S. Where a link's own domains are in doubt, so is this. */
function isReached(domain: string, draft: Draft): boolean {
  const links = draft.values.link;
  return (
    draft.written(['component']) ||
    draft.written(['s2s']) ||
    links === undefined ||
    hasHoles(links) ||
    links.some((link) => link.peer === undefined || link.domains === undefined || hasHoles(link.domains)) ||
    [...reachedDomains(draft)].some((reached) => reached.domain === domain)
  );
}
