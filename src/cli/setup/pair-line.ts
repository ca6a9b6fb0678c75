/**
 * The line by which one operator tells another what their end of a link needs, by voice or on paper:
 *
 *     fmucd1 DOMAIN [with DOMAIN]... [at HOST:PORT] [from ADDRESS] [s2s] [bandwidth N] [plain] [open] sum GROUP [pin GROUP...]
 *
 * What stands before `sum` is as the sender's program writes it, in lower case; the group behind it is its sum. The groups
 * behind `pin` are the SHA-256 of the sender's certificate and four bits that hold all of the line together.
 */

import { createHash } from 'node:crypto';
import type { Address } from '../../config/config.ts';
import { tryValue } from '../../config/try-value.ts';
import { formatAddress } from '../../io/address.ts';
import { checkWordOf, checkWords } from './check-word.ts';
import { bitsOf, bitsOfBytes, bytesOfBits, GROUP_LENGTH, groupsOf, normalGroup } from './groups.ts';

/** What both ends of a link have alike. */
export interface Terms {
  readonly transport: 'direct' | 's2s';
  /** Whether each side pins the other's certificate; else the link isn't encrypted. */
  readonly tls: 'pinned' | 'off';
  /** bit/s */
  readonly bandwidth: number;
  readonly compression: boolean;
}

/** One end of a link. */
export interface PairLine extends Terms {
  /** The gateway's own. */
  readonly domain: string;
  /** Its users'. */
  readonly domains: readonly string[];
  /** Where it can be dialled; absent: it dials. */
  readonly address?: Address;
  /** The numeric address that it dials from, where that isn't the one of `address`. */
  readonly from?: string;
  /** SHA-256 in lower-case hexadecimal digits; empty with `tls = "off"`. */
  readonly pin: string;
}

/** What has been read of a line so far. */
export type Reading =
  | { readonly state: 'whole'; readonly line: PairLine; readonly word: string }
  /** More is to come; `next` says what. */
  | { readonly state: 'partial'; readonly next: string }
  /** What was typed last is to be typed again, or with `isAll` everything. */
  | { readonly state: 'refused'; readonly problem: string; readonly isAll: boolean };

const VERSION = 1;

/** Characters of a line, which no name or number of domains that people would read out comes near. */
export const MAX_LINE_LENGTH = 2000;

/** Further domains in a line. */
export const MAX_DOMAINS = 16;

/** Groups of a pin: 256 bits and four more. */
const PIN_GROUPS = 13;

/** Where the sum's group stands among the others: the pin's are 1 to 13. */
const SUM_PLACE = PIN_GROUPS + 1;

const SUM_BITS = 20;

/** x^20 + x^3 + 1: no change within 20 bits in a row, as of one letter or of two neighbours, leaves the remainder as it was. */
const POLYNOMIAL = 0x10_0009;

/** The line in the parts in which it is read out: what is said as it is spelt, the sum, and the groups of the pin, if any. */
export interface WrittenLine {
  readonly head: string;
  readonly sum: string;
  readonly pin: readonly string[];
  readonly word: string;
}

/** Throws where it is longer than anybody would read out. */
export function writePairLine(line: PairLine): WrittenLine {
  const head = headOf(line);
  const { bond, word } = bondOf(head, line.pin);
  const pin = line.pin === '' ? [] : groupsOf([...bitsOfBytes(Buffer.from(line.pin, 'hex')), ...bond], 1);
  return { head, sum: groupsOf(sumOf(head), SUM_PLACE)[0] ?? '', pin, word };
}

/** All of it on one line. */
export function oneLine({ head, sum, pin }: WrittenLine): string {
  return [head, 'sum', sum, ...(pin.length === 0 ? [] : ['pin', ...pin])].join(' ');
}

function headOf({ domain, domains, address, from, transport, tls, bandwidth, compression }: PairLine): string {
  return [
    `fmucd${VERSION}`,
    domain,
    ...domains.flatMap((further) => ['with', further]),
    ...(address === undefined ? [] : ['at', formatAddress(address)]),
    ...(from === undefined ? [] : ['from', from]),
    ...(transport === 's2s' ? ['s2s'] : []),
    ...(bandwidth === 0 ? [] : ['bandwidth', `${bandwidth}`]),
    ...(compression ? [] : ['plain']),
    ...(tls === 'off' ? ['open'] : []),
  ].join(' ');
}

/** The remainder of the text, as bits. */
function sumOf(text: string): number[] {
  let rest = 1;
  for (const bit of [...bitsOfBytes(Buffer.from(text)), ...Array<number>(SUM_BITS).fill(0)]) {
    rest = (rest << 1) | bit;
    if (rest >> SUM_BITS !== 0) rest ^= POLYNOMIAL;
  }
  return Array.from({ length: SUM_BITS }, (_, at) => (rest >> (SUM_BITS - 1 - at)) & 1);
}

/** What depends on all of the line: the four bits behind the pin, and the word. */
function bondOf(head: string, pin: string): { readonly bond: readonly number[]; readonly word: string } {
  const [first = 0, second = 0] = createHash('sha256').update(`${head} ${pin}`).digest();
  return { bond: bitsOfBytes(Uint8Array.of(first)).slice(0, 4), word: checkWordOf(second) };
}

/** Reads a line, or as much of it as there is, however it is broken into lines and groups. */
export function readPairLine(text: string): Reading {
  if (text.length > MAX_LINE_LENGTH) return refused('that is longer than any line that "fmucd pair" prints');
  if (/[^\P{C}\t\r\n]/u.test(text)) return refused('that has characters in it that no line has');
  const words = text.normalize('NFC').split(/\s+/).filter(Boolean);
  const lower = words.map((word) => word.toLowerCase());
  const version = /^fmucd(\d{1,9})$/.exec(lower[0] ?? 'fmucd1')?.[1];
  if (version === undefined) return refused('a line begins with fmucd1 (what "fmucd pair" prints on the other side)');
  if (Number(version) !== VERSION)
    return refused(`that line is of version ${Number(version)}, and this program reads ${VERSION} (a newer fmucd)`);
  const end = headEnd(lower);
  const head = readHead(lower.slice(1, end));
  if ('problem' in head) return refused(head.problem);
  if (end === lower.length) return { state: 'partial', next: 'up to the sum' };
  return readGroups(lower.slice(0, end).join(' '), head, words.slice(end + 1));
}

function refused(problem: string, isAll = false): Reading {
  return { state: 'refused', problem, isAll };
}

/** Words behind which another belongs to them, whatever that is. */
const LEADING: ReadonlySet<string> = new Set(['with', 'at', 'from', 'bandwidth']);

/** The place of `sum`, or the end. A domain may have any word's name, so it is told by where it stands. */
function headEnd(words: readonly string[]): number {
  let at = 2;
  while (at < words.length && words[at] !== 'sum') at += LEADING.has(words[at] ?? '') ? 2 : 1;
  return Math.min(at, words.length);
}

type Head = Omit<PairLine, 'pin'>;

/** What stands between the version and the sum. Where that is yet to come, what is there. */
function readHead([domain, ...words]: readonly string[]): Head | { readonly problem: string } {
  const domains: string[] = [];
  const more: { address?: Address; from?: string } = {};
  let terms: Terms = { transport: 'direct', tls: 'pinned', bandwidth: 0, compression: true };
  let problem: string | undefined;
  const read = (key: string, value: unknown): unknown => {
    const tried = tryValue('link', key, value, true);
    if (tried.ok) return tried.value;
    problem = `${NAMES[key]} ${tried.problem}`;
    return value;
  };
  const own = domain === undefined ? '' : (read('peer', domain) as string);
  for (let at = 0; at < words.length && problem === undefined; at += 1) {
    const word = words[at] ?? '';
    const value = LEADING.has(word) ? words[(at += 1)] : '';
    if (value === undefined) break;
    if (value.includes('%')) problem = `${value} means something on its own machine alone (an address without %)`;
    else if (word === 'with') domains.push((read('domains', [value]) as string[])[0] ?? '');
    else if (word === 'at') more.address = read('connect', value) as Address;
    else if (word === 'from') more.from = (read('from', [value]) as string[])[0] ?? '';
    else if (word === 'bandwidth')
      terms = { ...terms, bandwidth: read('bandwidth', /^\d{1,10}$/.test(value) ? Number(value) : value) as number };
    else if (word === 's2s') terms = { ...terms, transport: 's2s' };
    else if (word === 'plain') terms = { ...terms, compression: false };
    else if (word === 'open') terms = { ...terms, tls: 'off' };
    else problem = `no line has ${JSON.stringify(word)} there (with, at, from, s2s, bandwidth, plain, open or sum)`;
  }
  if (domains.length > MAX_DOMAINS) problem ??= `no line has more than ${MAX_DOMAINS} domains after "with"`;
  return problem === undefined ? { domain: own, domains, ...more, ...terms } : { problem };
}

/** What the line has them for, by key of a link. */
const NAMES: Readonly<Record<string, string>> = {
  peer: 'the domain after fmucd1',
  domains: 'a domain after "with"',
  connect: 'the address after "at"',
  from: 'the address after "from"',
  bandwidth: 'bandwidth',
};

/** Reads the groups behind `sum`: those of the sum, `pin`, those of the pin, and perhaps the word. */
function readGroups(head: string, line: Head, words: readonly string[]): Reading {
  const sum = takeGroups(words, 1);
  if ('problem' in sum) return refused(sum.problem);
  const [group] = sum.groups;
  if (group === undefined) return { state: 'partial', next: 'the sum' };
  const sumBits = bitsOf(group, SUM_PLACE);
  if (sumBits === undefined) return refused(`the sum (${group}) was misheard: ask for it again`);
  if (sumBits.join() !== sumOf(head).join())
    return refused('something before the sum was misheard: have them spell it again, from fmucd1 on', true);
  if (headOf({ ...line, pin: '' }) !== head) return refused('that isn\'t as "fmucd pair" writes it', true);
  if (line.tls === 'off') return whole(head, { ...line, pin: '' }, words.slice(sum.taken));

  const [pin, ...rest] = words.slice(sum.taken);
  if (pin === undefined) return { state: 'partial', next: 'pin' };
  if (pin.toLowerCase() !== 'pin') return refused(`behind the sum comes pin, not ${JSON.stringify(pin)}`);
  const taken = takeGroups(rest, PIN_GROUPS);
  if ('problem' in taken) return refused(taken.problem);
  const bits: number[] = [];
  for (const [at, one] of taken.groups.entries()) {
    const read = bitsOf(one, at + 1);
    if (read === undefined) return refused(`group ${at + 1} (${one}) was misheard: ask for it again`);
    bits.push(...read);
  }
  const missing = taken.groups.length + 1;
  if (missing <= PIN_GROUPS) return { state: 'partial', next: `group ${missing} of ${PIN_GROUPS}` };
  const digits = Buffer.from(bytesOfBits(bits.slice(0, 256))).toString('hex');
  if (bits.slice(256).join() !== bondOf(head, digits).bond.join())
    return refused('the pin was misheard, or belongs to another line: have them read its groups again', true);
  return whole(head, { ...line, pin: digits }, rest.slice(taken.taken));
}

/** All of a line; behind it the word may stand, as the other side's program prints it. */
function whole(head: string, line: PairLine, rest: readonly string[]): Reading {
  const { word } = bondOf(head, line.pin);
  const said = rest
    .join(' ')
    .replace(/^check word:? /i, '')
    .toUpperCase();
  if (said === '' || said === word) return { state: 'whole', line, word };
  return refused(
    checkWords.includes(said)
      ? `the check word of what was typed is ${word}, and not ${said}: something was misheard`
      : `the line ends before ${JSON.stringify(rest[0])}`,
    true,
  );
}

type Taken = { readonly groups: readonly string[]; readonly taken: number } | { readonly problem: string };

/** Takes up to so many groups from what was typed, each as it was printed, or letter by letter, or several as one word. */
function takeGroups(words: readonly string[], most: number): Taken {
  const groups: string[] = [];
  let open = '';
  let taken = 0;
  const cut = (group: string) => ({
    problem:
      `${most === 1 ? 'the sum' : `group ${groups.length + 1}`} (${group.slice(0, 3 * GROUP_LENGTH)}) isn't of ` +
      `${GROUP_LENGTH} characters: ask for it again`,
  });
  for (const word of words) {
    if (groups.length === most && open === '') break;
    taken += 1;
    const typed = normalGroup(word);
    if (typed.length > 1 && (open !== '' || typed.length % GROUP_LENGTH !== 0)) return cut(open + typed);
    open += typed;
    while (open.length >= GROUP_LENGTH && groups.length < most) {
      groups.push(open.slice(0, GROUP_LENGTH));
      open = open.slice(GROUP_LENGTH);
    }
    if (open.length >= GROUP_LENGTH) return cut(open);
  }
  return { groups, taken };
}
