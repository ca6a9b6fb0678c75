import { dirname } from 'node:path';
import { built } from '../app/built.ts';
import { certificateRemarks, identitySettings, isCertificateShown } from '../app/certificate.ts';
import type { Address, Config } from '../config/config.ts';
import type { ConfigFiles } from '../config/files.ts';
import { type Finding, fault, formatFinding, place, type Remark, warning } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
import type { Path } from '../config/positions.ts';
import { formatAddress } from '../io/address.ts';
import { type FileSystem, fileSystemOf } from '../io/file-system.ts';
import { configFiles, directoryProblem } from '../io/files.ts';
import { findIdentity, type Identity, IdentityError, type IdentitySettings } from '../io/identity.ts';
import { connectProblem, isAnswering, listenProblems } from '../io/probe.ts';
import { formatBytes } from './format.ts';

/** The exit statuses of `fmucd check`. */
const CHECK_STATUS = { fine: 0, faults: 1, noFile: 2 } as const;

/** The part of the data directory's file system that is free, below which it is nearly full. */
const LOW_SPACE = 0.05;

/** What `check` looks at. */
export interface Surroundings {
  readonly files: ConfigFiles;
  /** Why a directory can't be written into or made. */
  readonly directoryProblem: (path: string) => string | undefined;
  /** What a directory stands on. */
  readonly fileSystemOf: (path: string) => FileSystem | undefined;
  /** Why each address can't be listened on. */
  readonly listenProblems: (addresses: readonly Address[]) => Promise<readonly (string | undefined)[]>;
  /** Why nothing answers at an address. */
  readonly connectProblem: (address: Address) => Promise<string | undefined>;
  readonly isAnswering: (socketPath: string) => Promise<boolean>;
  /**
   * The certificate that there is, undefined where the gateway would make one.
   * @throws {IdentityError}
   */
  readonly findIdentity: (settings: IdentitySettings, dataDir: string) => Identity | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A line of the verdict. */
  readonly print: (line: string) => void;
  /** A line about a fault or a warning. */
  readonly complain: (line: string) => void;
}

export const thisMachine: Surroundings = {
  files: configFiles,
  directoryProblem,
  fileSystemOf,
  listenProblems,
  connectProblem,
  isAnswering,
  findIdentity,
  now: () => Date.now(),
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
};

/**
 * `fmucd check`: every fault of the file, and where it has none, of what it needs from this machine. Faults and warnings
 * go to stderr, the verdict on a file without faults to stdout. Resolves to the exit status.
 */
export async function check(file: string, on: Surroundings = thisMachine): Promise<number> {
  const loaded = loadConfig(file, on.files);
  if (!loaded.ok) {
    for (const finding of loaded.findings) on.complain(formatFinding(finding));
    return loaded.isMissing ? CHECK_STATUS.noFile : CHECK_STATUS.faults;
  }
  const { config, locate, warnings } = loaded;
  const remarks = [
    ...directoryFaults(config, on),
    ...dataWarnings(config, on),
    ...(await listenFaults(config, on)),
    ...(await componentWarnings(config, on)),
    ...(await hostWarnings(config, on)),
    ...certificateFindings(config, on),
  ];
  const findings = [...warnings, ...place(file, remarks, locate), ...clockWarnings(file, on)];
  for (const finding of findings) on.complain(formatFinding(finding));
  if (findings.some(({ severity }) => severity === 'error')) return CHECK_STATUS.faults;
  on.print(findings.length === 0 ? `${file}: fine` : `${file}: fine, warnings: ${findings.length}`);
  return CHECK_STATUS.fine;
}

function directoryFaults({ gateway }: Config, on: Surroundings): Remark[] {
  const needed = { data: gateway.data, control: dirname(gateway.control) };
  return Object.entries(needed).flatMap(([key, directory]) => {
    const problem = on.directoryProblem(directory);
    return problem === undefined
      ? []
      : [fault(['gateway', key], `${key} can't be written: ${problem} (a directory of ours)`)];
  });
}

/** What is no fault of the file, and loses messages all the same. */
function dataWarnings({ gateway: { data } }: Config, on: Surroundings): Remark[] {
  const found = on.fileSystemOf(data);
  if (found === undefined) return [];
  const { isInMemory, free, size } = found;
  const warn = (message: string): Remark => warning(['gateway', 'data'], message);
  const used = `${Math.floor((1 - free / size) * 100)} % full (${formatBytes(free)} left: free some)`;
  return [
    ...(isInMemory ? [warn(`${data} is in memory: what is kept is gone at power-off (a directory on a disk)`)] : []),
    ...(free < size * LOW_SPACE ? [warn(`the file system of ${data} is ${used}`)] : []),
  ];
}

/** A gateway that runs with this file holds the addresses itself. */
async function listenFaults({ gateway, s2s, links }: Config, on: Surroundings): Promise<Remark[]> {
  if (await on.isAnswering(gateway.control)) return [];
  const named: { readonly address: Address; readonly path: Path }[] = [
    ...(s2s?.listen ?? []).map((address, index) => ({ address, path: ['s2s', 'listen', index] })),
    ...links.flatMap(({ listen: address }, link) =>
      address === undefined ? [] : [{ address, path: ['link', link, 'listen'] }],
    ),
  ];
  const first = new Map(named.toReversed().map((listener) => [formatAddress(listener.address), listener]));
  const wanted = named.filter((listener) => first.get(formatAddress(listener.address)) === listener);
  const problems = await on.listenProblems(wanted.map(({ address }) => address));
  return wanted.flatMap(({ path }, index) => {
    const problem = problems[index];
    return problem === undefined ? [] : [fault(path, problem)];
  });
}

/** The gateway keeps trying, so a server that is down is no fault of the file. */
async function componentWarnings({ component }: Config, on: Surroundings): Promise<Remark[]> {
  const problem = component && (await on.connectProblem(component));
  return problem === undefined ? [] : [warning(['component'], problem)];
}

/** A server that is down is no fault of the file either. */
async function hostWarnings({ s2s }: Config, on: Surroundings): Promise<Remark[]> {
  const asked = Object.entries(s2s?.hosts ?? {}).map(async ([domain, address]) => {
    const problem = await on.connectProblem(address);
    return problem === undefined ? [] : [warning(['s2s', 'hosts', domain], problem)];
  });
  return (await Promise.all(asked)).flat();
}

/** Whether peers will take the certificate that they are shown. */
function certificateFindings(config: Config, on: Surroundings): Remark[] {
  if (!isCertificateShown(config)) return [];
  const path = certificatePath(config);
  try {
    const identity = on.findIdentity(identitySettings(config), config.gateway.data);
    const remarks = identity === undefined ? [] : certificateRemarks(identity, config, on.now());
    return remarks.map(({ isFault, message }) => (isFault ? fault : warning)(path, message));
  } catch (error) {
    if (error instanceof IdentityError) return [fault(path, error.message)];
    throw error;
  }
}

/** What in the file makes for a certificate. */
function certificatePath({ s2s, links }: Config): Path {
  if (s2s?.certificate !== undefined) return ['s2s', 'certificate'];
  return s2s !== undefined && s2s.tls !== 'off'
    ? ['s2s']
    : ['link', links.findIndex(({ tls }) => tls === 'pinned'), 'tls'];
}

function clockWarnings(file: string, on: Surroundings): Finding[] {
  const now = on.now();
  if (now >= built) return [];
  const says = new Date(now).toISOString();
  return [{ severity: 'warning', file, message: `the clock says ${says} (set it: messages are stamped by it)` }];
}
