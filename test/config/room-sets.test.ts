import { expect, it } from 'vitest';
import { formatFinding, place } from '../../src/config/finding.ts';
import { loadConfig } from '../../src/config/load.ts';
import { roomSets } from '../../src/config/room-sets.ts';
import { fakeFiles } from './support.ts';

/* Rooms of several files that join each other. A file is named after its gateway, and reaches every other by S2S. */

/** What is said of rooms, each as `name@file` with its further keys. */
function said(rooms: Readonly<Record<string, string>>, gateway: (file: string) => string = () => ''): string[] {
  const texts = new Map<string, string>();
  for (const [jid, keys] of Object.entries(rooms)) {
    const [name, file] = jid.split('@') as [string, string];
    const head = `[s2s]\n[gateway]\ndomain = "${file}"\n${gateway(file)}`;
    texts.set(file, `${texts.get(file) ?? head}[[room]]\nname = "${name}"\n${keys}`);
  }
  const files = [...texts].map(([file, text]) => {
    const loaded = loadConfig(file, fakeFiles({ [file]: text }), 'copy');
    if (!loaded.ok) throw new Error(loaded.findings.map(formatFinding).join('\n'));
    return { config: loaded.config, locate: loaded.locate };
  });
  const remarks = [...roomSets(files)];
  return files.flatMap((of) => {
    const own = remarks.flatMap(([file, remark]) => (file === of ? [remark] : []));
    return place(of.config.file, own, of.locate).map(formatFinding);
  });
}

it.each([
  ['by name', '["r@a"]'],
  ['by domain', '["a"]'],
  ['like any other', '["*"]'],
])('a room that joins one that lets it, %s', (_, accept) => {
  expect(said({ 'r@a': 'federate = "r@b"\n', 'r@b': `accept = ${accept}\n` })).toEqual([]);
});

it('a room that joins one that lets others', () => {
  expect(
    said({ 'r@a': 'federate = ["r@c", "r@b"]\n', 'r@b': 'accept = ["q@a", "c"]\n', 'q@a': 'federate = "r@b"\n' }),
  ).toEqual(["a:6:20: r@b doesn't accept r@a (accept in b:6)"]);
});

it('a room that joins one that is not there, or may be made', () => {
  const rooms = { 'r@a': 'federate = "r@b"\n', 'castle@b': '' };
  expect(said(rooms)).toEqual(['a:6:12: warning: b has no room r@b (a [[room]] there, unless somebody makes it)']);
  expect(said(rooms, () => 'create_rooms = "nobody"\n')).toEqual([
    'a:7:12: b has no room r@b (a [[room]] there, unless somebody makes it)',
  ]);
});

it('a room that is not there by a letter', () => {
  expect(said({ 'rabithole@a': '', 'r@b': 'federate = "rabbithole@a"\n' })).toEqual([
    'b:6:12: warning: a has no room rabbithole@a (did you mean rabithole?)',
  ]);
});

it('a room where the users are', () => {
  expect(
    said({ 'r@rooms.a': 'accept = ["*"]\n', 'q@b': 'federate = "r@a"\n' }, (file) =>
      file === 'rooms.a' ? 'local_domains = ["a"]\n' : '',
    ),
  ).toEqual(['b:6:12: a has the users of rooms.a (its rooms are at rooms.a)']);
});

it('a room that is waited for and does not come', () => {
  expect(said({ 'r@a': '', 'r@b': 'accept = ["r@a", "q@a", "r@elsewhere"]\n' })).toEqual([
    "b:6:11: warning: r@a doesn't join this room (federate in a)",
    'b:6:18: warning: q@a is no room of a (federate in a)',
  ]);
});

it('two modes in one set', () => {
  const replica = 'mode = "primary-replica"\n';
  expect(said({ 'r@a': `federate = "r@b"\n${replica}`, 'r@b': 'accept = ["*"]\n' })).toEqual([
    'a:7:8: warning: mode is primary-replica here and primary-primary in b:4 (the same in all of a set)',
  ]);
  expect(said({ 'r@a': `federate = "r@b"\n${replica}`, 'r@b': `accept = ["*"]\n${replica}` })).toEqual([]);
});

it('a tree', () => {
  const open = 'accept = ["*"]\n';
  expect(
    said({ 'r@a': `federate = "r@b"\n`, 'r@c': `federate = "r@b"\n`, 'r@b': `federate = "r@d"\n${open}`, 'r@d': open }),
  ).toEqual([]);
});

it('a circle of two', () => {
  const open = 'accept = ["*"]\n';
  expect(said({ 'r@a': `federate = "r@b"\n${open}`, 'r@b': `federate = "r@a"\n${open}` })).toEqual([
    'a:6:12: the rooms join in a circle: r@a → r@b → r@a (one of them joins none)',
  ]);
});

it('a circle of three below a room that is none of it', () => {
  const open = 'accept = ["*"]\n';
  const rooms = {
    'q@x': 'federate = "r@a"\n',
    'r@a': `federate = "r@b"\n${open}`,
    'r@b': `federate = "r@c"\n${open}`,
    'r@c': `federate = "r@a"\n${open}`,
  };
  expect(said(rooms)).toEqual(['a:6:12: the rooms join in a circle: r@a → r@b → r@c → r@a (one of them joins none)']);
});

it('a circle that may close where one is out of reach', () => {
  const open = 'accept = ["*"]\n';
  expect(
    said({ 'r@a': `federate = ["r@c", "r@b"]\n${open}`, 'r@b': `federate = "r@a"\n${open}`, 'r@c': open }),
  ).toEqual(['a:6:12: warning: the rooms may join in a circle: r@a → r@b → r@a']);
});
