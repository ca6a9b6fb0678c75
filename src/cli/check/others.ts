import { identitySettings } from '../../app/certificate.ts';
import { type Finding, fault, place } from '../../config/finding.ts';
import { domainOfFile, type GatewayFile, linkBetween, type RemarkIn, whereIn } from '../../config/gateway-file.ts';
import { comingFrom, linkEnds } from '../../config/link-ends.ts';
import { type LoadResult, loadConfig } from '../../config/load.ts';
import { roomSets } from '../../config/room-sets.ts';
import { namesDomain } from '../../stream/certificate-names.ts';
import type { Checked } from './scene.ts';
import type { Surroundings } from './surroundings.ts';

type Loaded = Extract<LoadResult, { readonly ok: true }>;

/** What has come of holding files against each other. */
export interface Compared {
  readonly isMissing: boolean;
  readonly findings: readonly Finding[];
  readonly checked: readonly Checked[];
}

/**
 * Reads copies of other gateways' files, and holds them against ours, if that has no faults, and each other. `sources` has the
 * address that we dial each peer from, by its domain.
 */
export function compareFiles(
  own: Loaded | undefined,
  others: readonly string[],
  sources: ReadonlyMap<string, string>,
  on: Pick<Surroundings, 'files' | 'findCertificate'>,
): Compared {
  const loaded = others.map((file) => loadConfig(file, on.files, 'copy'));
  const good = [...(own === undefined ? [] : [own]), ...loaded.filter((one): one is Loaded => one.ok)];
  const files = good.map((one) => gatewayFile(one, on));
  const [first, ...far] = own === undefined ? [] : files;
  const admissions = far.flatMap((of) => {
    const source = sources.get(domainOfFile(of));
    return first === undefined || source === undefined ? [] : [...comingFrom(first, of, source)];
  });
  const remarks = [
    ...admissions,
    ...sameDomains(files),
    ...pairs(files).flatMap(([a, b]) => [...linkEnds(a, b)]),
    ...roomSets(files),
  ];
  return {
    isMissing: loaded.some((one) => !one.ok && one.isMissing),
    findings: [
      ...loaded.flatMap((one) => (one.ok ? one.warnings : one.findings)),
      ...files.flatMap((of) => placed(of, remarks)),
    ],
    checked: pairs(files).flatMap(([a, b]) => agreement(a, b, remarks)),
  };
}

/** On this machine its paths may lead to our own certificate, so it counts only where it is for that gateway. */
function gatewayFile({ config, locate }: Loaded, on: Pick<Surroundings, 'findCertificate'>): GatewayFile {
  const found = on.findCertificate(identitySettings(config), config.gateway.data);
  const isIts =
    found !== undefined &&
    namesDomain(
      { ...found, dnsNames: found.names, srvNames: found.names, xmppAddresses: found.names },
      config.gateway.domain,
    );
  return { config, locate, sha256: isIts ? found.sha256 : undefined };
}

function* sameDomains(files: readonly GatewayFile[]): Generator<RemarkIn> {
  const seen = new Map<string, GatewayFile>();
  for (const of of files) {
    const domain = domainOfFile(of);
    const path = ['gateway', 'domain'];
    const before = seen.get(domain);
    if (before !== undefined)
      yield [of, fault(path, `${domain} is the domain of ${whereIn(before, path)} too (each gateway has its own)`)];
    seen.set(domain, of);
  }
}

function placed(file: GatewayFile, remarks: readonly RemarkIn[]): Finding[] {
  const own = remarks.flatMap(([of, remark]) => (of === file ? [remark] : []));
  return place(file.config.file, own, file.locate);
}

function pairs(files: readonly GatewayFile[]): [GatewayFile, GatewayFile][] {
  return files.flatMap((one, at) => files.slice(at + 1).map((other): [GatewayFile, GatewayFile] => [one, other]));
}

/** Two gateways with a link of which there is nothing to say. */
function agreement(a: GatewayFile, b: GatewayFile, remarks: readonly RemarkIn[]): Checked[] {
  const ends = [linkBetween(a, b), linkBetween(b, a)];
  const isRemarked = ends.some(
    (end) =>
      end === undefined ||
      remarks.some(([of, { path }]) => of === end.of && path[0] === 'link' && path[1] === end.path[1]),
  );
  return isRemarked
    ? []
    : [{ what: `${domainOfFile(a)} and ${domainOfFile(b)}`, result: 'both ends of the link agree' }];
}
