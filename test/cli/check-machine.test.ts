import { describe, expect, it } from 'vitest';
import type { ComponentTrial } from '../../src/app/try-component.ts';
import { MAX_SERVERS } from '../../src/cli/check/servers.ts';
import type { RunningGateway, Surroundings } from '../../src/cli/check/surroundings.ts';
import { checkOn } from '../../src/cli/check.ts';
import { painted, unpainted } from '../../src/cli/paint.ts';
import type { Identity } from '../../src/io/identity.ts';
import { StoreError } from '../../src/io/store-error.ts';
import type { Resolution } from '../../src/lib/effects.ts';
import { type FakeFiles, fakeFiles } from '../config/support.ts';
import { link, report } from './reports.ts';
import { fine } from './surroundings.ts';

/* What `fmucd check` finds beside the file, on a machine where everything is well but for what each case says. */

const GATEWAY = '[gateway]\ndomain = "rooms.denmark.lit"\nlocal_domains = ["denmark.lit"]\n';
const COMPONENT = '[component]\nsecret = "s"\n';
const S2S = '[s2s]\nlisten = ["0.0.0.0:5269"]\n';
const LINK = '[[link]]\npeer = "rooms.wonderland.lit"\nconnect = "10.1.0.2:5270"\n';

interface Case {
  readonly given?: Partial<Surroundings>;
  readonly files?: FakeFiles;
  readonly operands?: readonly string[];
  readonly json?: boolean;
  readonly colour?: boolean;
}

async function check(text: string, { given = {}, files = {}, operands = [], json = false, colour = false }: Case = {}) {
  const paint = colour ? painted : unpainted;
  const printed: string[] = [];
  const said: string[] = [];
  const output = {
    print: (screen: string) => printed.push(screen),
    complain: (line: string) => said.push(line),
    paint,
  };
  const on = fine(text, { files: fakeFiles({ '/f.toml': text, ...files }), ...given });
  const status = await checkOn({ file: '/f.toml', operands, json, output }, on, paint);
  return { status, said, screen: printed.join('\n'), all: [...said, ...printed].join('\n') };
}

/** The status, what is said on a file, and what of it that begins with a word is well. */
async function about(what: string, text: string, given: Partial<Surroundings> = {}) {
  const { status, screen } = await check(text, { given, json: true });
  const { findings, checked } = JSON.parse(screen) as {
    findings: { severity: string; line: number; column: number; message: string }[];
    checked: { what: string; result: string }[];
  };
  return [
    status,
    ...findings.map(
      ({ severity, line, column, message }) =>
        `${line}:${column}: ${severity === 'warning' ? 'warning: ' : ''}${message}`,
    ),
    ...checked.filter((one) => one.what.startsWith(what)).map((one) => `  ${one.what}  ${one.result}`),
  ];
}

describe('the server of the component', () => {
  const text = GATEWAY + COMPONENT;
  const at = 'the server at 127.0.0.1:5347';
  const refused = (
    condition: 'not-authorized' | 'conflict' | 'host-unknown' | 'reset' | 'invalid-namespace',
  ): ComponentTrial => ({
    outcome: 'refused',
    condition,
    reason: `${condition}: No`,
  });
  it.each<[ComponentTrial, number, string]>([
    [{ outcome: 'accepted' }, 0, '  component 127.0.0.1:5347  accepts the secret'],
    [
      refused('not-authorized'),
      1,
      `5:10: ${at} refuses the secret (the one that it has for rooms.denmark.lit, if it has that name at all)`,
    ],
    [
      refused('host-unknown'),
      1,
      `4:1: ${at} doesn't know a component rooms.denmark.lit (the domain that it has, or add it there)`,
    ],
    [refused('conflict'), 1, `4:1: ${at} has a component rooms.denmark.lit attached already (stop the other one)`],
    [
      refused('invalid-namespace'),
      1,
      `4:1: ${at} doesn't speak to components there (its port for components, XEP-0114)`,
    ],
    [refused('reset'), 0, `4:1: warning: ${at} says reset: No`],
    [
      { outcome: 'foreign', reason: 'No XML' },
      1,
      `4:1: ${at} doesn't speak to components: No XML (its port for components, XEP-0114)`,
    ],
    [
      { outcome: 'hung-up', reason: 'It went' },
      0,
      `4:1: warning: ${at} hangs up without a word: It went (is that its port for components?)`,
    ],
    [
      { outcome: 'silent' },
      0,
      `4:1: warning: ${at} takes the connection and says nothing for 5 s (is that its port for components?)`,
    ],
    [{ outcome: 'unreachable', reason: 'Nobody there' }, 0, '4:1: warning: Nobody there'],
  ])('%j', async (trial, status, line) => {
    expect(await about('component', text, { tryComponent: async () => trial })).toEqual([status, line]);
  });

  it('a secret in a file of its own', async () => {
    const { said } = await check(`${GATEWAY}[component]\nport = 5\nsecret_file = "/s"\n`, {
      files: { '/s': 's' },
      given: { tryComponent: async () => refused('not-authorized') },
    });
    expect(said[0]).toMatch(/^\/f.toml:6:15: the server at 127.0.0.1:5 refuses the secret/);
  });

  const running = (
    state: 'up' | 'down' | 'connecting',
    error: string | null,
    server = '127.0.0.1:5347',
  ): Partial<Surroundings> => ({
    askGateway: async () => ({
      runs: true,
      report: report({ component: { server, state, since: '2026-11-21T11:00:00Z', error } }),
    }),
    tryComponent: () => expect.fail('a gateway is attached'),
  });
  it('is not tried while the gateway runs: that tells', async () => {
    expect(await about('component', text, running('up', null))).toEqual([
      0,
      expect.stringMatching(/^ {2}component 127.0.0.1:5347 {2}attached .* ago$/),
    ]);
    expect(await about('component', text, running('connecting', null))).toEqual([
      0,
      '  component 127.0.0.1:5347  the gateway is connecting',
    ]);
    expect(await about('component', text, running('down', 'not-authorized: No'))).toEqual([
      0,
      "4:1: warning: the gateway that runs isn't attached: not-authorized: No",
    ]);
  });
  it('that the gateway has not got yet is asked for no more than an answer', async () => {
    expect(await about('component', text, running('up', null, '10.0.0.1:5347'))).toEqual([
      0,
      '  component 127.0.0.1:5347  answers; secret not tried: the gateway runs',
    ]);
  });
});

describe('a gateway that runs', () => {
  it('and is not to be asked by us', async () => {
    const gateway: RunningGateway = { runs: true, problem: "/run/fmucd/control.sock isn't open to this user" };
    const { status, said } = await check(GATEWAY + COMPONENT, {
      given: { askGateway: async () => gateway, tryComponent: () => expect.fail('a gateway is attached') },
    });
    expect([status, ...said]).toEqual([0, "/f.toml: warning: /run/fmucd/control.sock isn't open to this user"]);
  });
});

describe('the data directory', () => {
  const text = GATEWAY + COMPONENT;
  const look = fine('').lookAtStore('/var/lib/fmucd', false);
  const store = (changes: object): Partial<Surroundings> => ({ lookAtStore: () => ({ ...look, ...changes }) });
  const file = '/var/lib/fmucd/fmucd.db';
  it.each<[string, Partial<Surroundings>, number, string]>([
    ['with a store', {}, 0, '  data /var/lib/fmucd  writable, 1.2 GB free, store 12.3 MB'],
    ['without one', store({ bytes: undefined }), 0, '  data /var/lib/fmucd  writable, 1.2 GB free, no store yet'],
    ['seen by root', { isRoot: true }, 0, '  data /var/lib/fmucd  writable by root, 1.2 GB free, store 12.3 MB'],
    ['of unknown size', { fileSystemOf: () => undefined }, 0, '  data /var/lib/fmucd  writable, store 12.3 MB'],
    [
      'of a newer version',
      store({ problem: new StoreError('newer', file) }),
      1,
      `2:1: ${file} was written by a newer fmucd: run that one, or put a backup from before in its place`,
    ],
    [
      'that is damaged, which the gateway mends',
      store({ problem: new StoreError('corrupt', file) }),
      0,
      `2:1: warning: ${file} is damaged: it is kept aside, and a fresh one takes its place`,
    ],
    [
      'open to others',
      store({ mode: 0o100644 }),
      0,
      `2:1: warning: ${file}: what people have said is in a file open to others, mode 644 (600)`,
    ],
    [
      'with what was set aside',
      store({ damaged: ['fmucd.db.damaged-1', 'fmucd.db.damaged-2'] }),
      0,
      '2:1: warning: the store was damaged and set aside, 2 times: /var/lib/fmucd/fmucd.db.damaged-2 (remove it once looked at)',
    ],
  ])('%s', async (_, given, status, line) => {
    expect(await about('data', text.replace('[gateway]\n', '[gateway]\n'), given)).toEqual([
      status,
      // The default stands nowhere in the file.
      line.replace(/^2:1:/, '1:1:'),
    ]);
  });

  it('and memory that the machine has not', async () => {
    const much = `${GATEWAY}memory = 1024\n${COMPONENT}`;
    expect(await about('memory', much)).toEqual([
      0,
      '4:10: warning: memory is more than the machine has (512 or less)',
    ]);
    expect(await about('memory', much.replace('1024', '512'))).toEqual([0, '  memory 512 MB  of 512 MB']);
  });
});

describe('the clock', () => {
  const text = GATEWAY + COMPONENT;
  it.each([
    [Date.UTC(2026, 10, 21, 12), '  clock  2026-11-21T12:00:00Z, plausible'],
    [0, '/f.toml: warning: the clock says 1970-01-01T00:00:00.000Z (set it: messages are stamped by it)'],
    [
      Date.UTC(2026, 10, 19),
      '/f.toml: warning: the clock says 2026-11-19T00:00:00.000Z, and the newest message came at 2026-11-20T00:00:00Z (set it: fmucd clock)',
    ],
    [Date.UTC(2099, 0), '/f.toml: warning: the clock says 2099-01-01T00:00:00.000Z, which is far ahead (set it)'],
  ])('%d', async (now, line) => {
    const look = fine('').lookAtStore('/var/lib/fmucd', false);
    const given = { now: () => now, lookAtStore: () => ({ ...look, newest: Date.UTC(2026, 10, 20) }) };
    const { status, all } = await check(text, { given });
    const seen = all.split('\n').filter((one) => /clock/.test(one));
    expect([status, ...seen.map((one) => one.replace(/^( {2}clock) +/, '$1  '))]).toEqual([0, line]);
  });
});

describe('links', () => {
  const text = GATEWAY + COMPONENT + LINK;
  const often = 'links often are; it is dialled again and again';
  const gateway = (changes: object): Partial<Surroundings> => ({
    askGateway: async () => ({ runs: true, report: report({ links: [link(changes)] }) }),
    routeTo: () => expect.fail('the gateway tells'),
  });
  it('are never dialled: their route is asked for', async () => {
    const connectProblem = () => expect.fail('it could end a link that stands');
    expect(await about('link', text, { connectProblem })).toEqual([
      0,
      '  link rooms.wonderland.lit  10.1.0.2:5270, from 10.1.0.1; not dialled',
    ]);
    expect(await about('link', text, { routeTo: async () => ({ problem: 'no route to 10.1.0.2:5270' }) })).toEqual([
      0,
      '8:11: warning: no route to 10.1.0.2:5270',
    ]);
  });
  it('by name', async () => {
    const named = text.replace('10.1.0.2', 'box.wonderland.lit');
    const asked: string[] = [];
    const routeTo: Surroundings['routeTo'] = async ({ host }) => ({ source: `for ${(asked.push(host), host)}` });
    expect(await about('link', named, { routeTo })).toEqual([
      0,
      '  link rooms.wonderland.lit  box.wonderland.lit:5270, from for 192.0.2.8; not dialled',
    ]);
    const nowhere: Resolution = { records: [], addresses: [], problem: 'no such domain in DNS', isDefinite: true };
    expect(await about('link', named, { resolveHost: async () => nowhere })).toEqual([
      0,
      "8:11: warning: box.wonderland.lit can't be resolved: no such domain in DNS (a numeric address, or an entry in /etc/hosts)",
    ]);
  });
  it('that wait', async () => {
    const waiting = text.replace('connect = "10.1.0.2:5270"', 'listen = "0.0.0.0:5270"\nfrom = ["10.1.0.2"]');
    expect(await about('link', waiting)).toEqual([0, '  link rooms.wonderland.lit  is waited for at 0.0.0.0:5270']);
  });
  it('over S2S are tried, for a server takes many streams', async () => {
    const over = `${GATEWAY}${S2S}${LINK}transport = "s2s"\n`;
    expect(await about('link', over)).toEqual([0, '  link rooms.wonderland.lit  10.1.0.2:5270 answers']);
    expect(await about('link', over, { connectProblem: async () => 'nobody listens at 10.1.0.2:5270' })).toEqual([
      0,
      `8:11: warning: nobody listens at 10.1.0.2:5270 (${often})`,
    ]);
    const elsewhere = over.replace(/connect.*\n/, '');
    expect((await about('link', elsewhere))[1]).toBe('  link rooms.wonderland.lit  found by DNS');
    const inHosts = elsewhere.replace(']\n[[', ']\nhosts = { "rooms.wonderland.lit" = "10.1.0.2:5269" }\n[[');
    expect((await about('link', inHosts))[1]).toBe('  link rooms.wonderland.lit  found in hosts, at 10.1.0.2:5269');
  });
  it('of a gateway that runs', async () => {
    const up = (await about('link', text, gateway({ state: 'up' })))[1];
    expect(up).toMatch(/^ {2}link rooms.wonderland.lit {2}up, .* ago$/);
    const down = (await about('link', text, gateway({ state: 'down', error: 'no route to it' })))[1];
    expect(down).toMatch(/^7:8: warning: the link is down, .* ago: no route to it \(links often are; /);
  });
});

describe('other servers', () => {
  const text = `${GATEWAY}${S2S}[[room]]\nname = "elsinore"\nfederate = "a@rooms.france.lit"\naccept = ["rooms.norway.lit"]\n`;
  const nowhere: Resolution = { records: [], addresses: [], problem: 'no such domain in DNS', isDefinite: true };
  const srv = (port: number, target: string, addresses: string[] = []): Resolution => ({
    records: [{ service: 'xmpp-server', priority: 0, weight: 0, port, target, addresses }],
    addresses: [],
    isDefinite: false,
  });
  const dns = (answers: Readonly<Record<string, Resolution>>): Partial<Surroundings> => ({
    resolve: async (domain) => answers[domain] ?? fine('').resolve(domain),
  });
  it('that rooms join, or that join them, are found in DNS', async () => {
    expect(await about('server', text)).toEqual([
      0,
      '  server of rooms.france.lit  in DNS: 192.0.2.7',
      '  server of rooms.norway.lit  in DNS: 192.0.2.7',
    ]);
    expect(await about('server', text, dns({ 'rooms.france.lit': srv(5269, 'box', ['192.0.2.9']) }))).toContain(
      '  server of rooms.france.lit  in DNS: box:5269',
    );
  });
  it.each([
    [nowhere, 'no such domain in DNS'],
    [srv(5269, '.'), 'it has no such service'],
    [srv(5269, 'box'), 'its records lead to no address'],
  ])('that are not: %#', async (resolution, why) => {
    const said = await about('server', text, dns({ 'rooms.france.lit': resolution }));
    expect(said[1]).toBe(`8:12: warning: rooms.france.lit can't be found: ${why} (an address in hosts of [s2s])`);
  });
  it('with an address in the file, behind a link or by the component, are not sought', async () => {
    const given = {
      resolve: async (domain: string) => (domain === 'rooms.denmark.lit' ? nowhere : expect.fail(domain)),
    };
    const hosts = 'hosts = { "rooms.france.lit" = "10.1.0.3:5269" }\n';
    const both = text.replace(S2S, S2S + hosts).replace('rooms.norway', 'rooms.wonderland') + LINK;
    expect(await about('server', both, given)).toEqual([0, '  server of rooms.france.lit  10.1.0.3:5269 answers']);
    const local = GATEWAY.replace('"denmark.lit"', '"denmark.lit", "rooms.france.lit"');
    expect((await about('server', `${local}${COMPONENT}${S2S}`, given))[0]).toBe(0);
  });
  it('are told by DNS where we are, or have it in their own files', async () => {
    expect((await about('DNS', text, dns({ 'rooms.denmark.lit': srv(5269, 'box.lit', ['192.0.2.9']) })))[1]).toBe(
      '  DNS rooms.denmark.lit  box.lit:5269',
    );
    expect((await about('DNS', text, dns({ 'rooms.denmark.lit': nowhere })))[1]).toBe(
      '  DNS rooms.denmark.lit  unknown; others need our address themselves',
    );
    expect((await about('DNS', text, dns({ 'rooms.denmark.lit': srv(5270, 'box.lit', ['192.0.2.9']) })))[1]).toBe(
      "5:10: warning: DNS sends servers to box.lit:5270, and we don't listen at that port (its SRV record, or listen)",
    );
  });
  it('are sought up to a bound', async () => {
    const asked = new Set<string>();
    const names = Array.from({ length: MAX_SERVERS + 1 }, (_, at) => `"n${at}.lit"`);
    await check(`${GATEWAY}${S2S}[[room]]\nname = "r"\naccept = [${names.join(', ')}]`, {
      given: { resolve: async (domain) => (asked.add(domain), nowhere) },
    });
    asked.delete('rooms.denmark.lit');
    expect([asked.size, asked.has('n0.lit'), asked.has(`n${MAX_SERVERS}.lit`)]).toEqual([MAX_SERVERS, true, false]);
  });
});

const identity: Identity = {
  certificatePem: 'PEM',
  keyPem: '',
  sha256: 'ab'.repeat(32),
  names: ['rooms.denmark.lit'],
  notBefore: Date.UTC(2026, 0),
  notAfter: Date.UTC(2049, 11, 31),
  isSelfSigned: true,
};

describe('the certificate', () => {
  const pinned = (pin: string) => `${GATEWAY}${COMPONENT}${LINK}tls = "pinned"\npin = "${pin}"\n`;
  const ours = { findIdentity: () => identity };
  it('that is yet to be made', async () => {
    expect(await about('certificate', pinned('cd'.repeat(32)))).toEqual([0, '  certificate  made at the first start']);
  });
  it("pinned by the other side, and the other side's pinned here", async () => {
    expect(await about('certificate', pinned('cd'.repeat(32)), ours)).toEqual([
      0,
      '  certificate  until 2049-12-31, self-signed',
    ]);
  });
  it('our own, pinned here', async () => {
    expect(await about('certificate', pinned(identity.sha256), ours)).toEqual([
      1,
      "10:7: pin is our own certificate's (the one that fmucd status shows at rooms.wonderland.lit)",
    ]);
  });
  it('with a chain that leads nowhere', async () => {
    const named = `${GATEWAY}[s2s]\nlisten = ["0.0.0.0:5269"]\ncertificate = "/c"\nkey = "/k"\n`;
    const pem = (label: string) => `-----BEGIN ${label}-----\n`;
    const files = { '/c': pem('CERTIFICATE'), '/k': pem('PRIVATE KEY') };
    const given = { ...ours, chainProblem: () => 'no authority has issued it' };
    expect((await check(named, { files, given })).said).toEqual(['/f.toml:6:15: warning: no authority has issued it']);
    expect((await check(`${named}auth = ["dialback"]\n`, { files, given })).said).toEqual([]);
  });
});

describe('on screen', () => {
  const good = `${GATEWAY}${COMPONENT}${S2S}hosts = { "rooms.france.lit" = "10.1.0.3:5269" }\n${LINK}domains = ["wonderland.lit"]
[[room]]
name = "elsinore"
federate = "rabbithole@rooms.wonderland.lit"
`;
  const other = `[gateway]
domain = "rooms.wonderland.lit"
local_domains = ["wonderland.lit"]
[[link]]
peer = "rooms.denmark.lit"
domains = ["denmark.lit"]
listen = "0.0.0.0:5270"
from = ["10.1.0.1"]
[[room]]
name = "rabbithole"
accept = ["elsinore@rooms.denmark.lit"]
`;
  const wrong = good
    .replace('local_domains', 'localdomains')
    .replace('[component]', '[component]\nadmins = []')
    .replace('10.1.0.2:5270', '10.1.0.2')
    .replace('rabbithole@', 'elsinore');
  const files = { '/w.toml': other };
  const ill: Partial<Surroundings> = {
    tryComponent: async () => ({ outcome: 'refused', condition: 'not-authorized', reason: 'not-authorized: No' }),
    fileSystemOf: () => ({ isInMemory: true, free: 30_000_000, size: 1_000_000_000 }),
    routeTo: async () => ({ problem: 'no route to 10.1.0.2:5270: is the network interface up?' }),
    connectProblem: async () => 'no answer from 10.1.0.3:5269 within 3 s',
    findIdentity: () => ({ ...identity, notAfter: Date.UTC(2026, 11, 1) }),
    now: () => Date.UTC(2026, 10, 21, 12),
    listenProblems: async (addresses) =>
      addresses.map(() => '0.0.0.0:5269 is taken: does another program, or another fmucd, listen there?'),
  };
  const disagreeing = other
    .replace('domains = ["denmark.lit"]\n', 'compression = true\n')
    .replace('5270', '5271')
    .replace('elsinore@', 'elsinor@');
  it.each<[string, string, Case]>([
    ['good', good, { files, given: { findIdentity: () => identity } }],
    ['good-with-others', good, { files, operands: ['/w.toml'], given: { findIdentity: () => identity } }],
    ['wrong', wrong, {}],
    ['ill', good, { given: ill }],
    ['disagreeing', good, { files: { '/w.toml': disagreeing }, operands: ['/w.toml'] }],
    ['missing', good, { files: {}, operands: ['/w.toml'] }],
    [
      'many',
      good +
        Array.from({ length: 40 }, (_, at) => `[[link]]\npeer = "l${at}.lit"\nconnect = "10.2.0.${at}:1"\n`).join(''),
      {},
    ],
  ])('%s', async (name, text, scene) => {
    const { status, all } = await check(text, scene);
    await expect(`${all}\n= ${status}\n`).toMatchFileSnapshot(`golden/check-${name}.txt`);
    const { all: coloured } = await check(text, { ...scene, colour: true });
    await expect(`${coloured}\n`).toMatchFileSnapshot(`golden/check-${name}.ansi.txt`);
    const lines = all.split('\n');
    // A finding is one line however long it is, so that a program can take it; the terminal folds it.
    const folded = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0);
    expect(folded).toBeLessThanOrEqual(23);
    for (const line of lines) if (!/^\/[fw]\.toml:/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what colours are written with
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(all);
  });

  it('nothing that a terminal would obey', async () => {
    const hostile = '\u009b2J\u001b[2J\u202e\nline';
    const { all } = await check(good.replace('name = "elsinore"', `name = "elsinore"\n"a\\u009b2J\\u202e" = 1`), {});
    expect(all.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    const trial = async (): Promise<ComponentTrial> => ({ outcome: 'refused', condition: 'reset', reason: hostile });
    const { said } = await check(good, { given: { tryComponent: trial } });
    expect(said.join('')).not.toMatch(/\p{C}/u);
  });
});

describe('--json', () => {
  it('is one object, and nothing is said beside it', async () => {
    const text = `${GATEWAY}${COMPONENT}`;
    const { status, said, screen } = await check(text, {
      json: true,
      given: { now: () => 0, tryComponent: async () => ({ outcome: 'unreachable', reason: 'Nobody there' }) },
    });
    expect([status, said]).toEqual([0, []]);
    expect(JSON.parse(screen)).toEqual({
      file: '/f.toml',
      ok: true,
      findings: [
        { severity: 'warning', file: '/f.toml', line: 4, column: 1, message: 'Nobody there' },
        {
          severity: 'warning',
          file: '/f.toml',
          line: null,
          column: null,
          message: 'the clock says 1970-01-01T00:00:00.000Z (set it: messages are stamped by it)',
        },
      ],
      checked: [
        { what: 'data /var/lib/fmucd', result: 'writable, 1.2 GB free, store 12.3 MB' },
        { what: 'control /run/fmucd/control.sock', result: 'writable' },
      ],
    });
  });

  it('tells of faults, and of a file that is missing', async () => {
    const faulty = await check('[gateway]\ndomain = 1', { json: true });
    expect([faulty.status, JSON.parse(faulty.screen)]).toMatchObject([1, { ok: false, checked: [] }]);
    const missing = await check('', { json: true, given: { files: fakeFiles({}) } });
    expect([missing.status, JSON.parse(missing.screen)]).toMatchObject([
      2,
      { ok: false, findings: [{ message: 'no such file or directory', line: null }] },
    ]);
  });
});

describe("other gateways' files", () => {
  const own = `${GATEWAY}${COMPONENT}${LINK}`;
  it('may be open to others, and lack their secrets', async () => {
    const copy = `[gateway]\ndomain = "rooms.wonderland.lit"\nlocal_domains = []\n[component]\nsecret_file = "/nowhere"\n[s2s]\ncertificate = "/n"\nkey = "/n"\n[[link]]\npeer = "rooms.denmark.lit"\nlisten = "0.0.0.0:5270"\nfrom = ["10.1.0.1"]\ndomains = ["denmark.lit"]\n`;
    const { status, said } = await check(own, {
      files: { '/w.toml': { text: copy, mode: 0o100644 } },
      operands: ['/w.toml'],
    });
    expect([status, ...said]).toEqual([0]);
  });
  it('have faults of their own', async () => {
    const { status, said } = await check(own, { files: { '/w.toml': 'gateway = 1' }, operands: ['/w.toml'] });
    expect([status, ...said]).toEqual([1, "/w.toml:1:11: gateway can't be 1 (a table)"]);
  });
  it('are held against each other where ours has faults', async () => {
    const { said } = await check('gateway = 1', {
      files: { '/w.toml': GATEWAY, '/v.toml': GATEWAY },
      operands: ['/w.toml', '/v.toml'],
    });
    expect(said).toEqual([
      "/f.toml:1:11: gateway can't be 1 (a table)",
      '/v.toml:2:10: rooms.denmark.lit is the domain of /w.toml:2 too (each gateway has its own)',
    ]);
  });
  it('say whom they let in, and our route where we come from', async () => {
    const { said } = await check(own, {
      files: {
        '/w.toml':
          '[gateway]\ndomain = "rooms.wonderland.lit"\n[[link]]\npeer = "rooms.denmark.lit"\ndomains = ["denmark.lit"]\nlisten = "0.0.0.0:5270"\nfrom = ["10.1.0.1"]\n',
      },
      operands: ['/w.toml'],
      given: { routeTo: async () => ({ source: '192.0.2.2' }) },
    });
    expect(said).toEqual([
      '/f.toml:8:11: warning: we come from 192.0.2.2, which from in /w.toml:7 leaves out (our address there)',
    ]);
  });
  it('are taken for others where ours is not named, which is said where that is missing', async () => {
    const { status, said } = await check('', {
      given: { files: fakeFiles({ '/w.toml': GATEWAY }) },
      operands: ['/w.toml'],
    });
    expect([status, ...said]).toEqual([
      2,
      '/f.toml: no such file or directory',
      'fmucd: -c FILE names the file to check; without -c these are the files of other gateways',
    ]);
  });
  it('are not our own', async () => {
    const { status, said } = await check(own, { operands: ['/f.toml'] });
    expect([status, ...said]).toEqual([64, 'fmucd: /f.toml is the file itself (the files of other gateways)']);
  });
  it('have certificates, if those can be read and are theirs', async () => {
    const pin = 'cd'.repeat(32);
    const mine = `${own}tls = "pinned"\npin = "${pin}"\n`;
    const theirs = `[gateway]\ndomain = "rooms.wonderland.lit"\n[[link]]\npeer = "rooms.denmark.lit"\nlisten = "0.0.0.0:5270"\ndomains = ["denmark.lit"]\ntls = "pinned"\npin = "${identity.sha256}"\n`;
    const held = (names: readonly string[]) =>
      check(mine, {
        files: { '/w.toml': theirs },
        operands: ['/w.toml'],
        given: { findCertificate: () => ({ sha256: 'ef'.repeat(32), names }) },
      });
    expect((await held(['rooms.wonderland.lit'])).said).toEqual([
      `/f.toml:10:7: pin isn't the certificate of rooms.wonderland.lit (its SHA-256: ${'ef'.repeat(32)})`,
    ]);
    expect((await held(['rooms.france.lit'])).said).toEqual([]);
  });
});
