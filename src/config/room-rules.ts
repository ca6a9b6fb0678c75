/** What can't be meant in rooms: two of one name, and nodes that can't be joined. */

import { type Draft, type DraftRoom, hasHoles, present } from './draft.ts';
import { fault, type Remark } from './finding.ts';
import { reachedDomains } from './link-rules.ts';

export function* roomRules(draft: Draft): Generator<Remark> {
  const names = new Set<string>();
  for (const [index, room] of present(draft.values.room ?? [])) {
    if (room.name !== undefined && names.has(room.name))
      yield fault(
        ['room', index, 'name'],
        `another room is named ${room.name} already (names after preparation, RFC 7622)`,
      );
    if (room.name !== undefined) names.add(room.name);
    const problem = federateProblem(room, draft);
    if (problem !== undefined) yield fault(['room', index, 'federate'], problem);
  }
}

function federateProblem({ name, federate }: DraftRoom, draft: Draft): string | undefined {
  if (federate === undefined) return undefined;
  const own = draft.values.gateway?.domain;
  const domain = federate.slice(federate.indexOf('@') + 1);
  if (own !== undefined && federate === `${name}@${own}`)
    return `${federate} is this room itself (a room of another node)`;
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
