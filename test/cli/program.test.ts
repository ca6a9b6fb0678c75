import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** The built program itself, as a shell meets it. */

const repository = new URL('../..', import.meta.url);
const program = new URL('dist/fmucd.cjs', repository).pathname;

function fmucd(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', repository), 'utf8')) as { version: string };
  expect(fmucd('version')).toEqual({ status: 0, stdout: `fmucd ${version}\n`, stderr: '' });
});

test('a wrong command line ends with 64 and a line on stderr', () => {
  expect(fmucd('stauts')).toEqual({
    status: 64,
    stdout: '',
    stderr: 'fmucd: unknown command "stauts" (did you mean status?)\n',
  });
});

test('every command that needs a file says that there is none', () => {
  for (const command of ['check', 'status', 'links', 'rooms'])
    expect(fmucd(command, '-c', '/nowhere/fmucd.toml')).toEqual({
      status: 2,
      stdout: '',
      stderr: '/nowhere/fmucd.toml: no such file or directory\n',
    });
});

test('a reader that has gone ends it quietly', async () => {
  const child = spawn(process.execPath, [program, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy(); // long before the program has started
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  expect([status, complaints]).toEqual([0, '']);
});
