import { describe, expect, it, test } from 'vitest';
import { changesOf, describeChanges, isNoChange } from '../../src/config/changes.ts';
import type { Config, LinkConfig } from '../../src/config/config.ts';
import { load, said } from './support.ts';

/* What a file says otherwise than the one that a gateway runs with. */

const FILE = `
[gateway]
domain = "rooms.denmark.lit"
local_domains = ["denmark.lit"]
[log]
level = "info"
[component]
secret = "s3cret"
[[link]]
peer = "rooms.wonderland.lit"
connect = "10.1.0.2:5270"
[[link]]
peer = "rooms.france.lit"
connect = "10.1.0.3:5270"
[[room]]
name = "elsinore"
federate = "rabbithole@rooms.wonderland.lit"
[[room]]
name = "heath"
`;

function configOf(text: string): Config {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(said(loaded).join('\n'));
  return loaded.config;
}

const running = configOf(FILE);

/** What is said of a file in which that stands instead. */
function changes(from: string | RegExp, to: string) {
  const text = FILE.replace(from, to);
  expect(text).not.toBe(FILE);
  const found = changesOf(running, configOf(text));
  return { ...found, lines: describeChanges(found) };
}

it('nothing, where only the words are others', () => {
  const found = changesOf(running, configOf(`# The same.\n${FILE.replace('"10.1.0.2:5270"', "'10.1.0.2:5270'")}`));
  expect([isNoChange(found), describeChanges(found), found.restart]).toEqual([true, [], []]);
});

describe('each key', () => {
  test.each([
    ['[log]\nlevel = "info"', '[log]\nlevel = "debug"', 'log.level: changed'],
    ['[gateway]', '[gateway]\nname = "Denmark"', 'gateway.name: changed'],
    ['[gateway]', '[gateway]\nadmins = ["gertrude@denmark.lit"]', 'gateway.admins: changed'],
    ['[gateway]', '[gateway]\ncreate_rooms = "nobody"', 'gateway.create_rooms: changed'],
    ['local_domains = ["denmark.lit"]', '', 'gateway.local_domains: changed'],
    ['[component]\nsecret = "s3cret"', '', 'component: removed'],
    ['s3cret', 's3cret2', 'component: changed'],
    ['10.1.0.2', '10.1.0.9', 'link rooms.wonderland.lit: changed, connects anew'],
    ['5270"\n[[room', '5270"\nbandwidth = 2400\n[[room', 'link rooms.france.lit: changed, connects anew'],
    ['5270"\n[[room', '5270"\ndialect = "xep"\n[[room', 'link rooms.france.lit: changed, connects anew'],
    ['5270"\n[[room', '5270"\nhistory = { messages = 3 }\n[[room', 'link rooms.france.lit: changed'],
    ['5270"\n[[room', '5270"\ndomains = ["france.lit"]\n[[room', 'link rooms.france.lit: changed'],
    [/\[\[link\]\]\npeer = "rooms.france.lit"\n.+\n/, '', 'link rooms.france.lit: removed'],
    ['[[room', '[[link]]\npeer = "rooms.arden.lit"\nconnect = "10.1.0.4:1"\n[[room', 'link rooms.arden.lit: added'],
    ['name = "heath"', 'name = "heath"\nkeep = { age = 60 }', 'room heath: changed'],
    ['name = "elsinore"', 'name = "elsinore"\nmode = "primary-replica"', 'room elsinore: changed'],
    ['[[room]]\nname = "heath"', '', 'room heath: removed'],
    ['[[room]]', '[[room]]\nname = "court"\n[[room]]', 'room court: added'],
  ])('%j → %j', (from, to, line) => {
    const { lines, restart } = changes(from, to);
    expect([lines, restart]).toEqual([[line], []]);
  });

  test('of links the order, since the first is preferred', () => {
    const [, first = '', second = ''] = /(\[\[link\]\][^[]+)(\[\[link\]\][^[]+)/.exec(FILE) ?? [];
    expect(changes(first + second, second + first).lines).toEqual(['links: in another order']);
  });

  test('but no secret is said', () => {
    expect(JSON.stringify(changes('s3cret', 'another').lines)).not.toMatch(/s3cret|another/);
  });
});

describe('what needs a restart', () => {
  test.each([
    ['[gateway]', '[gateway]\ndata = "elsewhere"', 'gateway.data'],
    ['[gateway]', '[gateway]\ncontrol = "elsewhere"', 'gateway.control'],
    ['[gateway]', '[gateway]\nmemory = 64', 'gateway.memory'],
    ['domain = "rooms.denmark.lit"', 'domain = "rooms.denmark.example"', 'gateway.domain'],
  ])('%j → %j', (from, to, key) => {
    const found = changes(from, to);
    expect([found.restart, found.lines, found.config]).toEqual([[key], [], running]);
  });

  test('keeps nothing else from being taken over, and is said as long as it stands', () => {
    const found = changes('[gateway]\ndomain = "rooms.denmark.lit"', '[gateway]\ndomain = "a.lit"\nname = "Denmark"');
    expect([found.restart, found.lines]).toEqual([['gateway.domain'], ['gateway.name: changed']]);
    expect(found.config.gateway).toMatchObject({ domain: 'rooms.denmark.lit', name: 'Denmark' });
    const again = changesOf(found.config, configOf(FILE.replace('rooms.denmark.lit', 'a.lit')));
    expect(again.restart).toEqual(['gateway.domain']);
  });
});

describe('[s2s]', () => {
  const s2s = { listen: [], tls: 'required', auth: ['dialback'], hosts: {} } as const;
  const [wonderland, france] = running.links as [LinkConfig, LinkConfig];
  const overS2s: LinkConfig = { ...wonderland, transport: 's2s' };

  test.each([
    ['one that comes', running, { ...running, s2s }],
    ['one that goes', { ...running, s2s }, running],
    ['one that changes', { ...running, s2s }, { ...running, s2s: { ...s2s, tls: 'off' as const } }],
  ])('%s needs a restart, and is as it was until then', (_, before, file) => {
    const found = changesOf(before, file);
    expect([found.restart, isNoChange(found)]).toEqual([['s2s'], true]);
    expect(found.config.s2s).toEqual(before.s2s);
  });

  it('that stays lets links over it come, go and change', () => {
    const before = { ...running, s2s };
    const change = (links: LinkConfig[]) =>
      describeChanges(changesOf({ ...before, links: [overS2s] }, { ...before, links }));
    expect(change([overS2s])).toEqual([]);
    expect(change([])).toEqual(['link rooms.wonderland.lit: removed']);
    expect(change([wonderland])).toEqual(['link rooms.wonderland.lit: changed, connects anew']);
    expect(change([overS2s, { ...france, transport: 's2s' }])).toEqual(['link rooms.france.lit: added']);
    expect(change([{ ...overS2s, grace: 7 }])).toEqual(['link rooms.wonderland.lit: changed']);
  });

  it('that waits for a restart has its links wait too', () => {
    const found = changesOf(running, { ...running, s2s, links: [overS2s, { ...overS2s, peer: 'rooms.spain.lit' }] });
    expect(found.config.links).toEqual([wonderland]);
    expect([describeChanges(found), found.restart]).toEqual([['link rooms.france.lit: removed'], ['s2s']]);
  });
});
