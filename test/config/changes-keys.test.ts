import { describe, expect, it, test } from 'vitest';
import { changesOf, describeChanges } from '../../src/config/changes.ts';
import type { Config } from '../../src/config/config.ts';
import { fileReference, type KeyReference } from '../../src/config/reference.ts';
import { load, said } from './support.ts';

/* What becomes of a change of each key of the file: none may be passed over in silence. */

/** What a running gateway does about it: follows it, connects something anew, or waits for a restart; for what is said. */
type Fate = readonly ['live' | 'anew' | 'restart', said: string];

/** A key's two values as the file writes them (`undefined`: it isn't written), and what else both files have in its table. */
type Case = readonly [before: string | undefined, after: string | undefined, fate: Fate, beside?: Values];
type Values = Readonly<Record<string, string>>;

const PIN = 'a'.repeat(64);
const link = (): Fate => ['live', 'link rooms.wonderland.lit: changed'];
const connection = (): Fate => ['anew', 'link rooms.wonderland.lit: changed, connects anew'];
const room = (): Fate => ['live', 'room elsinore: changed'];
const component = (): Fate => ['anew', 'component: changed'];
const s2s = (): Fate => ['restart', 's2s'];
const live = (key: string): Fate => ['live', `${key}: changed`];
const restart = (key: string): Fate => ['restart', key];

const CASES: Readonly<Record<string, Case>> = {
  'gateway.domain': ['"rooms.denmark.lit"', '"rooms.denmark.example"', restart('gateway.domain')],
  'gateway.name': ['"Denmark"', '"Elsinore"', live('gateway.name')],
  'gateway.data': ['"/a"', '"/b"', restart('gateway.data')],
  'gateway.control': ['"/a"', '"/b"', restart('gateway.control')],
  'gateway.memory': [undefined, '64', restart('gateway.memory')],
  'gateway.admins': [undefined, '["gertrude@denmark.lit"]', live('gateway.admins')],
  'gateway.create_rooms': [undefined, '"nobody"', live('gateway.create_rooms')],
  'gateway.local_domains': ['["denmark.lit"]', '["denmark.lit", "norway.lit"]', live('gateway.local_domains')],
  'log.level': [undefined, '"debug"', live('log.level')],
  'component.host': [undefined, '"10.0.0.1"', component()],
  'component.port': [undefined, '5348', component()],
  'component.secret': ['"s3cret"', '"another"', component()],
  'component.secret_file': ['"/one.secret"', '"/other.secret"', component()],
  's2s.listen': ['["127.0.0.1:5269"]', '["127.0.0.1:5268"]', s2s()],
  's2s.tls': [undefined, '"optional"', s2s()],
  's2s.certificate': ['"/one.pem"', '"/other.pem"', s2s(), { key: '"/one.key"' }],
  's2s.key': ['"/one.key"', '"/other.key"', s2s(), { certificate: '"/one.pem"' }],
  's2s.ca': [undefined, '"/one.pem"', s2s()],
  's2s.auth': [undefined, '["dialback"]', s2s()],
  's2s.hosts': [undefined, '{ "arden.lit" = "10.0.0.1:5269" }', s2s()],
  'link.peer': ['"rooms.wonderland.lit"', '"rooms.arden.lit"', ['anew', 'link rooms.arden.lit: added']],
  'link.domains': [undefined, '["wonderland.lit"]', link()],
  'link.transport': [undefined, '"s2s"', connection()],
  'link.connect': ['"10.1.0.2:5270"', '"10.1.0.3:5270"', connection()],
  'link.listen': [undefined, '"127.0.0.1:5270"', connection()],
  'link.from': ['["10.1.0.2"]', '["10.1.0.3"]', connection(), { listen: '"127.0.0.1:5270"' }],
  'link.tls': [undefined, '"pinned"', connection()],
  'link.pin': [`"${PIN}"`, `"${PIN.replaceAll('a', 'b')}"`, connection(), { tls: '"pinned"' }],
  'link.bandwidth': [undefined, '2400', connection()],
  'link.compression': [undefined, 'true', connection()],
  'link.presence': [undefined, '"none"', connection()],
  'link.coalesce': [undefined, '10', link()],
  'link.history.messages': [undefined, '3', link()],
  'link.history.bytes': [undefined, '3000', link()],
  'link.history.age': [undefined, '3600', link()],
  'link.queue.messages': [undefined, '30', link()],
  'link.queue.bytes': [undefined, '30000', link()],
  'link.queue.age': [undefined, '3600', link()],
  'link.idle': [undefined, '60', connection()],
  'link.grace': [undefined, '30', link()],
  'link.moderate': [undefined, 'true', link()],
  'link.dialect': [undefined, '"xep"', connection()],
  'room.name': ['"elsinore"', '"heath"', ['live', 'room heath: added']],
  'room.federate': ['"a@rooms.wonderland.lit"', '["b@rooms.wonderland.lit"]', room()],
  'room.mode': [undefined, '"primary-replica"', room(), { federate: '"a@rooms.wonderland.lit"' }],
  'room.accept': [undefined, '["*"]', room()],
  'room.leave_after': [undefined, '5', room(), { federate: '"a@rooms.wonderland.lit"' }],
  'room.keep.messages': [undefined, '20', room()],
  'room.keep.age': [undefined, '3600', room()],
};

/** What a change needs beside it for both files to be without faults, in the file after it alone. */
const WITH: Readonly<Record<string, Values>> = {
  'link.tls': { pin: `"${PIN}"` },
};

const BASE: Readonly<Record<string, Values>> = {
  gateway: { domain: '"rooms.denmark.lit"', local_domains: '["denmark.lit"]' },
  log: {},
  component: { secret: '"s3cret"' },
  s2s: {},
  link: { peer: '"rooms.wonderland.lit"', connect: '"10.1.0.2:5270"' },
  room: { name: '"elsinore"' },
};

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\n';
const OTHERS = {
  '/one.secret': 's3cret\n',
  '/other.secret': 'another\n',
  '/one.pem': CERTIFICATE,
  '/other.pem': CERTIFICATE,
  '/one.key': KEY,
  '/other.key': KEY,
};

function configOf(path: string, value: string | undefined, beside: Values): Config {
  const [table = '', key = '', inner] = path.split('.');
  const lines = Object.entries(BASE).flatMap(([name, base]) => {
    const values: Record<string, string> = { ...base, ...(name === table ? beside : {}) };
    if (path === 'component.secret_file') delete values['secret'];
    if (name === table && value === undefined) delete values[key];
    else if (name === table && value !== undefined)
      values[key] = inner === undefined ? value : `{ ${inner} = ${value} }`;
    const isMany = name === 'link' || name === 'room';
    return [isMany ? `[[${name}]]` : `[${name}]`, ...Object.entries(values).map((pair) => pair.join(' = '))];
  });
  const loaded = load(lines.join('\n'), undefined, OTHERS);
  if (!loaded.ok) throw new Error(said(loaded).join('\n'));
  return loaded.config;
}

const leaves = (prefix: string, { name, keys }: KeyReference): string[] =>
  keys.length === 0 ? [`${prefix}.${name}`] : keys.flatMap((key) => leaves(`${prefix}.${name}`, key));
const every = fileReference().flatMap(({ name, keys }) => keys.flatMap((key) => leaves(name, key)));

it('every key of the schema is here, and nothing else', () => {
  expect(Object.keys(CASES).toSorted()).toEqual(every.toSorted());
});

describe('a change of', () => {
  test.each(every)('%s', (path) => {
    const [before, after, [fate, line], beside = {}] = CASES[path]!;
    const running = configOf(path, before, beside);
    const file = configOf(path, after, { ...beside, ...WITH[path] });
    const changes = changesOf(running, file);
    const lines = describeChanges(changes);
    if (fate === 'restart') {
      expect([changes.restart, lines]).toEqual([[line], []]);
      expect(changes.config).toEqual(running);
    } else {
      expect(changes.restart).toEqual([]);
      expect(lines).toContain(line);
      expect(changes.config).toEqual(file);
      expect(changes.config).not.toEqual(running);
      const anew = changes.component !== undefined || [...changes.links.values()].some((one) => one !== 'changed');
      expect(anew).toBe(fate === 'anew');
    }
  });
});

test.each([
  ['link.peer', ['link rooms.arden.lit: added', 'link rooms.wonderland.lit: removed']],
  ['room.name', ['room heath: added', 'room elsinore: removed']],
])('%s names the thing: another name is another thing', (path, lines) => {
  const [before, after] = CASES[path]!;
  expect(describeChanges(changesOf(configOf(path, before, {}), configOf(path, after, {})))).toEqual(lines);
});

test('the secret in a file that stays is compared, too', () => {
  const config = configOf('component.secret_file', '"/one.secret"', {});
  const other = { ...config, component: { ...config.component!, secret: 'another' } };
  expect(describeChanges(changesOf(config, other))).toEqual(['component: changed']);
});
