/** Tries, before a gateway runs, what it will need of the network. Nothing stays open. */

import { connect, type NetConnectOpts } from 'node:net';
import type { Address } from '../config/config.ts';
import { formatAddress } from './address.ts';
import { Tcp } from './tcp.ts';
import { connectReason, ListenError } from './tcp-errors.ts';

/** Milliseconds that a probe waits for an answer. */
const PROBE_MS = 3_000;

/** Listens at each address, all at once, and stops again. Says, in their order, why one can't be had. */
export async function listenProblems(addresses: readonly Address[]): Promise<(string | undefined)[]> {
  const tcp = new Tcp(() => {});
  const problems = addresses.map(async (address) => {
    try {
      await tcp.listen(address, () => 0);
      return undefined;
    } catch (error) {
      if (error instanceof ListenError) return error.message;
      throw error;
    }
  });
  try {
    return await Promise.all(problems);
  } finally {
    await tcp.shutdown();
  }
}

/** Why nothing answers at an address; undefined where something does. */
export function connectProblem(address: Address): Promise<string | undefined> {
  return probe(address, formatAddress(address));
}

/** Whether a process listens on that Unix socket. */
export async function isAnswering(socketPath: string): Promise<boolean> {
  return (await probe({ path: socketPath }, socketPath)) === undefined;
}

function probe(target: NetConnectOpts, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, timeout: PROBE_MS });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no answer from ${name} within ${PROBE_MS / 1000} s`));
    socket.once('error', (error) => end(connectReason(error, name)));
  });
}
