import type { Surroundings } from '../../src/cli/check/surroundings.ts';
import { fakeFiles } from '../config/support.ts';

/** A machine on which everything is as the file `/f.toml` with that text wants it, but for what is given. */
export function fine(text: string, given: Partial<Surroundings> = {}): Surroundings {
  return {
    files: fakeFiles({ '/f.toml': text }),
    askGateway: async () => ({ runs: false }),
    directoryProblem: () => undefined,
    fileSystemOf: () => ({ isInMemory: false, free: 1_200_000_000, size: 3_900_000_000 }),
    lookAtStore: (directory) => ({
      file: `${directory}/fmucd.db`,
      bytes: 12_345_678,
      mode: 0o100600,
      problem: undefined,
      newest: undefined,
      damaged: [],
    }),
    listenProblems: async (addresses) => addresses.map(() => undefined),
    connectProblem: async () => undefined,
    tryComponent: async () => ({ outcome: 'accepted' }),
    resolve: async () => ({ records: [], addresses: ['192.0.2.7'], isDefinite: false }),
    resolveHost: async () => ({ records: [], addresses: ['192.0.2.8'], isDefinite: false }),
    routeTo: async () => ({ source: '10.1.0.1' }),
    findIdentity: () => undefined,
    findCertificate: () => undefined,
    chainProblem: () => undefined,
    memory: 512 * 1024 * 1024,
    isRoot: false,
    now: () => Date.UTC(2026, 10, 21, 12),
    ...given,
  };
}
