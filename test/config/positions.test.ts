import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { locator, type Path } from '../../src/config/positions.ts';

/** Where `path` stands, as what the text goes on with from there to the end of its line. */
function found(toml: string, path: Path, part: 'key' | 'value'): string {
  const { line, column } = locator(toml)(path, part);
  return (toml.split('\n')[line - 1] ?? '').slice(column - 1);
}

describe('where keys and values stand', () => {
  const cases: [what: string, toml: string, path: Path, key: string, value: string][] = [
    ['a bare key', 'a = 1', ['a'], 'a = 1', '1'],
    ['a key after blank lines and a comment', '\n# a = 2\r\n\ta\t=\t1', ['a'], 'a\t=\t1', '1'],
    ['a quoted key', '"a \\u0062" = 1', ['a b'], '"a \\u0062" = 1', '1'],
    ['a literal key', "'a.b' = 1", ['a.b'], "'a.b' = 1", '1'],
    ['a dotted key', 'a . "b" = 1', ['a', 'b'], '"b" = 1', '1'],
    ['the table of a dotted key', 'a.b = 1', ['a'], 'a.b = 1', '1'],
    ['a key in a table', '[t]\na = 1', ['t', 'a'], 'a = 1', '1'],
    ['a table', 'x = 1\n[ t ]', ['t'], 't ]', '[ t ]'],
    ['a table within', '[t.u]\n', ['t', 'u'], 'u]', '[t.u]'],
    ['a table that came up before its header', '[t.u]\n[t]#', ['t'], 't]#', '[t]#'],
    ['an array of tables', '[[t]]\n[[t]] #', ['t'], 't]]', '[[t]]'],
    ['its second table', '[[t]]\n[[t]] #', ['t', 1], 't]] #', '[[t]] #'],
    ['a key in its second table', '[[t]]\na=1\n[[t]]\na=2', ['t', 1, 'a'], 'a=2', '2'],
    ['a table in its second table', '[[t]]\n[t.u]\n[[t]]\n[t.u]#2', ['t', 1, 'u'], 'u]#2', '[t.u]#2'],
    ['an array of tables in another', '[[t]]\n[[t.u]]\n[[t.u]]\na=1', ['t', 0, 'u', 1, 'a'], 'a=1', '1'],
    ['a list', 'a = [1, 2] # x', ['a'], 'a = [1, 2] # x', '[1, 2] # x'],
    ['an entry of a list', 'a = [1, 2]', ['a', 1], '2]', '2]'],
    ['an entry on a line of its own', 'a = [ # [\n  1, # ]\n  2,\n]\nb = 1', ['a', 1], '2,', '2,'],
    ['what follows a list', 'a = [ # [\n  1, # ]\n  2,\n]\nb = 1', ['b'], 'b = 1', '1'],
    ['a key in an inline table', 'a = { b = 1, "c" = 2 }', ['a', 'c'], '"c" = 2 }', '2 }'],
    ['a dotted key in an inline table', 'a = { b.c = 1 }', ['a', 'b', 'c'], 'c = 1 }', '1 }'],
    ['an inline table over lines', 'a = {\n b = 1, # }\n}\nc = 2', ['c'], 'c = 2', '2'],
    ['tables in a list', 'a = [{b = 1}, {b = 2}]', ['a', 1, 'b'], 'b = 2}]', '2}]'],
    ['an empty list and table', 'a = []\nb = {}\nc = 1', ['c'], 'c = 1', '1'],
    ['what follows brackets in a string', 'a = ["]", \'}\']\nb = 1', ['b'], 'b = 1', '1'],
    ['what follows an escaped quote', 'a = "\\"#\\\\"\nb = 1', ['b'], 'b = 1', '1'],
    ['what follows a multi-line string', 'a = """\nb = 1\n\\""""""\nb = 2', ['b'], 'b = 2', '2'],
    ['what follows a literal multi-line string', "a = '''\nb = 1\n\\'''''\nb = 2", ['b'], 'b = 2', '2'],
    ['what follows an empty multi-line string', 'a = """"""\nb = 2', ['b'], 'b = 2', '2'],
    ['what follows a date with a space', 'a = [1979-05-27 07:32:00Z, 2]', ['a', 1], '2]', '2]'],
    ['what follows a date alone', 'a = [1979-05-27 , 2]', ['a', 1], '2]', '2]'],
    ['a missing key: its table', '[t]\na = 1', ['t', 'b'], '[t]', '[t]'],
    ['a missing table: the file', 'a = 1', ['t', 'b'], 'a = 1', 'a = 1'],
  ];
  it.each(cases)('%s', (_, toml, path, key, value) => {
    expect(() => parse(toml)).not.toThrow();
    expect([found(toml, path, 'key'), found(toml, path, 'value')]).toEqual([key, value]);
  });
});

/** TOML under construction: the text, and for each path the offsets that belong to it. */
interface Written {
  text: string;
  readonly spots: Map<string, { key: number; value: number }>;
}

type Node =
  | { kind: 'scalar'; text: string }
  | { kind: 'list'; space: string; items: readonly Node[] }
  | { kind: 'inline'; space: string; members: readonly Member[] };
type Member = readonly [key: KeyStyle, node: Node];
interface KeyStyle {
  readonly name: string;
  readonly text: string;
}
interface Section {
  readonly key: KeyStyle;
  readonly isArray: boolean;
  readonly members: readonly Member[];
  readonly gap: string;
}

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '_', '7'), minLength: 1, maxLength: 3 });
const odd = fc.string({ unit: fc.constantFrom('a', '.', ' ', '#', '=', ']', 'é', '"', '\\', '\t'), maxLength: 4 });
const keyStyle: fc.Arbitrary<KeyStyle> = fc.oneof(
  name.map((it) => ({ name: it, text: it })),
  odd.map((it) => ({ name: it, text: JSON.stringify(it) })),
  odd.filter((it) => !it.includes("'")).map((it) => ({ name: it, text: `'${it}'` })),
);
const nasty = fc.string({
  unit: fc.constantFrom('a', '"', "'", '#', ',', ']', '}', '=', '[[', '\\', '\n', '\r\n', ' '),
  maxLength: 8,
});
const scalar = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('true', 'false', '0x1F', '-1_000', '3.5e-3', 'inf', '-nan'),
  fc.constantFrom(
    '1979-05-27',
    '07:32:00',
    '1979-05-27 07:32:00',
    '1979-05-27T07:32:00.5-07:00',
    '1979-05-27 07:32:00Z',
  ),
  nasty.map((it) => JSON.stringify(it)),
  nasty.map((it) => `'${it.replaceAll(/['\r\n]/g, '')}'`),
  nasty.map((it) => `"""${it.replaceAll('\\', '\\\\').replaceAll('"""', '""\\"').replace(/"+$/, '')}"""`),
  nasty.map((it) => `"""${it.replaceAll(/["\\]/g, '')}\\\n  x""""`),
  nasty.map((it) => `'''${it.replaceAll(/'{3,}/g, "''").replace(/'+$/, '')}'''''`),
);
const space = fc.constantFrom('', ' ', '\t', '\n', ' # a comment ] } , " \n', '\r\n\r\n');
const members = (node: fc.Arbitrary<Node>, maxLength: number) =>
  fc.uniqueArray(fc.tuple(keyStyle, node), { maxLength, selector: ([key]) => key.name });
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar.map((text): Node => ({ kind: 'scalar', text })),
    fc.record({ kind: fc.constant('list' as const), space, items: fc.array(tie('node'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('inline' as const), space, members: members(tie('node'), 3) }),
  ),
}));
const gap = fc.constantFrom('', '\n', '# [a] = """\n', '\r\n \t');
const section: fc.Arbitrary<Section> = fc.record({
  key: keyStyle,
  isArray: fc.boolean(),
  members: members(node, 3),
  gap,
});
const document = fc.record({
  top: members(node, 3),
  sections: fc.uniqueArray(section, { maxLength: 4, selector: ({ key }) => key.name }),
  repeats: fc.array(fc.nat({ max: 3 }), { maxLength: 4 }),
});

function put(into: Written, path: Path, spot: { key: number; value: number }): void {
  into.spots.set(JSON.stringify(path), spot);
}

function writeNode(into: Written, path: Path, key: number, given: Node): void {
  put(into, path, { key, value: into.text.length });
  if (given.kind === 'scalar') into.text += given.text;
  else {
    into.text += given.kind === 'list' ? `[${given.space}` : `{${given.space}`;
    const count = given.kind === 'list' ? given.items.length : given.members.length;
    for (let index = 0; index < count; index += 1) {
      if (given.kind === 'list') {
        const item = given.items[index];
        if (item !== undefined) writeNode(into, [...path, index], into.text.length, item);
      } else {
        const member = given.members[index];
        if (member !== undefined) writeMember(into, path, member, ' ');
      }
      into.text += index < count - 1 ? `${given.space},${given.space}` : given.space;
    }
    into.text += given.kind === 'list' ? ']' : '}';
  }
}

function writeMember(into: Written, path: Path, [key, value]: Member, blank: string): void {
  const start = into.text.length;
  into.text += `${key.text}${blank}=${blank}`;
  writeNode(into, [...path, key.name], start, value);
}

function write({ top, sections, repeats }: typeof document extends fc.Arbitrary<infer T> ? T : never): Written {
  const into: Written = { text: '', spots: new Map() };
  const writeMembers = (path: Path, all: readonly Member[]) => {
    for (const member of all) {
      writeMember(into, path, member, '\t');
      into.text += '\n';
    }
  };
  writeMembers([], top);
  const taken = new Set(top.map(([key]) => key.name));
  const fresh = sections.filter(({ key }) => !taken.has(key.name));
  const again = repeats.flatMap((index) => fresh.filter(({ isArray }, at) => isArray && at === index));
  const counts = new Map<string, number>();
  for (const { key, isArray, members: inside, gap: before } of [...fresh, ...again]) {
    into.text += before;
    if (before !== '' && !into.text.endsWith('\n')) into.text += '\n';
    const header = into.text.length;
    const at = header + (isArray ? 2 : 1);
    into.text += isArray ? `[[${key.text}]]\n` : `[${key.text}]\n`;
    const count = counts.get(key.name) ?? 0;
    counts.set(key.name, count + 1);
    if (count === 0) put(into, [key.name], { key: at, value: header });
    if (isArray) put(into, [key.name, count], { key: at, value: header });
    writeMembers(isArray ? [key.name, count] : [key.name], inside);
  }
  return into;
}

/** Every path that leads to something in what the parser made. */
function pathsOf(value: unknown, path: Path = []): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, inside]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [JSON.stringify(here), ...pathsOf(inside, here)];
  });
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  return (
    text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length +
    (line > 1 ? 1 : 0) +
    column -
    1
  );
}

it('finds every key and value of whatever the parser accepts', () => {
  fc.assert(
    fc.property(document, (given) => {
      const { text, spots } = write(given);
      expect([...spots.keys()].sort()).toEqual(pathsOf(parse(text)).sort());
      const locate = locator(text);
      for (const [at, { key, value }] of spots) {
        const path = JSON.parse(at) as Path;
        expect([at, offsetOf(text, locate(path, 'key')), offsetOf(text, locate(path, 'value'))]).toEqual([
          at,
          key,
          value,
        ]);
      }
    }),
    { numRuns: 500, seed: 289 },
  );
});
