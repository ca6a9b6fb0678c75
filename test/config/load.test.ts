import { readFileSync } from 'node:fs';
import { assert, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CERTIFICATE, KEY } from '../support/certificates.ts';
import { fakeFiles, load, said } from './support.ts';

const sample = readFileSync(new URL('sample.toml', import.meta.url), 'utf8');
const minimal = '[gateway]\ndomain = "rooms.denmark.lit"\n';

function loaded(text: string): Config {
  const result = load(text);
  assert(result.ok, said(result).join('\n'));
  return result.config;
}

describe('the defaults', () => {
  it('need nothing but a domain', () => {
    expect(loaded(minimal)).toEqual({
      file: '/f.toml',
      gateway: {
        domain: 'rooms.denmark.lit',
        name: 'rooms.denmark.lit',
        data: '/var/lib/fmucd',
        control: '/run/fmucd/control.sock',
        admins: [],
        createRooms: 'everyone',
      },
      log: { level: 'info' },
      links: [],
      rooms: [],
    });
  });

  it('of a component, a link and a room', () => {
    const config = loaded(`${minimal}
      [component]
      secret = "s3cret"
      [[link]]
      peer = "rooms.wonderland.lit"
      connect = "10.1.0.2:5270"
      [[room]]
      name = "elsinore"`);
    expect(config.component).toEqual({ host: '127.0.0.1', port: 5347, secret: 's3cret' });
    expect(config.links).toEqual([
      {
        peer: 'rooms.wonderland.lit',
        domains: [],
        transport: 'direct',
        connect: { host: '10.1.0.2', port: 5270 },
        from: ['10.1.0.2'],
        tls: 'off',
        pin: '',
        bandwidth: 0,
        compression: false,
        presence: 'availability',
        coalesce: 0,
        history: { messages: 50, bytes: 8192, age: 86_400 },
        queue: { messages: 10_000, bytes: 4_194_304, age: 604_800 },
        idle: 0,
        grace: 300,
        moderate: false,
        dialect: 'auto',
      },
    ]);
    expect(config.rooms).toEqual([
      {
        name: 'elsinore',
        federate: [],
        mode: 'primary-primary',
        accept: [],
        leaveAfter: 60,
        keep: { messages: 1000, age: 0 },
      },
    ]);
  });

  it('of an inline table fill what it leaves out', () => {
    const config = loaded(`${minimal}
      [[link]]
      peer = "rooms.wonderland.lit"
      connect = "10.1.0.2:5270"
      history = { bytes = 0 }
      queue.age = 60
      [[room]]
      name = "elsinore"
      keep = { age = 3600 }`);
    expect(config.links[0]?.history).toEqual({ messages: 50, bytes: 0, age: 86_400 });
    expect(config.links[0]?.queue).toEqual({ messages: 10_000, bytes: 4_194_304, age: 60 });
    expect(config.rooms[0]?.keep).toEqual({ messages: 1000, age: 3600 });
  });

  it('of s2s', () => {
    expect(loaded(`${minimal}[s2s]`).s2s).toEqual({
      listen: [],
      tls: 'required',
      auth: ['external', 'dialback'],
      hosts: {},
    });
  });
});

describe('the sample of the manual', () => {
  it('loads without a word', () => {
    const files = { '/etc/fmucd/cert.pem': CERTIFICATE, '/etc/fmucd/key.pem': KEY, '/etc/fmucd/ca.pem': CERTIFICATE };
    const result = load(sample, undefined, files);
    expect(said(result)).toEqual([]);
    expect(result).toMatchObject({
      ok: true,
      config: {
        gateway: { name: 'Denmark rooms', admins: ['gertrude@denmark.lit'], localDomains: ['denmark.lit'] },
        s2s: { certificate: '/etc/fmucd/cert.pem', hosts: { 'wonderland.lit': { host: '10.1.0.2', port: 5269 } } },
        links: [{ listen: { host: '0.0.0.0', port: 5270 }, from: ['10.1.0.2'], moderate: true }],
        rooms: [{ federate: ['rabbithole@rooms.wonderland.lit'], accept: ['*'] }],
      },
    });
  });
});

describe('values in one form', () => {
  it('JIDs, domains and localparts are prepared (RFC 7622)', () => {
    const config = loaded(`[gateway]
      domain = "Rooms.Denmark.LIT"
      admins = ["Gertrude@Denmark.lit"]
      [component]
      secret = "s"
      [[room]]
      name = "Elsinore"
      federate = "RabbitHole@Rooms.Wonderland.lit"
      accept = ["Wonderland.LIT", "A@B", "*"]`);
    expect(config.gateway).toMatchObject({ domain: 'rooms.denmark.lit', admins: ['gertrude@denmark.lit'] });
    expect(config.rooms[0]).toMatchObject({
      name: 'elsinore',
      federate: ['rabbithole@rooms.wonderland.lit'],
      accept: ['wonderland.lit', 'a@b', '*'],
    });
  });

  it('the nodes to join, in their order', () => {
    const config = loaded(`${minimal}[component]
      secret = "s"
      [[room]]
      name = "elsinore"
      federate = ["RabbitHole@Rooms.Wonderland.lit", "castle@rooms.france.lit"]`);
    expect(config.rooms[0]?.federate).toEqual(['rabbithole@rooms.wonderland.lit', 'castle@rooms.france.lit']);
  });

  it('addresses', () => {
    const config = loaded(`${minimal}
      [[link]]
      peer = "rooms.wonderland.lit"
      connect = "Far.Wonderland.lit:5270"
      listen = "[::]:5270"
      from = ["::1", "::ffff:10.1.0.2"]`);
    expect(config.links[0]).toMatchObject({
      connect: { host: 'far.wonderland.lit', port: 5270 },
      listen: { host: '0:0:0:0:0:0:0:0', port: 5270 },
      from: ['0:0:0:0:0:0:0:1', '10.1.0.2'],
    });
  });

  it.each([
    ['primary-primary', 'primary-primary'],
    ['master-master', 'primary-primary'],
    ['primary-replica', 'primary-replica'],
    ['master-slave', 'primary-replica'],
  ])('XEP-0289’s modes, also by their old names: %s', (mode, name) => {
    const text = `${minimal}[component]\nsecret = "s"\n[[room]]\nname = "a"\naccept = ["b.lit"]\nmode = "${mode}"`;
    expect(said(load(text))).toEqual([]);
    expect(loaded(text).rooms[0]?.mode).toBe(name);
  });

  it.each(['auto', 'fmucd', 'xep', 'openfire'])('dialect = %s', (dialect) => {
    const text = `${minimal}[[link]]\npeer = "a.lit"\nconnect = "10.1.0.2:1"\ndialect = "${dialect}"`;
    expect(said(load(text))).toEqual([]);
    expect(loaded(text).links[0]?.dialect).toBe(dialect);
  });

  it('paths, relative ones from the directory of the file', () => {
    const files = fakeFiles({
      '/etc/fmucd/f.toml': `${minimal}data = "store"\ncontrol = "../c.sock"\n[component]\nsecret_file = "secret"`,
      '/etc/fmucd/secret': 's3cret\r\nand more\n',
    });
    expect(loadConfig('/etc/fmucd/f.toml', files)).toMatchObject({
      ok: true,
      config: {
        gateway: { data: '/etc/fmucd/store', control: '/etc/c.sock' },
        component: { secret: 's3cret' },
      },
    });
  });
});

describe('a file that is not there', () => {
  it('is told apart', () => {
    expect(loadConfig('/g.toml', fakeFiles({}))).toEqual({
      ok: false,
      isMissing: true,
      findings: [{ severity: 'error', file: '/g.toml', message: 'no such file or directory' }],
    });
  });
});

it('a byte order mark moves no column', () => {
  expect(said(load('\ufeffa = 1\n[gateway]\ndomain = "a"'))).toEqual([
    '1:1: unknown key "a" (known: gateway, log, component, s2s, link, room)',
  ]);
});

it('tells where a key of the loaded file stands, or the table around it', () => {
  const result = load(`${minimal}[log]\nlevel = "info"`);
  expect(result.ok && result.locate(['log', 'level'], 'value')).toEqual({ line: 4, column: 9 });
  expect(result.ok && result.locate(['gateway', 'data'], 'value')).toEqual({ line: 1, column: 1 });
});
