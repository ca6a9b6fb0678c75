import { describe, expect, it, test } from 'vitest';
import { backupScreen } from '../../src/cli/backup.ts';
import { Progress } from '../../src/cli/progress.ts';
import { objectionTo, type Present, restoreScreen } from '../../src/cli/restore.ts';

/* What `backup` and `restore` say. */

const NOW = Date.UTC(2026, 10, 21, 7, 30);
const backup = { rooms: 12, messages: 100_000, newest: NOW - 3 * 86_400_000 };
const store = { rooms: 13, messages: 104_211, newest: NOW - 180_000 };
const FILE = '/var/backups/fmucd-2026-11-18.db';

function isWithinConsole(screen: string): void {
  const lines = screen.split('\n');
  expect(lines.length).toBeLessThanOrEqual(23);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
}

test('backup says what it holds, and what it does not', async () => {
  const leftOut = ['/etc/fmucd/fmucd.toml', '/var/lib/fmucd/identity.pem'];
  const screen = backupScreen(FILE, { ...backup, size: 29_794_304 }, leftOut, NOW);
  isWithinConsole(screen);
  await expect(`${screen}\n`).toMatchFileSnapshot('golden/backup.txt');
  const empty = backupScreen(FILE, { rooms: 0, messages: 0, newest: null, size: 27_648 }, [], NOW);
  expect(empty).toContain('newest    no messages');
});

describe('restore says what takes the place of what', () => {
  it.each<[string, Present]>([
    ['restore', { isRunning: true, gist: store }],
    ['restore-stopped', { isRunning: false, gist: store }],
    ['restore-new', { isRunning: false, gist: undefined }],
    ['restore-damaged', { isRunning: false, gist: null }],
  ])('%s', async (name, present) => {
    const screen = restoreScreen(FILE, backup, present, NOW);
    isWithinConsole(screen);
    await expect(`${screen}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

test('a backup of this domain, not from the future, is restored without more ado', () => {
  const domain = 'rooms.denmark.lit';
  expect(objectionTo(FILE, { domains: [domain, 'rooms.old.lit'], newest: NOW }, domain, NOW)).toBeUndefined();
  expect(objectionTo(FILE, { domains: [], newest: null }, domain, NOW)).toBeUndefined();
  expect(objectionTo(FILE, { domains: ['rooms.old.lit'], newest: null }, domain, NOW)).toMatch(
    /is of rooms\.old\.lit, and this/,
  );
  expect(objectionTo(FILE, { domains: [domain], newest: NOW + 1 }, domain, NOW)).toMatch(/set the clock first/);
});

describe('a copy tells how far it is', () => {
  function watch(isTTY: boolean) {
    let [now, written] = [0, ''];
    const progress = new Progress({ isTTY, write: (text) => (written += text) }, () => now);
    for (const copied of [1, 2, 3, 4]) {
      now += 300;
      progress.copied(copied * 10_000_000, 40_000_000);
    }
    progress.end();
    return written;
  }

  it('on a terminal, once it takes a while, and takes the line away in the end', () => {
    expect(watch(true)).toBe('\r\u001b[Kcopying, 50 % of 40.0 MB\r\u001b[Kverifying 40.0 MB\r\u001b[K');
  });

  it('nowhere else', () => {
    expect(watch(false)).toBe('');
  });
});
