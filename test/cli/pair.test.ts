import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { painted } from '../../src/cli/paint.ts';
import { pair } from '../../src/cli/setup/pair.ts';
import { oneLine, type PairLine, writePairLine } from '../../src/cli/setup/pair-line.ts';
import { KEY, SELF_SIGNED } from '../support/certificates.ts';
import { endAll } from '../support/ending.ts';
import { enterFolder, sizeOf, Typing } from './typing.ts';

const FILE = 'fmucd.toml';
const OURS = `# Ours.
[gateway]
domain = "rooms.denmark.lit"  # kept
local_domains = ["denmark.lit"]
data = "data"
control = "control.sock"

[s2s]
tls = "off"
auth = ["dialback"]`;
const PIN = 'd54f05bb4c7819cce2f56c66914bfabc3aa815ebb3d90e52c61f62d2c2a1bc3a';
const theirs: PairLine = {
  domain: 'rooms.wonderland.lit',
  domains: ['wonderland.lit'],
  address: { host: '10.1.0.2', port: 5270 },
  transport: 'direct',
  tls: 'pinned',
  bandwidth: 2400,
  compression: true,
  pin: PIN,
};
const open: PairLine = { ...theirs, tls: 'off', pin: '' };
const { head, sum, pin: groups, word } = writePairLine(theirs);
const names = head.replace(' bandwidth 2400', '');

let folder: string;
beforeEach(() => {
  folder = enterFolder();
  mkdirSync('data');
  writeFileSync('data/identity.pem', KEY + SELF_SIGNED, { mode: 0o600 });
  writeFileSync(FILE, OURS, { mode: 0o600 });
});
afterEach(endAll);

interface Run {
  /** Absent: there is no terminal. */
  readonly typed?: readonly string[];
  readonly line?: PairLine | string;
  readonly options?: Record<string, string>;
  readonly paint?: typeof painted | undefined;
  readonly stdin?: string;
}

async function run({ typed, line, options, paint, stdin = '' }: Run) {
  const typing = new Typing(typed ?? [], paint);
  const text = typeof line === 'object' ? oneLine(writePairLine(line)) : (line ?? '');
  const invocation = typing.invocation(FILE, options, ...text.split(' ').filter(Boolean));
  const status = await pair(invocation, typed === undefined ? undefined : typing, () => Promise.resolve(stdin));
  return { status, screen: typing.screen(folder), left: typing.left };
}

const fileText = () => readFileSync(FILE, 'utf8');
const linksOf = (text: string) => parse(text)['link'] as Record<string, unknown>[] | undefined;

describe('two people who talk', () => {
  const MISHEARD = [
    names.replace('wonderland', 'wunderland'),
    `bandwidth 2400 sum ${sum}`,
    names,
    'bandwidth 2400',
    `sum ${sum} pin`,
    groups.slice(0, 5).join(' '),
    groups.slice(5, 10).with(1, 'K7QM2').join(' '),
    groups.slice(5, 10).join(' ').toLowerCase(),
    groups.slice(10).join('-'),
    'yes',
    '10.1.0.1',
    '10.1.0.1:5270',
    '',
  ];

  it.each([
    ['pair.txt', undefined],
    ['pair.ansi.txt', painted],
  ])('hear where something was misheard, and have a link in the end (%s)', async (golden, paint) => {
    const { status, screen, left } = await run({ typed: MISHEARD, paint });
    expect([status, left]).toEqual([0, 0]);
    await expect(screen).toMatchFileSnapshot(`golden/${golden}`);
    expect(sizeOf(screen).columns).toBeLessThanOrEqual(80);
    expect(sizeOf(screen.slice(screen.indexOf('Our line'))).lines).toBeLessThanOrEqual(12);
    expect(fileText().startsWith(`${OURS}\n\n[[link]]`)).toBe(true);
    expect(statSync(FILE).mode & 0o777).toBe(0o600);
    expect(linksOf(fileText())).toEqual([
      {
        peer: 'rooms.wonderland.lit',
        domains: ['wonderland.lit'],
        connect: '10.1.0.2:5270',
        listen: '0.0.0.0:5270',
        tls: 'pinned',
        pin: PIN,
        bandwidth: 2400,
        compression: true,
      },
    ]);
  });

  it.each([
    ['pair-first.txt', undefined],
    ['pair-first.ansi.txt', painted],
  ])('may say theirs first (%s)', async (golden, paint) => {
    const typed = [
      '',
      '10.1.0.1:5270',
      '24oo',
      '2400',
      names,
      `bandwidth 2400 sum ${sum} pin`,
      groups.slice(0, 9).join(' '),
      groups.slice(9).join(' '),
      'y',
      'y',
    ];
    const { status, screen, left } = await run({ typed, paint });
    expect([status, left]).toEqual([0, 0]);
    await expect(screen).toMatchFileSnapshot(`golden/${golden}`);
    expect(sizeOf(screen).columns).toBeLessThanOrEqual(80);
  });

  it('may hang up in between, at any time, and nothing is written', async () => {
    for (let count = 0; count < MISHEARD.length; count += 1) {
      await run({ typed: MISHEARD.slice(0, count) });
      expect(fileText()).toBe(OURS);
    }
  });

  it('begin again where the check words differ', async () => {
    const { status, screen } = await run({ typed: [head, `sum ${sum} pin ${groups.join(' ')}`, 'no', ''], line: '' });
    expect(screen).toContain(
      `Do they say that its check word is ${word}? (yes or no): no\n! then something was misheard`,
    );
    expect(fileText()).toBe(OURS);
    expect(status).toBe(1);
    const given = await run({ typed: ['n'], line: theirs });
    expect([given.status, given.screen.includes('then something was misheard, and nothing was written')]).toEqual([
      1,
      true,
    ]);
  });
});

describe('without a terminal', () => {
  it('our line is printed, and what is printed on one side is read on the other', async () => {
    const printed = await run({ options: { '--connect': '10.1.0.1:5270', '--bandwidth': '2400' } });
    expect(printed.status).toBe(0);
    const [line, said] = printed.screen.split('\n');
    expect(line).toMatch(
      /^fmucd1 rooms\.denmark\.lit with denmark\.lit at 10\.1\.0\.1:5270 bandwidth 2400 sum \w{5} pin(?: \w{5}){13}$/,
    );
    expect(said).toMatch(/^check word: [A-Z]+$/);
    writeFileSync(FILE, OURS.replaceAll('denmark', 'wonderland'));
    const read = await run({
      line: '-',
      stdin: printed.screen,
      options: { '--yes': '', '--connect': '10.1.0.2:5270' },
    });
    expect(read.status).toBe(0);
    expect(linksOf(fileText())?.[0]).toMatchObject({ peer: 'rooms.denmark.lit', connect: '10.1.0.1:5270' });
  });

  it('nothing is written unless that is asked for', async () => {
    const { status, screen } = await run({ line: theirs });
    expect([status, fileText()]).toEqual([1, OURS]);
    expect(screen).toContain(`fmucd: nothing was written: once their check word is ${word}, --yes writes it\n`);
    const printed = await run({ line: theirs, options: { '--print': '' } });
    expect([printed.status, fileText()]).toEqual([0, OURS]);
    expect(linksOf(printed.screen.slice(0, printed.screen.indexOf('fmucd1')))).toHaveLength(1);
  });

  it.each<[Record<string, string>, string]>([
    [{ '--connect': '10.1.0.1' }, '--connect can\'t be "10.1.0.1" (HOST:PORT or [IPv6]:PORT)'],
    [{ '--from': 'box' }, '--from can\'t be "box" (a numeric address, such as 10.1.0.2)'],
    [{ '--bandwidth': '-1' }, '--bandwidth can\'t be "-1" (a whole number of bit/s, 0 or more)'],
    [{ '--compression': 'yes' }, '--compression can\'t be "yes" (true or false)'],
    [{ '--tls': 'on' }, '--tls can\'t be "on" (off or pinned)'],
  ])('%j is refused with 64', async (options, problem) => {
    expect(await run({ options })).toEqual({ status: 64, screen: `fmucd: ${problem}\n`, left: 0 });
  });

  it('a file without local_domains needs to be told whose users are ours', async () => {
    writeFileSync(FILE, OURS.replace('local_domains', '# local_domains'));
    const { status, screen } = await run({});
    expect([status, screen]).toEqual([
      64,
      'fmucd: the file has no local_domains, and their side has to know whose users come by us (--local-domain denmark.lit)\n',
    ]);
    expect((await run({ options: { '--local-domain': 'denmark.lit,danmark.example' } })).screen).toMatch(
      /^fmucd1 rooms\.denmark\.lit with denmark\.lit with danmark\.example sum/,
    );
    expect((await run({ typed: ['', '', '', '', ''] })).screen).toContain('fmucd1 rooms.denmark.lit with denmark.lit');
  });

  it.each([
    ['no file', '', 'fmucd.toml: no such file or directory\nfmucd: "fmucd init" writes one\n', 2],
    ['faults', '[gateway]\ndomian = "a"', /unknown key "domian" \(did you mean domain\?\)/, 1],
  ])('a file is needed that is good: %s', async (_, text, said, status) => {
    const typing = new Typing([]);
    if (text !== '') writeFileSync(FILE, text);
    const file = text === '' ? 'none.toml' : FILE;
    expect(await pair(typing.invocation(file), undefined, () => Promise.resolve(''))).toBe(status);
    expect(typing.screen(folder)).toMatch(
      said instanceof RegExp ? said : 'no such file or directory\nfmucd: "fmucd init" writes one\n',
    );
  });
});

describe('the link', () => {
  async function linkOf(line: PairLine, options: Record<string, string> = {}) {
    const { status, screen } = await run({ line, options: { '--print': '', ...options } });
    return status === 0 ? linksOf(screen.slice(0, screen.indexOf('fmucd1 ')))?.[0] : screen;
  }
  const { address: _, ...dialling } = theirs;
  const { address: __, ...dialllingOpenly } = open;
  const both = { peer: 'rooms.wonderland.lit', domains: ['wonderland.lit'], bandwidth: 2400, compression: true };

  it('is dialled by who has no address', async () => {
    expect(await linkOf(theirs)).toEqual({ ...both, connect: '10.1.0.2:5270', tls: 'pinned', pin: PIN });
    expect(await linkOf(dialling, { '--connect': 'box.denmark.lit:5271' })).toEqual({
      ...both,
      listen: '0.0.0.0:5271',
      tls: 'pinned',
      pin: PIN,
    });
    expect(await linkOf(dialling, { '--connect': '[fd00::1]:5271' })).toMatchObject({
      listen: '[0:0:0:0:0:0:0:0]:5271',
    });
    expect(await linkOf(theirs, { '--connect': '10.1.0.1:99', '--listen': '10.0.0.5:5270' })).toMatchObject({
      connect: '10.1.0.2:5270',
      listen: '10.0.0.5:5270',
    });
    expect(await linkOf(dialling)).toBe(
      'fmucd: neither side has an address, so nobody could dial: one gives --connect HOST:PORT\n',
    );
  });

  it('without TLS is from a numeric address', async () => {
    const from10 = { '--from': '10.1.0.1' };
    expect(await linkOf(open, from10)).toEqual({ ...both, connect: '10.1.0.2:5270', tls: 'off' });
    expect(await linkOf({ ...dialllingOpenly, from: '10.9.0.2' }, { '--connect': '10.1.0.1:5270' })).toEqual({
      ...both,
      listen: '0.0.0.0:5270',
      from: ['10.9.0.2'],
      tls: 'off',
    });
    expect(await linkOf({ ...open, from: '10.9.0.2' }, { '--connect': '10.1.0.1:5270' })).toMatchObject({
      connect: '10.1.0.2:5270',
      from: ['10.9.0.2'],
    });
    expect(await linkOf(dialllingOpenly, { '--connect': '10.1.0.1:5270' })).toBe(
      'fmucd: without TLS we know them by their numeric address alone, and their line has none: they give --from ADDRESS\n',
    );
    const printed = await run({ options: { '--tls': 'off', ...from10 } });
    expect(printed.screen).toMatch(/^fmucd1 rooms\.denmark\.lit with denmark\.lit from 10\.1\.0\.1 open sum \w{5}\n/);
  });

  it('may be a stream between servers, which needs no address', async () => {
    expect(await linkOf({ ...dialllingOpenly, transport: 's2s' })).toEqual({ ...both, transport: 's2s', tls: 'off' });
  });

  it('is what both sides said', async () => {
    expect(await linkOf(theirs, { '--bandwidth': '300' })).toBe(
      'fmucd: their line says bandwidth = 2400, and ours 300: agree on one (--bandwidth 2400, or they type our line first)\n',
    );
    expect(await linkOf(theirs, { '--tls': 'off' })).toMatch(/their line says tls = "pinned", and ours "off"/);
    expect(await linkOf({ ...theirs, domain: 'rooms.denmark.lit' })).toBe(
      'fmucd: that is our own line: theirs is what "fmucd pair" prints over there\n',
    );
  });

  it('has nothing of theirs that the file would take for anything but a value', () => {
    const label = fc.stringMatching(/^[a-z\d]{1,6}$/);
    return fc.assert(
      fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 3 }), fc.nat(99_999), async (labels, bandwidth) => {
        const line = { ...theirs, domain: `x.${labels.join('.')}`, domains: labels, bandwidth };
        expect(await linkOf(line)).toMatchObject({ peer: line.domain, domains: labels });
      }),
      { numRuns: 20 },
    );
  });
});

describe('a link that is there', () => {
  const held = (more: string) => `${OURS}

[[link]] # to the rabbits
peer = "rooms.wonderland.lit"
domains = ["wonderland.lit"]
connect = '10.9.9.9:1' # moved
tls = "pinned"
pin = "${'ab'.repeat(32)}" # old
bandwidth = 2400
compression = true
${more}
[[room]]
name = "elsinore"
`;

  it('has its address and its pin exchanged, and all else left', async () => {
    writeFileSync(FILE, held('grace = 77'));
    const { status, screen } = await run({ line: theirs, options: { '--yes': '' } });
    expect([status, screen.includes('the link to rooms.wonderland.lit is changed')]).toEqual([0, true]);
    expect(fileText()).toBe(
      held('grace = 77')
        .replace("'10.9.9.9:1'", '"10.1.0.2:5270"')
        .replace(`"${'ab'.repeat(32)}"`, `"${PIN}"`),
    );
    const again = await run({ line: theirs, options: { '--yes': '' } });
    expect([again.status, again.screen.includes('fmucd.toml has this link already')]).toEqual([0, true]);
  });

  it.each([
    ['moderate = true\nlisten = "0.0.0.0:5270"', 'connect, listen, pin'],
    ['from = ["10.1.1.1"]\nlisten = "0.0.0.0:5270"', 'connect, listen, from, pin'],
  ])('with anything else in it is left to the operator: %s', async (more, keys) => {
    writeFileSync(FILE, held(more));
    const { status, screen } = await run({ line: theirs, options: { '--yes': '' } });
    expect([status, fileText()]).toEqual([1, held(more)]);
    expect(screen).toContain(
      `fmucd: fmucd.toml has a link to rooms.wonderland.lit already, whose ${keys} can't be exchanged here: do it by hand\n`,
    );
    expect(linksOf(screen.slice(0, screen.indexOf('fmucd: ')))).toHaveLength(1);
  });
});

describe('what would not pass the check isn’t written', () => {
  it('such as a domain that is ours', async () => {
    const { status, screen } = await run({ line: { ...theirs, domains: ['denmark.lit'] }, options: { '--yes': '' } });
    expect([status, fileText()]).toEqual([1, OURS]);
    expect(screen).toMatch(/fmucd\.toml:\d+:\d+: denmark\.lit is one of local_domains too/);
    expect(screen).toContain('fmucd: fmucd.toml would not pass "fmucd check" with it, and stays as it is\n');
  });

  it('such as links in one line, behind which no other can stand', async () => {
    const text = `link = [{ peer = "a.lit", connect = "10.1.0.3:1" }]\n${OURS}`;
    writeFileSync(FILE, text);
    expect((await run({ line: theirs, options: { '--yes': '' } })).status).toBe(1);
    expect(fileText()).toBe(text);
  });

  it('and a file that somebody else has changed meanwhile is theirs', async () => {
    const typing = new Typing([]);
    const conversation = Object.assign(typing, {
      ask: (prompt: string) => {
        if (prompt.startsWith('Add')) writeFileSync(FILE, `${OURS}\n# changed`);
        return Promise.resolve(prompt.startsWith('Where') ? '' : 'yes');
      },
    });
    const words = oneLine(writePairLine(theirs)).split(' ');
    expect(await pair(typing.invocation(FILE, {}, ...words), conversation, () => Promise.resolve(''))).toBe(1);
    expect(typing.screen(folder)).toContain('fmucd: somebody else has changed fmucd.toml meanwhile');
    expect(fileText()).toBe(`${OURS}\n# changed`);
  });
});

describe('our certificate', () => {
  it('is made where there is none, if that is wanted', async () => {
    mkdirSync('fresh');
    writeFileSync(FILE, OURS.replace('"data"', '"fresh"'));
    const asked = await run({ options: {} });
    expect(asked).toMatchObject({
      status: 1,
      screen:
        'fmucd: the gateway has no certificate yet: its first start makes it, or --yes here, as /etc/fmucd/fresh/identity.pem\n',
    });
    const refused = await run({ typed: ['', '', '', 'no'] });
    expect(refused.screen).toContain('fmucd: without a certificate there is no pin (or --tls off)\n');
    expect(existsSync('fresh/identity.pem')).toBe(false);
    expect((await run({ options: { '--tls': 'off' } })).status).toBe(0);
    expect(existsSync('fresh/identity.pem')).toBe(false);
    const first = await run({ options: { '--yes': '' } });
    expect([first.status, statSync('fresh/identity.pem').mode & 0o777]).toEqual([0, 0o600]);
    expect((await run({})).screen).toBe(first.screen);
  });

  it('that is of no use is said', async () => {
    writeFileSync('data/identity.pem', 'garbage', { mode: 0o600 });
    expect(await run({})).toMatchObject({
      status: 1,
      screen: 'fmucd: /etc/fmucd/data/identity.pem holds no certificate in PEM\n',
    });
  });
});
