/** What can't be meant in rooms: two of one name, and nodes that can't be joined. */

import { domainOf } from '../lib/jid.ts';
import { type Draft, type DraftRoom, hasHoles, present } from './draft.ts';
import { fault, type Remark } from './finding.ts';
import { reachedDomains } from './link-rules.ts';
import type { Path } from './positions.ts';

/** The nodes that a room may try to join, one after the other. */
const MAX_FEDERATE = 8;

export function* roomRules(draft: Draft): Generator<Remark> {
  const names = new Set<string>();
  for (const [index, room] of present(draft.values.room ?? [])) {
    if (room.name !== undefined && names.has(room.name))
      yield fault(
        ['room', index, 'name'],
        `another room is named ${room.name} already (names after preparation, RFC 7622)`,
      );
    if (room.name !== undefined) names.add(room.name);
    yield* federation(room, ['room', index, 'federate'], draft);
  }
}

function* federation({ name, federate }: DraftRoom, path: Path, draft: Draft): Generator<Remark> {
  if (federate === undefined) return;
  if (federate.length === 0) yield fault(path, 'federate is empty (name at least one node, or leave it out)');
  if (federate.length > MAX_FEDERATE)
    yield fault([...path, MAX_FEDERATE], `federate names ${federate.length} nodes (${MAX_FEDERATE} or fewer)`);
  const named = new Set<string>();
  for (const [index, node] of present(federate)) {
    const problem = named.has(node) ? `federate names ${node} already (each node once)` : unjoinable(node, name, draft);
    if (problem !== undefined) yield fault([...path, index], problem);
    named.add(node);
  }
}

/** Why a room of that name can't join a node. */
function unjoinable(node: string, name: string | undefined, draft: Draft): string | undefined {
  const own = draft.values.gateway?.domain;
  const domain = domainOf(node);
  if (own !== undefined && node === `${name}@${own}`) return `${node} is this room itself (a room of another node)`;
  if (own === undefined || domain === own || isReached(domain, draft)) return undefined;
  return `nothing reaches ${domain} (the peer or domains of a [[link]], or a [component])`;
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
