import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlitePackage } from '../../build/targets.mjs';
import { openStore } from '../../src/io/sqlite.ts';
import { Ranges } from '../../src/lib/ranges.ts';
import { elsinore } from './store-records.ts';

/** The store under real processes that are killed, that meet at one file, that fill a real disk. */

const repository = new URL('../..', import.meta.url).pathname;
const environment = { ...process.env, NODE_PATH: join(repository, 'node_modules') };

let directory: string;
let programs: string;
let program: string;
let children: ChildProcess[];

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), 'fmucd-program-'));
  program = join(programs, 'store.cjs');
  const sqlite = sqlitePackage(process.version);
  await build({
    entryPoints: [join(repository, 'test/io/store-program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    alias: { 'better-sqlite3': sqlite },
    external: [sqlite],
  });
});

afterAll(() => rmSync(programs, { recursive: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fmucd-store-'));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function start(task: string): ChildProcess {
  const child = spawn(process.execPath, [program, task, directory], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Kills the child as soon as it has reported `count` commits; resolves to the last one that it reported. */
async function killAfter(child: ChildProcess, count: number): Promise<number> {
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Number(output.trimEnd().split('\n').at(-1));
}

test('what was reported before SIGKILL is there afterwards, each turn whole', async () => {
  let reported = 0;
  for (const count of [1, 7, 20, 53, 90, 140]) {
    const last = await killAfter(start('write'), count);
    expect(last).toBeGreaterThan(reported);
    reported = last;
    const store = openStore(directory);
    const { lastSeq } = store.archives[0]!;
    expect(lastSeq).toBeGreaterThanOrEqual(reported);
    const kept = store.history({ room: elsinore }).map(({ seq }) => seq);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => lastSeq - kept.length + 1 + index));
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(50, lastSeq));
    expect(store.rooms[0]!.subject!.text).toBe(String(lastSeq));
    expect(store.origins(elsinore).map(({ had }) => had.toString())).toEqual([Ranges.of(1, lastSeq).toString()]);
    store.close();
  }
});

test('a second process is refused in one line, and served once the first is gone', async () => {
  const first = start('hold');
  await once(first.stdout!, 'data');
  const refused = await promisify(execFile)(process.execPath, [program, 'hold', directory], { env: environment }).catch(
    (error: { code: number; stdout: string }) => error,
  );
  expect(refused).toMatchObject({
    code: 1,
    stdout: `locked: ${directory}/fmucd.db is in use: is the gateway already running? (fmucd status)\n`,
  });
  first.kill('SIGKILL');
  await once(first, 'close');
  openStore(directory).close();
});

const ownFileSystem = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=512k,"$0" fmucd "$1" && shift && exec "$@"'];
const canMount = spawnSync('unshare', [...ownFileSystem, 'rw', tmpdir(), 'true']).status === 0;
const isRequired = process.env['CI'] === 'true';

/** In a mount namespace of its own, which ends with the process. */
function inOwnFileSystem(mode: string, task: string): string {
  const { stdout, stderr } = spawnSync(
    'unshare',
    [...ownFileSystem, mode, directory, process.execPath, program, task, directory],
    {
      env: environment,
      encoding: 'utf8',
    },
  );
  return stdout + stderr;
}

describe.skipIf(!canMount && !isRequired)('a file system of its own (needs unshare -rm)', () => {
  test('a full disk refuses the turn whole, and the same store goes on once there is space', () => {
    const report: unknown = JSON.parse(inOwnFileSystem('rw', 'fill'));
    expect(report).toMatchObject({ condition: 'full' });
    const { text, stood, whileFull, after } = report as {
      text: string;
      stood: number;
      whileFull: number;
      after: number;
    };
    expect(text).toBe(
      `no space left for ${directory}/fmucd.db: free some; the gateway goes on by itself once there is`,
    );
    expect(stood).toBeGreaterThan(10);
    expect(whileFull).toBe(stood);
    expect(after).toBe(stood + 1);
  });

  test('a read-only disk is said in one line', () => {
    writeFileSync(join(directory, 'beside'), '');
    expect(inOwnFileSystem('ro', 'hold')).toBe(
      `read-only: ${directory}/fmucd.db can't be written: mount its file system read-write and let fmucd's user write it\n`,
    );
  });
});
