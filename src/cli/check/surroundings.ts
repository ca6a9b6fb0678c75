import { totalmem } from 'node:os';
import { type ComponentTrial, tryComponent } from '../../app/try-component.ts';
import type { Address, ComponentConfig } from '../../config/config.ts';
import type { ConfigFiles } from '../../config/files.ts';
import type { StatusReport } from '../../gateway/report.ts';
import { chainProblem } from '../../io/chain.ts';
import { ask } from '../../io/control-client.ts';
import { ControlError } from '../../io/control-error.ts';
import { Dns } from '../../io/dns.ts';
import { type FileSystem, fileSystemOf } from '../../io/file-system.ts';
import { configFiles, directoryProblem } from '../../io/files.ts';
import { findCertificate, findIdentity, type Identity, type IdentitySettings } from '../../io/identity.ts';
import { connectProblem, listenProblems } from '../../io/probe.ts';
import { type Route, routeTo } from '../../io/route.ts';
import { lookAtStore, type StoreLook } from '../../io/store-look.ts';
import type { Resolution } from '../../lib/effects.ts';

/** Milliseconds that a probe may take. All are under way at once. */
export const PROBE_MS = 5_000;

/** The gateway that runs with the file, if one does. */
export type RunningGateway =
  | { readonly runs: false }
  /** `report` is what it tells of itself; undefined where it can't be asked, for the reason `problem`. */
  | { readonly runs: true; readonly report?: StatusReport; readonly problem?: string };

/** What `check` looks at beside the file. Nothing that it asks disturbs a gateway or a link. */
export interface Surroundings {
  readonly files: ConfigFiles;
  readonly askGateway: (controlSocket: string) => Promise<RunningGateway>;
  /** Why a directory can't be written into or made. */
  readonly directoryProblem: (path: string) => string | undefined;
  /** What a directory stands on. */
  readonly fileSystemOf: (path: string) => FileSystem | undefined;
  readonly lookAtStore: (directory: string, isInUse: boolean) => StoreLook;
  /** Why each address can't be listened on. */
  readonly listenProblems: (addresses: readonly Address[]) => Promise<readonly (string | undefined)[]>;
  /** Why nothing answers at an address. */
  readonly connectProblem: (address: Address) => Promise<string | undefined>;
  readonly tryComponent: (component: ComponentConfig, domain: string) => Promise<ComponentTrial>;
  /** Where a domain's servers are. */
  readonly resolve: (domain: string) => Promise<Resolution>;
  /** The addresses of a host. */
  readonly resolveHost: (name: string) => Promise<Resolution>;
  /** By which of our addresses a numeric one is reached. */
  readonly routeTo: (address: Address) => Promise<Route>;
  /**
   * The certificate that there is, undefined where the gateway would make one.
   * @throws {IdentityError}
   */
  readonly findIdentity: (settings: IdentitySettings, dataDir: string) => Identity | undefined;
  readonly findCertificate: (
    settings: IdentitySettings,
    dataDir: string,
  ) => Pick<Identity, 'sha256' | 'names'> | undefined;
  readonly chainProblem: (pem: string, ca: string | undefined, now: number) => string | undefined;
  /** Bytes of memory that the machine has. */
  readonly memory: number;
  /** Whether we are the system's administrator, who may write where the gateway's user may not. */
  readonly isRoot: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How the system asks for names (resolv.conf(5)): a question that nobody answers can't be cut short, and keeps the process. */
const IMPATIENT = 'timeout:2 attempts:1';

/** The machine that this runs on. */
export function thisMachine(): Surroundings {
  process.env['RES_OPTIONS'] ??= IMPATIENT;
  const dns = new Dns({ timeout: PROBE_MS });
  return {
    files: configFiles,
    askGateway,
    directoryProblem,
    fileSystemOf,
    lookAtStore,
    listenProblems,
    connectProblem,
    tryComponent: (component, domain) => tryComponent({ ...component, domain }, PROBE_MS),
    resolve: (domain) => inTime(dns.resolve(domain)),
    resolveHost: (name) => inTime(dns.resolveHost(name)),
    routeTo,
    findIdentity,
    findCertificate,
    chainProblem,
    memory: totalmem(),
    isRoot: process.getuid?.() === 0,
    now: () => Date.now(),
  };
}

async function askGateway(controlSocket: string): Promise<RunningGateway> {
  try {
    const answer = await ask(controlSocket, { command: 'status' }, PROBE_MS);
    return answer.ok
      ? { runs: true, report: answer.result as StatusReport }
      : { runs: true, problem: `the gateway that runs can't tell how it stands: ${answer.error}` };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return error.condition === 'not-running' ? { runs: false } : { runs: true, problem: error.message };
  }
}

/** Few questions are with the system at a time, so one may have to wait for longer than it may take. */
function inTime(resolution: Promise<Resolution>): Promise<Resolution> {
  return new Promise((resolve) => {
    const problem = `no answer within ${PROBE_MS / 1000} s: is the network up?`;
    const timer = setTimeout(resolve, PROBE_MS, { records: [], addresses: [], problem, isDefinite: false });
    void resolution.then(resolve).finally(() => clearTimeout(timer));
  });
}
