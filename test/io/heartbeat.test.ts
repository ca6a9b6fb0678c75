import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HEARTBEAT_MS, Heartbeat } from '../../src/io/heartbeat.ts';
import { Log } from '../../src/io/log.ts';

let directory: string;
let path: string;
let lines: string[];
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21) });
  directory = mkdtempSync(join(tmpdir(), 'fmucd-heartbeat-'));
  path = join(directory, 'socket');
  writeFileSync(path, '');
  utimesSync(path, 1, 1);
  lines = [];
  heartbeat = new Heartbeat(path, new Log({ write: (line) => lines.push(line) }, 'info'));
});

afterEach(() => {
  heartbeat.stop();
  rmSync(directory, { recursive: true });
  vi.useRealTimers();
});

it('sets the times of the file to now, again and again, until it is stopped', () => {
  for (let beat = 0; beat < 3; beat += 1) {
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(statSync(path).mtimeMs).toBe(Date.now());
  }
  heartbeat.stop();
  const last = Date.now();
  vi.advanceTimersByTime(10 * HEARTBEAT_MS);
  expect(statSync(path).mtimeMs).toBe(last);
});

it('says once that it can not, and goes on once it can', () => {
  rmSync(path);
  vi.advanceTimersByTime(3 * HEARTBEAT_MS);
  expect(lines).toEqual([expect.stringMatching(/level=warn msg="heartbeat failed" file=\S+ reason="ENOENT.*"\n$/)]);
  writeFileSync(path, '');
  vi.advanceTimersByTime(HEARTBEAT_MS);
  expect(statSync(path).mtimeMs).toBe(Date.now());
});
