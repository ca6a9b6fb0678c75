import type { Address, LinkConfig } from '../../config/config.ts';
import { warning } from '../../config/finding.ts';
import type { LinkReport } from '../../gateway/report.ts';
import { formatAddress } from '../../io/address.ts';
import { normaliseAddress } from '../../lib/address.ts';
import { formatAge } from '../format.ts';
import { type Examined, examined, type Scene, together } from './scene.ts';
import type { Surroundings } from './surroundings.ts';

/** With the address that we would dial each peer from, where that is known. */
export interface LinksExamined extends Examined {
  readonly sources: ReadonlyMap<string, string>;
}

const OFTEN_DOWN = 'links often are; it is dialled again and again';

/**
 * Whether the links' peers can be reached, as far as that can be told without a connection: a peer may take a second one
 * from us for the link anew, and drop the one that stands.
 */
export async function examineLinks(scene: Scene): Promise<LinksExamined> {
  const { config, gateway } = scene;
  const sources = new Map<string, string>();
  const reports = gateway.runs ? (gateway.report?.links ?? []) : [];
  const parts = config.links.map(async (link, index) => {
    const report = reports.find(({ peer }) => peer === link.peer);
    return report === undefined ? examineAddress(link, index, scene, sources) : standing(report, index, scene);
  });
  return { ...together(await Promise.all(parts)), sources };
}

function standing({ peer, state, since, error }: LinkReport, index: number, { on }: Scene): Examined {
  const age = formatAge(since, on.now());
  const why = error === null ? '' : `: ${error}`;
  const remarks =
    state === 'up' ? [] : [warning(['link', index, 'peer'], `the link is ${state}, ${age}${why} (${OFTEN_DOWN})`)];
  return examined(remarks, `link ${peer}`, `up, ${age}`);
}

async function examineAddress(
  link: LinkConfig,
  index: number,
  { config, on }: Scene,
  sources: Map<string, string>,
): Promise<Examined> {
  const { connect, listen, peer, transport } = link;
  const what = `link ${peer}`;
  const path = ['link', index, 'connect'];
  if (connect === undefined) {
    if (listen !== undefined) return examined([], what, `is waited for at ${formatAddress(listen)}`);
    // Over S2S: `hosts` or DNS tell where it is.
    const host = config.s2s?.hosts[peer];
    return examined([], what, host === undefined ? 'found by DNS' : `found in hosts, at ${formatAddress(host)}`);
  }
  if (transport === 's2s') {
    const problem = await on.connectProblem(connect);
    const remarks = problem === undefined ? [] : [warning(path, `${problem} (${OFTEN_DOWN})`)];
    return examined(remarks, what, `${formatAddress(connect)} answers`);
  }
  const way = await wayTo(connect, on);
  if ('source' in way) sources.set(peer, way.source);
  const remarks = 'problem' in way ? [warning(path, way.problem)] : [];
  const result = 'problem' in way ? '' : `${formatAddress(connect)}, from ${way.source}; not dialled`;
  return examined(remarks, what, result);
}

/** How our packets would go there. */
async function wayTo(
  { host, port }: Address,
  on: Pick<Surroundings, 'resolveHost' | 'routeTo'>,
): Promise<{ readonly source: string } | { readonly problem: string }> {
  if (normaliseAddress(host) !== undefined) return on.routeTo({ host, port });
  const { addresses, problem } = await on.resolveHost(host);
  const [address] = addresses;
  if (address === undefined)
    return { problem: `${host} can't be resolved: ${problem} (a numeric address, or an entry in /etc/hosts)` };
  return on.routeTo({ host: address, port });
}
