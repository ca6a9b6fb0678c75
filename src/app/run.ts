import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { formatFinding } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
import { now } from '../io/clock.ts';
import { ControlServer } from '../io/control.ts';
import { ControlError } from '../io/control-error.ts';
import { seed } from '../io/entropy.ts';
import { configFiles } from '../io/files.ts';
import { Heartbeat } from '../io/heartbeat.ts';
import { Log } from '../io/log.ts';
import { type StoreCondition, StoreError } from '../io/store-error.ts';
import { setAside } from '../io/store-files.ts';
import { ListenError } from '../io/tcp-errors.ts';
import { Backoff } from '../lib/backoff.ts';
import { Random } from '../lib/random.ts';
import { Life } from './life.ts';
import { reportMemory } from './memory.ts';

/** Bounds of the time before a store that failed is opened again, in milliseconds. */
const RETRY = { min: 1000, max: 30_000 };

/** What may pass without a change of the file or of what else runs. */
const PASSING: ReadonlySet<StoreCondition> = new Set(['full', 'failing', 'read-only', 'corrupt']);

/**
 * Runs the gateway of that file in the foreground until SIGTERM or SIGINT. Answers the exit status: 0 after an orderly
 * end, 1 where it couldn't start, 2 where there is no such file.
 */
export async function run(file: string): Promise<number> {
  const loaded = loadConfig(file, configFiles);
  if (!loaded.ok) {
    for (const finding of loaded.findings) process.stderr.write(`${formatFinding(finding)}\n`);
    return loaded.isMissing ? 2 : 1;
  }
  const { config, warnings } = loaded;
  const log = new Log(process.stderr, config.log.level);
  for (const finding of warnings) log.write('warn', 'configuration', { finding: formatFinding(finding) });
  try {
    return await serve(config, log);
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof ListenError || error instanceof ControlError)) throw error;
    log.write('error', 'cannot start', { reason: error.message });
    return 1;
  }
}

/**
 * Serves until a signal ends it. Where the store fails the gateway, it tells so at its control socket and tries again: a
 * store that is damaged is set aside first, and one that finds no space is opened once there is.
 */
async function serve(config: Config, log: Log): Promise<number> {
  const started = now();
  reportMemory(log, config.gateway.memory);
  const stopped = untilStopped();
  process.on('SIGHUP', () => log.write('warn', 'nothing reloaded', { reason: 'not in this version: restart instead' }));
  let life = new Life(config, log, started);
  const control = new ControlServer(config.gateway.control, (request) => life.answer(request));
  await control.listen();
  const heartbeat = new Heartbeat(config.gateway.control, log);
  const backoff = new Backoff(new Random(seed()), RETRY);
  let said = '';
  try {
    for (;;) {
      const begun = now();
      try {
        await life.serve(stopped);
        return 0;
      } catch (error) {
        if (!(error instanceof StoreError && PASSING.has(error.condition))) throw error;
        life = new Life(config, log, started, error);
        control.hangUp();
        if (error.message !== said) log.write('error', 'store failed', { reason: error.message });
        said = error.message;
        if (error.condition === 'corrupt') keepAside(config.gateway.data, log);
      }
      if (now() - begun > RETRY.max) backoff.reset();
      const signal = await Promise.race([stopped, setTimeout(backoff.next(), undefined, { ref: false })]);
      if (signal !== undefined) return 0;
    }
  } finally {
    heartbeat.stop();
    control.close();
  }
}

/** Where that can't be done now, the damage is met again. */
function keepAside(data: string, log: Log): void {
  try {
    log.write('error', 'damaged store set aside', { kept: join(data, setAside(data, now())) });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.write('error', 'damaged store stays', { reason: error.message });
  }
}

/** Resolves with the name of the first signal that asks for an end. */
function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
