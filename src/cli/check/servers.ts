import type { Config } from '../../config/config.ts';
import { type Remark, warning } from '../../config/finding.ts';
import type { Path } from '../../config/positions.ts';
import { formatAddress } from '../../io/address.ts';
import type { Resolution } from '../../lib/effects.ts';
import { domainOf } from '../../lib/jid.ts';
import { type Checked, type Examined, examined, type Scene, together } from './scene.ts';

/** Servers that are looked for. */
export const MAX_SERVERS = 64;

/** Whether the servers that are reached by streams of our own can be found, and answer where the file says they are. */
export async function examineServers(scene: Scene): Promise<Examined> {
  const { config, on } = scene;
  if (config.s2s === undefined) return { remarks: [], checked: [] };
  const { hosts } = config.s2s;
  const known = Object.entries(hosts).map(async ([domain, address]) => {
    const problem = await on.connectProblem(address);
    const remarks = problem === undefined ? [] : [warning(['s2s', 'hosts', domain], problem)];
    return examined(remarks, `server of ${domain}`, `${formatAddress(address)} answers`);
  });
  const sought = soughtDomains(config).map(async ([domain, path]) => {
    const resolution = await on.resolve(domain);
    const remarks = reasonsAgainst(domain, resolution).map((reason) => warning(path, reason));
    return examined(remarks, `server of ${domain}`, `in DNS: ${whereabouts(resolution)}`);
  });
  return together(await Promise.all([...known, ...sought, ownName(scene)]));
}

/** The domains that go by S2S and have no address in the file, each with the first place that names it. */
function soughtDomains({ gateway, s2s, component, links, rooms }: Config): [string, Path][] {
  const named: [string, Path][] = [
    ...links.flatMap(({ peer, transport, connect }, index): [string, Path][] =>
      transport === 's2s' && connect === undefined ? [[peer, ['link', index, 'peer']]] : [],
    ),
    ...rooms.flatMap(({ federate, accept }, index): [string, Path][] => [
      ...federate.map((node, at): [string, Path] => [domainOf(node), ['room', index, 'federate', at]]),
      ...accept.flatMap((node, at): [string, Path][] =>
        node === '*' ? [] : [[domainOf(node), ['room', index, 'accept', at]]],
      ),
    ]),
  ];
  const byLink = (domain: string) =>
    links.some(
      ({ peer, domains, transport, connect }) =>
        domains.includes(domain) || (peer === domain && (transport === 'direct' || connect !== undefined)),
    );
  const isServers = (domain: string) =>
    component !== undefined && (gateway.localDomains === undefined || gateway.localDomains.includes(domain));
  const wanted = named.filter(([domain]) => s2s?.hosts[domain] === undefined && !byLink(domain) && !isServers(domain));
  return [...new Map(wanted.toReversed())].toReversed().slice(0, MAX_SERVERS);
}

function reasonsAgainst(domain: string, { problem, records, addresses }: Resolution): string[] {
  const reached = [...addresses, ...records.flatMap((record) => record.addresses)];
  if (reached.length > 0) return [];
  const why =
    problem ??
    (records.every(({ target }) => target === '.') ? 'it has no such service' : 'its records lead to no address');
  return [`${domain} can't be found: ${why} (an address in hosts of [s2s])`];
}

function whereabouts({ records, addresses }: Resolution): string {
  const [record] = records;
  return record === undefined ? (addresses[0] ?? '') : `${record.target}:${record.port}`;
}

/** What DNS tells other servers of us. A network without DNS has it in the others' own files. */
async function ownName({ config: { gateway, s2s, component }, on }: Scene): Promise<Examined> {
  const none: Examined = { remarks: [], checked: [] };
  if (s2s === undefined || s2s.listen.length === 0) return none;
  if (component !== undefined && gateway.localDomains === undefined) return none;
  const resolution = await on.resolve(gateway.domain);
  const what = `DNS ${gateway.domain}`;
  const wrong = resolution.records.find(
    ({ port, target }) => target !== '.' && !s2s.listen.some((one) => one.port === port),
  );
  const remarks: Remark[] =
    wrong === undefined
      ? []
      : [
          warning(
            ['s2s', 'listen'],
            `DNS sends servers to ${wrong.target}:${wrong.port}, and we don't listen at that port (its SRV record, or listen)`,
          ),
        ];
  const checked: Checked = { what, result: describe(resolution) };
  return { remarks, checked: remarks.length === 0 ? [checked] : [] };
}

function describe(resolution: Resolution): string {
  if (resolution.records.length === 0 && resolution.addresses.length === 0)
    return 'unknown; others need our address themselves';
  return whereabouts(resolution);
}
