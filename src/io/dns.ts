import type { SrvRecord } from 'node:dns';
import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { normaliseAddress } from '../lib/address.ts';
import type { Resolution, ServiceRecord } from '../lib/effects.ts';
import { asciiDomain } from '../lib/idna.ts';

/** Milliseconds until a resolution is over, whatever is still unanswered. */
const RESOLUTION_MS = 15_000;

/** Milliseconds for one question to a server of DNS, and how often each server is asked. */
const QUESTION_MS = 3_000;
const TRIES = 2;

/** Resolutions under way at a time; further ones wait. */
export const MAX_RESOLUTIONS = 4;

/** Those that may wait; beyond, a domain isn't resolved now. */
export const MAX_WAITING = 256;

/** Records of a service that are followed, the preferred ones, and addresses taken of each name. */
export const MAX_RECORDS = 8;
export const MAX_ADDRESSES = 8;

/** RFC 6120 §3.2.1 and XEP-0368 §3. */
const SERVICES = ['xmpp-server', 'xmpps-server'] as const;

/** The answers that leave no doubt: no such name, or none of that kind. */
const DEFINITE: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

const PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no DNS server answers: does /etc/resolv.conf name one?',
  ETIMEOUT: 'no DNS server answers in time: is the network up?',
  EAI_AGAIN: 'DNS has no answer now: is the network up, and does /etc/resolv.conf name a server?',
  ESERVFAIL: 'the DNS server has met a fault: try again later',
  EREFUSED: "the DNS server doesn't answer us: does it admit this machine?",
  EBADNAME: 'no name that DNS can have',
  EBADRESP: 'the DNS server answers with what makes no sense',
};

/** What a resolution is done with, and its bound, where other ones are wanted. */
export interface DnsOptions {
  /** `address:port` of DNS servers, instead of the system's. */
  readonly servers?: readonly string[];
  /** Numeric addresses of a name as the system has and prefers them; rejects with the system's code. */
  readonly lookup?: (name: string) => Promise<readonly string[]>;
  readonly timeout?: number;
}

type Answer<T> = { readonly found: readonly T[] } | { readonly code: string };

/** Finds out where the servers of domains are. */
export class Dns {
  readonly #options: DnsOptions;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(options: DnsOptions = {}) {
    this.#options = options;
  }

  /**
   * The records of a domain's services (RFC 6120 §3.2.1, XEP-0368), each with the addresses of its target, or the domain's
   * own addresses where there are none. Over within RESOLUTION_MS of its turn, with what is known by then.
   *
   * Services are asked of DNS itself; addresses of the system, since its `/etc/hosts` and its preference between IPv6 and
   * IPv4 hold for servers too, and a box without DNS has nothing else. That can't be cut short, only left alone: two such
   * questions at most are with the system at a time, each over when it gives up.
   */
  async resolve(domain: string): Promise<Resolution> {
    const address = normaliseAddress(domain.replace(/^\[(.*)\]$/, '$1'));
    if (address !== undefined) return { records: [], addresses: [address], isDefinite: false };
    const name = asciiDomain(domain);
    if (name === undefined)
      return { records: [], addresses: [], problem: 'no name that DNS can have', isDefinite: true };
    return this.#inTurn(name, SERVICES);
  }

  /** The addresses of a host by its name, which has no services. Over within the same time. */
  resolveHost(host: string): Promise<Resolution> {
    return this.#inTurn(host, []);
  }

  async #inTurn(name: string, wanted: readonly ServiceRecord['service'][]): Promise<Resolution> {
    if (this.#waiting.length >= MAX_WAITING)
      return { records: [], addresses: [], problem: 'too many domains are being resolved', isDefinite: false };
    if (this.#underWay >= MAX_RESOLUTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#underWay++;
    try {
      return await this.#resolve(name, wanted);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#underWay--;
      else next();
    }
  }

  async #resolve(domain: string, wanted: readonly ServiceRecord['service'][]): Promise<Resolution> {
    const { servers, lookup = systemAddresses, timeout = RESOLUTION_MS } = this.#options;
    const resolver = new Resolver({ timeout: QUESTION_MS, tries: TRIES });
    if (servers !== undefined) resolver.setServers(servers);
    let isOver = false;
    let end = () => {};
    const over = new Promise<undefined>((resolve) => (end = () => resolve(undefined)));
    const timer = setTimeout(() => {
      isOver = true;
      end();
      resolver.cancel();
    }, timeout);
    const ask = async <T>(question: () => Promise<readonly T[]>): Promise<Answer<T>> => {
      if (isOver) return { code: 'ETIMEOUT' };
      const answer = question().then(
        (found) => ({ found }),
        (error: unknown) => ({ code: codeOf(error) }),
      );
      return (await Promise.race([answer, over])) ?? { code: 'ETIMEOUT' };
    };
    const names = new Map<string, Promise<Answer<string>>>();
    const addressesOf = async (name: string): Promise<readonly string[]> => {
      const asked = names.get(name) ?? ask(() => lookup(name));
      names.set(name, asked);
      return taken(await asked);
    };
    try {
      const services = await Promise.all(
        wanted.map((service) => ask(() => resolver.resolveSrv(`_${service}._tcp.${domain}`))),
      );
      const records = await Promise.all(
        services.flatMap((answer, index) =>
          preferred(answer).map(async (record): Promise<ServiceRecord> => {
            const { priority, weight, port } = record;
            const target = record.name === '' ? '.' : record.name;
            const addresses = target === '.' ? [] : await addressesOf(target);
            return { service: wanted[index] as ServiceRecord['service'], priority, weight, port, target, addresses };
          }),
        ),
      );
      if (records.length > 0) return { records, addresses: [], isDefinite: false };
      const own = await ask(() => lookup(domain));
      const addresses = taken(own);
      if (addresses.length > 0) return { records, addresses, isDefinite: false };
      return { records, addresses, ...conclusion([...services, own]) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The records that are followed: those of the least priority, which come first (RFC 2782). */
function preferred(answer: Answer<SrvRecord>): SrvRecord[] {
  if (!('found' in answer)) return [];
  return [...answer.found].sort((one, other) => one.priority - other.priority).slice(0, MAX_RECORDS);
}

function taken(answer: Answer<string>): readonly string[] {
  return 'found' in answer ? answer.found.slice(0, MAX_ADDRESSES) : [];
}

/** What it means that there is neither a record nor an address. */
function conclusion(answers: readonly Answer<unknown>[]): { problem: string; isDefinite: boolean } {
  const codes = answers.map((answer) => ('code' in answer ? answer.code : 'ENODATA'));
  const doubtful = codes.find((code) => !DEFINITE.has(code));
  if (doubtful === undefined) return { problem: 'no such domain in DNS', isDefinite: true };
  return { problem: PROBLEMS[doubtful] ?? `DNS fails with ${doubtful}`, isDefinite: false };
}

async function systemAddresses(name: string): Promise<string[]> {
  const found = await systemLookup(name, { all: true, verbatim: true });
  return found.map(({ address }) => normaliseAddress(address) ?? address);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
