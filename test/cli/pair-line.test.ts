import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { checkWords } from '../../src/cli/setup/check-word.ts';
import { bitsOf, groupsOf } from '../../src/cli/setup/groups.ts';
import {
  MAX_DOMAINS,
  MAX_LINE_LENGTH,
  oneLine,
  type PairLine,
  readPairLine,
  writePairLine,
} from '../../src/cli/setup/pair-line.ts';

const PIN = 'd54f05bb4c7819cce2f56c66914bfabc3aa815ebb3d90e52c61f62d2c2a1bc3a';
const pinned: PairLine = {
  domain: 'rooms.denmark.lit',
  domains: ['denmark.lit'],
  address: { host: '10.1.0.1', port: 5270 },
  transport: 'direct',
  tls: 'pinned',
  bandwidth: 2400,
  compression: true,
  pin: PIN,
};
const open: PairLine = { ...pinned, tls: 'off', pin: '' };

const label = fc.stringMatching(/^[a-z\d]([a-z\d-]{0,6}[a-z\d])?$/);
/** Also those that are called as words of the line are. */
const domain = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  fc.constantFrom('with', 'at', 'sum', 'pin', 'open', 'fmucd1', 'bücher.example', 'xn--bcher-kva.example'),
);
const host = fc.oneof(fc.ipV4(), fc.constantFrom('box.denmark.lit', 'fd00:0:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:17'));
const digits = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const lines: fc.Arbitrary<PairLine> = fc
  .record(
    {
      domain,
      domains: fc.array(domain, { maxLength: 4 }),
      address: fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }),
      from: fc.ipV4(),
      transport: fc.constantFrom('direct', 's2s'),
      tls: fc.constantFrom('pinned', 'off'),
      bandwidth: fc.constantFrom(0, 75, 300, 2400, 9600, 4_000_000_000),
      compression: fc.boolean(),
      pin: digits,
    } as const,
    { requiredKeys: ['domain', 'domains', 'transport', 'tls', 'bandwidth', 'compression', 'pin'] },
  )
  .map((line) => ({ ...line, pin: line.tls === 'pinned' ? line.pin : '' }));

const lineOf = (line: PairLine) => oneLine(writePairLine(line));

function problemOf(text: string): string {
  const reading = readPairLine(text);
  return reading.state === 'refused' ? reading.problem : reading.state;
}

describe('a line', () => {
  it('is as long as it has to be', () => {
    expect(lineOf(pinned)).toMatchInlineSnapshot(
      `"fmucd1 rooms.denmark.lit with denmark.lit at 10.1.0.1:5270 bandwidth 2400 sum AV55T pin TN7GS BETCB F0CWC SRQNT DHK9Q 2JZTX QGXAJ G5FB2 PFCGD WMP6V 3XHDG 5GN1B QGXDV"`,
    );
    expect(lineOf({ ...open, bandwidth: 0 })).toMatchInlineSnapshot(
      `"fmucd1 rooms.denmark.lit with denmark.lit at 10.1.0.1:5270 open sum 6Y4DX"`,
    );
    expect(writePairLine(pinned).word).toMatchInlineSnapshot(`"BOTTLE"`);
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(lines, (line) => {
        const written = writePairLine(line);
        expect(readPairLine(oneLine(written))).toEqual({ state: 'whole', line, word: written.word });
      }),
    );
  });

  it('may be typed in lower or upper case, with dashes, letter by letter, without spaces, and with what looks alike', () => {
    const { head, sum, pin, word } = writePairLine(pinned);
    const whole = { state: 'whole', line: pinned, word };
    expect(readPairLine(oneLine({ head, sum, pin, word }).toLowerCase())).toEqual(whole);
    expect(readPairLine(oneLine({ head, sum, pin, word }).toUpperCase())).toEqual(whole);
    expect(readPairLine(`${head}\n sum ${sum}\npin\n${pin.join('-')}\n`)).toEqual(whole);
    expect(readPairLine(`${head} sum ${sum} pin ${pin.join('')}`)).toEqual(whole);
    expect(readPairLine(`${head} sum ${[...sum].join(' ')} pin ${[...pin.join('')].join(' ')}`)).toEqual(whole);
    const alike = pin.join(' ').replaceAll('0', 'o').replace('1', 'I').replaceAll('1', 'l');
    expect(alike).toMatch(/o.*I/);
    expect(readPairLine(`${head} sum ${sum} pin ${alike}`)).toEqual(whole);
    expect(readPairLine(`${lineOf(pinned)}\ncheck word: ${word.toLowerCase()}`)).toEqual(whole);
  });

  it('may come piece by piece, and what is to come next is said', () => {
    const { head, sum, pin } = writePairLine(pinned);
    const next = (text: string) => {
      const reading = readPairLine(text);
      return reading.state === 'partial' ? reading.next : reading.state;
    };
    expect(next('')).toBe('up to the sum');
    expect(next('fmucd1 rooms.denmark.lit with')).toBe('up to the sum');
    expect(next(`${head} sum`)).toBe('the sum');
    expect(next(`${head} sum ${sum}`)).toBe('pin');
    expect(next(`${head} sum ${sum} pin`)).toBe('group 1 of 13');
    expect(next(`${head} sum ${sum} pin ${pin.slice(0, 6).join(' ')}`)).toBe('group 7 of 13');
  });
});

describe('what was misheard', () => {
  const { head, sum, pin } = writePairLine(pinned);
  const withGroups = (groups: readonly string[]) => problemOf(`${head} sum ${sum} pin ${groups.join(' ')}`);

  it('is told by its place', () => {
    const other = `${pin[6]?.slice(0, 4)}${pin[6]?.endsWith('Z') ? 'Y' : 'Z'}`;
    expect(withGroups(pin.with(6, other))).toBe(`group 7 (${other}) was misheard: ask for it again`);
    expect(withGroups(pin.toSpliced(3, 2, pin[4] ?? '', pin[3] ?? ''))).toMatch(/^group 4 \(.....\) was misheard/);
    expect(withGroups(pin.toSpliced(8, 1))).toMatch(/^group 9 \(.....\) was misheard/);
    expect(withGroups(pin.with(2, 'K7QM'))).toBe("group 3 (K7QM) isn't of 5 characters: ask for it again");
    expect(withGroups(pin.with(2, 'K7QM2A'))).toBe("group 3 (K7QM2A) isn't of 5 characters: ask for it again");
    expect(problemOf(`${head} sum 00000`)).toBe('the sum (00000) was misheard: ask for it again');
    expect(problemOf(`${head.replace('denmark', 'denmarc')} sum ${sum}`)).toBe(
      'something before the sum was misheard: have them spell it again, from fmucd1 on',
    );
    expect(problemOf(`${head} sum ${sum} pun`)).toBe('behind the sum comes pin, not "pun"');
  });

  it('is noticed if the pin is that of another line', () => {
    const others = Array.from({ length: 64 }, (_, at) => writePairLine({ ...pinned, bandwidth: at + 1 }));
    const mixed = others.map((other) => readPairLine(oneLine({ ...other, pin })));
    const words = mixed.map((reading) => (reading.state === 'whole' ? reading.word : 'refused'));
    expect(words.filter((word) => word === 'refused').length).toBeGreaterThan(50);
  });

  it('is noticed by the word, where it is said with the line', () => {
    const { word } = writePairLine(pinned);
    const wrong = word === 'ACORN' ? 'ZEBRA' : 'ACORN';
    expect(problemOf(`${lineOf(pinned)} check word: ${wrong}`)).toBe(
      `the check word of what was typed is ${word}, and not ${wrong}: something was misheard`,
    );
    expect(problemOf(`${lineOf(open)} and so on`)).toBe('the line ends before "and"');
  });

  const ALPHABET = Array.from('abcdefghijklmnopqrstuvwxyz0123456789.-:[]@ ');

  /** Every text with one character replaced, taken out or put in, or with two neighbours swapped. */
  function* slips(text: string): Generator<string> {
    for (let at = 0; at <= text.length; at += 1) {
      const [before, here, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)];
      for (const other of ALPHABET) {
        yield before + other + here + after;
        if (here !== '') yield before + other + after;
      }
      yield before + after;
      if (after !== '') yield before + after.charAt(0) + here + after.slice(1);
    }
  }

  it('is refused or means the same, whichever one character is wrong, missing or too much, or two are swapped', () => {
    const samples = [...fc.sample(lines, { numRuns: 2, seed: 7 }), pinned, open];
    const unnoticed = samples.flatMap((line) =>
      [...slips(lineOf(line).toLowerCase())].filter((slip) => {
        const reading = readPairLine(slip);
        return reading.state === 'whole' && lineOf(reading.line) !== lineOf(line);
      }),
    );
    expect(unnoticed).toEqual([]);
  });
});

describe('a group', () => {
  it('is one in 32 of those that are anything else', () => {
    const bits = Array.from({ length: 20 }, (_, at) => (at % 3) & 1);
    const [group = ''] = groupsOf(bits, 5);
    expect(bitsOf(group, 5)).toEqual(bits);
    for (let place = 1; place < 32; place += 1) expect(bitsOf(group, place) === undefined).toBe(place !== 5);
    expect(bitsOf('IIIII', 5)).toBeUndefined();
  });
});

describe('a line that nobody would read out is refused', () => {
  test.each([
    ['of another kind', 'hello', 'a line begins with fmucd1 (what "fmucd pair" prints on the other side)'],
    ['of another version', 'fmucd2 x', 'that line is of version 2, and this program reads 1 (a newer fmucd)'],
    ['with an escape', 'fmucd1 rooms.denmark.lit\u001b[2J', 'that has characters in it that no line has'],
    ['with a NUL', 'fmucd1 \0', 'that has characters in it that no line has'],
    ['that turns the text around', 'fmucd1 a\u202eb', 'that has characters in it that no line has'],
    ['of a megabyte', `fmucd1 ${'a'.repeat(1_000_000)}`, 'that is longer than any line that "fmucd pair" prints'],
    [
      'with a quote for a domain',
      'fmucd1 a"',
      'the domain after fmucd1 can\'t be "a\\"" (a domain, such as denmark.lit)',
    ],
    [
      'with TOML for a domain',
      'fmucd1 a with b"]',
      'a domain after "with" can\'t be "b\\"]" (a domain, such as denmark.lit)',
    ],
    ['with no port', 'fmucd1 a at 10.1.0.1', 'the address after "at" can\'t be "10.1.0.1" (HOST:PORT or [IPv6]:PORT)'],
    [
      'with a zone',
      'fmucd1 a at [fe80::1%eth0]:5270',
      '[fe80::1%eth0]:5270 means something on its own machine alone (an address without %)',
    ],
    [
      'with a host name to come from',
      'fmucd1 a from box',
      'the address after "from" can\'t be "box" (a numeric address, such as 10.1.0.2)',
    ],
    [
      'with a wrong number',
      'fmucd1 a bandwidth 24oo',
      'bandwidth can\'t be "24oo" (a whole number of bit/s, 0 or more)',
    ],
    [
      'with an unknown word',
      'fmucd1 a to b',
      'no line has "to" there (with, at, from, s2s, bandwidth, plain, open or sum)',
    ],
    [
      'with many domains',
      `fmucd1 a${' with b'.repeat(MAX_DOMAINS + 1)}`,
      'no line has more than 16 domains after "with"',
    ],
  ])('%s', (_, text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it('which never throws, whatever it is', () => {
    const pieces = fc.oneof(
      fc.constantFrom('fmucd1', 'with', 'at', 'from', 'sum', 'pin', 's2s', 'bandwidth', 'open', '\n', '"', '[[link]]'),
      fc.string({ unit: 'binary', maxLength: 12 }),
      domain,
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (words) => {
        const reading = readPairLine(words.join(' '));
        expect(['partial', 'refused']).toContain(reading.state);
      }),
    );
    expect(MAX_LINE_LENGTH).toBeGreaterThan(
      lineOf({ ...pinned, domains: Array(MAX_DOMAINS).fill('a.example') }).length,
    );
  });
});

describe('the check words', () => {
  it('are 64 that nobody takes for another', () => {
    expect(new Set(checkWords.map((word) => word.slice(0, 3))).size).toBe(64);
    expect(checkWords).toHaveLength(64);
    for (const word of checkWords) expect(word).toMatch(/^[A-Z]{5,8}$/);
  });

  it('all come up', () => {
    const words = new Set(Array.from({ length: 600 }, (_, at) => writePairLine({ ...open, bandwidth: at + 1 }).word));
    expect(words.size).toBe(64);
  });
});
