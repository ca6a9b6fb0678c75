import type { Resolution, ServiceRecord } from '../lib/effects.ts';
import type { Random } from '../lib/random.ts';

/** Addresses of one domain that are tried before it counts as out of reach. */
export const MAX_CANDIDATES = 10;
/** RFC 6120 §3.2.2: where a domain without records is asked for. */
const SERVER_PORT = 5269;

/** One try at a domain's server. */
export interface Candidate {
  /** Numeric address. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS begins at once (XEP-0368). */
  readonly isDirectTls: boolean;
  /** The target of the record that tells of it; undefined for an address of the domain itself. */
  readonly name: string | undefined;
}

/**
 * Where to try, in the order of RFC 2782, records of both services in one list (XEP-0368 §3). Where there are records the
 * domain's own addresses don't count, even if it says by a target `.` that it has no such service (RFC 6120 §3.2.1). Nothing
 * is tried twice.
 */
export function candidatesOf({ records, addresses }: Resolution, random: Random): Candidate[] {
  const candidates: Candidate[] = [];
  const seen = new Set<string>();
  for (const candidate of records.length > 0 ? ofRecords(records, random) : ofDomain(addresses)) {
    const { host, port, isDirectTls } = candidate;
    const key = `${host} ${port} ${isDirectTls}`;
    if (!seen.has(key)) candidates.push(candidate);
    if (candidates.length >= MAX_CANDIDATES) break;
    seen.add(key);
  }
  return candidates;
}

function* ofRecords(records: readonly ServiceRecord[], random: Random): Generator<Candidate> {
  for (const { service, port, target, addresses } of inOrder(records, random))
    for (const host of addresses) yield { host, port, isDirectTls: service === 'xmpps-server', name: target };
}

function* ofDomain(addresses: readonly string[]): Generator<Candidate> {
  for (const host of addresses) yield { host, port: SERVER_PORT, isDirectTls: false, name: undefined };
}

/** By priority; among equals each is drawn with the chance of its weight, which is very small for a weight of 0. */
function* inOrder(records: readonly ServiceRecord[], random: Random): Generator<ServiceRecord> {
  const left = records
    .filter(({ target }) => target !== '.')
    .sort((one, other) => one.priority - other.priority || Math.sign(one.weight) - Math.sign(other.weight));
  for (let first = left[0]; first !== undefined; first = left[0]) {
    const { priority } = first;
    const other = left.findIndex((record) => record.priority !== priority);
    const [drawn] = left.splice(draw(left.slice(0, other === -1 ? left.length : other), random), 1);
    if (drawn !== undefined) yield drawn;
  }
}

/** The index of one of them. Those of weight 0 come first. */
function draw(equals: readonly ServiceRecord[], random: Random): number {
  const sum = equals.reduce((all, { weight }) => all + weight, 0);
  let rest = Math.floor(random.next() * (sum + 1));
  return equals.findIndex(({ weight }) => (rest -= weight) <= 0);
}
