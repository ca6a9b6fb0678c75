import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { grouped } from '../../src/cli/groups.ts';
import { unpainted } from '../../src/cli/paint.ts';
import { fileReference } from '../../src/config/reference.ts';

/* What `fmucd help` tells, of commands and of the operator's file. */

async function run(line: string) {
  const printed: string[] = [];
  const complained: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    complain: (text: string) => complained.push(text),
    paint: unpainted,
  };
  const args = line.split(' ').filter((word) => word !== '');
  const status = await dispatch(args, {}, commands, output);
  return { status, printed: printed.join('\n'), complained: complained.join('\n') };
}

async function help(name: string): Promise<string> {
  const { status, printed, complained } = await run(`help ${name}`);
  expect([status, complained]).toEqual([0, '']);
  return printed;
}

const tables = fileReference();
const keys = tables.flatMap((table) => table.keys.map((key) => ({ of: `${table.name}.${key.name}`, ...key })));

test('help lists every command, by group', async () => {
  const text = await help('');
  await expect(text).toMatchFileSnapshot('golden/help.txt');
  const lines = text.split('\n').map((line) => line.slice(8));
  for (const { name, summary } of commands)
    expect(lines.filter((line) => line.startsWith(`${name} `) && line.endsWith(`  ${summary}`))).toHaveLength(1);
  expect((await run('--help')).printed).toBe(text);
  expect(await run('')).toEqual({ status: 64, printed: '', complained: text });
});

test('each command stands in one group', () => {
  const all = grouped(commands).flatMap(([, members]) => members);
  expect(all.map(({ name }) => name).sort()).toEqual(commands.map(({ name }) => name).sort());
});

test('help COMMAND, in each of its ways', async () => {
  const text = await help('history');
  await expect(text).toMatchFileSnapshot('golden/help-history.txt');
  for (const line of ['history --help', '-h history more', 'help hist', 'hist --help'])
    expect((await run(line)).printed).toBe(text);
});

describe.each(commands)('help $name', ({ name, options, details, example }) => {
  test('has every option, what it does and an example', async () => {
    const text = await help(name);
    for (const option of options) expect(text).toContain(`\n  ${option.name}`);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(details);
    expect(text).toMatch(/\nExample:\s+.*$/);
    expect(text.endsWith(` ${example}`)).toBe(true);
  });
});

test('help TABLE tells the keys of the file', async () => {
  const text = await help('link');
  await expect(text).toMatchFileSnapshot('golden/help-link.txt');
  expect(await help('[[link]]')).toBe(text);
  expect((await run('link --help')).printed).toContain('fmucd links [PEER]');
});

test('help TABLE.KEY tells what a key may be', async () => {
  await expect(await help('link.queue')).toMatchFileSnapshot('golden/help-link-queue.txt');
  expect(await help('link.queue.age')).toBe(
    '[[link]] queue.age: how old\n\n  may be   a whole number of seconds, 0 or more\n  default  604800',
  );
});

test.each(keys)('help $of', async ({ of, description, allowed, default: otherwise }) => {
  const text = (await help(of)).replaceAll(/\s+/g, ' ');
  for (const said of [description, allowed, otherwise ?? '']) expect(text).toContain(said);
});

test.each([...commands, ...tables, ...keys.map(({ of }) => ({ name: of })), { name: '' }].map(({ name }) => name))(
  'help %s fits the console',
  async (name) => {
    const lines = (await help(name)).split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  },
);

test.each([
  ['help romos', 'fmucd: unknown command "romos" (did you mean rooms?)'],
  ['help c', 'fmucd: "c" may be check, clock or completion'],
  ['help link.qeue', 'fmucd: [[link]]: unknown key "qeue" (did you mean queue?)'],
  ['help link.frobnicate', 'fmucd: [[link]]: unknown key "frobnicate" (see "fmucd help link")'],
])('%s is answered in one line', async (line, complained) => {
  expect(await run(line)).toEqual({ status: 64, printed: '', complained });
});
