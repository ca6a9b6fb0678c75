import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { painted } from '../../src/cli/paint.ts';
import { commentedFile } from '../../src/cli/setup/commented-file.ts';
import { init } from '../../src/cli/setup/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { fileReference } from '../../src/config/reference.ts';
import { isUntouched } from '../../src/config/untouched.ts';
import { configFiles } from '../../src/io/files.ts';
import { endAll } from '../support/ending.ts';
import { enterFolder, sizeOf, Typing, unseen } from './typing.ts';

const FILE = 'fmucd.toml';
/** Where this machine has room for it. */
const PLACES = { '--data': 'data', '--control': 'control.sock' };
const SERVER = { '--domain': 'rooms.denmark.lit', '--s2s': '127.0.0.1:0' };

let folder: string;
beforeEach(() => {
  folder = enterFolder();
});
afterEach(endAll);

async function run(
  typed: ConstructorParameters<typeof Typing>[0] | undefined,
  options: Record<string, string>,
  paint = undefined as typeof painted | undefined,
) {
  const typing = new Typing(typed ?? [], paint);
  const status = await init(typing.invocation(FILE, options), typed === undefined ? undefined : typing);
  return { status, screen: typing.screen(folder), left: typing.left };
}

/** Without what the check finds out of this machine's ports. */
function withoutProbe(screen: string): string {
  return screen.replace(/^fmucd\.toml:\d+:\d+: warning: [^]*?port open\?\n/m, '').replace(/: fine.*/, ': fine');
}

/** A conversation with the mistakes that people make. */
const MISTAKEN = [
  'rooms denmark',
  '?',
  'rooms.denmark.lit',
  '',
  'comp',
  '',
  'localhost',
  '',
  unseen('s3cret'),
  'gertrude',
  'gertrude@denmark.lit',
  'elsinore',
  '',
];

describe('somebody who types', () => {
  it.each([
    ['init.txt', undefined],
    ['init.ansi.txt', painted],
  ])('is asked a handful, told of mistakes, and left with a file (%s)', async (golden, paint) => {
    const { status, screen, left } = await run(MISTAKEN, PLACES, paint);
    expect([status, left]).toEqual([0, 0]);
    expect(screen).not.toContain('s3cret');
    const shown = withoutProbe(screen);
    await expect(shown).toMatchFileSnapshot(`golden/${golden}`);
    expect(sizeOf(shown).columns).toBeLessThanOrEqual(80);
    expect(sizeOf(shown.slice(0, shown.indexOf('fmucd.toml: written'))).lines).toBeLessThanOrEqual(24);
  });

  it('gets a file that a person likes to read', async () => {
    await run(MISTAKEN, PLACES);
    const text = readFileSync(FILE, 'utf8');
    await expect(text).toMatchFileSnapshot('golden/init.toml');
    expect(sizeOf(text).columns).toBeLessThanOrEqual(80);
    expect(statSync(FILE).mode & 0o777).toBe(0o600);
    const loaded = loadConfig(FILE, configFiles);
    expect(loaded.ok && [loaded.config.component?.secret, loaded.config.rooms[0]?.name]).toEqual([
      's3cret',
      'elsinore',
    ]);
  });

  it('is given a secret, and the lines for the server, where they have none', async () => {
    const typed = ['', '', '127.0.0.1:5275', '', '', '', ''];
    const { screen } = await run(typed, { ...PLACES, '--domain': 'rooms.denmark.lit' });
    const [, secret = ''] = /component_secret = "([^"]*)"/.exec(screen) ?? [];
    expect(secret).toMatch(/^(?:[\dA-HJKMNP-TV-Z]{5}-){5}[\dA-HJKMNP-TV-Z]{5}$/);
    expect(screen).toContain(`hosts: { "rooms.denmark.lit": { password: "${secret}" } }`);
    expect(screen).toContain('  - port: 5275');
    expect(parse(readFileSync(FILE, 'utf8'))).toMatchObject({ component: { secret, port: 5275 } });
  });

  it('may stand alone, without a room and without anybody of ours', async () => {
    const { status, screen } = await run(['-', 's2s', '127.0.0.1:1', '-', '-', 'yes'], {
      ...PLACES,
      '--domain': 'rooms.denmark.lit',
    });
    expect(screen).not.toContain('Prosody');
    expect(parse(readFileSync(FILE, 'utf8'))).toEqual({
      gateway: { domain: 'rooms.denmark.lit', data: 'data', control: 'control.sock' },
      log: {},
      s2s: { listen: ['127.0.0.1:1'] },
    });
    expect(status).toBe(0);
  });

  it('may be asked once more, with what they said as what is usual', async () => {
    const typed = ['rooms.denmakr.lit', '', 's2s', '127.0.0.1:1', '', '', 'no'];
    const { screen } = await run([...typed, 'rooms.denmark.lit', 'denmark.lit', '', '', '', '', ''], PLACES);
    expect(screen).toContain('[rooms.denmakr.lit]: rooms.denmark.lit\n');
    expect(parse(readFileSync(FILE, 'utf8'))).toMatchObject({
      gateway: { domain: 'rooms.denmark.lit', local_domains: ['denmark.lit'] },
      s2s: { listen: ['127.0.0.1:1'] },
    });
  });

  it('is told what can’t be meant together before anything is written', async () => {
    const options = {
      ...PLACES,
      '--domain': 'rooms.denmark.lit',
      '--component': '127.0.0.1:5269',
      '--s2s': '0.0.0.0:5269',
    };
    const { status, screen } = await run(['', unseen('s3cret'), '', '', 'no'], options);
    expect(screen).toMatch(/^! fmucd\.toml:\d+:\d+: the server of \[component\] is at 127\.0\.0\.1:5269/m);
    expect(screen).toMatch(/Once more\? \[yes\]: no\nfmucd: nothing was written\n$/);
    expect([status, existsSync(FILE)]).toEqual([1, false]);
  });

  it.each([0, 1, 3, 6])('leaves nothing behind where they go away after %i answers', async (count) => {
    const typed = ['rooms.denmark.lit', '', 's2s', '127.0.0.1:1', '', ''].slice(0, count);
    const { status, screen } = await run(typed, PLACES);
    expect([status, screen.endsWith('fmucd: nothing was written\n')]).toEqual([1, true]);
    expect(existsSync(FILE)).toBe(false);
  });
});

describe('without a terminal', () => {
  it('a file is written of what the options say', async () => {
    const { status, screen } = await run(undefined, {
      ...PLACES,
      '--domain': 'rooms.denmark.lit',
      '--component': '[::1]:5275',
      '--local-domain': 'denmark.lit, danmark.example',
      '--admin': 'gertrude@denmark.lit',
      '--room': 'elsinore',
      '--name': 'Rooms of "Denmark"',
    });
    expect(status).toBe(0);
    const { component, ...others } = parse(readFileSync(FILE, 'utf8'));
    expect(others).toEqual({
      gateway: {
        domain: 'rooms.denmark.lit',
        name: 'Rooms of "Denmark"',
        data: 'data',
        control: 'control.sock',
        admins: ['gertrude@denmark.lit'],
        local_domains: ['denmark.lit', 'danmark.example'],
      },
      log: {},
      room: [{ name: 'elsinore' }],
    });
    expect(component).toMatchObject({ port: 5275 });
    expect(screen).not.toContain((component as { secret: string }).secret);
    expect(screen).toContain('The secret is in fmucd.toml.');
  });

  it('the secret may be in a file of its own', async () => {
    writeFileSync('secret', 's3cret\n', { mode: 0o600 });
    const options = {
      ...PLACES,
      '--domain': 'rooms.denmark.lit',
      '--component': '127.0.0.1:5347',
      '--secret-file': 'secret',
    };
    expect((await run(undefined, options)).status).toBe(0);
    expect(parse(readFileSync(FILE, 'utf8'))['component']).toMatchObject({ secret_file: 'secret' });
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'init needs --domain DOMAIN where it asks nothing, such as rooms.denmark.lit'],
    [
      { '--domain': 'rooms.denmark.lit' },
      'init needs --component HOST:PORT (such as 127.0.0.1:5347) or --s2s HOST:PORT where it asks nothing',
    ],
    [{ '--domain': 'a b' }, '--domain can\'t be "a b" (a domain, such as denmark.lit)'],
    [{ '--admin': 'gertrude' }, '--admin can\'t be "gertrude" (a bare JID, such as gertrude@denmark.lit)'],
    [{ '--name': 'a\nb' }, '--name can\'t be "a\\nb" (text on one line)'],
    [{ '--s2s': '5269' }, '--s2s can\'t be "5269" (HOST:PORT or [IPv6]:PORT)'],
    [{ ...SERVER, '--s2s': '127.0.0.1:1', '--secret-file': 'x' }, '--secret-file is for a --component HOST:PORT'],
  ])('%j is refused with 64', async (options, problem) => {
    expect(await run(undefined, options)).toEqual({ status: 64, screen: `fmucd: ${problem}\n`, left: 0 });
    expect(existsSync(FILE)).toBe(false);
  });

  it('what can’t be meant together is said, and nothing written', async () => {
    const options = {
      ...PLACES,
      '--domain': 'rooms.denmark.lit',
      '--component': '127.0.0.1:5347',
      '--secret-file': 'none',
    };
    const { status, screen } = await run(undefined, options);
    expect([status, existsSync(FILE)]).toEqual([1, false]);
    expect(screen).toMatch(/^fmucd: fmucd\.toml:\d+:\d+: secret_file can't be read: no such file or directory/);
  });
});

describe('a file that is there', () => {
  const options = { ...PLACES, '--domain': 'rooms.denmark.lit', '--s2s': '127.0.0.1:1' };

  it('stays, unless it is to be written over, and then as a copy', async () => {
    writeFileSync(FILE, '# mine\n', { mode: 0o640 });
    expect(await run([], options)).toEqual({
      status: 1,
      left: 0,
      screen:
        'fmucd: fmucd.toml is there already (--force writes it anew, and keeps it as fmucd.toml.bak; or -c ANOTHER)\n',
    });
    expect(readFileSync(FILE, 'utf8')).toBe('# mine\n');
    const { status, screen } = await run(undefined, { ...options, '--force': '' });
    expect([status, screen.split('\n')[0]]).toEqual([0, `/etc/fmucd/fmucd.toml.bak: the file as it was`]);
    expect(readFileSync(`${FILE}.bak`, 'utf8')).toBe('# mine\n');
    expect(statSync(FILE).mode & 0o777).toBe(0o600);
  });

  it('is nobody’s where it is as a new box has it', async () => {
    const untouched = readFileSync(new URL('../../image/root/usr/share/fmucd/fmucd.toml', import.meta.url), 'utf8');
    expect(isUntouched(untouched)).toBe(true);
    writeFileSync(FILE, untouched);
    expect((await run(undefined, options)).status).toBe(0);
    expect(existsSync(`${FILE}.bak`)).toBe(false);
    for (const touched of [`${untouched}name = "Mine"`, untouched.replace('example', 'lit'), '[gateway', ''])
      expect(isUntouched(touched)).toBe(false);
  });

  it('is written behind the link that leads to it', async () => {
    mkdirSync('real');
    writeFileSync('real/fmucd.toml', '# mine\n');
    symlinkSync('real/fmucd.toml', FILE);
    expect((await run(undefined, { ...options, '--force': '' })).status).toBe(0);
    expect(readFileSync('real/fmucd.toml', 'utf8')).toContain('rooms.denmark.lit');
    expect(existsSync('real/fmucd.toml.bak')).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)('keeps its owner, and the group that root has given it', async () => {
    writeFileSync(FILE, '# mine\n');
    chmodSync(FILE, 0o644);
    chownSync(FILE, 0, 12);
    await run(undefined, { ...options, '--force': '' });
    const { uid, gid, mode } = statSync(FILE);
    expect([uid, gid, mode & 0o777]).toEqual([0, 12, 0o640]);
  });

  it.skipIf(process.getuid?.() !== 0)('that is new is also for the group that its directory hands down', async () => {
    chownSync(folder, 0, 12);
    chmodSync(folder, 0o2750);
    await run(undefined, options);
    const { gid, mode } = statSync(FILE);
    expect([gid, mode & 0o777]).toEqual([12, 0o640]);
  });

  it('can’t be made where something else stands', async () => {
    writeFileSync('there', '');
    const typing = new Typing([]);
    expect(await init(typing.invocation('there/fmucd.toml', options), undefined)).toBe(1);
    expect(typing.screen(folder)).toMatch(/^fmucd: there\/fmucd\.toml.*(?:isn't a directory|not a directory)/);
    expect(await init(typing.invocation('new/deeper/fmucd.toml', options), undefined)).toBe(0);
    expect(existsSync('new/deeper/fmucd.toml')).toBe(true);
  });
});

describe('the commented file', () => {
  const text = commentedFile([], { gateway: { domain: 'rooms.denmark.lit' }, log: {} });
  const uncommented = text.replace(/^# (?=\[|\w+ = )/gm, '');

  it('has every key of every table, in the order of the schema', () => {
    const names = fileReference().map(({ name, keys }) => [name, keys.map((key) => key.name)]);
    const headers = uncommented.split(/^(?=\[)/m).filter((part) => part.startsWith('['));
    const written = headers.map((part) => [
      /\w+/.exec(part)?.[0],
      [...part.matchAll(/^(\w+) = /gm)].map(([, key]) => key),
    ]);
    expect(written).toEqual(names);
  });

  it('is a file with every comment taken for what it shows', () => {
    expect(() => parse(uncommented)).not.toThrow();
  });

  it('says what every key does', () => {
    const words = text.replace(/\n *# /g, ' ').replace(/\s+/g, ' ');
    for (const { keys } of fileReference()) for (const { description } of keys) expect(words).toContain(description);
  });
});
