import { getHeapStatistics } from 'node:v8';
import type { Log } from '../io/log.ts';

/**
 * Logs what this process stays within. Node takes its bounds before any of our code runs, from what the executable's own
 * start (`build/start`) has put into the environment; `memory` of the file counts only where that has understood it.
 */
export function reportMemory(log: Log, memory: number | undefined, found = process.env['FMUCD_MEMORY']): void {
  const heap = Math.round(getHeapStatistics().heap_size_limit / 1024 / 1024);
  if (found !== undefined) log.write('info', 'memory', { of_mb: Number(found), heap_mb: heap });
  if (memory === undefined || memory === Number(found)) return;
  const reason =
    found === undefined
      ? 'only the single executable stays within it'
      : 'write it as "memory = …" on a line of its own under [gateway], within the first 16 kB of the file';
  log.write('warn', 'memory not taken from the file', { memory, reason });
}
